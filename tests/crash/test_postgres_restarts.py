"""The database itself is killed and comes back: the server in front of it goes on."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.postgres import Server, server
from tests.support import sandbox

STAKE = Decimal("0.10")


@pytest.fixture
def database() -> Iterator[Server]:
    """A server of this test's own, which it may kill."""
    with server() as own:
        yield own


@pytest.fixture
def url(database: Server) -> str:
    return database.make_database()


async def test_a_database_that_crashes_loses_nothing(
    database: Server, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped as by a power failure and started again: while it is gone calls are told 503 and
    when to come back; afterwards the same keys are answered, the acknowledged ones with their first
    bytes, the others now, each once. Nobody has to start anything (WAL-06, WAL-74, PRV-30)."""
    monkeypatch.setattr("simulator.store.pg_writer.RECONNECT_AFTER_S", 0)
    async with sandbox(store=url) as box:
        session = await box.session()
        before, _ = await box.balance()
        heard = {
            f"b{n}": await box.authorize(session, f"b{n}", STAKE, key=f"k{n}") for n in range(9)
        }
        assert {got.status for got in heard.values()} == {200}
        await asyncio.to_thread(database.stop, "immediate")
        gone = await box.authorize(session, "b9", STAKE, key="k9")
        assert (gone.status, gone.code) == (503, "UNAVAILABLE")
        assert gone.headers["retry-after"] == "1"
        assert (await box.call("GET", "/v1/players/p_19f3")).status == 503
        await asyncio.to_thread(database.start_again)
        for n, first in enumerate(heard.values()):
            again = await box.authorize(session, f"b{n}", STAKE, key=f"k{n}")
            assert (again.body, again.replayed) == (first.body, True)
        late = await box.authorize(session, "b9", STAKE, key="k9")
        assert (late.status, late.replayed) == (200, False)
        assert await box.balance() == (before - 10 * STAKE, 10 * STAKE)
        assert len(await box.events(event_type="bet.authorized")) == 10
        await box.require_sound()
