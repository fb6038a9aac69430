"""Queries on PostgreSQL: committed rows of one moment, on connections of their own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from simulator.base.errors import Unavailable
from simulator.base.log import Log
from simulator.store import pg_fetch, pg_statements
from simulator.store.pg_sealer import Sealer
from simulator.store.pg_turn import Turn
from simulator.store.pg_unit import Known, Missing
from simulator.store.postgres import BY_NAME, BY_PAGE, ERRORS, Connection, Pool, Postgres
from simulator.store.reading import Books
from simulator.store.rows import Key, Row, Value
from simulator.store.tx import Query, Reads
from simulator.wire.calls import Caller

R = TypeVar("R", bound=Row)
T = TypeVar("T")

READERS = 4
PAGERS = 2
"""Connections of one process that read single rows, and that read pages and whole tables."""

log = Log("store")


class PgSnapshot:
    """The `Reads` of a query: what it has not read, it asks `known` for."""

    def __init__(self, known: Known, caller: Caller, now_ns: int) -> None:
        self.caller = caller
        self.now_ns = now_ns
        self._known = known

    def get(self, kind: type[R], key: Key) -> R | None:
        """The row of this name, or None."""
        return self._known.fetch(None, kind, key)

    def at(self, kind: type[R], position: int) -> R | None:
        """The row at this position, or None."""
        return self._known.fetch_at(None, kind, position)

    def page(self, query: Query, after: int | None, limit: int) -> Sequence[Row]:
        """At most `limit` rows beyond a position."""
        return self._known.fetch_page(None, query, after, limit)


class PgBooks:
    """The `Books` of an open transaction, for an auditor in a thread."""

    def __init__(self, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
        self._connection = connection
        self._loop = loop

    def rows(self, text: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement."""
        asked = self._connection.fetch(text, *values)
        found = asyncio.run_coroutine_threadsafe(asked, self._loop).result()
        return [tuple(row) for row in found]


class PgQueries:
    """Runs reading decisions until they have all they ask for."""

    kind = "postgresql"

    def __init__(self, database: Postgres, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._readers = Pool(READERS, lambda: database.connect(BY_NAME))
        self._pagers = Pool(PAGERS, lambda: database.connect(BY_PAGE))

    async def read(
        self, caller: Caller, now_ns: int, decide: Callable[[Reads], T], *, pages: bool
    ) -> T:
        """Run a reading decision. What was committed before it began, it sees, in lists too."""

        async def look(connection: Connection) -> T:
            known = Known()
            while True:
                try:
                    return decide(PgSnapshot(known, caller, now_ns))
                except Missing:
                    await pg_fetch.read(connection, known)

        if not pages:
            return await self._run(self._readers, look)
        await self._catch_up()
        return await self._run(self._pagers, look)

    async def audit(self, look: Callable[[Books], T]) -> T:
        """Run what reads whole tables, all of one moment, in a thread."""
        await self._catch_up()
        loop = asyncio.get_running_loop()
        return await self._run(
            self._pagers,
            lambda connection: asyncio.to_thread(look, PgBooks(connection, loop)),
        )

    def turn(self, name: str) -> Turn:
        """The turn of this name, on a connection of its own."""
        return Turn(self._database, name)

    async def close(self) -> None:
        """Close every connection."""
        await self._readers.close()
        await self._pagers.close()

    async def _catch_up(self) -> None:
        """The feed has everything that was committed until now. What is sealed is sealed once,
        however often it is tried."""
        await _tried_twice(self._sealer.catch_up)

    async def _run(self, pool: Pool, look: Callable[[Connection], Awaitable[T]]) -> T:
        return await _tried_twice(partial(_at_one_moment, pool, look))


async def _tried_twice(ask: Callable[[], Awaitable[T]]) -> T:
    """The database may have closed a connection that was kept; the next one is new. Raises
    Unavailable."""
    try:
        try:
            return await ask()
        except ERRORS as wrong:
            log.info("read again", error=str(wrong))
            return await ask()
    except ERRORS as wrong:
        raise _unavailable(wrong) from wrong


async def _at_one_moment(pool: Pool, look: Callable[[Connection], Awaitable[T]]) -> T:
    async with pool.connection() as connection:
        await connection.execute(pg_statements.BEGIN_READING)
        try:
            return await look(connection)
        finally:
            await connection.execute("ROLLBACK")


def _unavailable(wrong: BaseException) -> Unavailable:
    log.error("read failed", error=repr(wrong))
    return Unavailable("the store cannot be read now; ask again", retry_after_s=1)
