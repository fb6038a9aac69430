"""The writer of a process on a PostgreSQL database that it may share with others.

As on SQLite, what is queued becomes one transaction and nothing is answered before its commit. The
others are kept away by locks on the roots; where that does not reach, by the schema's unique keys
and by updates that find a row as it was read, or not at all: then the batch decides again.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from simulator.base.errors import Internal, PlaymoneyError, Problem, Unavailable
from simulator.base.log import Log
from simulator.store import pg_fetch, pg_save
from simulator.store.pg_sealer import Sealer
from simulator.store.pg_unit import Missing, PgUnit
from simulator.store.postgres import (
    BY_NAME,
    ERRORS,
    Connection,
    Postgres,
    Trouble,
    close,
    trouble_of,
)
from simulator.store.rows import Key
from simulator.store.writer import MAX_BATCH, Outcome, Work, answer

T = TypeVar("T")
_Queued = tuple[Work[Any], "asyncio.Future[Any]"]

TURNS = 5
"""How often a batch decides again before its decisions go one by one, and then each of those."""

RECONNECT_AFTER_S = timedelta(milliseconds=200).total_seconds()
"""A database that is being restarted gets a second in all before callers hear of it."""

_NOTHING_DONE = "nothing was done; repeat with the same key"
_UNKNOWN = "the outcome is unknown; repeat with the same key to learn it"

log = Log("store")


class _Unknown(Exception):
    """The connection was lost during COMMIT: it may have happened."""


class PgWriter:
    """Runs decisions, and answers none before its commit. `asked` is called after a commit in which
    a decision asked for a call to be sent."""

    def __init__(self, database: Postgres, unit: PgUnit, sealer: Sealer) -> None:
        self.unit = unit
        self.closed = False
        self.asked: Callable[[Sequence[Key]], None] = lambda _: None
        self.committed: Callable[[], None] | None = None
        self._database = database
        self._sealer = sealer
        self._connection: Connection | None = None
        self._queue: deque[_Queued] = deque()
        self._running: asyncio.Task[None] | None = None

    def submit(self, work: Work[T]) -> "asyncio.Future[T]":
        """Queue a decision; the future holds its result once it is durable."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if self.closed:
            future.set_exception(Unavailable("the store is closed; repeat with the same key"))
            return future
        self._queue.append((work, future))
        if self._running is None:
            self._running = asyncio.ensure_future(self._work())
        return future

    async def close(self) -> None:
        """Finish what was begun, then let the connection go. Nothing queued is lost."""
        while self._running is not None:
            await asyncio.wait([self._running])
        self.closed = True
        if self._connection is not None:
            await close(self._connection)
        await self._sealer.close()

    async def _work(self) -> None:
        try:
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(len(self._queue), MAX_BATCH))]
                try:
                    await self._settle(batch)
                except Exception as bug:
                    log.exception("batch failed", error=repr(bug))
                    self._drop_connection()
                    _refuse(batch, _UNKNOWN)
        finally:
            self._running = None

    # One batch ------------------------------------------------------------------------------------

    async def _settle(self, batch: list[_Queued]) -> None:
        """Commit a batch and answer it: together, or one by one if they do not go in together."""
        self._rehearse(batch)
        trouble, wrong = Trouble.CONTENTION, None
        for _ in range(TURNS):
            try:
                outcomes = await self._commit(batch)
            except _Unknown as lost:
                log.warning("commit without an answer", error=repr(lost.__cause__))
                _refuse(batch, _UNKNOWN)
                self._tell_who_sends()  # there may be something to send
                return
            except (*ERRORS, pg_save.Overtaken) as failed:
                wrong = failed
                trouble = await self._start_over(failed)
                if trouble in (Trouble.REFUSED, Trouble.UNABLE):
                    break
            else:
                self._done(outcomes)
                return
        log.error("write refused", error=repr(wrong), trouble=trouble.value)
        if len(batch) > 1 and trouble in (Trouble.CONTENTION, Trouble.REFUSED):
            for queued in batch:
                await self._settle([queued])
        elif trouble is Trouble.REFUSED or getattr(wrong, "sqlstate", "") == "23505":
            _fail(batch[0][1], Internal("the store refused what was decided"))
        else:
            _refuse(batch, _NOTHING_DONE)

    def _rehearse(self, batch: list[_Queued]) -> None:
        """Note what the decisions will probably ask for. Nothing that they do here stays."""
        known, unit = self.unit.known, self.unit
        known.forget()
        unit.forget()
        unit.new_batch()
        known.rehearsing = unit.deciding = True
        try:
            for work, _ in batch:
                unit.start()
                try:
                    work(unit)
                except Exception:  # noqa: S112 - on rows that are not true, all may fail
                    continue
                finally:
                    unit.undo_all()
        finally:
            known.rehearsing = unit.deciding = False

    async def _commit(self, batch: list[_Queued]) -> list[Outcome]:
        known, types, kinds = self.unit.known, self._database.types, self._database.kinds
        connection = await self._connected()
        await connection.execute("BEGIN")
        outcomes = await self._decide(connection, batch)
        self.unit.spill()
        if not await pg_save.finish(connection, known, types, kinds):
            await connection.execute("ROLLBACK")
            return outcomes
        try:
            await connection.execute("COMMIT")
        except ERRORS as wrong:
            if trouble_of(wrong) is Trouble.LOST:
                self._drop_connection()
                raise _Unknown from wrong
            raise
        known.remember()
        self._sealer.wake()
        return outcomes

    async def _decide(self, connection: Connection, batch: list[_Queued]) -> list[Outcome]:
        """Decide, read what was missing, decide again, until nothing is missing."""
        known, unit = self.unit.known, self.unit
        known.begin_again()
        unit.forget()
        await pg_fetch.lock(connection, known, wait=True)
        outcomes: list[Outcome] = []
        left = batch
        while left:
            await self._read(connection)
            found = [(queued, _attempt(unit, *queued)) for queued in left]
            left = [queued for queued, outcome in found if outcome is None]
            outcomes += [outcome for _, outcome in found if outcome is not None]
            if left and not known.wants:
                raise RuntimeError("decisions wait for what they did not ask for")
            if known.wants.roots:
                # What was read before these locks may not be true any more: all of it again.
                alone = await pg_fetch.lock(connection, known, wait=False)
                if known.leaves or not alone:
                    raise pg_save.Overtaken("a root was not foreseen")
                known.begin_again_locked()
                unit.forget()
                left, outcomes = batch, []
        return outcomes

    async def _read(self, connection: Connection) -> None:
        known = self.unit.known
        if known.wants.pages:  # they have to see what the batch has written
            self.unit.spill()
            await pg_save.save(connection, known, self._database.types, self._database.kinds)
        await pg_fetch.draw(connection, known)
        await pg_fetch.read(connection, known)

    # Connections ----------------------------------------------------------------------------------

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._database.connect(BY_NAME)
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _start_over(self, wrong: BaseException) -> Trouble:
        """Roll back; what the failure means."""
        log.info("decide again", error=repr(wrong))
        trouble = Trouble.CONTENTION
        if not isinstance(wrong, pg_save.Overtaken):
            trouble = trouble_of(wrong)
        if trouble is Trouble.LOST or self._connection is None:
            self._drop_connection()
            await asyncio.sleep(RECONNECT_AFTER_S)
            return trouble
        try:
            await self._connection.execute("ROLLBACK")
        except ERRORS:
            self._drop_connection()
        return trouble

    def _done(self, outcomes: list[Outcome]) -> None:
        """After the commit: the answers go out, and so does what was asked."""
        answer(outcomes)
        if self.committed is not None:
            self.committed()
        self._tell_who_sends()

    def _tell_who_sends(self) -> None:
        if asked := self.unit.asked:
            self.unit.asked = []
            self.asked(asked)


def _attempt(unit: PgUnit, work: Work[Any], future: "asyncio.Future[Any]") -> Outcome | None:
    """Run a decision; None if it has to run again."""
    unit.start()
    unit.deciding = True
    try:
        return future, work(unit), None
    except Missing:
        unit.undo_all()
        return None
    except Problem as problem:
        unit.undo()
        return future, None, problem
    except PlaymoneyError:
        raise
    except Exception as bug:
        unit.undo()
        log.exception("decision failed", error=repr(bug))
        return future, None, Internal("this should not have happened; nothing was done")
    finally:
        unit.deciding = False


def _refuse(batch: list[_Queued], message: str) -> None:
    for _, future in batch:
        _fail(future, Unavailable(message, retry_after_s=1))


def _fail(future: "asyncio.Future[Any]", problem: Problem) -> None:
    if not future.done():
        future.set_exception(problem)
