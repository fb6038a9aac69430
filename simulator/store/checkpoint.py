"""Moving the write-ahead log into the database, away from the commits.

SQLite's own checkpoint would run inside some unlucky commit. Here it runs aside, on its own
connection and thread. Only under a load that never pauses does the log outgrow what runs aside;
then the writer rests for one short step, so that the log can start again from its beginning.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import apsw

from simulator.base.log import Log
from simulator.store.sqlite import Database

ASIDE_PAGES = 2_000
"""8 MiB of log: begin to move it while commits go on."""

REST_PAGES = 16_000
"""64 MiB of log: let the writer rest for what is left to move."""

log = Log("store")


class Checkpointer:
    """Decides when to move the log, and does it in its own thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, "checkpoint")
        self._connection = apsw.Connection(str(database.path))
        self._connection.set_busy_timeout(0)
        # Until it has read once, SQLite takes the file for one without a log: nothing would move.
        self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        self._aside: asyncio.Future[None] | None = None
        self._next_aside = ASIDE_PAGES
        self._next_rest = REST_PAGES

    @property
    def wants_rest(self) -> bool:
        """True when the log has outgrown what runs aside."""
        return self._aside is None and self._database.wal_pages >= self._next_rest

    def aside(self) -> None:
        """Begin a checkpoint beside the commits, if one is due."""
        pages = self._database.wal_pages
        if pages < ASIDE_PAGES:  # the log has started again
            self._next_aside, self._next_rest = ASIDE_PAGES, REST_PAGES
        elif self._aside is None and pages >= self._next_aside:
            self._next_aside = pages + ASIDE_PAGES
            self._aside = self._run()
            self._aside.add_done_callback(self._finished)

    def rest(self) -> "asyncio.Future[None]":
        """A checkpoint that the writer waits for. A reader in the way only defers it."""
        self._next_rest = self._database.wal_pages + ASIDE_PAGES
        return self._run()

    async def close(self) -> None:
        """Wait for what runs, then let go."""
        if self._aside is not None:
            await asyncio.wait([self._aside])
        self._thread.shutdown()
        self._connection.close()

    def _run(self) -> "asyncio.Future[None]":
        return asyncio.get_running_loop().run_in_executor(self._thread, self._checkpoint)

    def _checkpoint(self) -> None:
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error as wrong:  # nothing is lost: the log keeps what was not moved
            log.warning("checkpoint deferred", error=str(wrong))

    def _finished(self, _: "asyncio.Future[None]") -> None:
        self._aside = None
