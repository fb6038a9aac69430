"""One moment of a store, read by a command beside the server that may be writing it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import apsw

from simulator.base.errors import ConfigError, StoreDamaged
from simulator.store.migrate import SCHEMA_VERSION, refusal
from simulator.store.rows import Value
from simulator.store.sqlite import connect, require_ours


class Books(Protocol):
    """What an auditor reads: rows of statements, all of the same moment."""

    def rows(self, text: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement."""
        ...


class Reading:
    """The `Books` of a file."""

    def __init__(self, connection: apsw.Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    def rows(self, text: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement. Raises ConfigError for a file of another build, and
        StoreDamaged where it cannot be read."""
        try:
            return self._connection.execute(text, values).fetchall()
        except apsw.SQLError as wrong:
            raise ConfigError(
                f"{self._name} was made by another build of playmoney ({wrong}); go on with that "
                "build, or start a server with this one once, which says what it lacks"
            ) from wrong
        except (apsw.CorruptError, apsw.NotADBError, apsw.IOError) as wrong:
            raise StoreDamaged(f"the file is damaged: {self._name}: {wrong}") from wrong

    def damage(self) -> str | None:
        """What does not belong together in the file: pages, or an index that no longer finds the
        rows of its table, so that what is known would be taken for new. Raises StoreDamaged."""
        said = str(self.rows("PRAGMA integrity_check(1)")[0][0])
        return None if said == "ok" else said.splitlines()[-1]


@contextmanager
def reading(path: Path) -> Iterator[Reading]:
    """A file as it is at this moment, on a connection that cannot write.

    Raises ConfigError for no file, not ours, or of another version; StoreDamaged for one that is
    no whole database; StoreError if it cannot be opened.
    """
    if not path.is_file():
        raise ConfigError(f"there is no {path}; name a folder that `playmoney serve --data` made")
    connection = connect(str(path), {"query_only": 1}, apsw.SQLITE_OPEN_READONLY)
    try:
        try:
            require_ours(connection, str(path))
            version = int(connection.pragma("user_version"))
        except (apsw.CorruptError, apsw.IOError) as wrong:
            raise StoreDamaged(f"the file is damaged: {path}: {wrong}") from wrong
        if version != SCHEMA_VERSION:
            raise ConfigError(refusal(str(path), version))
        connection.execute("BEGIN")
        yield Reading(connection, str(path))
    finally:
        connection.close()
