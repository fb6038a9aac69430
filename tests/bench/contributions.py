"""Contributions one after the other in virtual time, on a disk: does the last one cost what the
first one did, and does memory stay as it was?

`python -m tests.bench.contributions 10000000` plays as many as it is told; each million takes about
3 GB of disk, which is gone afterwards.
"""

import asyncio
import random
import resource
import sys
import time
import uuid
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from simulator.jackpot import contributions
from simulator.store.recall import Command, Once
from simulator.wire import jackpot as j
from simulator.wire.calls import Caller
from simulator.wire.messages import Money
from tests.support import sandbox

SLICES = 10
WAITING = 64
"""On their way at the same time, as a server has them."""
PLAYERS = 10_000
POOLS = ("grand-eu-01", "vault-mini", "vault-minor", "jp_demo_eu")
STEP_NS = 1_000_000
"""Of virtual time between two contributions."""

PLATFORM = Caller(
    client="platform-demo",
    tenant="brand-42",
    brand="brand-42",
    region="EU",
    licence="MGA-TEST-42",
    provider="platform",
    trace_id="tr_bench",
)


@dataclass(frozen=True)
class Flat:
    """CPU microseconds a contribution and megabytes that the process holds, slice by slice; bytes
    on the disk for each; the pools' falls on the way."""

    count: int
    cpu_us: list[float]
    held_mb: list[float]
    bytes_each: int
    hits: int
    sound: bool

    @property
    def grown_mb(self) -> float:
        """What the second half has added: before it SQLite's own page cache (64 MiB) fills up."""
        return round(self.held_mb[-1] - self.held_mb[len(self.held_mb) // 2 - 1], 1)

    @property
    def ratio(self) -> float:
        """The last half of the slices against the first, without the very first."""
        half = len(self.cpu_us) // 2
        early, late = self.cpu_us[1:half], self.cpu_us[half:]
        return (sum(late) / len(late)) / (sum(early) / len(early))


def measure(count: int) -> Flat:
    """Contribute so often, in a folder of its own."""
    with TemporaryDirectory() as folder:
        return asyncio.run(_play(Path(folder), count))


async def _play(folder: Path, count: int) -> Flat:
    rng = random.Random(7)
    stake = Money(Decimal("2.00"), "EUR")
    async with sandbox(folder, strict=False, journal=0) as box:
        party = box.world.parties["jackpot"]
        clock = box.world.clock
        taken: list[float] = []
        held: list[float] = []
        for _ in range(SLICES):
            before = time.process_time()
            for _ in range(count // SLICES // WAITING):
                clock.advance(STEP_NS * WAITING)
                works = [_work(rng, stake) for _ in range(WAITING)]
                await asyncio.gather(*map(party.writer.submit, works))
            done = count // SLICES // WAITING * WAITING
            taken.append((time.process_time() - before) * 1e6 / done)
            held.append(_memory_mb())
        while box.world.parties["jackpot"].writer.unit.database.rows(_PENDING):
            await asyncio.sleep(0.01)
        ((hits,),) = party.writer.unit.database.rows("SELECT count(*) FROM jp_trigger")
        sound = (await box.admin("GET", "/reconcile")).json["sound"]
    return Flat(
        count=count,
        cpu_us=[round(one, 1) for one in taken],
        held_mb=[round(one, 1) for one in held],
        bytes_each=_bytes(folder) // count,
        hits=int(hits),
        sound=sound,
    )


_PENDING = "SELECT 1 FROM task WHERE state = 'pending' LIMIT 1"


def _work(rng: random.Random, stake: Money) -> Once:
    name = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    ask = j.Contribute(
        jp_contrib_id=f"c-{name}",
        tenant_id="brand-42",
        pool_id=rng.choice(POOLS),
        round_id=f"r-{name}",
        bet_id=f"b-{name}",
        player_id=f"p-{rng.randrange(PLAYERS)}",
        bet=stake,
        idempotency_key=f"k-{name}",
    )
    command = Command(
        caller=PLATFORM, operation="contribute", key=ask.idempotency_key, message=ask, success=201
    )
    return Once(command, contributions.contribute)


def _bytes(folder: Path) -> int:
    """What the service keeps on the disk."""
    return sum(path.stat().st_size for path in folder.glob("jackpot.db*"))


def _memory_mb() -> float:
    """What the process holds now; the kernel's own count, in pages."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def main(arguments: list[str]) -> Any:
    """Print what came of it."""
    found = measure(int(arguments[0]) if arguments else 50_000)
    print(found)
    print(f"late/early {found.ratio:.2f}, grown {found.grown_mb} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
