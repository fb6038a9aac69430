"""Of several servers on one database, one at a time does what none needs to do twice.

An advisory lock of a connection of its own: it is free again as soon as that connection is gone, so
a server that is killed leaves its turn to another, and none has to say goodbye.
"""

from zlib import crc32

from simulator.base.log import Log
from simulator.store.postgres import BY_NAME, ERRORS, Connection, Postgres, close

_TURNS = int.from_bytes(b"pm-turns", "big")

_TAKE = "SELECT pg_try_advisory_lock($1)"
_STILL = "SELECT 1"

log = Log("store")


class Turn:
    """One server's share in the turn that has this name."""

    def __init__(self, database: Postgres, name: str) -> None:
        self.mine = False
        """As of the last look."""
        self._database = database
        self._lock = _TURNS ^ crc32(f"{database.namespace}.{name}".encode())
        self._connection: Connection | None = None

    async def look(self) -> bool:
        """Take the turn where nobody has it, keep it where it is ours; whether it is."""
        try:
            if self._connection is None:
                self._connection = await self._database.connect(BY_NAME)
            if self.mine:
                await self._connection.fetchval(_STILL)
            else:
                self.mine = await self._connection.fetchval(_TAKE, self._lock)
        except ERRORS as wrong:
            log.info("the turn is looked for later", error=str(wrong))
            await self.close()
        return self.mine

    async def close(self) -> None:
        """Leave it to the others."""
        connection, self._connection, self.mine = self._connection, None, False
        if connection is not None:
            await close(connection)
