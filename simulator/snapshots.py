"""Floor 8, its cellar: the state of a world held fast, to go back to or to branch from (SBX-04).

Everything that an answer may depend on: the rows of every party, the clock, what has been counted,
tokens and nonces, what chaos has counted, the journal. What is on its way (a call that is held, a
pause) is not: a task of it is a row, and whoever takes the state up goes on with it (WAL-72).
"""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.base.errors import Duplicate, LimitExceeded, NotFound
from simulator.chaos.chaos import Chaos
from simulator.server.auth import Remembered as AuthMemory
from simulator.server.inbox import Inbox
from simulator.server.journal import Journal
from simulator.server.outgoing import Tokens
from simulator.settings import ClockSetting
from simulator.store.sqlite import Database

Key = tuple[int | None, str, int]
"""Seed, mode of the clock, where it stands."""

MOST = 200
"""Snapshots that a server keeps."""

MOST_BYTES = 1_073_741_824
"""1 GiB that all of them take at most: the wallet of 100 000 bets is 120 MiB."""


TEMPLATES = 16
"""Kinds of new worlds that are remembered: a CI job makes the same one again and again."""


class Templates:
    """New worlds as they are after their start, by what they depend on: the next of a kind is a
    copy. On a clock that runs, its first rows are then as old as the first of its kind."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Mapping[str, Database]] = OrderedDict()

    def get(self, key: Key) -> Mapping[str, Database] | None:
        """One that is there already."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: Key, databases: Mapping[str, Database]) -> None:
        """Remember one, and forget the one that was not wanted for longest."""
        self._kept[key] = databases
        if len(self._kept) > TEMPLATES:
            self._kept.popitem(last=False)

    def close(self) -> None:
        """Forget all."""
        self._kept.clear()


@dataclass(frozen=True, slots=True)
class Memory:
    """What a world knows besides its rows. Nobody else holds it: it is a copy."""

    identity: str
    begins: ClockSetting
    clock: ClockSetting
    counted: Counter[str]
    authority: AuthMemory
    buckets: Mapping[tuple[str, str], int]
    tokens: Tokens
    chaos: Chaos
    inboxes: Mapping[str, Inbox]
    journal: Journal


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state by its name. Its databases are copies in memory that nobody writes to; each closes
    when nobody reads it any more: worlds that began with it may (`store.sqlite.CopyOnWrite`)."""

    name: str
    sandbox: str
    at_ns: int
    bytes: int
    databases: Mapping[str, Database]
    memory: Memory

    def close(self) -> None:
        """Let it go."""
        self.memory.journal.end()


@dataclass(slots=True)
class Shelf:
    """All snapshots of a server, by sandbox and name."""

    most: int = MOST
    most_bytes: int = MOST_BYTES
    kept: dict[tuple[str, str], Snapshot] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)

    def room(self, sandbox: str, name: str | None, size: int) -> str:
        """The name for one more of this size. Raises Duplicate, or LimitExceeded where there are
        too many or too large ones."""
        if len(self.kept) >= self.most:
            raise LimitExceeded(
                f"there are {len(self.kept)} snapshots already; drop some",
                details={"max_snapshots": self.most},
            )
        used = sum(one.bytes for one in self.kept.values())
        if used + size > self.most_bytes:
            raise LimitExceeded(
                f"the snapshots take {used} bytes already, and this one is {size}; drop some",
                details={"max_snapshot_bytes": self.most_bytes},
            )
        if name is None:
            name = self._next(sandbox)
        if (sandbox, name) in self.kept:
            raise Duplicate(f"{sandbox} has a snapshot {name} already", details={"snapshot": name})
        return name

    def _next(self, sandbox: str) -> str:
        while True:
            self.numbers[sandbox] += 1
            name = f"snap-{self.numbers[sandbox]}"
            if (sandbox, name) not in self.kept:
                return name

    def put(self, snapshot: Snapshot) -> Snapshot:
        """Keep one."""
        self.kept[snapshot.sandbox, snapshot.name] = snapshot
        return snapshot

    def get(self, sandbox: str, name: str) -> Snapshot:
        """One by its name. Raises NotFound."""
        found = self.kept.get((sandbox, name))
        if found is None:
            raise NotFound(
                f"{sandbox} has no snapshot {name[:80]}", details={"snapshot": name[:80]}
            )
        return found

    def of(self, sandbox: str) -> list[Snapshot]:
        """Those of a sandbox, in the order in which they were taken."""
        return [one for one in self.kept.values() if one.sandbox == sandbox]

    def drop(self, sandbox: str, name: str) -> None:
        """Let one go. Raises NotFound."""
        self.get(sandbox, name).close()
        del self.kept[sandbox, name]

    def drop_all(self, sandbox: str) -> None:
        """The sandbox has ended."""
        for snapshot in self.of(sandbox):
            self.drop(sandbox, snapshot.name)
