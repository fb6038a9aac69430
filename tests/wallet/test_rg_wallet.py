"""A player's own limits bind the stakes of the wallet API as they bind `/v1/bets`.

(WAL-13, WAL-28, WAL-66)
"""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.server.tools import count
from tests.support import Got, Sandbox
from tests.wallet.rg_tools import DAY_S, hits, left
from tests.wallet.tools import eur, pass_time, set_limit, wallet
from tests.wallet.txns import body, credit, debit, money, release, reserve, rollback, send

Take = Callable[[Sandbox, str, Any], Awaitable[Any]]
"""Takes a stake under a name: the code of its refusal, or nothing."""


def _code(got: Got) -> Any:
    assert got.status in (200, 422), got.body
    return got.json.get("code", "")


async def _debit(box: Sandbox, name: str, amount: Any) -> Any:
    return _code(await debit(box, name, amount))


async def _reserve(box: Sandbox, name: str, amount: Any) -> Any:
    return _code(await reserve(box, name, amount))


async def _pair(box: Sandbox, name: str, amount: Any) -> Any:
    stake = body(name, amount=money(amount))
    paid = body(f"{name}-won", amount=money(0), reason="win", debit_transaction_id=name)
    return _code(await send(box, "debit-and-credit", {"debit": stake, "credit": paid}))


async def _batch(box: Sandbox, name: str, amount: Any) -> Any:
    got = await send(box, "batch", {"items": [{"debit": body(name, amount=money(amount))}]})
    (item,) = got.json["items"]
    return item.get("error", {}).get("code", "")


async def _authorize(box: Sandbox, name: str, amount: Any) -> Any:
    return _code(await box.authorize(await box.session(), name, amount))


TAKES: dict[str, Take] = {
    "debit": _debit,
    "reserve": _reserve,
    "pair": _pair,
    "batch": _batch,
    "authorize": _authorize,
}
"""The last is the yardstick: all the others are held to what it does."""


@pytest.mark.parametrize("limit", ["stake", "loss"])
@pytest.mark.parametrize("way", TAKES)
async def test_every_stake_comes_up_against_a_limit(way: str, limit: str) -> None:
    """Up to the limit and not a cent more; the refused one moves nothing and its event tells; the
    next day there is room again (WAL-66)."""
    take = TAKES[way]
    async with wallet() as box:
        await set_limit(box, limit, 10)
        assert await take(box, "t-1", 4) == ""
        moves = count(box, "move")
        assert await take(box, "t-2", eur("6.01")) == "LIMIT_EXCEEDED"
        assert count(box, "move") == moves
        (told,) = await hits(box)
        assert (told["limit"], told["period"]) == (limit, "day")
        assert await take(box, "t-3", 6) == ""
        assert await left(box, f"{limit} day") == 0
        assert await take(box, "t-4", 0) == ""
        await pass_time(box, DAY_S)
        assert await take(box, "t-5", 10) == ""


@pytest.mark.parametrize("way", TAKES)
async def test_session_time_that_is_used_up_stops_every_stake(way: str) -> None:
    """Also those that name no session (WAL-66)."""
    async with wallet() as box:
        await set_limit(box, "session", 10)
        await box.session()
        assert await TAKES[way](box, "t-1", 1) == ""
        await pass_time(box, 600)
        assert await TAKES[way](box, "t-2", 1) == "LIMIT_EXCEEDED"
        assert [told["limit"] for told in await hits(box)] == ["session"]


async def test_a_reserve_counts_once_and_its_debit_not_again() -> None:
    """Spending what was set aside is no second stake, also where the limit has been made stricter
    meanwhile; given back, it counts no more (WAL-66)."""
    async with wallet() as box:
        await set_limit(box, "stake", 10)
        assert (await reserve(box, "h-1", 6)).status == 200
        assert (await reserve(box, "h-2", 4)).status == 200
        assert await left(box, "stake day") == 0
        await set_limit(box, "stake", 5)
        assert (await debit(box, "d-1", 6, reserve_transaction_id="h-1")).status == 200
        assert await left(box, "stake day") == 0, "six of five: nothing is left, nothing owed"
        assert (await release(box, "x-1", of="h-2")).status == 200
        assert await left(box, "stake day") == 0
        assert _code(await debit(box, "d-2", 1)) == "LIMIT_EXCEEDED"


async def test_wins_and_rollbacks_of_the_wallet_land_whatever_the_limit() -> None:
    """A win makes a loss good and a rollback takes the stake out, but neither is ever refused
    (WAL-13, WAL-28)."""
    async with wallet() as box:
        await set_limit(box, "stake", 10)
        await set_limit(box, "loss", 10)
        assert (await debit(box, "d-1", 6)).status == 200
        assert (await debit(box, "d-2", 4, round_id="r-2")).status == 200
        await set_limit(box, "loss", 0)
        assert (await credit(box, "c-1", 7, of="d-1")).status == 200
        assert (await rollback(box, "x-2", of="d-2", round_id="r-2")).status == 200
        assert [await left(box, f"{limit} day") for limit in ("stake", "loss")] == [
            Decimal(4),
            Decimal(1),
        ]
