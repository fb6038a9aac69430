"""Rollbacks and releases of the wallet API: what was moved comes back once, or it is barred.

The other answers to an unknown rollback and to one of what is settled are in `test_switches.py`.
"""

import asyncio
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from tests.server.tools import count, require_problem
from tests.support import Got, Sandbox
from tests.wallet.tools import (
    HOUR_S,
    LOCKS,
    close_round,
    end_session,
    eur,
    game_round,
    grant,
    lock,
    pass_time,
    wallet,
)
from tests.wallet.txns import (
    amounts,
    balance,
    body,
    close,
    credit,
    debit,
    events,
    money,
    no_money_moves,
    release,
    reserve,
    rollback,
    send,
    transaction,
)

WHOLE = eur("1000.00")
PAIRS = 32


async def _available(box: Sandbox) -> Any:
    return (await balance(box))["available"]


@pytest.mark.parametrize("claimed", ["0.00", "0.01", "500.00", None])
async def test_a_rollback_restores_the_original_amount(claimed: str | None) -> None:
    """Whatever amount the request says; event, round and transaction tell the original (WAL-40)."""
    async with wallet() as box:
        await debit(box)
        got = await rollback(box, amount=None if claimed is None else money(claimed))
        assert (got.status, amounts(got.json)["available"]) == (200, WHOLE)
        assert await _available(box) == WHOLE
        (told,) = await events(box, "bet.rolled_back")
        assert (told["bet_id"], told["tombstone"]) == ("d-1", False)
        assert told["bet"]["amount"] == eur("2.00")
        assert (await game_round(box))["staked"]["amount"] == 0
        assert (await transaction(box, "x-1"))["amount"]["amount"] == eur("2.00")
        shown = await transaction(box, "d-1")
        assert shown["status"] == "rolled_back"
        assert "ended_at" in shown


async def test_a_rollback_restores_the_original_buckets() -> None:
    """1.00 of cash and 2.00 of bonus come back as that, though all is cash by now (WAL-40)."""
    async with wallet() as box:
        await grant(box, "p_poor", 2)
        await debit(box, amount="3.00", player="p_poor")
        payment = {"payment_id": "p-1", "amount": money(50)}
        assert (await box.admin("POST", "/players/p_poor/fund", payment)).status == 200
        got = await rollback(box, player="p_poor")
        assert (amounts(got.json)["cash"], amounts(got.json)["bonus"]) == (
            eur("51.00"),
            eur("2.00"),
        )
        assert (await transaction(box, "x-1"))["bonus_amount"]["amount"] == eur("2.00")


async def test_a_repeated_rollback_refunds_once() -> None:
    """16 copies under their own keys and 16 other rollbacks of the same debit, all at once, and one
    more months later: one refund, one event, all answered ok (WAL-41, WAL-74)."""
    async with wallet() as box:
        await debit(box)
        calls = [rollback(box, key=f"k-{n}") for n in range(16)]
        answers = await asyncio.gather(*calls, *(rollback(box, f"x-{n}") for n in range(2, 18)))
        await pass_time(box, 100 * 24 * HOUR_S)
        answers.append(await rollback(box, "x-late"))
        assert {(got.status, amounts(got.json)["available"]) for got in answers} == {(200, WHOLE)}
        assert await _available(box) == WHOLE
        assert len(await events(box, "bet.rolled_back")) == 1
        assert (await transaction(box, "x-late"))["amount"]["amount"] == 0


async def test_a_rollback_before_its_debit_bars_it() -> None:
    """Nothing moves, a tombstone stays, and the late debit is refused with no effect, under any
    key, any number of times; the rollback says again what it said (WAL-42, WAL-45)."""
    async with wallet() as box:
        first = await rollback(box)
        assert (first.status, first.json["tombstone"]) == (200, True)
        assert amounts(first.json)["available"] == WHOLE
        for call in (debit, debit, reserve):
            got = await call(box, "d-1")
            require_problem(got, 409, "INVALID_STATE")
            assert got.json["details"]["reason"] == "tombstone"
        again = await rollback(box, key="k-again")
        assert (again.status, again.body) == (200, first.body)
        other = await rollback(box, "x-2")
        assert (other.status, other.json["tombstone"]) == (200, True)
        shown = await transaction(box, "d-1")
        assert (shown["kind"], shown["status"]) == ("tombstone", "rolled_back")
        assert (await _available(box), count(box, "move")) == (WHOLE, count(box, "player"))
        (told,) = await events(box, "bet.rolled_back")
        assert told == {"bet_id": "d-1", "round_id": "r-1", "tombstone": True}


async def test_a_tombstone_bars_one_transaction_only() -> None:
    """Another debit of the same round is taken (WAL-42)."""
    async with wallet() as box:
        await rollback(box)
        assert (await debit(box, "d-2")).status == 200


@pytest.mark.parametrize(
    "order", list(permutations(("undo-debit", "undo-credit", "debit", "credit")))
)
async def test_bet_win_and_their_rollbacks_in_any_order(order: tuple[str, ...]) -> None:
    """Where both rollbacks come first the net is zero; in every order what is left is what the
    answers said: each transaction happened and was not undone, or was undone, or was barred
    (WAL-25, WAL-42, WAL-43)."""
    async with wallet() as box:
        await debit(box, "d-0", 0)  # so that the round has a bet that a win may be of
        calls = {
            "debit": lambda: debit(box),
            "credit": lambda: credit(box, of=None),
            "undo-debit": lambda: rollback(box),
            "undo-credit": lambda: rollback(box, "x-2", of="c-1"),
        }
        answers: dict[str, Got] = {}
        for name in order:
            answers[name] = await calls[name]()
        net = eur("0.00")
        for name, undo, amount in (
            ("debit", "undo-debit", eur("-2.00")),
            ("credit", "undo-credit", eur("5.00")),
        ):
            moved = answers[name].status == 200
            taken_back = answers[undo].status == 200 and order.index(name) < order.index(undo)
            net += amount if moved and not taken_back else 0
        assert await _available(box) == WHOLE + net
        if set(order[:2]) == {"undo-debit", "undo-credit"}:
            assert net == 0
            assert [answers[name].status for name in order] == [200, 200, 409, 409]


async def test_a_rollback_racing_its_debit_ends_either_way() -> None:
    """32 pairs at once, in both orders: taken and given back, or barred, and never in between
    (WAL-44)."""
    async with wallet() as box:
        calls = []
        for n in range(PAIRS):
            pair = [debit(box, f"d-{n}"), rollback(box, f"x-{n}", of=f"d-{n}")]
            calls += pair if n % 2 else pair[::-1]
        answers = await asyncio.gather(*calls)
        for n in range(PAIRS):
            one, other = answers[2 * n : 2 * n + 2]
            taken, undone = (one, other) if n % 2 else (other, one)
            assert undone.status == 200
            shown = await transaction(box, f"d-{n}")
            barred = undone.json.get("tombstone", False)
            assert (taken.status, shown["kind"]) == (
                (409, "tombstone") if barred else (200, "debit")
            )
            assert shown["status"] == "rolled_back"
        assert await _available(box) == WHOLE


async def test_two_rollbacks_racing_their_debit_refund_once() -> None:
    """Two different rollbacks and the debit at once (WAL-41, WAL-42, WAL-44)."""
    async with wallet() as box:
        for n in range(PAIRS):
            calls = [
                rollback(box, f"x-{n}", of=f"d-{n}"),
                debit(box, f"d-{n}"),
                rollback(box, f"y-{n}", of=f"d-{n}"),
            ]
            answers = await asyncio.gather(*calls[n % 3 :], *calls[: n % 3])
            assert {got.status for got in answers} <= {200, 409}
        assert await _available(box) == WHOLE
        assert len(await events(box, "bet.rolled_back")) == PAIRS


@pytest.mark.parametrize("how", ["ended", "expired"])
async def test_a_rollback_lands_after_the_session(how: str) -> None:
    """Ended or expired: the stake comes back (WAL-46)."""
    async with wallet() as box:
        session = await box.session()
        await debit(box, session_id=session)
        if how == "ended":
            await end_session(box, session)
        else:
            await pass_time(box, 2 * HOUR_S)
        assert (await rollback(box)).status == 200
        assert await _available(box) == WHOLE


@pytest.mark.parametrize("reason", LOCKS)
async def test_a_rollback_lands_while_the_player_is_locked(reason: str) -> None:
    """A lock stops stakes, not what gives them back (WAL-13)."""
    async with wallet() as box:
        await debit(box)
        await reserve(box)
        await lock(box, reason)
        assert (await rollback(box)).status == 200
        assert (await release(box, "x-2")).status == 200
        assert await _available(box) == WHOLE


async def _named(box: Sandbox) -> Got:
    await credit(box)
    return await rollback(box)


async def _unnamed(box: Sandbox) -> Got:
    await credit(box, of=None)
    return await rollback(box)


async def _the_win(box: Sandbox) -> Got:
    await credit(box)
    return await rollback(box, of="c-1")


async def _the_gift(box: Sandbox) -> Got:
    await credit(box, reason="promo", of=None)
    return await rollback(box, of="c-1")


@pytest.mark.parametrize("undo", [_named, _unnamed, _the_win, _the_gift])
async def test_what_is_settled_is_not_rolled_back(undo: Any) -> None:
    """A debit with its own win, one in a round whose win named none, the win itself, a promo
    (WAL-47)."""
    async with wallet() as box:
        await debit(box)
        got = await undo(box)
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == "settled"
        async with no_money_moves(box):
            await rollback(box, "x-9", of=got.json["details"]["transaction_id"])


@pytest.mark.parametrize("of", ["d-1", "d-unknown"])
async def test_nothing_is_rolled_back_on_a_closed_round(of: str) -> None:
    """Known or not (WAL-47, WAL-60)."""
    async with wallet() as box:
        await debit(box)
        assert (await close(box)).status == 200
        async with no_money_moves(box):
            got = await rollback(box, of=of)
            require_problem(got, 409, "INVALID_STATE")
            assert got.json["details"]["reason"] == "round_closed"


async def test_a_rollback_of_a_refused_debit_refunds_nothing() -> None:
    """It never happened, so it is barred from happening late (WAL-48)."""
    async with wallet() as box:
        require_problem(await debit(box, amount="1000.01"), 422, "INSUFFICIENT_FUNDS")
        got = await rollback(box)
        assert (got.status, got.json["tombstone"]) == (200, True)
        assert await _available(box) == WHOLE
        require_problem(await debit(box, amount="1.00"), 409, "INVALID_STATE")


async def test_a_rollback_with_another_player_round_or_currency_is_refused() -> None:
    """And moves nothing (WAL-49)."""
    async with wallet() as box:
        await debit(box)
        await debit(box, "d-2", round_id="r-2")
        async with no_money_moves(box):
            for wrong, status, code, reason in (
                ({"player": "p_poor"}, 409, "INVALID_STATE", "player_mismatch"),
                ({"round_id": "r-2"}, 409, "INVALID_STATE", "round_mismatch"),
                ({"amount": money(2, "USD")}, 422, "CURRENCY_MISMATCH", ""),
                ({"player": "p_nobody"}, 404, "NOT_FOUND", ""),
            ):
                got = await rollback(box, **wrong)
                require_problem(got, status, code)
                assert got.json.get("details", {}).get("reason", "") == reason


@pytest.mark.parametrize("profile", ["reference", "per-player"])
@pytest.mark.parametrize("undo", [rollback, release])
async def test_an_unknown_one_of_another_players_round_is_refused(undo: Any, profile: str) -> None:
    """It leaves no tombstone that would keep out what the round's player sends (WAL-42, WAL-49)."""
    async with wallet(profile=profile) as box:
        text = profile == "per-player"
        stake = "2.00" if text else Decimal("2.00")
        sent = body("d-0", amount={"amount": stake, "currency": "EUR"})
        assert (await send(box, "debit", sent)).status == 200
        got = await undo(box, of="d-1", player="p_poor")
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == "player_mismatch"
        late = await send(box, "debit", {**sent, "transaction_id": "d-1"})
        assert late.status == 200, late.body


async def test_another_tenant_rolls_back_nothing_of_ours() -> None:
    """Its rollback does not see our player, and leaves nothing that bars our debit (PRV-63)."""
    async with wallet() as box:
        sent = {
            "transaction_id": "x-1",
            "original_transaction_id": "d-1",
            "player_id": "p_19f3",
            "round_id": "r-1",
        }
        got = await box.call("POST", "/v1/wallet/rollback", sent, client="other-brand")
        require_problem(got, 404, "NOT_FOUND")
        assert (await debit(box)).status == 200


async def test_a_rollback_is_not_rolled_back() -> None:
    """Nor is it its own original, nor does a release undo a debit (WAL-41)."""
    async with wallet() as box:
        await debit(box)
        await rollback(box)
        for call, name, of in (
            (rollback, "x-2", "x-1"),
            (rollback, "x-3", "x-3"),
            (release, "x-4", "d-1"),
        ):
            got = await call(box, name, of)
            require_problem(got, 409, "INVALID_STATE")
            assert got.json["details"]["reason"] == "wrong_kind"


@pytest.mark.parametrize("undo", [release, rollback])
async def test_a_release_gives_back_what_was_set_aside(undo: Any) -> None:
    """In its buckets, once, by release or rollback; a debit cannot spend it any more (WAL-40,
    WAL-41)."""
    async with wallet() as box:
        await grant(box, "p_poor", 2)
        await reserve(box, amount="3.00", player="p_poor")
        for name in ("x-1", "x-2"):
            got = await undo(box, name, of="h-1", player="p_poor")
            assert got.status == 200
            shown = amounts(got.json)
            assert (shown["cash"], shown["bonus"], shown["held"]) == (
                eur("1.00"),
                eur("2.00"),
                eur("0"),
            )
        assert (await transaction(box, "h-1"))["status"] == "released"


@pytest.mark.parametrize("undo", [release, rollback])
async def test_a_spent_reserve_is_not_released(undo: Any) -> None:
    """Its debit is what can be rolled back, and that gives back what was reserved (WAL-40)."""
    async with wallet() as box:
        await reserve(box)
        await debit(box, reserve_transaction_id="h-1")
        got = await undo(box, of="h-1")
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == "spent"
        assert (await rollback(box, "x-2")).status == 200
        assert await _available(box) == WHOLE
        assert (await close_round(box, "cancelled")).status == 200


async def test_a_release_before_its_reserve_bars_it() -> None:
    """As a rollback does (WAL-42)."""
    async with wallet() as box:
        assert (await release(box)).json["tombstone"] is True
        require_problem(await reserve(box), 409, "INVALID_STATE")


async def test_a_rolled_back_debit_is_not_taken_again() -> None:
    """The same debit under a new key is refused: its answer would promise what is not there; under
    its old key the old answer comes, without effect (WAL-08, PRV-30)."""
    async with wallet() as box:
        first = await debit(box, key="k-1")
        await rollback(box)
        async with no_money_moves(box):
            got = await debit(box, key="k-2")
            require_problem(got, 409, "INVALID_STATE")
            assert got.json["details"]["reason"] == "rolled_back"
            assert (await debit(box, key="k-1")).body == first.body
