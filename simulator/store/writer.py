"""One writer per database, and group commit without a timer.

What is queued is decided on the event loop, one after another; their rows go into one transaction,
its commit (the fsync) runs in a thread, and only then do all the answers go out. Meanwhile the
next batch gathers, so batches grow with the load and an idle server answers at once.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import apsw

from simulator.base.errors import (
    Internal,
    PlaymoneyError,
    Problem,
    StoreBroken,
    StoreError,
    Unavailable,
)
from simulator.base.log import Log
from simulator.store.aside import Aside
from simulator.store.checkpoint import Checkpointer
from simulator.store.recall import Once
from simulator.store.rows import Key
from simulator.store.unit import Unit

T = TypeVar("T")
Work = Callable[[Unit], T]
_Queued = tuple[Work[Any], "asyncio.Future[Any]"]
Outcome = tuple["asyncio.Future[Any]", Any, BaseException | None]

MAX_BATCH = 256
"""Decisions in one transaction: enough to fill an fsync, few enough to keep the loop responsive."""

_NOTHING_DONE = "nothing was done; repeat with the same key"

log = Log("store")


class Writer:
    """Runs decisions, and answers none before its commit.

    `broken` is called, once, when a commit's outcome is unknown: from then on every call gets 503,
    and recovery at the next start decides (the file may say more than we know). `asked` is called
    after a commit in which a decision asked for a call to be sent.
    """

    def __init__(self, unit: Unit, broken: Callable[[StoreBroken], None]) -> None:
        self.unit = unit
        self._broken = broken
        self.closed = False
        self.asked: Callable[[Sequence[Key]], None] = lambda _: None
        self.committed: Callable[[], None] | None = None
        self._queue: deque[_Queued] = deque()
        self._running: asyncio.Future[None] | None = None
        self._scheduled = False
        self._failed: StoreBroken | None = None
        in_memory = unit.database.path is None
        self._aside = None if in_memory else Aside("commit")
        self._checkpointer = None if in_memory else Checkpointer(unit.database)

    def submit(self, work: Work[T]) -> "asyncio.Future[T]":
        """Queue a decision; the future holds its result once it is durable."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if self.closed:
            future.set_exception(Unavailable("the store is closed; repeat with the same key"))
            return future
        self._queue.append((work, future))
        if self._running is None and not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._start)
        return future

    def _start(self) -> None:
        self._scheduled = False
        if not self._queue or self._running is not None:
            return
        batch = [self._queue.popleft() for _ in range(min(len(self._queue), MAX_BATCH))]
        try:
            outcomes = self._decide(batch)
        except StoreError as wrong:
            self._refuse(batch, wrong)
            self._next()
            return
        if self._aside is None or not self.unit.database.dirty:
            self._commit_here(batch, outcomes)
            self._next()
            return
        self._running = asyncio.get_running_loop().create_future()
        self._aside.run(self.unit.database.commit, partial(self._committed, batch, outcomes))

    def _decide(self, batch: list[_Queued]) -> list[Outcome]:
        """Decide a batch and write its rows; alone, one by one, if they do not go in together."""
        unit = self.unit
        try:
            unit.database.begin()
            unit.read_ahead(
                slot
                for work, _ in batch
                if isinstance(work, Once)
                for slot in work.names(unit.kinds)
            )
            outcomes = [_attempt(unit, work, future) for work, future in batch]
            unit.spill()
            return outcomes
        except StoreError:
            raise
        except Exception as wrong:  # a law of the schema, or rows that the database cannot take
            self._start_over(wrong)
        if len(batch) == 1:
            return [(batch[0][1], None, Internal("the store refused what was decided"))]
        return self._decide_apart(batch)

    def _decide_apart(self, batch: list[_Queued]) -> list[Outcome]:
        """Find the decision that the store refuses: each one gets a transaction of its own."""
        outcomes: list[Outcome] = []
        for queued in batch:
            try:
                found = self._decide([queued])
                if self.unit.database.writer.in_transaction:
                    self.unit.database.commit()
            except StoreBroken:
                raise
            except StoreError as wrong:  # the ones before it are committed and stay so
                self._start_over(wrong)
                found = [(queued[1], None, Unavailable(_NOTHING_DONE, retry_after_s=1))]
            outcomes += found
        return outcomes

    def _start_over(self, wrong: Exception) -> None:
        log.error("write refused", error=repr(wrong))
        self.unit.database.rollback()
        try:
            self.unit.forget()
        except apsw.Error as worse:
            raise StoreBroken(f"the store cannot be read: {worse}") from worse

    def _commit_here(self, batch: list[_Queued], outcomes: list[Outcome]) -> None:
        try:
            if self.unit.database.writer.in_transaction:
                self.unit.database.commit()
        except StoreError as wrong:
            self._refuse(batch, wrong)
            return
        self._done(outcomes)

    def _committed(
        self, batch: list[_Queued], outcomes: list[Outcome], wrong: BaseException | None
    ) -> None:
        running, self._running = self._running, None
        if wrong is None:
            self._done(outcomes)
        elif isinstance(wrong, StoreError):
            self._refuse(batch, wrong)
        else:
            self._refuse(batch, StoreBroken(f"the commit failed: {wrong!r}"))
        if running is not None and not running.done():
            running.set_result(None)
        self._next()

    def _done(self, outcomes: list[Outcome]) -> None:
        """After the commit: the answers go out, and so does what was asked."""
        self.unit.tidy()
        answer(outcomes)
        if self.committed is not None:
            self.committed()
        if asked := self.unit.asked:
            self.unit.asked = []
            self.asked(asked)

    def _refuse(self, batch: list[_Queued], wrong: StoreError) -> None:
        """Answer a whole batch 503: nothing of it may be believed from memory."""
        message = _NOTHING_DONE
        if not isinstance(wrong, StoreBroken):
            wrong = self._open_again(wrong)
        if isinstance(wrong, StoreBroken):
            if self._failed is None:
                self._failed = wrong
                self.closed = True
                log.critical("store broken", error=str(wrong))
                self._broken(wrong)
            message = "the outcome is unknown; repeat with the same key to learn it"
        for _, future in batch:
            if not future.done():
                future.set_exception(Unavailable(message, retry_after_s=1))

    def _open_again(self, wrong: StoreError) -> StoreError:
        log.error("commit refused", error=str(wrong))
        try:
            self.unit.database.reopen()
            self.unit.forget()
        except (PlaymoneyError, apsw.Error) as worse:
            return StoreBroken(f"{wrong}; then it could not be opened again: {worse}")
        return wrong

    def _next(self) -> None:
        if self._failed is not None:
            rest, self._queue = list(self._queue), deque()
            self._refuse(rest, self._failed)
            return
        if self._checkpointer is not None and self._running is None:
            if self._checkpointer.wants_rest:
                self._running = asyncio.get_running_loop().create_future()
                self._checkpointer.rest().add_done_callback(self._rested)
                return
            self._checkpointer.aside()
        self._resume()

    def _rested(self, _: "asyncio.Future[None]") -> None:
        running, self._running = self._running, None
        if running is not None:
            running.set_result(None)
        self._resume()

    def _resume(self) -> None:
        if self._queue and self._running is None and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._start)

    async def close(self) -> None:
        """Finish what was begun, then close the database. Nothing queued is lost."""
        while self._running is not None or self._queue:
            if self._running is not None:
                await self._running
            else:
                await asyncio.sleep(0)
        self.closed = True
        if self._checkpointer is not None:
            await self._checkpointer.close()
        if self._aside is not None:
            self._aside.close()
        if self._failed is None:
            self.unit.database.close()


def _attempt(unit: Unit, work: Work[Any], future: "asyncio.Future[Any]") -> Outcome:
    unit.mark()
    try:
        return future, work(unit), None
    except Problem as problem:
        unit.undo()
        return future, None, problem
    except (PlaymoneyError, apsw.Error):
        raise
    except Exception as bug:
        unit.undo()
        log.exception("decision failed", error=repr(bug))
        return future, None, Internal("this should not have happened; nothing was done")


def answer(outcomes: list[Outcome]) -> None:
    """Give each decision's caller what came of it."""
    for future, result, problem in outcomes:
        if future.done():  # its caller has gone away; the effect stays, a repeat will find it
            continue
        if problem is None:
            future.set_result(result)
        else:
            future.set_exception(problem)
