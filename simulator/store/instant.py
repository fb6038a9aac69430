"""One instant of several stores that make one world, beside the server that may be writing them.

There is no transaction over several files, and a copy of one file a moment older than another's may
be of a world that never was: a payout that one party says was paid and the other knows nothing of.
So every file is locked against writing, all of them are read from that instant on, and the locks
are let go again before the first page is copied: writers wait for some milliseconds (JP-81).
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import apsw

from simulator.base.errors import ConfigError, StoreBusy
from simulator.store.sqlite import connect, require_ours

WAIT_MS = 20_000
"""So long a lock is waited for: a server's transactions take milliseconds each."""


@contextmanager
def one_instant(files: Mapping[str, Path]) -> Iterator[Mapping[str, apsw.Connection]]:
    """Connections to these files by name, each reading what was committed at the same instant.

    Raises ConfigError for what is no store of ours, StoreBusy where a lock is not to be had.
    """
    with ExitStack() as opened:
        found: dict[str, apsw.Connection] = {}
        locks: list[apsw.Connection] = []
        for name, path in files.items():
            if not path.is_file():
                raise ConfigError(f"there is no {path}; name a folder of `playmoney serve --data`")
            locks.append(_open(path, opened))
            found[name] = _open(path, opened)
        try:
            for lock in locks:
                lock.execute("BEGIN IMMEDIATE")
            for connection in found.values():
                connection.execute("BEGIN")
                connection.execute("SELECT 1 FROM sqlite_schema").fetchall()  # reads from now
        except apsw.BusyError:
            raise StoreBusy(f"{path.parent}: its writer does not pause; try again") from None
        finally:
            for lock in locks:
                if lock.in_transaction:
                    lock.execute("ROLLBACK")
        yield found


def copy_to(source: apsw.Connection, path: Path) -> None:
    """Copy what a connection reads into a new file, by SQLite's online backup, in one step."""
    target = apsw.Connection(str(path))
    try:
        with target.backup("main", source, "main") as copying:
            copying.step()
        target.pragma("journal_mode", "delete")  # one file, with no log beside it
    finally:
        target.close()


def _open(path: Path, opened: ExitStack) -> apsw.Connection:
    connection = connect(str(path), {}, apsw.SQLITE_OPEN_READWRITE)
    opened.callback(connection.close)
    connection.set_busy_timeout(WAIT_MS)
    require_ours(connection, str(path))
    return connection
