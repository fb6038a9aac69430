"""One provider in front of several stores: the same calls to each, and each answers the same.

A place is a server with a store of its own: memory, a file, a PostgreSQL database. Where a store
can lose its server, `crash` takes it away between two calls or in the middle of one, and another
goes on with what the disk has.
"""

import asyncio
import hashlib
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from simulator.ledger.rows import Account, Move
from simulator.parties import WALLET
from simulator.settings import ClockSetting
from simulator.store.reading import Books
from simulator.store.rows import Op, Row, Task
from simulator.wallet.operations import ROWS
from tests.laws.over_postgres import ALONE
from tests.postgres import Server
from tests.support import Got, Sandbox, sandbox

KINDS = (WALLET,)
"""The provider calls nobody but the wallet; the other parties would be opened, told the time and
audited at every end for nothing."""

_SHM = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Files that a crash only copies need no disk under them; `tests/crash` is about disks."""


class Place:
    """A server whose store is in memory: nothing of it would outlive a crash, so none happens."""

    box: Sandbox

    def __init__(self, profile: str) -> None:
        self.stack = AsyncExitStack()
        self.profile = profile

    async def open(self) -> None:
        self.box = await self._serve()

    async def crash(self, now_ns: int) -> None:
        """The server is gone from one moment to the next, and another comes."""

    async def crash_during(self, now_ns: int, call: Any, turns: int) -> None:
        """The same while a call is under way, after some turns of the loop; nobody hears of it."""

    async def close(self) -> None:
        await self.stack.aclose()

    async def _serve(self, data: Path | None = None, **settings: Any) -> Sandbox:
        server = sandbox(data, **{"kinds": KINDS, "profile": self.profile, **settings})
        return await self.stack.enter_async_context(server)


class OnFile(Place):
    """The power fails: the next server starts from what the files hold at that moment."""

    async def open(self) -> None:
        at = _SHM
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(dir=at)))
        self.starts = 0
        self.data = self.folder / "0"
        self.server = AsyncExitStack()
        self.box = await self._start()

    async def crash(self, now_ns: int) -> None:
        after = self._copy()
        await self.server.aclose()
        await self._go_on(after, now_ns)

    async def crash_during(self, now_ns: int, call: Any, turns: int) -> None:
        under_way = asyncio.ensure_future(call(self.box))
        for _ in range(turns):
            await asyncio.sleep(0)
        after = self._copy()
        await under_way
        await self.server.aclose()
        await self._go_on(after, now_ns)

    async def close(self) -> None:
        await self.server.aclose()
        await self.stack.aclose()

    def _copy(self) -> Path:
        """Both files as of one moment: the loop stands still, and where a commit's thread writes
        meanwhile, its frames are in the log whole or cut off."""
        self.starts += 1
        after = self.folder / str(self.starts)
        after.mkdir()
        for name in ("wallet.db", "wallet.db-wal"):
            shutil.copy(self.data / name, after / name)
        return after

    async def _go_on(self, data: Path, now_ns: int) -> None:
        shutil.rmtree(self.data)
        self.data = data
        self.box = await self._start()
        self.box.world.set_clock(ClockSetting("frozen", now_ns))

    async def _start(self) -> Sandbox:
        server = sandbox(self.data, kinds=KINDS, profile=self.profile)
        return await self.server.enter_async_context(server)


class OnPostgres(Place):
    """The server's connection ends at once, as a killed process's does; another server comes."""

    def __init__(self, profile: str, postgres: Server) -> None:
        super().__init__(profile)
        self.postgres = postgres

    async def open(self) -> None:
        self.url = await asyncio.to_thread(self.postgres.make_database)
        self.box = await self._serve(store=self.url, **ALONE)

    async def crash(self, now_ns: int) -> None:
        self._cut()
        await self.stack.aclose()
        self.box = await self._serve(store=self.url, **ALONE)
        self.box.world.set_clock(ClockSetting("frozen", now_ns))

    async def crash_during(self, now_ns: int, call: Any, turns: int) -> None:
        under_way = asyncio.ensure_future(call(self.box))
        for _ in range(turns):
            await asyncio.sleep(0)
        self._cut()
        await under_way
        await self.crash(now_ns)

    async def close(self) -> None:
        await self.stack.aclose()
        await asyncio.to_thread(self.postgres.drop_database, self.url)

    def _cut(self) -> None:
        writer: Any = self.box.world.parties["wallet"].writer
        if writer._connection is not None:
            writer._connection.terminate()


_OF_ITS_OWN = ("/oauth/token", "/v1/events")
"""Tokens are good everywhere, but each server numbers its own; cursors of the feed are positions.
What the events are, the digests compare."""


class Everywhere(Sandbox):
    """Sends each call to every place. An answer that is not everybody's fails the test."""

    def __init__(self, places: Sequence[Place]) -> None:
        super().__init__(places[0].box.app, places[0].box.worlds)
        self.places = places
        self.same_news = True
        """False where only some may have heard the call before."""

    async def raw(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Got:
        """Send exactly these bytes to each, one after the other."""
        first = await self.places[0].box.raw(method, path, body, headers)
        if path.startswith(_OF_ITS_OWN):
            return first
        for place in self.places[1:]:
            got = await place.box.raw(method, path, body, headers)
            assert (got.status, got.body) == (first.status, first.body), type(place).__name__
            assert not self.same_news or got.replayed == first.replayed, type(place).__name__
        return first

    async def require_sound(self) -> None:
        """Each has sound books and a whole chain; their states are the same."""
        for place in self.places:
            await place.box.require_sound()
        if len(self.places) == 1:
            return
        digests = [await digest(place.box) for place in self.places]
        for table, first in digests[0].items():
            assert {found[table] for found in digests} == {first}, f"{table} differs"


async def digest(box: Sandbox) -> dict[str, str]:
    """What each table holds, whatever the positions are that a store has given its rows (D2)."""
    return await box.world.parties["wallet"].audit(_digests)


def _digests(books: Books) -> dict[str, str]:
    kinds = {kind: _rows(books, kind) for kind in ROWS if kind is not Task}
    names: dict[str, dict[int, Any]] = {
        "op": {row.n: place for place, row in enumerate(kinds[Op])},
        "move": {row.n: place for place, row in enumerate(kinds[Move])},
        "account": {row.n: row.identity for row in kinds[Account]},
    }
    found = {}
    for kind, rows in kinds.items():
        told = [_told(row, names) for row in rows]
        if kind.CHANGES:  # found by its name, wherever it stands
            told.sort(key=repr)
        found[kind.TABLE] = hashlib.sha256(repr(told).encode()).hexdigest()
    return found


_POSITIONS = {
    **dict.fromkeys(("op", "opened_op", "closed_op", "started_op", "issued_op", "ended_op"), "op"),
    **dict.fromkeys(("hold_move", "bonus_move", "cash_move", "refers_to"), "move"),
    **dict.fromkeys(("debit", "credit"), "account"),
}
"""The columns that hold another row's position, and which kind of row that is."""

_EVENT_ID = re.compile(rb'"event_id":"[^"]*",')
"""What the owner does has no key: its event is named by its position, which PostgreSQL draws."""


def _rows(books: Books, kind: type[Row]) -> list[Any]:
    columns = ", ".join(kind.__struct_fields__)
    found = books.rows(f"SELECT {columns} FROM {kind.TABLE} ORDER BY n")
    return [kind(**dict(zip(kind.__struct_fields__, row, strict=True))) for row in found]


def _told(row: Any, names: dict[str, dict[int, Any]]) -> list[Any]:
    told: list[Any] = []
    for column in row.__struct_fields__:
        value = getattr(row, column)
        if column == "n":
            continue
        if column in _POSITIONS and value is not None:
            value = names[_POSITIONS[column]][value]
        if column == "event" and value is not None and row.client == "owner":
            value = _EVENT_ID.sub(b"", value)
        told.append(value)
    return told
