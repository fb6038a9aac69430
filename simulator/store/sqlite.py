"""One SQLite database: a writer connection, a reader connection, a checkpoint connection.

`apsw` carries its own current SQLite; the version and every PRAGMA are read back, because a
durability setting that silently did not take is worse than none.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

import apsw
import msgspec
from msgspec.structs import astuple

from simulator.base.errors import ConfigError, StoreBroken, StoreError
from simulator.store import statements
from simulator.store.migrate import SCHEMA_VERSION, migrate, require_columns
from simulator.store.rows import Key, Row, Value
from simulator.store.tx import Query

R = TypeVar("R", bound=Row)

OLDEST_SQLITE = 3_051_003
"""3.51.3 mended the WAL-reset bug that could corrupt a database with two connections."""

APPLICATION_ID = 0x504C4D59
"""'PLMY' in the file's header, so that another program's database is never taken for ours."""

_FILE_PRAGMAS: dict[str, str | int] = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: the commit's fsync comes before its answer
    "wal_autocheckpoint": 0,  # checkpoints run on their own connection, away from the commit
    "foreign_keys": 1,
    "cache_size": -65_536,  # KiB, so 64 MiB of pages
    "temp_store": 2,
}
_MEMORY_PRAGMAS: dict[str, str | int] = {
    "journal_mode": "memory",
    "foreign_keys": 1,
    "temp_store": 2,
}


class Database:
    """The connections of one party's store. `path` None means memory: one connection for all.

    `kinds` are the party's rows: what a file of an older version has is sealed by them.

    Errors: ConfigError for a file that is not ours or too new, StoreError for one that cannot be
    opened, StoreBroken for a commit whose outcome is unknown.
    """

    def __init__(
        self, path: Path | None, schemas: Sequence[str], kinds: Sequence[type[Row]] = ()
    ) -> None:
        if apsw.SQLITE_VERSION_NUMBER < OLDEST_SQLITE:
            raise ConfigError(
                f"SQLite {apsw.sqlite_lib_version()} has a known WAL bug; install apsw >= 3.51.3"
            )
        self.path = path
        self._schemas = schemas
        self._kinds = kinds
        self._open()

    def _open(self) -> None:
        self._written = False
        if self.path is None:
            self._writer = self.reader = self.pager = connect(":memory:", _MEMORY_PRAGMAS)
            self._create()
            return
        name = str(self.path)
        self._open_writer(name)
        readonly = apsw.SQLITE_OPEN_READONLY
        self.reader = connect(name, {"query_only": 1}, readonly)
        self.pager = connect(name, {"query_only": 1}, readonly)

    def _open_writer(self, name: str) -> None:
        self._written = False
        self._writer = connect(name, _FILE_PRAGMAS)
        self._create()
        self.wal_pages = 0
        self._writer.set_wal_hook(self._count_pages)

    @property
    def writer(self) -> apsw.Connection:
        """The one connection that writes."""
        return self._writer

    def _count_pages(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self.wal_pages = pages
        return apsw.SQLITE_OK

    def _create(self) -> None:
        """Make the tables of a new database, bring an older one up to date, or refuse one that we
        did not make."""
        if not self.writer.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall():
            with self.writer:
                for schema in self._schemas:
                    self.writer.execute(schema)
                self.writer.pragma("application_id", APPLICATION_ID)
                self.writer.pragma("user_version", SCHEMA_VERSION)
            return
        require_ours(self.writer, str(self.path))
        migrate(self.writer, str(self.path), self._schemas, self._kinds)
        require_columns(str(self.path), self._kinds, _columns(self.writer))

    # Reading, on the writer's own connection inside a transaction, else on the reader's ---------

    def fetch(self, connection: apsw.Connection, kind: type[R], key: Key) -> R | None:
        """The row of this name."""
        values = connection.execute(
            statements.select_by_key(kind), (statements.key_bytes(key),)
        ).get
        return None if values is None else msgspec.convert(values, kind)

    def fetch_all(
        self, connection: apsw.Connection, kind: type[R], keys: Iterable[Key]
    ) -> Iterator[R]:
        """Those rows of these names that exist, by one statement; for a single name the one that
        looks for no more takes two thirds of the time."""
        names = tuple(map(statements.key_bytes, keys))
        if len(names) == 1:
            found = connection.execute(statements.select_by_key(kind), names)
        else:
            found = connection.execute(_select_by_keys(kind), (apsw.carray(names),))
        for values in found:
            yield msgspec.convert(values, kind)

    def fetch_at(self, connection: apsw.Connection, kind: type[R], position: int) -> R | None:
        """The row at this position."""
        for values in connection.execute(statements.select_by_position(kind), (position,)):
            return msgspec.convert(values, kind)
        return None

    def fetch_page(
        self, connection: apsw.Connection, query: Query, after: int | None, limit: int
    ) -> list[Row]:
        """One page of a query."""
        text, values = statements.page(query, after, limit)
        return [msgspec.convert(row, query.kind) for row in connection.execute(text, values)]

    def last(self, kind: type[Row]) -> int:
        """The highest position in use."""
        return int(self._writer.execute(statements.last_position(kind)).get)

    def positions(self, kinds: Sequence[type[Row]]) -> dict[type[Row], int]:
        """The same of several kinds."""
        row: Any = self._writer.execute(statements.last_positions(tuple(kinds))).fetchone()
        return dict(zip(kinds, row, strict=True))

    def newest(self, kind: type[R]) -> R | None:
        """The row at the highest position."""
        return self.fetch_at(self._writer, kind, self.last(kind))

    # Writing --------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Open a transaction. Reads inside it are cheap: outside, each one would take and drop the
        file's lock by itself (measured 9 µs against 3)."""
        if not self.writer.in_transaction:
            self.writer.execute("BEGIN IMMEDIATE")

    @property
    def dirty(self) -> bool:
        """True while the open transaction has something to commit."""
        return self._written

    def write(self, inserts: Iterable[Row], updates: Iterable[Row]) -> None:
        """Send rows into the open transaction. Raises StoreError where there is no room."""
        self.begin()
        self._written = True
        try:
            for kind, rows in _by_kind(inserts).items():
                self.writer.executemany(statements.insert(kind), _values(kind, rows))
            for kind, rows in _by_kind(updates).items():
                self.writer.executemany(statements.update(kind), map(_updated(kind), rows))
        except apsw.FullError as wrong:
            raise StoreError(f"nothing was written: {wrong}") from wrong
        if self.writer.status(apsw.SQLITE_DBSTATUS_DEFERRED_FKS)[0]:
            # The commit would find it too, when nobody can tell any more whose row it was.
            raise apsw.ConstraintError("a row refers to one that does not exist")

    def commit(self) -> None:
        """Make the open transaction durable.

        Raises StoreError when it surely did not happen (no room, locked) and StoreBroken when only
        recovery can tell.
        """
        self._written = False
        try:
            self.writer.execute("COMMIT")
        except (apsw.FullError, apsw.BusyError) as wrong:
            self.rollback()
            raise StoreError(f"nothing was committed: {wrong}") from wrong
        except apsw.Error as wrong:
            raise StoreBroken(f"the commit failed, its outcome is unknown: {wrong}") from wrong

    def rollback(self) -> None:
        """Forget the open transaction, if there is one."""
        self._written = False
        if self.writer.in_transaction:
            with contextlib.suppress(apsw.Error):  # SQLite has rolled back by itself
                self.writer.execute("ROLLBACK")

    def reopen(self) -> None:
        """Give the writer a new connection: what a failed write may have left behind in memory is
        gone, and readers do not notice. A store in memory would be gone too: it is rolled back."""
        self.rollback()
        if self.path is not None:
            self.writer.close()
            self._open_writer(str(self.path))

    # Facts, audits, end ---------------------------------------------------------------------------

    def fact(self, name: str) -> str | None:
        """A fact about this store, such as its seed."""
        found = self._writer.execute("SELECT value FROM fact WHERE name = $1", (name,)).fetchall()
        return str(found[0][0]) if found else None

    def rows(self, text: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """Run one reading statement of an auditor (reconciliation) and answer all its rows."""
        return self.pager.execute(text, values).fetchall()

    @contextlib.contextmanager
    def standstill(self) -> Iterator["Database"]:
        """Everything that `rows` answers inside the block is of one moment."""
        if self.path is None or self.pager.in_transaction:  # nothing changes meanwhile
            yield self
            return
        self.pager.execute("BEGIN")
        try:
            yield self
        finally:
            self.pager.execute("ROLLBACK")

    def close(self) -> None:
        """Close every connection; the last one of a file folds the WAL back into it."""
        for connection in dict.fromkeys((self.pager, self.reader, self._writer)):
            connection.close()


class CopyOnWrite(Database):
    """A store in memory that begins as another one is, which nobody writes to any more: it is read
    there until the first row is written here. Of a world whose parties all begin so, those that are
    never asked cost next to nothing."""

    def __init__(self, source: Database, kinds: Sequence[type[Row]]) -> None:
        self.path = None
        self._schemas, self._kinds = (), kinds
        self._written = False
        self._source: Database | None = source
        self._writer = self.reader = self.pager = source.reader

    @property
    def writer(self) -> apsw.Connection:
        """The connection of a copy of its own, made when it is first asked for."""
        if self._source is not None:
            copy = connect(":memory:", _MEMORY_PRAGMAS)
            copy_pages(self._source.reader, copy)
            self._source = None
            self._writer = self.reader = self.pager = copy
        return self._writer

    def close(self) -> None:
        """Let go of the other one, or close what is its own."""
        if self._source is None:
            super().close()
        self._source = None


def copy_pages(source: apsw.Connection, target: apsw.Connection) -> None:
    """Make one database what another is, page by page (measured 1 ms for 3 MB)."""
    with target.backup("main", source, "main") as copying:
        copying.step()


def require_ours(connection: apsw.Connection, name: str) -> None:
    """Raises ConfigError for the database of another program, an empty one, and what is none."""
    try:
        marked = connection.pragma("application_id")
        empty = not connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
    except apsw.NotADBError:
        raise ConfigError(f"{name} is not a database") from None
    if empty:
        raise ConfigError(
            f"{name} is empty; if it is a copy, {name}-wal was part of it: `playmoney backup` "
            "takes all of a world"
        )
    if marked != APPLICATION_ID:
        raise ConfigError(f"{name} is a database of another program")


def connect(
    name: str,
    pragmas: dict[str, str | int],
    flags: int = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE,
) -> apsw.Connection:
    """A connection whose PRAGMAs are read back. Raises ConfigError or StoreError."""
    try:
        connection = apsw.Connection(name, flags=flags, statementcachesize=128)
        connection.set_busy_timeout(5_000)
        for pragma, wanted in pragmas.items():
            connection.pragma(pragma, wanted)
            found = connection.pragma(pragma)
            if found != wanted:
                raise StoreError(f"{name}: PRAGMA {pragma} is {found!r}, wanted {wanted!r}")
    except apsw.NotADBError:
        raise ConfigError(f"{name} is not a database") from None
    except apsw.Error as wrong:
        raise StoreError(f"{name} cannot be opened: {wrong}") from wrong
    return connection


def _columns(connection: apsw.Connection) -> dict[str, list[str]]:
    """Table → its columns, as the file has them."""
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "SELECT t.name, c.name FROM pragma_table_list AS t, pragma_table_info(t.name) AS c "
        "WHERE t.schema = 'main' AND t.type = 'table'"
    ):
        found.setdefault(table, []).append(column)
    return found


@cache
def _select_by_keys(kind: type[Row]) -> str:
    """Parameter: an array of keys, which is SQLite's own (PostgreSQL has `ANY`)."""
    columns = ", ".join(f"row.{column}" for column in statements.columns(kind))
    return f"SELECT {columns} FROM carray($1) AS key JOIN {kind.TABLE} AS row ON row.k = key.value"


def _by_kind(rows: Iterable[Row]) -> dict[type[Row], list[Row]]:
    grouped: dict[type[Row], list[Row]] = {}
    for row in rows:
        grouped.setdefault(type(row), []).append(row)
    return grouped


def _values(kind: type[Row], rows: Iterable[Row]) -> list[tuple[Value, ...]]:
    if not kind.NAMED_BY:
        return [astuple(row) for row in rows]
    keys = map(kind.identify, rows)
    return [
        (None if None in key else statements.key_bytes(key), *astuple(row))
        for key, row in zip(keys, rows, strict=True)
    ]


@cache
def _updated(kind: type[Row]) -> Callable[[Row], tuple[Value, ...]]:
    """Reads the parameters of `statements.update` off a row."""
    return attrgetter(*kind.CHANGES, "n")
