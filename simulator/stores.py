"""Floor 8, its cellar: the stores of all the parties of one world, which stay one world.

There is no transaction over several files. The leading store (the wallet's) decides: it is made
anew first, and carries the number of resets; a store of another number belongs to a world that is
gone, and is emptied when the folder is opened. So a crash in the middle of a reset ends in the old
world or in the new one. In a database all of them are emptied in one transaction.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from simulator.base.clock import Clock
from simulator.base.errors import PlaymoneyError
from simulator.kept import (
    Broken,
    Kept,
    Origin,
    follow_in_postgres,
    follow_in_sqlite,
    keep_copy,
    keep_in_postgres,
    keep_in_sqlite,
    note,
)
from simulator.server.kind import PartyKind
from simulator.settings import DEFAULT_SEED
from simulator.store import facts
from simulator.store.sqlite import Database


class Stores:
    """What is kept of each party, by name, the leading one first."""

    def __init__(self, kept: Mapping[str, Kept]) -> None:
        self.kept = kept
        first_seed = self.lead.fact("first_seed") or self.lead.fact("made_with") or DEFAULT_SEED
        self.origin = Origin(
            int(self.lead.fact("made_with") or first_seed),
            int(first_seed),
            int(self.lead.fact("generation") or 0),
        )
        self.seed = int(self.lead.fact("seed") or first_seed)
        """The seed in force when they were opened."""

    @property
    def lead(self) -> Kept:
        """The store that says which world it is."""
        return next(iter(self.kept.values()))

    @property
    def last_ns(self) -> int:
        """When the newest operation of any party was decided."""
        return max(kept.last_ns for kept in self.kept.values())

    async def anew(self, seed: int, clock: Clock) -> "Stores":
        """Empty stores in their place, to be played with this seed. They are closed by then."""
        origin = Origin(seed, seed)  # no crash leaves half of a memory, and it has no folder's seed
        if self.lead.durable:
            origin = Origin(self.origin.made_with, seed, self.origin.generation + 1)
        fresh = {name: await kept.anew(origin, clock) for name, kept in self.kept.items()}
        return Stores(fresh)

    @property
    def size(self) -> int:
        """How many bytes a copy of all of them takes."""
        return sum(kept.size for kept in self.kept.values())

    def copy(self) -> dict[str, Database]:
        """All of them as of one moment: nothing else runs meanwhile. Raises InvalidState."""
        return {name: kept.copy() for name, kept in self.kept.items()}

    async def settle(self, configuration: Mapping[str, str]) -> None:
        """Write into each store what it does not say yet: the seed in force, which a crash may have
        kept from it, and the configuration."""
        wanted = (
            facts.SetSeed(facts={"seed": str(self.seed)}),
            facts.Configure(facts=configuration),
        )
        for kept in self.kept.values():
            for ask in wanted:
                if any(kept.fact(name) != value for name, value in ask.facts.items()):
                    await kept.writer.submit(partial(note, ask=ask))

    async def note(self, ask: facts.SetFacts) -> None:
        """Write facts into every store, the leading one first."""
        for kept in self.kept.values():
            await kept.writer.submit(partial(note, ask=ask))


def take_up(
    kinds: Sequence[PartyKind],
    copies: Mapping[str, Database],
    clock: Clock,
    broken: Broken,
) -> Stores:
    """Stores that go on from copies, which are theirs from now on."""
    kept: dict[str, Kept] = {
        kind.name: keep_copy(kind, copies[kind.name], clock, broken)
        for kind in kinds
        if kind.name in copies
    }
    return Stores(kept)


def open_in_sqlite(
    kinds: Sequence[PartyKind],
    folder: Path | None,
    wanted: int | None,
    clock: Clock,
    broken: Broken,
) -> Stores:
    """Open a data folder, or new memories. Raises ConfigError for a folder of another seed."""
    first, *others = kinds
    if folder is not None and not (folder / f"{first.name}.db").exists():
        for kind in others:  # what is left of a world whose leading store was taken away
            for suffix in ("", "-wal", "-shm"):
                (folder / f"{kind.name}.db{suffix}").unlink(missing_ok=True)
    lead = keep_in_sqlite(first, folder, wanted, clock, broken)
    kept: dict[str, Kept] = {first.name: lead}
    origin = Stores(kept).origin
    for kind in others:
        kept[kind.name] = follow_in_sqlite(kind, folder, origin, clock, broken)
    return Stores(kept)


async def open_in_postgres(
    kinds: Sequence[PartyKind], url: str, wanted: int | None, clock: Clock
) -> Stores:
    """Open a database, or make its tables, each party's in a schema of its own. Raises
    ConfigError."""
    first, *others = kinds
    lead = await keep_in_postgres(first, url, wanted, clock)
    opened = {first.name: lead}
    try:
        origin = Stores(opened).origin
        for kind in others:
            opened[kind.name] = await follow_in_postgres(kind, url, origin, clock)
    except PlaymoneyError:
        for kept in opened.values():
            await kept.close()
        raise
    lead.lead([opened[kind.name] for kind in others])
    return Stores(opened)
