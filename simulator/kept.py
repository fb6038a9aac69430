"""Floor 8, its cellar: where one party's store is kept — in memory, in a folder, in a database."""

import importlib
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import apsw

from simulator.base.clock import Clock
from simulator.base.errors import ConfigError, InvalidState, StoreBroken
from simulator.server.clients import BRANDS
from simulator.server.kind import PartyKind
from simulator.server.owner import as_owner, owner
from simulator.settings import DEFAULT_SEED
from simulator.store import facts, pg_schema
from simulator.store.queries import SqliteQueries
from simulator.store.rows import Fact, Op
from simulator.store.sqlite import Database, copy_pages
from simulator.store.unit import Unit
from simulator.store.writer import Writer
from simulator.store.writes import Queries, Writes

if TYPE_CHECKING:
    from simulator.store.pg_store import PgStore

_PACKAGE = Path(__file__).resolve().parent

Broken = Callable[[StoreBroken], None]


class Origin(NamedTuple):
    """What a store is sown with: the seed that names it, the one it plays, and how many resets
    there were before it."""

    made_with: int
    seed: int
    generation: int = 0


class Kept(Protocol):
    """A party's store, opened."""

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
    def shared(self) -> bool:
        """True where other processes may write to it too."""
        ...

    @property
    def last_ns(self) -> int:
        """When the newest operation in it was decided, 0 if there is none."""
        ...

    def fact(self, name: str) -> str | None:
        """A fact about the store, as it was when it was opened or later."""
        ...

    async def anew(self, origin: Origin, clock: Clock) -> "Kept":
        """An empty store in its place, sown with this. It is closed by then."""
        ...

    @property
    def size(self) -> int:
        """How many bytes a copy of it takes."""
        ...

    def copy(self) -> Database:
        """Its committed rows of this moment, in a memory. Raises InvalidState for one that cannot
        be copied."""
        ...


class KeptInSqlite:
    """A file of a data folder, or a memory."""

    shared = False

    def __init__(self, kind: PartyKind, unit: Unit, broken: Broken) -> None:
        self._kind = kind
        self._database = unit.database
        self._broken = broken
        self.durable = unit.database.path is not None
        self.writer = Writer(unit, broken)
        self.queries = SqliteQueries(unit.database)

    @property
    def last_ns(self) -> int:
        """When the newest operation in it was decided."""
        last = self._database.newest(Op)
        return 0 if last is None else last.at_ns

    def fact(self, name: str) -> str | None:
        """A fact about the store."""
        return self._database.fact(name)

    @property
    def size(self) -> int:
        """How many bytes a copy of it takes."""
        connection = self._database.reader
        return int(connection.pragma("page_count")) * int(connection.pragma("page_size"))

    def copy(self) -> Database:
        """Its committed rows of this moment, in a memory."""
        return copy_of(self._database, self._kind)

    async def anew(self, origin: Origin, clock: Clock) -> "KeptInSqlite":
        """An empty store in its place. A crash meanwhile leaves the old one or the new."""
        return sow_in_sqlite(self._kind, self._database.path, origin, clock, self._broken)


class KeptInPostgres:
    """A party's part of a database that several server processes may share."""

    durable = True
    shared = True

    def __init__(self, store: "PgStore", led: Sequence["PgStore"] | None = None) -> None:
        self.store = store
        self._led = led
        self.writer = store.writer
        self.queries = store.queries

    @property
    def last_ns(self) -> int:
        """When the newest operation in it was decided, as of its opening."""
        return self.store.last_ns

    def fact(self, name: str) -> str | None:
        """A fact about the store, as of its opening."""
        return self.store.fact(name)

    async def close(self) -> None:
        """Let it go, where no party has it yet."""
        await self.queries.close()
        await self.writer.close()

    size = 0

    def copy(self) -> Database:
        """Raises InvalidState: what other servers write to is nobody's to hold fast."""
        raise InvalidState(
            "a world that is kept in PostgreSQL has no snapshots; make a sandbox, or use --data",
            details={"reason": "kept_in_a_database"},
        )

    def lead(self, others: Sequence["KeptInPostgres"]) -> None:
        """These are emptied together with this one, from now on."""
        self._led = [other.store for other in others]

    async def anew(self, origin: Origin, clock: Clock) -> "KeptInPostgres":
        """The same tables, emptied; where it leads, those of all. Other processes go on in them,
        with the seed they had."""
        if self._led is not None:
            await self.store.database.remake([led.database for led in self._led])
        store = await self.store.again(clock)
        await store.writer.submit(partial(_sow, origin=origin))
        await store.look()
        return KeptInPostgres(store, self._led)


def keep_in_sqlite(
    kind: PartyKind, folder: Path | None, wanted: int | None, clock: Clock, broken: Broken
) -> KeptInSqlite:
    """Open a party's file in a data folder, or a new memory. Raises ConfigError for a folder of
    another seed."""
    path = None if folder is None else folder / f"{kind.name}.db"
    seed = DEFAULT_SEED if wanted is None else wanted
    if path is None or not path.exists():
        return sow_in_sqlite(kind, path, Origin(seed, seed), clock, broken)
    database = Database(path, read_schemas(kind), kind.rows)
    unit = Unit(database, kind.rows, clock)
    kept = database.fact("made_with")
    if kept is None:  # made, and then the power failed before it was sown
        _sow_alone(unit, Origin(seed, seed))
    elif wanted not in (None, int(kept)):
        database.close()
        raise ConfigError(
            f"--seed {wanted}: the world in {folder} was made with seed {kept}; "
            "leave --seed out, or name another --data folder"
        )
    return KeptInSqlite(kind, unit, broken)


def follow_in_sqlite(
    kind: PartyKind, folder: Path | None, origin: Origin, clock: Clock, broken: Broken
) -> KeptInSqlite:
    """A party's file in the folder of a world that another store is the origin of; one that a
    crash has kept from that world's last reset is emptied."""
    path = None if folder is None else folder / f"{kind.name}.db"
    if path is not None and path.exists():
        database = Database(path, read_schemas(kind), kind.rows)
        if database.fact("generation") == str(origin.generation):
            return KeptInSqlite(kind, Unit(database, kind.rows, clock), broken)
        database.close()
    return sow_in_sqlite(kind, path, origin, clock, broken)


def sow_in_sqlite(
    kind: PartyKind, path: Path | None, origin: Origin, clock: Clock, broken: Broken
) -> KeptInSqlite:
    """A new store with nothing in it but its origin, in the place of the file that may be there."""
    if path is None or not path.exists():
        return KeptInSqlite(kind, _new_store(kind, path, origin, clock), broken)
    beside = path.with_name(f"{path.name}.new")
    for suffix in ("", "-wal", "-shm"):
        beside.with_name(beside.name + suffix).unlink(missing_ok=True)
    made = _new_store(kind, beside, origin, clock)
    made.database.close()  # folds its log back into the one file
    beside.replace(path)
    database = Database(path, read_schemas(kind), kind.rows)
    return KeptInSqlite(kind, Unit(database, kind.rows, clock), broken)


async def keep_in_postgres(
    kind: PartyKind, url: str, wanted: int | None, clock: Clock
) -> KeptInPostgres:
    """Open the leading party's tables, or make them. Raises ConfigError for a database that cannot
    be opened, or whose seed is another."""
    store = await _open_in_postgres(kind, url, clock)
    if store.fact("made_with") is None:
        seed = DEFAULT_SEED if wanted is None else wanted
        await store.writer.submit(partial(_sow, origin=Origin(seed, seed)))
        await store.look()
    kept = KeptInPostgres(store, ())
    made_with = store.fact("made_with")
    if wanted is not None and wanted != int(made_with or wanted):
        await kept.close()
        raise ConfigError(
            f"--seed {wanted}: the world in that database was made with seed {made_with}; "
            "leave --seed out, or name another database"
        )
    return kept


async def follow_in_postgres(
    kind: PartyKind, url: str, origin: Origin, clock: Clock
) -> KeptInPostgres:
    """Open another party's tables beside those of a world, or make them. Raises ConfigError for
    tables that are of another world than this."""
    namespace = pg_schema.namespace_of(kind.name)
    store = await _open_in_postgres(kind, url, clock, namespace)
    if store.fact("made_with") is None:
        await store.writer.submit(partial(_sow, origin=origin))
        await store.look()
    kept, generation = KeptInPostgres(store), store.fact("generation")
    if generation != str(origin.generation):
        await kept.close()
        raise ConfigError(
            f"--store {store.database.name}: its schema {namespace} is of reset {generation}, the "
            f"world of reset {origin.generation}; start again, and if it stays so drop that schema"
        )
    return kept


async def _open_in_postgres(
    kind: PartyKind, url: str, clock: Clock, namespace: str = pg_schema.SCHEMA
) -> "PgStore":
    try:  # the one driver that is an extra: nobody else has to have it, or wait for its import
        opened = importlib.import_module("simulator.store.pg_store")
    except ModuleNotFoundError as missing:
        raise ConfigError(
            f"--store postgresql://… needs {missing.name}: pip install 'playmoney[postgres]'"
        ) from None
    store: PgStore = await opened.PgStore.open(url, read_schemas(kind), kind.rows, clock, namespace)
    return store


def read_schemas(kind: PartyKind) -> list[str]:
    """The tables of a party's store."""
    return [_PACKAGE.joinpath(name).read_text() for name in kind.schemas]


def note(unit: Unit, ask: facts.SetFacts) -> None:
    """Write facts down, as an operation of the owner."""
    caller = owner(next(iter(BRANDS.values())), "tr_world")
    as_owner(unit, caller=caller, decide=facts.set_facts, message=ask)


def _sow(unit: Unit, origin: Origin) -> None:
    """The first operation of a new store. Of several processes that meet in a new database, one
    does it; of several resets, the last one counts."""
    known = unit.get(Fact, ("generation",))
    if known is None or int(known.value) < origin.generation:
        sown = {
            "made_with": str(origin.made_with),
            "first_seed": str(origin.seed),
            "seed": str(origin.seed),
            "generation": str(origin.generation),
        }
        note(unit, facts.MakeWorld(facts=sown))


def _new_store(kind: PartyKind, path: Path | None, origin: Origin, clock: Clock) -> Unit:
    database = _blank(kind) if path is None else Database(path, read_schemas(kind), kind.rows)
    unit = Unit(database, kind.rows, clock)
    _sow_alone(unit, origin)
    return unit


def copy_of(source: Database, kind: PartyKind) -> Database:
    """The committed rows of a store, in a memory."""
    database = Database(None, (), kind.rows)
    copy_pages(source.reader, database.writer)
    return database


def keep_copy(kind: PartyKind, database: Database, clock: Clock, broken: Broken) -> KeptInSqlite:
    """A copy, taken up as a store of its own."""
    return KeptInSqlite(kind, Unit(database, kind.rows, clock), broken)


def _blank(kind: PartyKind) -> Database:
    """A memory with the party's tables, copied page by page: SQLite reads no SQL for it, which is
    most of what a new sandbox would cost (measured 2.6 ms for the wallet's tables, 0.1 ms so)."""
    database = Database(None, (), kind.rows)
    with closing(apsw.Connection(":memory:")) as source:
        source.deserialize("main", _image(kind))
        copy_pages(source, database.writer)
    return database


@cache
def _image(kind: PartyKind) -> bytes:
    """An empty store of this kind, as the bytes of its file."""
    with closing(Database(None, read_schemas(kind), kind.rows)) as made:
        return made.writer.serialize("main")


def _sow_alone(unit: Unit, origin: Origin) -> None:
    unit.database.begin()
    _sow(unit, origin)
    unit.spill()
    unit.database.commit()
