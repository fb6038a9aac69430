"""The books of a data folder or of a database, for commands that look at them beside a server."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from simulator.base.errors import ConfigError
from simulator.kept import read_schemas
from simulator.parties import PARTIES, WALLET
from simulator.server.kind import PartyKind
from simulator.settings import Settings
from simulator.store.pg_schema import SCHEMA, namespace_of
from simulator.store.reading import Books, reading

T = TypeVar("T")

_MADE = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)"

DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="The data folder; a server may be writing it.  [default: .]",
)
STORE = click.option(
    "--store",
    metavar="URL",
    help="A PostgreSQL database instead, postgresql://…; servers may be writing it.",
)


class Place(Protocol):
    """Where a world is kept."""

    @property
    def kinds(self) -> Sequence[PartyKind]:
        """The parties that it keeps, the leading one first."""
        ...

    async def ask(self, party: str, look: Callable[[Books], T], /) -> T:
        """Run what reads whole tables of a party, all of one moment."""
        ...

    async def damage(self, party: str, /) -> str | None:
        """What is wrong with where a party's rows are kept, whatever the rows say."""
        ...


def look_at(
    data: Path | None, store: str | None, look: Callable[[Books], T], party: str = WALLET.name
) -> T:
    """Run what reads whole tables of one party, all of one moment.

    Raises ConfigError for a place that is not there, not ours, or of another version.
    """

    async def work() -> T:
        async with opened(data, store) as place:
            return await place.ask(party, look)

    return asyncio.run(work())


@asynccontextmanager
async def opened(data: Path | None, store: str | None) -> AsyncIterator[Place]:
    """A place, as long as it is looked at. Raises ConfigError as `look_at` does."""
    Settings(data=data, store=store)  # refuses both at once, and what is no database's address
    if store is None:
        yield _Folder(data or Path())
        return
    async with AsyncExitStack() as stack:
        place = _Database(store, stack)
        await place.find()
        yield place


class _Folder:
    """The files of a data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        others = [kind for kind in PARTIES if kind is not WALLET]
        self.kinds = [WALLET, *(kind for kind in others if (folder / _file(kind.name)).is_file())]

    async def ask(self, party: str, look: Callable[[Books], T], /) -> T:
        """Ask a file, on a connection that cannot write."""
        with reading(self._folder / _file(party)) as books:
            return look(books)

    async def damage(self, party: str, /) -> str | None:
        """Pages and indexes of its file."""
        path = self._folder / _file(party)
        with reading(path) as books:
            damage = books.damage()
        return None if damage is None else f"{path}: {damage}"


class _Database:
    """The schemas of a PostgreSQL database. What no server has sealed yet is sealed first, as any
    would; nothing else is written."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        try:
            self._postgres, self._sealers, self._readers = (
                importlib.import_module(f"simulator.store.{name}")
                for name in ("postgres", "pg_sealer", "pg_queries")
            )
        except ModuleNotFoundError as missing:
            raise ConfigError(
                f"--store postgresql://… needs {missing.name}: pip install 'playmoney[postgres]'"
            ) from None
        self._url = url
        self._stack = stack
        self._queries: dict[str, Any] = {}
        self.kinds: list[PartyKind] = []

    async def find(self) -> None:
        """Which parties are there: to open one makes its tables, and a command that only looks
        makes none. Raises ConfigError."""
        database = self._of(WALLET)
        try:
            connection = await database.connect(self._postgres.BY_NAME)
        except (*self._postgres.ERRORS, ValueError) as wrong:
            raise ConfigError(f"--store {database.name}: cannot connect: {wrong}") from None
        try:
            for kind in PARTIES:
                if await connection.fetchval(_MADE, self._of(kind).namespace):
                    self.kinds.append(kind)
        finally:
            await self._postgres.close(connection)
        if WALLET not in self.kinds:
            raise ConfigError(
                f"--store {database.name}: there is no world in it; "
                "name a database that `playmoney serve --store` made"
            )

    async def ask(self, party: str, look: Callable[[Books], T], /) -> T:
        """Ask a schema, in a transaction that only reads."""
        if party not in self._queries:
            self._queries[party] = await self._open(party)
        found: T = await self._queries[party].audit(look)
        return found

    async def damage(self, _party: str, /) -> str | None:
        """Nothing: that is for the database's own server to look after."""
        return None

    async def _open(self, party: str) -> Any:
        kind = next((kind for kind in self.kinds if kind.name == party), None)
        if kind is None:
            raise ConfigError(f"--store {self._of(WALLET).name}: there is no {party} in it")
        database = self._of(kind)
        await database.open()
        sealer = self._sealers.Sealer(database)
        self._stack.push_async_callback(sealer.close)
        queries = self._readers.PgQueries(database, sealer)
        self._stack.push_async_callback(queries.close)
        return queries

    def _of(self, kind: PartyKind) -> Any:
        namespace = SCHEMA if kind is WALLET else namespace_of(kind.name)
        return self._postgres.Postgres(self._url, read_schemas(kind), kind.rows, namespace)


def _file(party: str) -> str:
    return f"{party}.db"
