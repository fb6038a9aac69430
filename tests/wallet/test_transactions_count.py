"""Transactions of the wallet API count for bonuses and limits as bets do (PRV-24, WAL-66)."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support import Sandbox
from tests.wallet.tools import grant, pass_time, set_limit, wallet
from tests.wallet.txns import (
    balance,
    body,
    credit,
    debit,
    events,
    release,
    reserve,
    rollback,
    send,
)

LENIENT = "per-player"
"""A profile under which a win can be rolled back, and amounts are text."""


def text(amount: str) -> dict[str, str]:
    """Money as that profile writes it."""
    return {"amount": amount, "currency": "EUR"}


async def buckets(box: Sandbox) -> Any:
    """Cash and bonus."""
    has = await balance(box)
    return [has["cash"], has["bonus"]]


async def bonus(box: Sandbox) -> Any:
    """The player's bonus: how it is, and what was wagered."""
    got = (await box.call("GET", "/v1/bonuses/bonus-p_19f3")).json
    return got["status"], got["wagered"]["amount"]


async def used(box: Sandbox) -> list[Decimal]:
    """Of limits of a thousand euros, what stakes and losses have used."""
    limits = (await box.call("GET", "/v1/players/p_19f3")).json["rg"]["limits"]
    return [1000 - Decimal(each["left"]["amount"]) for each in limits]


# Bonuses -----------------------------------------------------------------------------------------


async def test_a_debit_keeps_its_split_and_counts_at_once() -> None:
    """Cash first; the win in proportion; the undone debit comes back to its buckets and counts no
    more (WAL-40, JP-70)."""
    async with wallet() as box:
        await grant(box, "p_19f3", 200)
        await debit(box, "d-1", 1100)
        assert (await buckets(box), await bonus(box)) == ([0, 100], ("active", 1100))
        await debit(box, "d-2", 40)
        assert (await buckets(box), await bonus(box)) == ([0, 60], ("active", 1140))
        await rollback(box, "x-2", "d-2")
        assert (await buckets(box), await bonus(box)) == ([0, 100], ("active", 1100))
        await credit(box, "c-1", 11, of="d-1")
        assert await buckets(box) == [10, 101]


async def test_a_stake_before_the_bonus_never_counts() -> None:
    """Neither when it was taken, nor when it comes back (PRV-24)."""
    async with wallet() as box:
        await debit(box, "d-1", 10)
        await grant(box, "p_19f3", 5)
        await rollback(box, "x-1", "d-1")
        assert await bonus(box) == ("active", 0)


async def test_a_bonus_that_is_at_stake_has_not_ended() -> None:
    """With nothing left of it the debit may still win, so only a new bonus ends it; the win that
    comes before that is bonus money again (PRV-24)."""
    async with wallet() as box:
        await grant(box, "p_19f3", 50)
        await debit(box, "d-1", 1050)
        assert await bonus(box) == ("active", 1050)
        await credit(box, "c-1", 2100, of="d-1")
        assert await buckets(box) == [2000, 100]
        await debit(box, "d-2", 2100, round_id="r-2")
        again = await grant(box, "p_19f3", 7, bonus_id="bonus-2")
        assert again["status"] == "active"
        assert (await bonus(box))[0] == "consumed"
        assert [each["outcome"] for each in await events(box, "bonus.consumed")] == ["consumed"]


@pytest.mark.parametrize(("times", "end", "to_cash"), [(1, "released", 50), (100, "consumed", 0)])
@pytest.mark.parametrize("back", ["win", "rollback", "release"])
async def test_what_comes_back_after_the_end_follows(
    times: int, end: str, to_cash: int, back: str
) -> None:
    """The bonus part of a win, of an undone debit and of a reserve goes where the bonus went: to
    cash after a release, else back to the brand (WAL-40)."""
    async with wallet() as box:
        await grant(box, "p_19f3", 50, wager_multiplier=times)
        if back == "release":
            await reserve(box, "h-1", 1050)
            await debit(box, "d-0", 0)
        else:
            await debit(box, "d-1", 1050)
        if times == 100 or back == "release":
            await box.call("POST", "/v1/bonuses/bonus-p_19f3/consume")
            end, to_cash = "consumed", 0
        assert (await bonus(box))[0] == end
        got = {
            "win": lambda: credit(box, "c-1", 1050, of="d-1"),
            "rollback": lambda: rollback(box, "x-1", "d-1"),
            "release": lambda: release(box, "x-1", "h-1"),
        }
        answer = await got[back]()
        assert answer.json["balance"]["bonus"]["amount"] == 0
        assert await buckets(box) == [1000 + to_cash, 0]
        last = (await events(box, "bonus.consumed"))[-1]
        assert (last["outcome"], last["left"]["amount"]) == (end, 50)


# Limits ------------------------------------------------------------------------------------------


async def test_transactions_count_for_limits_as_bets_do() -> None:
    """A debit and a reserve are stakes, a reserve that is spent is none again; what is undone or
    given back is none any more; a win and a jackpot make good, a promo does not. A limit that is
    set afterwards counts the same (WAL-66)."""
    async with wallet() as box:
        for limit in ("stake", "loss"):
            await set_limit(box, limit, 1000)
        await debit(box, "d-1", 10)
        await reserve(box, "h-1", 20)
        assert await used(box) == [30, 30]
        await debit(box, "d-2", 20, reserve_transaction_id="h-1")
        assert await used(box) == [30, 30]
        await credit(box, "c-1", 4, of="d-1")
        await credit(box, "c-2", 100, of=None, reason="promo")
        await credit(box, "c-3", 3, of=None, reason="jackpot")
        assert await used(box) == [30, 23]
        await rollback(box, "x-2", "d-2")
        assert await used(box) == [10, 3]
        await reserve(box, "h-2", 50)
        await reserve(box, "h-3", 60)
        await release(box, "x-3", "h-2")
        assert await used(box) == [70, 63]
        for limit in ("stake", "loss"):
            await set_limit(box, limit, 1000, "month")
        assert await used(box) == [70, 70, 63, 63]


async def test_a_win_that_is_taken_back_made_nothing_good() -> None:
    """Where a profile lets a win be rolled back, the loss is what it was (WAL-47, WAL-66)."""
    async with wallet(profile=LENIENT) as box:
        await set_limit(box, "loss", 1000)
        await send(box, "debit", body("d-1", amount=text("10.00")))
        win = body("c-1", amount=text("4.00"), debit_transaction_id="d-1", reason="win")
        await send(box, "credit", win)
        assert await used(box) == [6]
        assert (await rollback(box, "x-1", "c-1")).status == 200
        assert await used(box) == [10]


@pytest.mark.parametrize("what", [debit, reserve])
async def test_a_limit_refuses_a_transaction(what: Any) -> None:
    """With its event, beside the one of the failed debit; nothing moves, and the limit can still
    be used up (WAL-66)."""
    async with wallet() as box:
        await set_limit(box, "stake", 10)
        got = await what(box, "t-1", "10.01")
        assert (got.status, got.code) == (422, "LIMIT_EXCEEDED")
        (told,) = await events(box, "rg.limit.hit")
        assert (told["limit"], told["period"]) == ("stake", "day")
        assert (await what(box, "t-2", 10)).status == 200


async def test_a_reserve_that_is_spent_later_counts_when_it_was_made() -> None:
    """Undone on the next day, its debit gives that day no room: it had counted on the first
    (WAL-66)."""
    async with wallet() as box:
        await set_limit(box, "stake", 1000)
        await reserve(box, "h-1", 50)
        await pass_time(box, 86_400)
        await debit(box, "d-1", 50, reserve_transaction_id="h-1")
        await debit(box, "d-2", 70)
        await rollback(box, "x-1", "d-1")
        assert await used(box) == [70]
