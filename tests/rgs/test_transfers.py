"""The transfer model: what came in, less stakes, plus wins, less what went out (RGS-06)."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from simulator.ledger.reconcile import Law
from simulator.rgs.laws import LAWS
from tests.rgs.tools import Studio, codes, minor, studio
from tests.server.tools import require_problem
from tests.support import Got


async def _move(at: Studio, way: str, name: str, amount: str | None, **how: Any) -> Got:
    body: dict[str, Any] = {"transfer_id": name}
    if amount is not None:
        body["amount"] = {"amount": Decimal(amount), "currency": how.pop("currency", "EUR")}
    session = how.pop("session", "s-1")
    return await at.call("POST", f"/sessions/{session}/transfer-{way}", body, **how)


async def test_money_comes_in_is_played_and_leaves() -> None:
    """At every step the balance is in − out − stakes + wins; the rest leaves at the end, also after
    the session has ended, and exactly (RGS-06, WAL-83)."""
    async with studio() as at:
        await at.open(wallet="transfer")
        assert (await _move(at, "in", "in-1", "10.00")).json["balance"]["amount"] == 10
        balance = 1000
        for n in range(10):
            played = await at.played(f"spin-{n}")
            balance += minor(played["outcome"]["win"]) - 100
            assert minor(played["balance"]) == balance
        await at.ok("POST", "/sessions/s-1/end")
        out = (await _move(at, "out", "out-1", None)).json
        assert (minor(out["amount"]), minor(out["balance"])) == (balance, 0)
        events = await at.events("rgs.transfer")
        assert [event["payload"]["direction"] for event in events] == ["in", "out"]
        await at.require_sound()


async def test_a_transfer_happens_once() -> None:
    """A repeat, in parallel too and under other keys, is the same transfer; with another amount,
    direction or session it is 409 (WAL-80)."""
    async with studio() as at:
        await at.open(wallet="transfer")
        keys = [{"headers": {"X-Idempotency-Key": f"k-{n}"}} for n in range(8)]
        answers = await asyncio.gather(*(_move(at, "in", "in-1", "5.00", **key) for key in keys))
        assert len({got.body for got in answers}) == 1
        assert minor((await at.ok("GET", "/sessions/s-1"))["balance"]) == 500
        fresh = {"headers": {"X-Idempotency-Key": "other"}}
        other = [
            await _move(at, "in", "in-1", "6.00", **fresh),
            await _move(at, "out", "in-1", "5.00", **fresh),
        ]
        assert codes(other) == ["DUPLICATE", "DUPLICATE"]
        rest = await _move(at, "out", "out-1", None)
        again = await _move(at, "out", "out-1", None, headers={"X-Idempotency-Key": "k"})
        assert again.body == rest.body
        assert minor((await at.ok("GET", "/sessions/s-1"))["balance"]) == 0


async def test_no_more_is_staked_or_taken_than_there_is() -> None:
    """One cent too much is 422 with what there is; the exact rest is played (WAL-02, WAL-04,
    WAL-83)."""
    async with studio() as at:
        await at.open(wallet="transfer")
        await _move(at, "in", "in-1", "1.00")
        over = await at.spin("spin-1", "1.20")
        require_problem(over, 422, "INSUFFICIENT_FUNDS")
        assert minor(over.json["details"]["balance"]) == 100
        require_problem(await _move(at, "out", "out-1", "1.01"), 422, "INSUFFICIENT_FUNDS")
        assert (await at.spin("spin-2", "1.00")).status == 200
        await at.require_sound()


async def test_parallel_spins_never_overdraw() -> None:
    """Twenty spins at once on money for a few: as many as fit, never below zero (WAL-11)."""
    async with studio() as at:
        await at.open(wallet="transfer")
        await _move(at, "in", "in-1", "3.00")
        answers = await asyncio.gather(
            *(at.spin(f"spin-{n}", "1.00", round_id=f"r-{n}") for n in range(20))
        )
        after = await at.ok("GET", "/sessions/s-1")
        assert set(codes(answers)) == {"200", "INSUFFICIENT_FUNDS"}
        assert after["spins"] == codes(answers).count("200")
        assert 0 <= minor(after["balance"]) < 100 + minor(after["won"])
        await at.require_sound()


async def test_money_that_left_cannot_be_taken_back() -> None:
    """A spin whose win was taken out already is not made void: 422, and nothing changes."""
    async with studio() as at:
        await at.open(wallet="transfer")
        await _move(at, "in", "in-1", "20.00")
        for n in range(20):
            played = await at.played(f"spin-{n}", round_id=f"r-{n}")
            if minor(played["outcome"]["win"]) > 100:
                break
        else:
            pytest.fail("no spin of twenty won more than its stake")
        await _move(at, "out", "out-1", None)
        got = await at.call("POST", f"/spins/spin-{n}/void", {})
        require_problem(got, 422, "INSUFFICIENT_FUNDS")
        assert (await at.ok("GET", f"/spins/spin-{n}"))["status"] == "played"
        await at.require_sound()


async def test_a_seamless_session_keeps_no_money() -> None:
    """409; and another currency is 422, an ended session takes nothing in (RGS-06, RGS-15)."""
    async with studio() as at:
        await at.open()
        await at.open("s-2", wallet="transfer")
        for way in ("in", "out"):
            got = await _move(at, way, f"{way}-1", "1.00")
            assert got.json["details"]["reason"] == "not_a_transfer_session"
        foreign = await _move(at, "in", "in-2", "1.00", currency="USD", session="s-2")
        require_problem(foreign, 422, "CURRENCY_MISMATCH")
        missing = await at.call("POST", "/sessions/s-2/transfer-in", {"transfer_id": "in-3"})
        require_problem(missing, 400, "VALIDATION_FAILED")
        await at.ok("POST", "/sessions/s-2/end")
        late = await _move(at, "in", "in-4", "1.00", session="s-2")
        require_problem(late, 409, "INVALID_STATE")
        assert at.rows("money_move") == 0


# The laws find what is wrong ----------------------------------------------------------------------

SPOILED: dict[str, tuple[str, ...]] = {
    "a session counts the cash spins that stand": (
        "UPDATE game_session SET spins = spins + 1, paid = paid + 1",
    ),
    "a round counts the spins that stand": ("UPDATE game_round SET won = won + 1",),
    "what came into a session and left it is its transfers": (
        "UPDATE game_session SET moved_in = moved_in + 1, balance = balance + 1",
    ),
    "a transfer session keeps what came in, less stakes, plus wins, less what left": (
        "PRAGMA ignore_check_constraints = 1",
        "UPDATE game_session SET balance = balance + 1",
    ),
    "a grant counts the free spins that consumed it": ("UPDATE free_spins SET won = won + 1",),
    "a place in a tournament counts its spins": ("UPDATE tournament_entry SET spins = spins + 1",),
    "a spin is of a session and a round of that session": (
        "UPDATE spin SET round_id = 'r-none' WHERE spin_type = 'cash'",
        "UPDATE game_round SET spins = 0, staked = 0, won = 0 WHERE round_id = 'r-cash'",
    ),
    "every spin can be played again": ("DELETE FROM used_seed",),
    "every spin was told once": ("UPDATE spin SET op = op + 1000 WHERE spin_type = 'cash'",),
}


def test_every_law_has_a_way_to_break_it() -> None:
    """A new law needs its negative control."""
    assert set(SPOILED) == {law.name for law in LAWS}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
async def test_a_broken_law_is_found(law: Law) -> None:
    """Rows that are changed behind the server's back are named by the law they break, and by that
    one; before, all is sound (SBX-11)."""
    async with studio() as at:
        await at.open(wallet="transfer")
        await _move(at, "in", "in-1", "10.00")
        await at.played("cash", round_id="r-cash")
        size = {"amount": Decimal("0.20"), "currency": "EUR"}
        grant = {"grant_id": "fs-1", "player_id": "p_19f3", "game_id": "studio:slot_forge_02"}
        await at.ok("POST", "/free-spins", {**grant, "count": 2, "bet_size": size})
        await at.played("free", "0.20", spin_type="free", grant_id="fs-1", round_id="r-free")
        race = {
            "tournament_id": "t-1",
            "title": "race",
            "game_ids": ["studio:slot_forge_02"],
            "currency": "EUR",
            "score": "turnover",
            "starts_at": "2026-01-01T00:00:00Z",
            "ends_at": "2026-01-02T00:00:00Z",
        }
        await at.ok("POST", "/tournaments", race)
        how = {"spin_type": "tournament", "tournament_id": "t-1", "round_id": "r-t"}
        await at.played("tour", **how)
        await at.require_sound()
        writer = at.box.world.parties["rgs"].writer.unit.database.writer
        for statement in SPOILED[law.name]:
            writer.execute(statement)
        found = (await at.box.admin("GET", "/reconcile")).json
        assert not found["sound"]
        assert {broken["law"] for broken in found["breaks"]} == {law.name}
