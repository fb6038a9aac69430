"""Deposits and withdrawals: money in and out, once for each payment (PRV-05)."""

from decimal import Decimal
from typing import Any

import pytest

from simulator.base.errors import (
    CurrencyMismatch,
    Duplicate,
    InsufficientFunds,
    LimitExceeded,
    NotFound,
    Problem,
    RgBlock,
)
from simulator.store.recall import Decision
from simulator.wallet.payments import deposit, withdraw
from simulator.wire.funds import Deposit, Withdraw
from simulator.wire.messages import Money
from tests.support import Sandbox
from tests.wallet.tools import decide, eur, grant, lock, nothing_moves, wallet

WAYS: dict[Decision, type[Deposit] | type[Withdraw]] = {deposit: Deposit, withdraw: Withdraw}


async def pay(
    box: Sandbox,
    way: Decision,
    amount: Any,
    *,
    payment: str = "pay-1",
    player: str = "p_19f3",
    currency: str = "EUR",
) -> Any:
    """A deposit or a withdrawal."""
    money = Money(Decimal(amount), currency)
    return await decide(box, way, WAYS[way](payment_id=payment, player_id=player, amount=money))


def buckets(made: Any) -> list[Decimal]:
    """Available, held, cash and bonus of an answer."""
    return [made["balance"][name]["amount"] for name in ("available", "held", "cash", "bonus")]


@pytest.mark.parametrize(("way", "after"), [(deposit, "1050.00"), (withdraw, "950.00")])
async def test_a_payment_moves_cash_and_answers_the_balance(way: Decision, after: str) -> None:
    """The amount is in, or out, and the answer says what there is now (PRV-05)."""
    async with wallet() as box:
        made = await pay(box, way, 50)
        assert (made["payment_id"], made["status"]) == ("pay-1", "completed")
        assert buckets(made) == [eur(after), 0, eur(after), 0]
        assert await box.balance() == (eur(after), eur("0.00"))


@pytest.mark.parametrize("way", WAYS)
async def test_one_payment_id_is_one_payment(way: Decision) -> None:
    """A payment that comes again gets the same answer and moves nothing (PRV-05, WAL-08)."""
    async with wallet() as box:
        first = await pay(box, way, 50)
        async with nothing_moves(box):
            assert await pay(box, way, 50) == first


@pytest.mark.parametrize(
    ("way", "changes"),
    [
        (deposit, {"amount": 51}),
        (deposit, {"player": "p_poor"}),
        (withdraw, {}),
    ],
    ids=["amount", "player", "kind"],
)
async def test_a_payment_id_of_another_payment_is_refused(
    way: Decision, changes: dict[str, Any]
) -> None:
    """Another amount, player or direction under a known id is never applied (WAL-07)."""
    async with wallet() as box:
        await pay(box, deposit, 50)
        async with nothing_moves(box):
            with pytest.raises(Duplicate):
                await pay(box, way, **{"amount": 50, **changes})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("wrong", "refusal"), [({"player": "p_999"}, NotFound), ({"currency": "USD"}, CurrencyMismatch)]
)
async def test_a_payment_is_to_a_player_in_their_currency(
    way: Decision, wrong: dict[str, Any], refusal: type[Problem]
) -> None:
    """An unknown player and another currency are refused (WAL-12)."""
    async with wallet() as box, nothing_moves(box):
        with pytest.raises(refusal):
            await pay(box, way, 5, **wrong)


async def test_all_the_cash_can_go_and_not_a_cent_more() -> None:
    """Withdrawing everything empties the cash; one minor unit more is refused (WAL-04, WAL-11)."""
    async with wallet() as box:
        async with nothing_moves(box):
            with pytest.raises(InsufficientFunds):
                await pay(box, withdraw, eur("1000.01"), payment="pay-2")
        assert buckets(await pay(box, withdraw, 1000)) == [0, 0, 0, 0]


async def test_only_cash_that_is_not_held_can_be_withdrawn() -> None:
    """Bonus money and an open stake stay in; the refusal tells what there is in each bucket
    (WAL-02, WAL-83)."""
    async with wallet() as box:
        await grant(box, "p_19f3", 30)
        await box.authorize(await box.session(), "b-1", 100)
        async with nothing_moves(box):
            with pytest.raises(InsufficientFunds) as refused:
                await pay(box, withdraw, 901)
        told = refused.value.details["balance"]
        assert [told.available.amount, told.held.amount, told.cash.amount, told.bonus.amount] == [
            930,
            100,
            900,
            30,
        ]
        assert buckets(await pay(box, withdraw, 900)) == [30, 100, 0, 30]


async def test_a_deposit_beyond_what_an_account_holds_is_refused() -> None:
    """No balance passes the largest amount, cash and bonus together (PRV-03)."""
    async with wallet() as box:
        await grant(box, "p_19f3", 30)
        async with nothing_moves(box):
            with pytest.raises(LimitExceeded):
                await pay(box, deposit, 10**11 - 1000)
        await pay(box, deposit, 10**11 - 1030)


@pytest.mark.parametrize("reason", ["disabled", "self_excluded"])
async def test_who_may_not_play_cannot_pay_in(reason: str) -> None:
    """A lock binds deposits at once (WAL-13)."""
    async with wallet() as box:
        await lock(box, reason)
        async with nothing_moves(box):
            with pytest.raises(RgBlock):
                await pay(box, deposit, 5)


async def test_who_is_excluded_is_paid_out_and_who_is_disabled_is_not() -> None:
    """A self-exclusion never keeps a player's money; a disabled player waits (PRV-05, WAL-13)."""
    async with wallet() as box:
        await lock(box, "self_excluded")
        assert buckets(await pay(box, withdraw, 1000))[0] == 0
        await lock(box, "disabled", "p_poor")
        async with nothing_moves(box):
            with pytest.raises(RgBlock):
                await pay(box, withdraw, 1, player="p_poor", payment="pay-2")
