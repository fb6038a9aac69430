"""What the tests of the PostgreSQL store share: a store without a server, and a line to its
database that can be held up or cut."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from simulator.base.clock import SimClock
from simulator.store.pg_schema import SCHEMA
from simulator.store.pg_store import PgStore
from simulator.store.postgres import BY_NAME
from simulator.wallet.operations import ROWS
from tests.store.tools import SCHEMAS


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[PgStore]:
    """A wallet's store, its clock frozen; the tables are made where there are none."""
    store = await PgStore.open(url, SCHEMAS, ROWS, SimClock())
    try:
        yield store
    finally:
        await store.queries.close()
        await store.writer.close()


async def rows(url: str, text: str, *values: Any) -> list[tuple[Any, ...]]:
    """The answer to a statement, on a connection of one's own."""
    connection = await asyncpg.connect(url, server_settings={**BY_NAME, "search_path": SCHEMA})
    try:
        return [tuple(row) for row in await connection.fetch(text, *values)]
    finally:
        await connection.close()


async def keys(url: str) -> list[str]:
    """The keys of the committed operations."""
    return [key for (key,) in await rows(url, "SELECT key FROM op ORDER BY n")]


async def in_the_house(url: str) -> int:
    """What the house was paid."""
    text = "SELECT coalesce(sum(posted_credits), 0)::bigint FROM account WHERE kind = 'house'"
    return int((await rows(url, text))[0][0])


class Line:
    """Stands between a writer and its connection."""

    def __init__(self, store: PgStore) -> None:
        self.statements: list[str] = []
        self.at_commit: Callable[[Any], Any] | None = None
        self._real: Any = None
        self._connect = store.writer._database.connect
        store.writer._database.connect = self._connected  # type: ignore[method-assign]

    async def _connected(self, settings: dict[str, str]) -> Any:
        real = await self._connect(settings)
        if self._real is not None and not self._real.is_closed():
            return real  # the sealer's: the writer has its connection already
        self._real = real
        return self

    async def execute(self, text: str, *values: Any) -> Any:
        """Let a statement through, and look after COMMIT."""
        self.statements.append(text)
        if text == "COMMIT" and self.at_commit is not None:
            return await self.at_commit(self._real)
        return await self._real.execute(text, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class Gate:
    """A slow COMMIT: it waits until it is let through."""

    def __init__(self, line: Line) -> None:
        self.reached = asyncio.Event()
        self._open = asyncio.Event()
        line.at_commit = self._wait

    async def _wait(self, real: Any) -> Any:
        self.reached.set()
        await asyncio.wait_for(self._open.wait(), 60)
        return await real.execute("COMMIT")

    def let_through(self) -> None:
        self._open.set()
