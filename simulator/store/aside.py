"""A thread beside the event loop, for the one thing in a write that blocks: its commit.

A thread pool would do, but each hand-over to one takes several Python-level locks, which the loop
and the thread then fight over (measured: 20 µs of each durable call at 64 connections).
"""

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

Job = tuple[Callable[[], None], Callable[[BaseException | None], None], asyncio.AbstractEventLoop]


class Aside:
    """Runs one job after the other; each one's end is told in the loop that it came from."""

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Callable[[], None], done: Callable[[BaseException | None], None]) -> None:
        """Do `work` in the thread, then call `done` in this loop, with what went wrong or None."""
        self._jobs.put((work, done, asyncio.get_running_loop()))

    def close(self) -> None:
        """Finish what was handed over, then end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, done, loop = job
            wrong: BaseException | None = None
            try:
                work()
            except BaseException as raised:
                wrong = raised
            loop.call_soon_threadsafe(done, wrong)
