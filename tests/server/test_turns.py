"""Several servers on one database: one of them delivers, for all (PRV-34, PRV-40)."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from simulator.server import deliveries as rooms
from simulator.store.pg_turn import Turn
from simulator.store.postgres import Postgres
from tests.server.test_deliveries import arrived, bets, deliveries, flush, ids, rule, subscribe
from tests.support import Sandbox, sandbox


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "LOOK_S", 0.02)


async def until(look: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    """The other server hears of it at its next look."""
    found = None
    for _ in range(6_000):
        found = await look()
        if found == wanted:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(found)


async def told(box: Sandbox) -> list[str]:
    return ids(await box.events(event_type="bet.authorized"))


async def states(box: Sandbox) -> list[str]:
    return [one["state"] for one in await deliveries(box)]


async def test_one_server_delivers_what_all_of_them_commit(postgres: str) -> None:
    """Each event once, and a player's in their order, whichever server took the bet. When the one
    that delivers has gone, another does, and sends nothing again that had arrived."""
    async with contextlib.AsyncExitStack() as staying, contextlib.AsyncExitStack() as leaving:
        one = await leaving.enter_async_context(sandbox(store=postgres))
        await subscribe(one)  # it has the turn before the other one is there to look
        other = await staying.enter_async_context(sandbox(store=postgres))
        await other.admin("GET", "/subscriptions")
        session = await other.session()
        for n in range(4):
            await bets((one, other)[n % 2], session, f"b{n}")
        await until(lambda: _both(one, other), await told(one))
        assert await arrived(other) == []
        assert await flush(other) == {"pending": 0, "dead": 0}
        await leaving.aclose()
        await bets(other, session, "b9")
        await until(lambda: _both(other, other), (await told(other))[4:])
        await other.require_sound()


async def _both(one: Sandbox, other: Sandbox) -> list[str]:
    """What has arrived at either."""
    found = await arrived(one)
    return ids(found if other is one else [*found, *await arrived(other)])


async def test_whoever_is_asked_the_one_whose_turn_it_is_delivers(postgres: str) -> None:
    """What was given up, or has arrived, is delivered once more by the one server, though another
    was asked; and that other one shows how deliveries stand."""
    async with contextlib.AsyncExitStack() as staying:
        one = await staying.enter_async_context(sandbox(store=postgres))
        await subscribe(one, retry_s=[])  # it has the turn before the other one is there to look
        other = await staying.enter_async_context(sandbox(store=postgres))
        await other.admin("GET", "/subscriptions")
        await rule(one, "status", name="down")
        await bets(other, await other.session(), "b1")
        await until(lambda: states(other), ["dead"])
        await one.admin("DELETE", "/chaos/rules/down")
        await flush(other, dead=True)
        await until(lambda: _both(one, other), await told(one))
        (sent,) = await deliveries(one)
        again = await other.admin("POST", f"/deliveries/{sent['delivery_id']}/redeliver")
        assert again.status == 202, again.body
        await until(lambda: _both(one, one), await told(one) * 2)
        assert await arrived(other) == []


async def test_a_turn_is_one_servers_at_a_time(postgres: str) -> None:
    """Nobody else has it while the connection of its owner lives; afterwards, the next who looks.
    An owner whose connection was cut knows it at its next look. Another name is another turn."""
    database = Postgres(postgres, [], [])
    one, other, third = Turn(database, "x"), Turn(database, "x"), Turn(database, "y")
    try:
        assert await one.look()
        assert not await other.look()
        assert await third.look()
        assert await one.look()
        assert one._connection is not None
        one._connection.terminate()
        await until(other.look, True)
        assert not await one.look()
        assert not await one.look()
        await other.close()
        assert await one.look()
    finally:
        for turn in (one, other, third):
            await turn.close()
