"""Queries on SQLite: single rows at once, pages and whole tables in a thread of their own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from simulator.store.reading import Books
from simulator.store.sqlite import Database
from simulator.store.tx import Reads
from simulator.store.unit import Snapshot
from simulator.wire.calls import Caller

T = TypeVar("T")


class SqliteQueries:
    """What reads a file or a memory of SQLite."""

    def __init__(self, database: Database) -> None:
        self.kind = "sqlite-memory" if database.path is None else "sqlite-file"
        self._database = database
        self._pager = None if database.path is None else ThreadPoolExecutor(1, "pager")

    async def read(
        self, caller: Caller, now_ns: int, decide: Callable[[Reads], T], *, pages: bool
    ) -> T:
        """Run a reading decision on committed rows."""

        def at_one_moment() -> T:
            with Snapshot(self._database, caller, now_ns, paging=pages) as snapshot:
                return decide(snapshot)

        return await self._aside(at_one_moment) if pages else at_one_moment()

    async def audit(self, look: Callable[[Books], T]) -> T:
        """Run what reads whole tables, all of one moment."""

        def at_one_moment() -> T:
            with self._database.standstill() as books:
                return look(books)

        return await self._aside(at_one_moment)

    def turn(self, name: str) -> None:
        """No other process writes here."""

    async def close(self) -> None:
        """Wait for what still reads; the event loop goes on meanwhile."""
        if self._pager is not None:
            await asyncio.to_thread(self._pager.shutdown)

    async def _aside(self, look: Callable[[], T]) -> T:
        if self._pager is None:
            return look()
        return await asyncio.get_running_loop().run_in_executor(self._pager, look)
