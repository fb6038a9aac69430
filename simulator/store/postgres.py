"""A PostgreSQL database as a party's store: its connections, its tables, what its errors mean.

The parties of a world share one database, each in a schema of its own, and several server processes
may share it too. Whatever a durability setting says is read back, as
with SQLite: one that silently did not take is worse than none.
"""

import asyncio
import contextlib
import enum
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from zlib import crc32

import asyncpg

from simulator.base.errors import ConfigError, StoreError
from simulator.settings import masked
from simulator.store import statements
from simulator.store.migrate import SCHEMA_VERSION, require_columns
from simulator.store.pg_schema import SCHEMA, whole
from simulator.store.pg_statements import Types
from simulator.store.rows import Op, Row

Connection = Any
"""An `asyncpg.Connection`."""

OLDEST_SERVER = 15
"""The oldest major version that the tests have run on."""

CONNECT_WITHIN_S = 10
CLOSE_WITHIN_S = 2
ANSWER_WITHIN_S = 60
"""A statement that takes longer has met a network or a server that is gone."""

_MARK = "playmoney, schema version "
_LOCK = int.from_bytes(b"playmone", "big")
"""The advisory lock of those who make, or remake, tables, whichever party's."""

_SEALS = int.from_bytes(b"pm-seals", "big")

_ALWAYS = {
    "application_name": "playmoney",
    "client_encoding": "UTF8",
    "synchronous_commit": "on",  # the commit's flush comes before its answer
    "default_transaction_isolation": "read committed",
    "jit": "off",
}
BY_NAME = {
    **_ALWAYS,
    # Statements by key and position are planned once. A table is empty when the first of them is
    # planned, and a plan made for an empty table would scan the full one.
    "enable_seqscan": "off",
    "plan_cache_mode": "force_generic_plan",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "30s",  # a process that hangs gives its locks back
}
BY_PAGE = {**_ALWAYS, "plan_cache_mode": "force_custom_plan"}


class Trouble(enum.Enum):
    """What an error of the database means for those who wait."""

    CONTENTION = "another transaction was in the way: decide again"
    LOST = "the connection is gone, and with it what was not committed"
    REFUSED = "a law of the schema, or a value that a column cannot take"
    UNABLE = "no room, no rights: nothing was done, and trying at once again does not help"


def trouble_of(wrong: BaseException) -> Trouble:
    """What an error means, for one that came before the COMMIT or as its answer."""
    if isinstance(wrong, _OF_THE_LINE):
        return Trouble.LOST
    state = getattr(wrong, "sqlstate", None) or "?"
    if state[:2] in ("08", "57") or state == "25P03":
        return Trouble.LOST
    if state == "23505" or state[:2] in ("40", "55") or isinstance(wrong, _REMADE):
        return Trouble.CONTENTION
    if state[:2] in ("22", "23"):
        return Trouble.REFUSED
    return Trouble.UNABLE


_REMADE = (asyncpg.InvalidCachedStatementError, asyncpg.UndefinedTableError)
"""The tables are others than a moment ago: the sandbox was reset by another process."""

# The driver's internal error is what it makes of a connection that ends at an awkward moment.
_OF_THE_LINE = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)

ERRORS = (asyncpg.PostgresError, *_OF_THE_LINE)
"""All that a statement may raise."""


async def close(connection: Connection) -> None:
    """Say goodbye, if there still is somebody to say it to."""
    try:
        with contextlib.suppress(*ERRORS):
            await connection.close(timeout=CLOSE_WITHIN_S)
    finally:
        if not connection.is_closed():  # busy with something that nobody waits for any more
            connection.terminate()


class Pool:
    """At most so many connections, made when they are needed and kept; one more caller waits."""

    def __init__(self, size: int, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._connect = connect
        self._room = asyncio.Semaphore(size)
        self._idle: list[Connection] = []
        self._closed = False

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for the length of a block. One on which something failed is not kept."""
        async with self._room:
            connection = self._idle.pop() if self._idle else await self._connect()
            try:
                yield connection
            except BaseException:
                connection.terminate()
                raise
            if self._closed:
                await close(connection)
            else:
                self._idle.append(connection)

    async def close(self) -> None:
        """Close what is idle, and from now on what comes back."""
        self._closed = True
        while self._idle:
            await close(self._idle.pop())


class Postgres:
    """One party's part of a database: how to connect to it, and what its tables look like."""

    def __init__(
        self,
        url: str,
        schemas: Sequence[str],
        kinds: Sequence[type[Row]],
        namespace: str = SCHEMA,
    ) -> None:
        self.url = url
        self.name = masked(url)
        self.kinds = kinds
        self.namespace = namespace
        self.seal_lock = _SEALS ^ crc32(namespace.encode())
        """The advisory lock of its sealers."""
        self.types: Types = {}
        self._schemas = schemas

    async def open(self) -> None:
        """Make the tables where there are none. Raises ConfigError for a database that cannot be
        reached, is not ours, or cannot promise what a store promises."""
        try:
            connection = await self.connect(BY_NAME)
        except (*ERRORS, ValueError) as wrong:
            raise ConfigError(f"--store {self.name}: cannot connect: {_said(wrong)}") from None
        try:
            await self._require_able(connection)
            async with connection.transaction():
                await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
                await self.make_tables(connection)
            self.types = await _read_types(connection, self.namespace)
            require_columns(f"--store {self.name}", self.kinds, self.types)
        except ERRORS as wrong:
            raise ConfigError(f"--store {self.name}: {_said(wrong)}") from None
        finally:
            await close(connection)

    async def connect(self, settings: dict[str, str]) -> Connection:
        """A connection with these settings, on which a table's bare name is this party's."""
        return await asyncpg.connect(
            self.url,
            timeout=CONNECT_WITHIN_S,
            command_timeout=ANSWER_WITHIN_S,
            server_settings={**settings, "search_path": self.namespace},
        )

    async def remake(self, others: Sequence["Postgres"] = ()) -> None:
        """Drop everything of this party and of some others on the same database, and make it anew,
        empty, in one transaction: no crash leaves one of them old and another new."""
        connection = await self.connect(BY_NAME)
        try:
            async with connection.transaction():
                await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
                for party in (self, *others):
                    await connection.execute(f"DROP SCHEMA IF EXISTS {party.namespace} CASCADE")
                    await connection.execute(f"SET LOCAL search_path TO {party.namespace}")
                    await party.make_tables(connection)
        except ERRORS as wrong:
            raise StoreError(f"{self.name} could not be made anew: {_said(wrong)}") from wrong
        finally:
            await close(connection)

    async def _require_able(self, connection: Connection) -> None:
        version = connection.get_server_version()
        if version.major < OLDEST_SERVER:
            raise ConfigError(
                f"--store {self.name}: PostgreSQL {version.major} is older than {OLDEST_SERVER}, "
                "the oldest that playmoney is tested with"
            )
        for setting, wanted in (
            ("synchronous_commit", "on"),
            ("fsync", "on"),
            ("full_page_writes", "on"),
            ("server_encoding", "UTF8"),
        ):
            found = await connection.fetchval(f"SHOW {setting}")
            if found != wanted:
                raise ConfigError(
                    f"--store {self.name}: {setting} is {found}, and a store needs {wanted}"
                )

    async def make_tables(self, connection: Connection) -> None:
        """Make them where there are none. Raises ConfigError for a schema that is not ours."""
        found = await connection.fetchrow(
            "SELECT obj_description(oid, 'pg_namespace') AS mark FROM pg_namespace "
            "WHERE nspname = $1",
            self.namespace,
        )
        if found is None:
            mark = f"{_MARK}{SCHEMA_VERSION}"
            await connection.execute(f"CREATE SCHEMA {self.namespace}")
            await connection.execute(whole(self._schemas, statements.columns(Op)))
            await connection.execute(f"COMMENT ON SCHEMA {self.namespace} IS '{mark}'")
            return
        mark = found["mark"] or ""
        if not mark.startswith(_MARK):
            raise ConfigError(
                f"--store {self.name}: its schema {self.namespace} is another program's; "
                "name another database"
            )
        if mark != f"{_MARK}{SCHEMA_VERSION}":
            raise ConfigError(
                f"--store {self.name}: its schema {self.namespace} has schema version "
                f"{mark.removeprefix(_MARK)}; this playmoney reads version {SCHEMA_VERSION} "
                "there: name another database"
            )


async def _read_types(connection: Connection, namespace: str) -> Types:
    types: dict[str, dict[str, str]] = {}
    for table, column, column_type in await connection.fetch(
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = $1",
        namespace,
    ):
        types.setdefault(table, {})[column] = column_type
    return types


def _said(wrong: BaseException) -> str:
    return str(wrong) or type(wrong).__name__
