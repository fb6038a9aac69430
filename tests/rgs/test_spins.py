"""Spins: charged once, the same whenever they are asked for, refused with nothing stored.

(RGS-03, RGS-05, RGS-15, RGS-20, RGS-23, RGS-31, RGS-42, RGS-50)
"""

import asyncio
from decimal import Decimal
from typing import Any

import apsw
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc.util import urlsafe_b64decode

from tests.rgs.tools import COMET, VAULT, Studio, codes, minor, studio
from tests.server.tools import require_problem


async def test_a_spin_is_played_and_told() -> None:
    """Outcome, transactions and the event that tells of it, with the session's build, in its
    currency; round and session count it (RGS-03, RGS-04, RGS-15, RGS-20)."""
    async with studio() as at:
        session = await at.open()
        played = await at.played()
        win = played["outcome"]["win"]
        assert win["currency"] == "EUR"
        (event,) = await at.events("spin_finished")
        assert event["event_id"] == played["telemetry_ref"]
        assert event["build_hash"] == session["build_hash"]
        told = event["payload"]
        assert (told["stake"], told["win"]) == (Decimal("1.00"), win["amount"])
        assert (
            told
            | {
                "type": "spin_finished",
                "spin_id": "spin-1",
                "round_id": "rnd-1",
                "currency": "EUR",
                "game_id": session["game_id"],
                "build_hash": session["build_hash"],
                "player_id": "p_19f3",
                "operator_id": "op-42",
                "spin_type": "cash",
            }
            == told
        )
        shown = await at.ok("GET", "/spins/spin-1")
        assert shown["outcome"] == played["outcome"]
        game_round = await at.ok("GET", "/rounds/rnd-1")
        assert (game_round["spins"], game_round["won"]) == (1, win)
        after = await at.ok("GET", "/sessions/s-1")
        assert (after["spins"], minor(after["staked"]), after["won"]) == (1, 100, win)
        await at.require_sound()


async def test_a_repeat_is_the_first_answer() -> None:
    """The same key, and the same spin under another key: byte for byte, and counted once (RGS-03,
    RGS-50, PRV-30)."""
    async with studio() as at:
        await at.open()
        first = await at.spin()
        again = await at.spin()
        other = await at.spin(idempotency_key="another-key")
        assert first.status == 200
        assert again.body == other.body == first.body
        assert again.replayed
        assert at.rows("spin") == 1
        assert (await at.ok("GET", "/sessions/s-1"))["spins"] == 1
        assert len(await at.events("spin_finished")) == 1


@pytest.mark.parametrize("keys", ["one key", "a key each"])
async def test_a_spin_in_parallel_is_one_spin(keys: str) -> None:
    """Sixteen copies at once: one spin, one answer, charged once (RGS-03, WAL-10)."""
    async with studio() as at:
        await at.open(wallet="transfer")
        await at.ok("POST", "/sessions/s-1/transfer-in", _transfer("in-1", "10.00"))
        how = [{} if keys == "one key" else {"idempotency_key": f"k-{n}"} for n in range(16)]
        answers = await asyncio.gather(*(at.spin("spin-1", **each) for each in how))
        assert {got.status for got in answers} == {200}
        assert len({got.body for got in answers}) == 1
        after = await at.ok("GET", "/sessions/s-1")
        assert (after["spins"], minor(after["staked"])) == (1, 100)
        assert minor(after["balance"]) == 1000 - 100 + minor(after["won"])
        await at.require_sound()


@pytest.mark.parametrize(
    "changes",
    [
        {"stake": "2.00"},
        {"round_id": "rnd-2"},
        {"spin_type": "bonus"},
        {"mode": "ante", "stake": "1.00"},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_a_known_spin_with_another_stake_is_refused(changes: dict[str, Any]) -> None:
    """Under its key and under another one: 409, never played (RGS-50)."""
    async with studio() as at:
        await at.open()
        await at.played()
        before = at.footprint()
        require_problem(await at.spin(**changes), 409, "IDEMPOTENCY_MISMATCH")
        fresh = await at.spin(**{**changes, "idempotency_key": "k-2"})
        require_problem(fresh, 409, "DUPLICATE")
        assert at.footprint() == before


async def test_a_rounds_id_is_no_key() -> None:
    """A round may hold several spins, so its id cannot stand for one of them: 400, nothing is
    remembered (RGS-03)."""
    async with studio() as at:
        await at.open()
        got = await at.spin(idempotency_key="rnd-1")
        require_problem(got, 400, "VALIDATION_FAILED")
        assert got.json["details"]["errors"][0]["field"] == "idempotency_key"
        assert at.rows("spin") == 0
        await at.played("spin-1", round_id="rnd-1")
        await at.played("spin-2", round_id="rnd-1")
        assert (await at.ok("GET", "/rounds/rnd-1"))["spins"] == 2


STAKES = {
    "above the max": ("100.20", "LIMIT_EXCEEDED", "max"),
    "below the min": ("0.10", "LIMIT_EXCEEDED", "min"),
    "off the step": ("0.30", "LIMIT_EXCEEDED", "step"),
}


@pytest.mark.parametrize("what", STAKES)
async def test_a_stake_outside_the_build_is_refused(what: str) -> None:
    """Above, below, off the step: 422 naming the limit, and nothing is stored (RGS-21, RGS-50)."""
    stake, code, limit = STAKES[what]
    async with studio() as at:
        await at.open()
        before = at.footprint()
        got = await at.spin(stake=stake)
        require_problem(got, 422, code)
        assert got.json["details"]["limit"] == limit
        assert at.footprint() == before
        assert await at.events("spin_finished") == []


async def test_the_borders_of_a_stake_are_played() -> None:
    """The control: the least and the largest stake are in (RGS-21)."""
    async with studio() as at:
        session = await at.open()
        for name in ("min", "max"):
            await at.played(f"spin-{name}", session["stakes"][name]["amount"])


async def test_what_a_spin_refuses() -> None:
    """Another currency, no session, an ended round or session, a zero stake, a promotion that is
    not named: the codes of RGS-50, and nothing is stored."""
    async with studio() as at:
        await at.open()
        await at.played("spin-0", round_id="rnd-0")
        await at.ok("POST", "/rounds/rnd-0/end")
        before = at.footprint()
        refused = [
            (await at.spin("a", currency="USD"), 422, "CURRENCY_MISMATCH"),
            (await at.spin("b", session_id="s-9"), 404, "NOT_FOUND"),
            (await at.spin("c", round_id="rnd-0"), 409, "INVALID_STATE"),
            (await at.spin("d", "0.00"), 400, "VALIDATION_FAILED"),
            (await at.spin("e", spin_type="free"), 400, "VALIDATION_FAILED"),
            (await at.spin("f", grant_id="fs-1"), 400, "VALIDATION_FAILED"),
            (await at.spin("g", spin_type="tournament"), 400, "VALIDATION_FAILED"),
            (await at.spin("h", mode="turbo"), 422, "BUILD_NOT_CERTIFIED"),
        ]
        for got, status, code in refused:
            require_problem(got, status, code)
        assert at.footprint() == before
        ended = await at.ok("POST", "/sessions/s-1/end")
        assert ended["status"] == "ended"
        require_problem(await at.spin("i"), 409, "INVALID_STATE")
        assert at.footprint() == before


async def test_a_refused_spin_stays_refused() -> None:
    """A definite refusal is remembered: a late copy never plays, also when the cause is gone
    (PRV-30, RGS-50)."""
    async with studio() as at:
        await at.open()
        await at.ok("POST", "/players/p_19f3/rg", {"change_id": "c-1", "self_excluded": True})
        first = await at.spin()
        require_problem(first, 403, "RG_BLOCKED")
        await at.ok("POST", "/players/p_19f3/rg", {"change_id": "c-2", "self_excluded": False})
        late = await at.spin()
        assert (late.body, late.replayed) == (first.body, True)
        assert (await at.spin("spin-2")).status == 200


async def test_a_round_is_of_one_session() -> None:
    """Another session's round is not entered: 409 (RGS-50)."""
    async with studio() as at:
        await at.open("s-1")
        await at.open("s-2")
        await at.played("spin-1")
        require_problem(await at.spin("spin-2", session_id="s-2"), 409, "DUPLICATE")


# Options and markets ------------------------------------------------------------------------------


async def test_options_are_on_only_where_they_are_certified() -> None:
    """A bonus buy is played in the market that allows it and refused in the other, and so is
    autoplay; the session says which modes there are (RGS-21, RGS-23)."""
    async with studio() as at:
        opened = await at.open(game_id=VAULT)
        (buy,) = [mode for mode in opened["modes"] if mode.startswith("buy")]
        await at.played("spin-1", "80.00", mode=buy)
        await at.played("spin-2", autoplay=True)
        geo, uk = {"geo": "GB", "currency": "GBP"}, {"session_id": "s-uk", "currency": "GBP"}
        shown = ["age_18", "play_responsibly"]
        there = await at.open("s-uk", displayed=shown, **geo)
        assert there["modes"] == ["base"]
        ante = await at.spin("spin-3", round_id="r-uk", mode="ante", **uk)
        auto = await at.spin("spin-4", round_id="r-uk", autoplay=True, **uk)
        assert codes([ante, auto]) == ["BUILD_NOT_CERTIFIED"] * 2
        assert minor(there["stakes"]["max"]) == 500
        require_problem(await at.spin("spin-5", "5.20", round_id="r", **uk), 422, "LIMIT_EXCEEDED")
        assert (await at.spin("spin-6", "5.00", round_id="r-uk", **uk)).status == 200


async def test_a_missing_warning_stops_play_until_it_is_displayed() -> None:
    """The market build says which labels; each that is missing is named (RGS-33)."""
    async with studio() as at:
        await at.open("s-1", geo="GB", currency="GBP", displayed=["age_18"])
        got = await at.spin("spin-1", currency="GBP")
        require_problem(got, 403, "RG_BLOCKED")
        assert got.json["details"] == {
            "reason": "warnings_missing",
            "missing": ["play_responsibly"],
        }
        (event,) = await at.events("rg_event")
        assert event["payload"]["reason"] == "warnings_missing"
        shown = {"displayed": ["play_responsibly", "age_18"]}
        told = await at.ok("POST", "/sessions/s-1/displayed", shown)
        assert told["displayed"] == ["age_18", "play_responsibly"]
        assert (await at.spin("spin-2", currency="GBP")).status == 200


async def test_spins_keep_the_markets_pace() -> None:
    """A paid spin too early is 429 with Retry-After and works later under the same key; a repeat
    needs no pause; another market has none (RGS-21, RGS-50)."""
    async with studio() as at:
        shown = ["age_18", "play_responsibly"]
        await at.open("s-1", geo="GB", currency="GBP", displayed=shown)
        first = await at.spin("spin-1", currency="GBP")
        assert first.status == 200
        early = await at.spin("spin-2", currency="GBP")
        require_problem(early, 429, "RATE_LIMITED")
        assert early.json["retryable"] is True
        assert early.headers["retry-after"] == "3"
        assert (await at.spin("spin-1", currency="GBP")).body == first.body
        await at.advance(2_499)
        require_problem(await at.spin("spin-2", currency="GBP"), 429, "RATE_LIMITED")
        await at.advance(1)
        assert (await at.spin("spin-2", currency="GBP")).status == 200
        await at.open("s-2")
        for n in (3, 4):
            await at.played(f"spin-{n}", session_id="s-2", round_id="rnd-2")


async def test_a_choice_is_the_games() -> None:
    """A crash game needs a target on its scale: without one, or with another, 400 and nothing is
    stored; its win is stake times target, or nothing (RGS-13)."""
    async with studio() as at:
        await at.open(game_id=COMET)
        before = at.footprint()
        for choice in ({}, {"choice": {"target": 1}}, {"choice": {"target": 2.001}}):
            got = await at.spin("spin-1", **choice)
            require_problem(got, 400, "VALIDATION_FAILED")
            assert got.json["details"]["errors"][0]["field"] == "choice.target"
        assert at.footprint() == before
        wins = set()
        for n in range(12):
            played = await at.played(f"spin-{n}", choice={"target": Decimal("1.5")})
            wins.add(minor(played["outcome"]["win"]))
        assert wins == {0, 150}
        shown = await at.ok("GET", "/spins/spin-1")
        assert Decimal(shown["choice"]["target"]) == Decimal("1.5")


async def test_a_target_is_a_number_however_it_is_written() -> None:
    """1.5, 1.50 and 15E-1 are one choice, so they are one spin; one that no game could have is 400
    (PRV-30)."""
    async with studio() as at:
        await at.open(game_id=COMET)
        written = [Decimal("1.5"), Decimal("1.50"), Decimal("15E-1")]
        answers = [await at.spin(choice={"target": target}) for target in written]
        assert len({got.body for got in answers}) == 1
        assert answers[0].status == 200
        for target in ("1E-30", "1.0000000000000000000000000001"):
            got = await at.spin("spin-2", choice={"target": Decimal(target)})
            require_problem(got, 400, "VALIDATION_FAILED")


# Transactions beside stake and win ----------------------------------------------------------------


async def test_a_contribution_is_a_signed_transaction_of_its_own() -> None:
    """One percent of a cash stake in the game that has a jackpot: an id, the pool, a signature by
    the published key that fits these fields and no others, and an event (RGS-42)."""
    async with studio() as at:
        await at.open(game_id=VAULT)
        (txn,) = (await at.played(stake="1.00"))["rgs_txns"]
        assert (txn["type"], txn["amount"]) == ("jackpot_contribution", Decimal("0.01"))
        (event,) = await at.events("jackpot_contribution")
        assert event["payload"]["txn_id"] == txn["txn_id"]
        (jwk,) = (await at.ok("GET", "/keys"))["keys"]
        key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(jwk["x"].encode()))
        fields = [txn["txn_id"], "spin-1", txn["type"], "0.01", "EUR", txn["pool_id"]]
        key.verify(bytes.fromhex(txn["signature"]), "\n".join(fields).encode())
        fields[3] = "0.02"
        with pytest.raises(InvalidSignature):
            key.verify(bytes.fromhex(txn["signature"]), "\n".join(fields).encode())


async def test_only_cash_contributes() -> None:
    """A spin of bonus money pays nothing into a pool, and its win is a bonus award (RGS-42,
    RGS-64, JP-70)."""
    async with studio() as at:
        await at.open(game_id=VAULT)
        txns: list[Any] = []
        for n in range(30):
            played = await at.played(f"spin-{n}", spin_type="bonus", round_id=f"r-{n}")
            won = minor(played["outcome"]["win"])
            assert [txn["type"] for txn in played["rgs_txns"]] == ["bonus_award"] * bool(won)
            assert sum(minor(txn) for txn in played["rgs_txns"]) == won
            txns += played["rgs_txns"]
        assert txns, "none of 30 spins won anything: the test has seen nothing"
        assert (await at.ok("GET", "/sessions/s-1"))["spins"] == 0


async def test_a_jackpot_win_is_recorded_once() -> None:
    """Beside the spin's own win, signed, told; a repeat of the trigger is the same transaction,
    another amount 409, another currency 422, a void spin 409 (RGS-42)."""
    async with studio() as at:
        await at.open()
        before = await at.played()
        fell = _jackpot("jpt-1", "500.00")
        txn = await at.ok("POST", "/jackpot-wins", fell)
        assert (txn["type"], txn["amount"]) == ("jackpot_win", Decimal("500.00"))
        again = await at.call("POST", "/jackpot-wins", {**fell, "idempotency_key": "k-2"})
        assert again.json == txn
        shown = await at.ok("GET", "/spins/spin-1")
        assert shown["outcome"] == before["outcome"]
        assert [t["type"] for t in shown["rgs_txns"]].count("jackpot_win") == 1
        assert len(await at.events("jackpot_win")) == 1
        other = _jackpot("jpt-1", "501.00") | {"idempotency_key": "k-3"}
        require_problem(await at.call("POST", "/jackpot-wins", other), 409, "DUPLICATE")
        foreign = _jackpot("jpt-2", "5.00", "USD")
        require_problem(await at.call("POST", "/jackpot-wins", foreign), 422, "CURRENCY_MISMATCH")
        await at.ok("POST", "/spins/spin-1/void", {})
        late = await at.call("POST", "/jackpot-wins", _jackpot("jpt-3", "5.00"))
        require_problem(late, 409, "INVALID_STATE")
        await at.require_sound()


# Void ---------------------------------------------------------------------------------------------


async def test_a_void_spin_counts_nowhere() -> None:
    """Not in session and round, its contribution is reversed, it is told once, and it can still be
    read and played again; void twice is void once (RGS-64, sequences of the specification)."""
    async with studio() as at:
        await at.open(game_id=VAULT)
        (given,) = (await at.played())["rgs_txns"]
        void = await at.ok("POST", "/spins/spin-1/void", {"reason": "INSUFFICIENT_FUNDS"})
        assert await at.ok("POST", "/spins/spin-1/void", {}, headers=_key("k-2")) == void
        assert void["status"] == "void"
        assert [(t["type"], t["amount"], t["pool_id"]) for t in void["rgs_txns"]] == [
            ("jackpot_contribution", given["amount"], given["pool_id"]),
            ("jackpot_reversal", given["amount"], given["pool_id"]),
        ]
        session = await at.ok("GET", "/sessions/s-1")
        game_round = await at.ok("GET", "/rounds/rnd-1")
        for counted in (session, game_round):
            assert (counted["spins"], minor(counted["staked"]), minor(counted["won"])) == (0, 0, 0)
        assert len(await at.events("spin_voided")) == len(await at.events("jackpot_reversal")) == 1
        assert (await at.ok("GET", "/spins/spin-1/replay"))["same"] is True
        await at.require_sound()


async def test_a_spin_of_an_ended_round_stays() -> None:
    """What may have been paid and shown is not taken back: 409, and nothing changes; unless the
    wallet has refused to pay, then it counts nowhere, as in an open round (WAL-60, RGS-64)."""
    async with studio() as at:
        await at.open()
        await at.played()
        assert (await at.ok("POST", "/rounds/rnd-1/end"))["spins"] == 1
        target = "/spins/spin-1/void"
        for body in ({}, {"unpaid": False}):
            require_problem(await at.call("POST", target, body), 409, "INVALID_STATE")
        assert (await at.ok("GET", "/spins/spin-1"))["status"] == "played"
        await at.require_sound()
        assert (await at.ok("POST", target, {"unpaid": True}))["status"] == "void"
        game_round = await at.ok("GET", "/rounds/rnd-1")
        assert (game_round["status"], game_round["spins"]) == ("completed", 0)
        assert (minor(game_round["staked"]), minor(game_round["won"])) == (0, 0)
        require_problem(await at.spin("spin-2", round_id="rnd-1"), 409, "INVALID_STATE")
        await at.require_sound()


async def test_a_round_that_has_ended_gains_nothing() -> None:
    """The schema itself: it loses what becomes void, and nothing else changes (WAL-60)."""
    async with studio() as at:
        await at.open()
        await at.played()
        await at.ok("POST", "/rounds/rnd-1/end")
        rows = at.box.world.parties["rgs"].writer.unit.database
        for change in ("won = won + 1", "spins = spins", "status = 'open'", "spins = 0, won = 9e9"):
            with pytest.raises(apsw.ConstraintError, match="loses what becomes void"):
                rows.writer.execute(f"UPDATE game_round SET {change}")


async def test_lists_find_what_was_played() -> None:
    """Spins by session, round, player and game; open rounds on reconnect, and none twice (WAL-64,
    PRV-60)."""
    async with studio() as at:
        await at.open()
        for n in range(5):
            await at.played(f"spin-{n}", round_id=f"rnd-{n // 2}")
        await at.ok("POST", "/rounds/rnd-0/end")
        found = await _all(at, "/spins?session_id=s-1&limit=2")
        assert [spin["spin_id"] for spin in found] == [f"spin-{n}" for n in range(5)]
        assert len(await _all(at, "/spins?round_id=rnd-1")) == 2
        assert await _all(at, "/spins?player_id=p_usd") == []
        still = await _all(at, "/rounds?session_id=s-1&status=open")
        assert [game_round["round_id"] for game_round in still] == ["rnd-1", "rnd-2"]
        assert (await at.spin("spin-9", round_id="rnd-2")).status == 200


async def _all(at: Studio, path: str) -> list[Any]:
    """Every item of a list, by its cursors."""
    items: list[Any] = []
    cursor = ""
    while True:
        page = await at.ok("GET", path + cursor)
        items += page["items"]
        if not page["has_more"]:
            return items
        cursor = f"&cursor={page['next_cursor']}"


def _transfer(name: str, amount: str) -> dict[str, Any]:
    return {"transfer_id": name, "amount": {"amount": Decimal(amount), "currency": "EUR"}}


def _jackpot(name: str, amount: str, currency: str = "EUR") -> dict[str, Any]:
    return {
        "jp_trigger_id": name,
        "pool_id": "jp_demo_eu",
        "spin_id": "spin-1",
        "amount": {"amount": Decimal(amount), "currency": currency},
        "idempotency_key": name,
    }


def _key(key: str) -> dict[str, str]:
    return {"X-Idempotency-Key": key}
