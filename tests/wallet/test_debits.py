"""Debits of the wallet API, and what holds for reserves alike: what they take, once, and every
reason not to."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from tests.server.tools import require_problem
from tests.support import Sandbox
from tests.wallet.tools import (
    HOUR_S,
    LOCKS,
    close_round,
    end_session,
    eur,
    grant,
    lock,
    pass_time,
    wallet,
)
from tests.wallet.tools import game_round as read_round
from tests.wallet.txns import (
    amounts,
    balance,
    body,
    debit,
    events,
    money,
    no_money_moves,
    reserve,
    rollback,
    send,
    transaction,
)

ZERO = eur("0.00")


async def test_a_debit_takes_once_and_answers_the_balance_after_it() -> None:
    """The stake is gone, not held; the answer's balance is the one that is read afterwards, and
    one event tells of it (WAL-01)."""
    async with wallet() as box:
        got = await debit(box, session_id=await box.session(), game_id="other:game")
        assert (got.status, got.json["status"], got.json["transaction_id"]) == (200, "ok", "d-1")
        whole = {"available": eur("998.00"), "held": ZERO, "cash": eur("998.00"), "bonus": ZERO}
        assert amounts(got.json) == await balance(box) == whole
        (told,) = await events(box, "wallet.debit.ok")
        assert told == {
            "transaction_id": "d-1",
            "round_id": "r-1",
            "game_id": "studio:slot_forge_02",
            "amount": {"amount": eur("2.00"), "currency": "EUR"},
        }
        shown = await transaction(box, "d-1")
        assert (shown["kind"], shown["status"]) == ("debit", "ok")
        assert shown["game_id"] == "studio:slot_forge_02", "the session knows the game"


async def test_a_debit_needs_no_session() -> None:
    """Without a session player and round decide; the round has neither session nor game, and other
    debits of the player join it (WAL-01, WAL-64)."""
    async with wallet() as box:
        assert (await debit(box)).status == 200
        shown = await read_round(box)
        assert "session_id" not in shown
        assert (await debit(box, "d-2", session_id=await box.session())).status == 200
        assert (await read_round(box))["staked"]["amount"] == eur("4.00")


async def test_bets_and_debits_share_player_round_and_book() -> None:
    """A bet of `/v1/bets` and a debit of one round: one balance, one round, one book (WAL-23)."""
    async with wallet() as box:
        session = await box.session()
        assert (await box.authorize(session, "b-1", 3)).status == 200
        assert (await debit(box, session_id=session)).status == 200
        assert (await balance(box))["held"] == eur("3.00")
        assert (await box.settle("b-1", 10)).status == 200
        shown = await read_round(box)
        assert (shown["bets"], shown["staked"]["amount"]) == (2, eur("5.00"))
        assert (await close_round(box, "completed")).status == 200
        assert (await balance(box))["available"] == eur("1005.00")


async def test_insufficient_funds_move_nothing_and_show_the_balance() -> None:
    """One minor unit more than the balance: refused with the balance, and an event tells of it;
    the round is not even opened (WAL-02, WAL-03, WAL-04)."""
    async with wallet() as box:
        async with no_money_moves(box):
            got = await debit(box, amount="1.01", player="p_poor")
            require_problem(got, 422, "INSUFFICIENT_FUNDS")
            assert got.json["retryable"] is False
            assert got.json["details"]["balance"]["available"]["amount"] == eur("1.00")
        (told,) = await events(box, "wallet.debit.failed")
        assert (told["transaction_id"], told["code"]) == ("d-1", "INSUFFICIENT_FUNDS")
        require_problem(await box.call("GET", "/v1/rounds/r-1"), 404, "NOT_FOUND")
        assert (await debit(box, "d-2", "1.00", player="p_poor")).status == 200
        assert (await balance(box, "p_poor"))["available"] == ZERO
        require_problem(await debit(box, "d-3", "0.01", player="p_poor"), 422, "INSUFFICIENT_FUNDS")


async def test_a_refused_debit_is_refused_again() -> None:
    """The key of a refused debit stays refused, also when there is money by then; a new key for the
    same transaction may succeed, for nothing has happened under it (WAL-02, WAL-06)."""
    async with wallet() as box:
        first = await debit(box, amount="1.01", player="p_poor", key="k-1")
        payment = {"payment_id": "p-1", "amount": money(5)}
        assert (await box.admin("POST", "/players/p_poor/fund", payment)).status == 200
        again = await debit(box, amount="1.01", player="p_poor", key="k-1")
        assert (again.status, again.body, again.replayed) == (422, first.body, True)
        assert (await debit(box, amount="1.01", player="p_poor", key="k-2")).status == 200


async def test_a_zero_debit_moves_nothing_and_is_a_transaction() -> None:
    """A free round is a bet like any other (WAL-05)."""
    async with wallet() as box:
        got = await debit(box, amount=0)
        assert (got.status, amounts(got.json)["available"]) == (200, eur("1000.00"))
        assert (await transaction(box, "d-1"))["amount"]["amount"] == 0


@pytest.mark.parametrize("amount", [-1, Decimal("0.001"), "2.00", True, None, Decimal("1e30")])
@pytest.mark.parametrize("what", ["debit", "reserve", "credit"])
async def test_what_is_no_amount_is_refused(what: str, amount: Any) -> None:
    """Negative, finer than the currency, text, and more than there can be: 400 by name, and nothing
    moves (WAL-05, WAL-27)."""
    async with wallet() as box, _nothing(box):
        sent = body("t-1", amount={"amount": amount, "currency": "EUR"}, reason="promo")
        got = await send(box, what, sent)
        require_problem(got, 400, "VALIDATION_FAILED")
        assert "amount" in got.json["details"]["errors"][0]["field"]


def _nothing(box: Sandbox) -> Any:
    return no_money_moves(box)


@pytest.mark.parametrize("what", ["debit", "reserve"])
async def test_the_same_transaction_has_one_effect(what: str) -> None:
    """Under the same key the same bytes, marked as a repeat; under a new key the same body, though
    the balance has changed meanwhile; after months too (WAL-06, WAL-08, WAL-74)."""
    async with wallet() as box:
        sent = body("t-1", amount=money("2.00"))
        first = await send(box, what, sent, key="k-1")
        assert (await debit(box, "d-9", "7.00")).status == 200
        async with no_money_moves(box):
            same = await send(box, what, sent, key="k-1")
            assert (same.status, same.body, same.replayed) == (200, first.body, True)
            await pass_time(box, 200 * 24 * HOUR_S)
            other = await send(box, what, {**sent, "amount": money(2)}, key="k-2")
            assert (other.status, other.body) == (200, first.body)
        assert len(await events(box, "wallet.debit.ok")) == (2 if what == "debit" else 1)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"amount": money("2.01")}, "DUPLICATE"),
        ({"amount": money("2.00", "USD")}, "DUPLICATE"),
        ({"player_id": "p_poor"}, "DUPLICATE"),
        ({"round_id": "r-2"}, "DUPLICATE"),
    ],
)
async def test_a_transaction_id_is_one_transaction(other: dict[str, Any], code: str) -> None:
    """With another amount, currency, player or round under a new key it is a mismatch, never
    applied; under the same key it is a mismatch of the key (WAL-07, WAL-09)."""
    async with wallet() as box:
        assert (await debit(box, key="k-1")).status == 200
        async with no_money_moves(box):
            sent = {**body("d-1", amount=money("2.00")), **other}
            got = await send(box, "debit", sent)
            require_problem(got, 409, code)
            assert got.json["details"]["first_transaction_id"] == "d-1"
            require_problem(await send(box, "debit", sent, key="k-1"), 409, "IDEMPOTENCY_MISMATCH")


async def test_another_kind_of_the_same_id_is_a_mismatch() -> None:
    """Debits, credits, reserves and rollbacks share their ids (WAL-07)."""
    async with wallet() as box:
        assert (await debit(box, "t-1")).status == 200
        async with no_money_moves(box):
            require_problem(await reserve(box, "t-1"), 409, "DUPLICATE")
            promo = body("t-1", amount=money("2.00"), reason="promo")
            require_problem(await send(box, "credit", promo), 409, "DUPLICATE")
            require_problem(await rollback(box, "t-1", of="t-9"), 409, "DUPLICATE")


@pytest.mark.parametrize("keys", [1, 32])
async def test_copies_in_parallel_take_once(keys: int) -> None:
    """32 copies at once, under one key or each under its own: one debit, one answer (WAL-10)."""
    async with wallet() as box:
        answers = await asyncio.gather(*(debit(box, key=f"k-{n % keys}") for n in range(32)))
        assert {(got.status, got.body) for got in answers} == {(200, answers[0].body)}
        assert (await balance(box))["available"] == eur("998.00")
        assert len(await events(box, "wallet.debit.ok")) == 1


async def test_debits_in_parallel_take_exactly_what_fits() -> None:
    """40 different debits of 0.07 on 1.00: 14 are taken, never below zero, and each answer tells a
    balance of one order (WAL-10, WAL-11)."""
    async with wallet() as box:
        answers = await asyncio.gather(
            *(debit(box, f"d-{n}", "0.07", player="p_poor") for n in range(40))
        )
        taken = [got for got in answers if got.status == 200]
        refused = {got.code for got in answers if got.status != 200}
        assert (len(taken), refused) == (14, {"INSUFFICIENT_FUNDS"})
        left = sorted((amounts(got.json)["available"] for got in taken), reverse=True)
        assert left == [eur("1.00") - eur("0.07") * (n + 1) for n in range(14)]
        assert (await balance(box, "p_poor"))["available"] == eur("0.02")


async def test_another_currency_than_the_wallets_is_refused() -> None:
    """Also zero of it (WAL-12)."""
    async with wallet() as box, no_money_moves(box):
        for amount in (2, 0):
            got = await debit(box, amount=amount, currency="USD")
            require_problem(got, 422, "CURRENCY_MISMATCH")


@pytest.mark.parametrize("with_session", [True, False])
@pytest.mark.parametrize("reason", LOCKS)
async def test_a_locked_player_takes_no_debits(reason: str, with_session: bool) -> None:
    """From the next call on, with or without a session (WAL-13)."""
    async with wallet() as box:
        session = await box.session() if with_session else None
        assert (await debit(box, session_id=session)).status == 200
        await lock(box, reason)
        async with no_money_moves(box):
            for call in (debit, reserve):
                got = await call(box, "t-2", session_id=session)
                require_problem(got, 403, "RG_BLOCK")
                assert got.json["details"]["reason"] == reason


async def test_a_debit_in_a_session_needs_it_open_and_the_players() -> None:
    """Expired, ended, another player's or nobody's: refused (WAL-14)."""
    async with wallet() as box:
        session, ended, others = (
            await box.session(),
            await box.session(),
            await box.session("p_poor"),
        )
        await end_session(box, ended)
        async with no_money_moves(box):
            for where, status, reason in (
                (ended, 409, "session_ended"),
                (others, 409, "player_mismatch"),
                ("s_nobodys", 404, ""),
            ):
                got = await debit(box, f"d-{where}", session_id=where)
                assert got.status == status, got.body
                assert got.json["details"].get("reason", "") == reason
            await pass_time(box, HOUR_S)
            got = await debit(box, "d-late", session_id=session)
            assert got.json["details"]["reason"] == "session_expired"


async def test_a_stake_lies_within_the_sessions_limits() -> None:
    """Min, max and step of the session bind its debits and reserves; zero is exempt from min and
    step (WAL-15)."""
    async with wallet() as box:
        limits = {"min_bet": eur("0.50"), "max_bet": eur("2.00"), "step": eur("0.25")}
        session = await box.session(constraints=limits)
        for call in (debit, reserve):
            for amount, limit in (("0.49", "min_bet"), ("0.60", "step"), ("2.25", "max_bet")):
                got = await call(box, "t-1", amount, session_id=session)
                require_problem(got, 422, "LIMIT_EXCEEDED")
                assert got.json["details"]["limit"] == limit
        for n, amount in enumerate(("0.50", "0.75", "2.00", "0.00")):
            assert (await debit(box, f"d-{n}", amount, session_id=session)).status == 200


@pytest.mark.parametrize("outcome", ["completed", "cancelled"])
async def test_a_debit_on_a_finished_round_is_refused(outcome: str) -> None:
    """However it ended, and by whichever API (WAL-16, WAL-60)."""
    async with wallet() as box:
        assert (await debit(box)).status == 200
        if outcome == "cancelled":
            assert (await rollback(box)).status == 200
        assert (await close_round(box, outcome)).status == 200
        async with no_money_moves(box):
            for call in (debit, reserve):
                got = await call(box, "t-2")
                require_problem(got, 409, "INVALID_STATE")
                assert got.json["details"]["reason"] == "round_closed"


async def test_a_round_belongs_to_one_player() -> None:
    """A debit on another player's round is refused (WAL-07)."""
    async with wallet() as box:
        assert (await debit(box)).status == 200
        async with no_money_moves(box):
            require_problem(await debit(box, "d-2", "0.50", player="p_poor"), 409, "DUPLICATE")


@pytest.mark.parametrize("what", ["debit", "reserve", "credit", "rollback", "release"])
async def test_unknown_fields_pass_and_an_empty_id_does_not(what: str) -> None:
    """Fields that nobody knows are tolerated at any depth; an id that is empty or missing is
    refused by name, and nothing moves (WAL-17)."""
    async with wallet() as box:
        sent = body(
            "t-1",
            amount={**money(1), "shown_as": "1 €"},
            reason="promo",
            original_transaction_id="t-0",
            studio_extra={"deep": [1]},
        )
        nameless = {name: value for name, value in sent.items() if name != "transaction_id"}
        async with no_money_moves(box):
            for wrong in (
                {**sent, "transaction_id": ""},
                {**sent, "transaction_id": None},
                nameless,
            ):
                got = await send(box, what, wrong)
                require_problem(got, 400, "VALIDATION_FAILED")
                assert "transaction_id" in got.json["message"]
        assert (await send(box, what, sent)).status == 200


async def test_a_stake_takes_cash_first_and_then_the_bonus() -> None:
    """The split is kept with the transaction, shown where there is one, and a win comes in its
    proportion (WAL-40)."""
    async with wallet() as box:
        await grant(box, "p_poor", 10)
        got = await debit(box, amount="4.00", player="p_poor")
        assert amounts(got.json)["cash"] == ZERO
        assert amounts(got.json)["bonus"] == eur("7.00")
        shown = await transaction(box, "d-1")
        assert shown["bonus_amount"]["amount"] == eur("3.00")
        sent = body(
            "c-1",
            player="p_poor",
            amount=money("8.00"),
            reason="win",
            debit_transaction_id="d-1",
        )
        got = await send(box, "credit", sent)
        assert amounts(got.json)["cash"] == eur("2.00")
        assert amounts(got.json)["bonus"] == eur("13.00")
