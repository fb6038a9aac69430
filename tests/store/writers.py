"""What the tests of the writer share: decisions to submit, a slow disk, a failing one."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import apsw

from simulator.base.errors import StoreBroken
from simulator.ledger import book
from simulator.ledger.book import AccountKey
from simulator.ledger.rows import Account
from simulator.store.unit import Unit
from simulator.store.writer import Writer
from tests.store.tools import CALLER, at_commit, decision, open_unit

Work = Callable[[Unit], Any]

HOUSE = AccountKey(CALLER.tenant, "house", "brand-42", "EUR")
FUNDING = AccountKey(CALLER.tenant, "funding", "brand-42", "EUR")


@asynccontextmanager
async def opened(path: Path | None) -> AsyncIterator[tuple[Writer, list[StoreBroken]]]:
    """A writer, and the list of what it called broken."""
    broken: list[StoreBroken] = []
    writer = Writer(open_unit(path), broken.append)
    try:
        yield writer, broken
    finally:
        await writer.close()


def note(key: str, answer: bytes = b"{}") -> Callable[[Unit], str]:
    """A decision that only remembers."""

    def work(unit: Unit) -> str:
        with decision(unit, key, answer):
            return key

    return work


def pay(key: str) -> Callable[[Unit], str]:
    """A decision that moves a cent to the house."""

    def work(unit: Unit) -> str:
        with decision(unit, key) as tx:
            book.post(tx, FUNDING, HOUSE, 1)
        return key

    return work


def keys(writer: Writer) -> list[str]:
    """The keys of the committed operations, in their order."""
    return [row[0] for row in writer.unit.database.rows("SELECT key FROM op ORDER BY n")]


class Gate:
    """A slow disk: the COMMIT waits until it is let through, and is counted."""

    def __init__(self, writer: Writer) -> None:
        self.commits = 0
        self.reached = threading.Event()
        self._open = threading.Event()
        at_commit(writer.unit.database, self._wait)

    def _wait(self) -> None:
        self.commits += 1
        self.reached.set()
        if threading.current_thread() is not threading.main_thread():
            assert self._open.wait(60)
        # On the event loop it would wait for itself; the tests see answers that come too early.

    def let_through(self) -> None:
        self._open.set()

    async def until_reached(self) -> None:
        assert await asyncio.to_thread(self.reached.wait, 60)


def fail_commit(writer: Writer, wrong: type[apsw.Error]) -> None:
    """Let the COMMITs of the connection that is open now fail as a disk would."""

    def fail() -> None:
        raise wrong("as a test wants it")

    at_commit(writer.unit.database, fail)


async def outcomes(*futures: "asyncio.Future[Any]") -> list[Any]:
    return await asyncio.gather(*futures, return_exceptions=True)


def in_the_house(writer: Writer) -> int:
    """What the house was paid."""
    house = writer.unit.get(Account, HOUSE)
    return 0 if house is None else house.posted_credits
