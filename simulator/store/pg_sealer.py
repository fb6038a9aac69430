"""Gives each committed operation its place, and each batch its link in the audit chain.

One sealer works at a time, whoever of the processes holds the advisory lock. It takes what it can
see, so an operation gets its place after everything that was committed before it began, and a
cursor that has passed a place has passed all that will ever stand before it.
"""

import asyncio
import contextlib
from datetime import timedelta

import msgspec

from simulator.base.log import Log
from simulator.store import statements
from simulator.store.pg_fetch import rows_of
from simulator.store.pg_save import copy
from simulator.store.postgres import BY_NAME, ERRORS, Connection, Pool, Postgres
from simulator.store.rows import Seal
from simulator.store.seal import Leaf, seal_of_leaves

PAUSE_S = timedelta(milliseconds=100).total_seconds()
"""How long a commit may wait for its place, unless somebody reads the feed: so that under load one
seal covers many batches."""

_WAITING = "SELECT n, ops, leaves FROM unsealed ORDER BY n"
_DONE = "DELETE FROM unsealed WHERE n = ANY($1::bigint[])"
_LAST_PLACE = "SELECT coalesce(max(n), 0) FROM place"
_LAST_SEAL = f"SELECT {', '.join(statements.columns(Seal))} FROM seal ORDER BY n DESC LIMIT 1"
_ADD_PLACES = "INSERT INTO place (n, op) SELECT * FROM unnest($1::bigint[], $2::bigint[])"

_leaves = msgspec.msgpack.Decoder(list[Leaf])

log = Log("store")


class Sealer:
    """Seals soon after a commit, and at once for who reads the feed."""

    def __init__(self, database: Postgres) -> None:
        self._pool = Pool(1, lambda: database.connect(BY_NAME))
        self._turn = f"SELECT pg_advisory_xact_lock({database.seal_lock})"
        self._soon: asyncio.Task[None] | None = None
        self._woken = False

    def wake(self) -> None:
        """Something was committed."""
        self._woken = True
        if self._soon is None:
            self._soon = asyncio.ensure_future(self._seal_soon())

    async def catch_up(self) -> None:
        """Seal everything that has been committed until now."""
        async with self._pool.connection() as connection:
            if await connection.fetchval("SELECT EXISTS (SELECT FROM unsealed)"):
                async with connection.transaction():
                    await connection.execute(self._turn)
                    await _seal(connection)

    async def close(self) -> None:
        """Seal what is left, if the database lets us; else the next process does it."""
        if self._soon is not None:
            self._soon.cancel()
            await asyncio.gather(self._soon, return_exceptions=True)
        with contextlib.suppress(*ERRORS):
            await self.catch_up()
        await self._pool.close()

    async def _seal_soon(self) -> None:
        try:
            while self._woken:
                self._woken = False
                await asyncio.sleep(PAUSE_S)
                try:
                    await self.catch_up()
                except ERRORS as wrong:
                    log.warning("sealed later", error=str(wrong))
        finally:
            self._soon = None


async def _seal(connection: Connection) -> None:
    waiting = await connection.fetch(_WAITING)
    if not waiting:
        return
    ops = [op for batch in waiting for op in batch["ops"]]
    last = await connection.fetchval(_LAST_PLACE)
    places = list(range(last + 1, last + 1 + len(ops)))
    await connection.execute(_ADD_PLACES, places, ops)
    known = rows_of(Seal, await connection.fetch(_LAST_SEAL))
    seal = known[0] if known else None
    made: list[Seal] = []
    for batch in waiting:
        last += len(batch["ops"])
        seal = seal_of_leaves(seal, {"place": last}, _leaves.decode(batch["leaves"]))
        made.append(seal)
    await copy(connection, Seal, [msgspec.structs.astuple(each) for each in made])
    await connection.execute(_DONE, [batch["n"] for batch in waiting])
