"""Floor 8, its cellar: where a world's wallet is kept — in memory, in a folder, in a database.

A world learns from here which seed it goes by and when it last was; the rest is the store's.
"""

import importlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from simulator.base.clock import Clock
from simulator.base.errors import ConfigError, StoreBroken
from simulator.server.clients import BRANDS
from simulator.server.control import as_owner, owner
from simulator.settings import DEFAULT_SEED
from simulator.store import facts
from simulator.store.queries import SqliteQueries
from simulator.store.rows import Fact, Op
from simulator.store.sqlite import Database
from simulator.store.unit import Unit
from simulator.store.writer import Writer
from simulator.store.writes import Queries, Writes
from simulator.wallet.operations import ROWS

if TYPE_CHECKING:
    from simulator.store.pg_store import PgStore

_SCHEMAS = ("store/schema.sql", "ledger/schema.sql", "wallet/schema.sql")
_PACKAGE = Path(__file__).resolve().parent

Broken = Callable[[StoreBroken], None]


class Kept(Protocol):
    """The wallet's store, opened."""

    @property
    def writer(self) -> Writes:
        """What decides."""
        ...

    @property
    def queries(self) -> Queries:
        """What reads."""
        ...

    @property
    def durable(self) -> bool:
        """True where it survives the end of the process."""
        ...

    @property
    def last_ns(self) -> int:
        """When the newest operation in it was decided, 0 if there is none."""
        ...

    def fact(self, name: str) -> str | None:
        """A fact about the store, as it was when it was opened or later."""
        ...

    async def anew(self, seed: int, clock: Clock) -> "Kept":
        """An empty store in its place, to be played with this seed. It is closed by then."""
        ...


class KeptInSqlite:
    """A file of a data folder, or a memory."""

    def __init__(self, database: Database, clock: Clock, broken: Broken) -> None:
        self._database = database
        self._broken = broken
        self._made_with = int(database.fact("made_with") or DEFAULT_SEED)
        self.durable = database.path is not None
        self.writer = Writer(Unit(database, ROWS, clock), broken)
        self.queries = SqliteQueries(database)

    @property
    def last_ns(self) -> int:
        """When the newest operation in it was decided."""
        database = self._database
        last = database.fetch_at(database.writer, Op, database.last(Op))
        return 0 if last is None else last.at_ns

    def fact(self, name: str) -> str | None:
        """A fact about the store."""
        return self._database.fact(name)

    async def anew(self, seed: int, clock: Clock) -> "KeptInSqlite":
        """An empty store in its place. A crash meanwhile leaves the old one or the new."""
        path = self._database.path
        if path is None:  # there is no folder whose seed it would have to keep
            database = _new_database(None, seed, seed, clock)
            return KeptInSqlite(database, clock, self._broken)
        beside = path.with_name(f"{path.name}.new")
        for suffix in ("", "-wal", "-shm"):
            beside.with_name(beside.name + suffix).unlink(missing_ok=True)
        made = _new_database(beside, self._made_with, seed, clock)
        made.close()  # folds its log back into the one file
        beside.replace(path)
        return KeptInSqlite(Database(path, read_schemas(), ROWS), clock, self._broken)


class KeptInPostgres:
    """A database that several server processes may share."""

    durable = True

    def __init__(self, store: "PgStore") -> None:
        self._store = store
        self.writer = store.writer
        self.queries = store.queries

    @property
    def last_ns(self) -> int:
        """When the newest operation in it was decided, as of its opening."""
        return self._store.last_ns

    def fact(self, name: str) -> str | None:
        """A fact about the store, as of its opening."""
        return self._store.fact(name)

    async def anew(self, seed: int, clock: Clock) -> "KeptInPostgres":
        """The same database, emptied. Other processes go on in it, with the seed they had."""
        made_with = int(self.fact("made_with") or seed)
        store = await self._store.anew(clock)
        await store.writer.submit(partial(_sow, made_with=made_with, seed=seed))
        await store.look()
        return KeptInPostgres(store)


def keep_in_sqlite(
    folder: Path | None, wanted: int | None, clock: Clock, broken: Broken
) -> KeptInSqlite:
    """Open a data folder, or a new memory. Raises ConfigError for a folder of another seed."""
    path = None if folder is None else folder / "wallet.db"
    if path is None or not path.exists():
        seed = DEFAULT_SEED if wanted is None else wanted
        return KeptInSqlite(_new_database(path, seed, seed, clock), clock, broken)
    database = Database(path, read_schemas(), ROWS)
    kept = database.fact("made_with")
    if kept is None:
        _sow_alone(database, clock, DEFAULT_SEED if wanted is None else wanted)
    elif wanted not in (None, int(kept)):
        database.close()
        raise ConfigError(
            f"--seed {wanted}: the world in {folder} was made with seed {kept}; "
            "leave --seed out, or name another --data folder"
        )
    return KeptInSqlite(database, clock, broken)


async def keep_in_postgres(url: str, wanted: int | None, clock: Clock) -> KeptInPostgres:
    """Open a database, or make its tables. Raises ConfigError for one that cannot be opened, or
    whose seed is another."""
    try:  # the one driver that is an extra: nobody else has to have it, or wait for its import
        opened = importlib.import_module("simulator.store.pg_store")
    except ModuleNotFoundError as missing:
        raise ConfigError(
            f"--store postgresql://… needs {missing.name}: pip install 'playmoney[postgres]'"
        ) from None
    store: PgStore = await opened.PgStore.open(url, read_schemas(), ROWS, clock)
    if store.fact("made_with") is None:
        seed = DEFAULT_SEED if wanted is None else wanted
        await store.writer.submit(partial(_sow, made_with=seed, seed=seed))
        await store.look()
    kept = store.fact("made_with")
    if wanted is not None and wanted != int(kept or wanted):
        await store.queries.close()
        await store.writer.close()
        raise ConfigError(
            f"--seed {wanted}: the world in that database was made with seed {kept}; "
            "leave --seed out, or name another database"
        )
    return KeptInPostgres(store)


def read_schemas() -> list[str]:
    """The tables of the wallet's store."""
    return [_PACKAGE.joinpath(name).read_text() for name in _SCHEMAS]


def note(unit: Unit, ask: facts.SetFacts) -> None:
    """Write facts down, as an operation of the owner."""
    caller = owner(next(iter(BRANDS.values())), "tr_world")
    as_owner(unit, caller=caller, decide=facts.set_facts, message=ask)


def _sow(unit: Unit, made_with: int, seed: int) -> None:
    """The first operation of a new store: the seed that names it, and the one it plays. Of several
    processes that meet in a new database, one does it."""
    if unit.get(Fact, ("made_with",)) is None:
        seeds = {"made_with": str(made_with), "first_seed": str(seed), "seed": str(seed)}
        note(unit, facts.MakeWorld(facts=seeds))


def _new_database(path: Path | None, made_with: int, seed: int, clock: Clock) -> Database:
    database = Database(path, read_schemas(), ROWS)
    _sow_alone(database, clock, seed, made_with)
    return database


def _sow_alone(database: Database, clock: Clock, seed: int, made_with: int | None = None) -> None:
    unit = Unit(database, ROWS, clock)
    database.begin()
    _sow(unit, seed if made_with is None else made_with, seed)
    unit.spill()
    database.commit()
