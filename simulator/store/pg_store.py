"""One party's store on PostgreSQL, opened: its writer, its queries, and the facts at its start."""

from collections.abc import Sequence

from simulator.base.clock import Clock
from simulator.store.pg_fetch import rows_of
from simulator.store.pg_queries import PgQueries
from simulator.store.pg_schema import SCHEMA
from simulator.store.pg_sealer import Sealer
from simulator.store.pg_unit import Known, PgUnit
from simulator.store.pg_writer import PgWriter
from simulator.store.postgres import BY_NAME, Postgres, close
from simulator.store.rows import Fact, Op, Row


class PgStore:
    """Everything that hangs on one party's part of a database."""

    def __init__(self, database: Postgres, clock: Clock) -> None:
        self.database = database
        self._known = Known()
        self._facts: dict[str, str] = {}
        self.last_ns = 0
        """When the newest operation was decided."""
        sealer = Sealer(database)
        unit = PgUnit(self._known, database.kinds, clock)
        self.writer = PgWriter(database, unit, sealer)
        self.queries = PgQueries(database, sealer)

    @classmethod
    async def open(
        cls,
        url: str,
        schemas: Sequence[str],
        kinds: Sequence[type[Row]],
        clock: Clock,
        namespace: str = SCHEMA,
    ) -> "PgStore":
        """Connect, and make the tables where there are none. Raises ConfigError."""
        database = Postgres(url, schemas, kinds, namespace)
        await database.open()
        store = cls(database, clock)
        await store.look()
        return store

    async def again(self, clock: Clock) -> "PgStore":
        """The same tables, which somebody has emptied. This store is closed by then."""
        store = PgStore(self.database, clock)
        await store.look()
        return store

    def fact(self, name: str) -> str | None:
        """A fact about this store, as it was at the last look."""
        return self._facts.get(name)

    async def look(self) -> None:
        """Read the facts, and draw a position that no other process will have, so that even what is
        named by it alone differs between processes."""
        connection = await self.database.connect(BY_NAME)
        try:
            columns = ", ".join(Fact.__struct_fields__)
            found = rows_of(Fact, await connection.fetch(f"SELECT {columns} FROM {Fact.TABLE}"))
            self._facts = {fact.name: fact.value for fact in found}
            self.last_ns = await connection.fetchval("SELECT coalesce(max(at_ns), 0) FROM op")
            drawn = await connection.fetchval("SELECT nextval('op_n')")
            self._known.learn_numbers(Op, [drawn])
            self.writer.unit.forget()
        finally:
            await close(connection)
