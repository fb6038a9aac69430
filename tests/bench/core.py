"""The ledger's core in process: durable operations of two legs, against bare inserts of their rows.

An operation moves an amount from a player to the house under a key of its own: one operation row
with its remembered answer, one entry, two accounts and their part of a seal. The yardstick puts the
very same rows into the same tables with prepared statements, in the same batches, each ended by the
same durable commit; it recalls no key, decides nothing and hashes nothing. Both move their log into
the database within their time: the core beside its commits, the yardstick after a commit, as SQLite
does by itself.
"""

import asyncio
import random
import time
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import apsw

from simulator.base.clock import WallClock
from simulator.kept import read_schemas
from simulator.ledger import book
from simulator.ledger.book import AccountKey
from simulator.ledger.reconcile import BOOK_LAWS
from simulator.ledger.rows import Account
from simulator.parties import WALLET
from simulator.server.run import collect_less
from simulator.store import statements
from simulator.store.checkpoint import ASIDE_PAGES
from simulator.store.recall import Command, Once
from simulator.store.rows import Row
from simulator.store.sqlite import Database
from simulator.store.tx import Tx
from simulator.store.unit import Unit
from simulator.store.writer import Writer
from simulator.wallet.operations import ROWS
from simulator.wire.calls import Caller
from simulator.wire.messages import Message, Money
from tests.bench.load import Measure

TURNS = 5
OPERATIONS = 30_000
"""Of each side in a turn."""
WAITING = 512
"""Operations on their way at once: batches form of what has come meanwhile."""
PLAYERS = 1_000
CASH = 10**12

CALLER = Caller(
    client="bench",
    tenant="bench",
    brand="bench",
    region="EU",
    licence="none",
    provider="bench",
    trace_id="tr_bench",
)
HOUSE = AccountKey("bench", "house", "", "EUR")
FUNDING = AccountKey("bench", "funding", "", "EUR")
CENT = Money.of(1, "EUR")

Batch = tuple[list[Row], list[Row]]
"""What was inserted and what was changed, up to a commit."""


class Recorder(Database):
    """Notes the rows of each transaction."""

    batches: list[Batch] | None = None

    def write(self, inserts: Iterable[Row], updates: Iterable[Row]) -> None:
        """The rows go in, and are kept for the other side."""
        new, old = list(inserts), list(updates)
        if self.batches is not None:
            self.batches.append((new, old))
        super().write(new, old)


class Pay(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the core is asked for. It names no row of the wallet that would be read ahead."""

    payment: str
    payer: str
    amount: Money


def move(tx: Tx, ask: Pay) -> Money:
    """The operation: an amount from a player to the house."""
    tx.lock(Account, _purse(ask.payer))
    book.post(tx, _purse(ask.payer), HOUSE, ask.amount.minor)
    return ask.amount


def measures() -> list[Measure]:
    """Operations a second, and their part of what bare inserts of the same rows reach."""
    with TemporaryDirectory() as folder:
        core, bare = asyncio.run(_turns(Path(folder)))
    ratio = round(median(ours / base for ours, base in zip(core, bare, strict=True)), 3)
    return [
        Measure("core_ops_per_s", round(median(core), 1), "op/s", core),
        Measure("core_vs_inserts", round(median(core), 1), "op/s", core, ratio, "bare inserts"),
    ]


async def _turns(folder: Path) -> tuple[list[float], list[float]]:
    database = Recorder(folder / "core.db", read_schemas(WALLET), ROWS)
    writer = Writer(Unit(database, ROWS, WallClock()), _broken)
    await writer.submit(_found)
    bare = Database(folder / "bare.db", read_schemas(WALLET), ROWS)
    _copy(database, bare)
    core_rates, bare_rates = [], []
    for turn in range(TURNS):
        works = [_work(random.Random(f"{turn}-{n}")) for n in range(OPERATIONS)]
        collect_less()  # as a server does with what it holds for long
        database.batches = []
        core_rates.append(OPERATIONS / await _run(writer, works))
        batches, database.batches = _joined(database.batches), None
        bare_rates.append(OPERATIONS / _insert(bare, batches))
        print(
            f"core {core_rates[-1]:,.0f}/s, bare inserts {bare_rates[-1]:,.0f}/s "
            f"({OPERATIONS / len(batches):.0f} operations a batch)",
            flush=True,
        )
    broken = [law.name for law in BOOK_LAWS if database.rows(law.broken)]
    assert not broken, f"the books are not sound after the load: {broken}"
    assert database.rows("SELECT * FROM account") == bare.rows("SELECT * FROM account")
    bare.close()
    await writer.close()
    return core_rates, bare_rates


async def _run(writer: Writer, works: Sequence[Any]) -> float:
    """Seconds until every operation is durable; never more than `WAITING` on their way."""
    done = asyncio.Event()
    left, rest = len(works), iter(works)

    def go_on(_: Any = None) -> None:
        nonlocal left
        if _ is not None:
            left -= 1
            _.result()
            if not left:
                done.set()
        work = next(rest, None)
        if work is not None:
            writer.submit(work).add_done_callback(go_on)

    before = time.perf_counter()
    for _ in range(WAITING):
        go_on()
    await done.wait()
    return time.perf_counter() - before


def _insert(database: Database, batches: Sequence[Batch]) -> float:
    """Seconds for the same rows by prepared statements, their values made ready before."""
    ready = [_statements(new, old) for new, old in batches]
    before = time.perf_counter()
    for batch in ready:
        database.writer.execute("BEGIN IMMEDIATE")
        for text, values in batch:
            database.writer.executemany(text, values)
        database.writer.execute("COMMIT")
        if database.wal_pages >= ASIDE_PAGES:
            database.writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            database.wal_pages = 0
    seconds = time.perf_counter() - before
    database.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return seconds


def _statements(new: list[Row], old: list[Row]) -> list[tuple[str, list[Any]]]:
    grouped: dict[str, list[Any]] = {}
    for row in new:
        columns = tuple(getattr(row, name) for name in row.__struct_fields__)
        key = row.identity
        if row.NAMED_BY:
            columns = (None if key is None else statements.key_bytes(key), *columns)
        grouped.setdefault(statements.insert(type(row)), []).append(columns)
    for row in old:
        changed = tuple(getattr(row, name) for name in (*row.CHANGES, "n"))
        grouped.setdefault(statements.update(type(row)), []).append(changed)
    return list(grouped.items())


def _joined(writes: list[Batch]) -> list[Batch]:
    """A batch's rows and its seal are written apart and committed together."""
    return [
        ([*new, *seal], [*old, *changed])
        for (new, old), (seal, changed) in zip(writes[::2], writes[1::2], strict=True)
    ]


def _work(rng: random.Random) -> Any:
    ask = Pay(
        payment=str(uuid.UUID(int=rng.getrandbits(128))),
        payer=f"p{rng.randrange(PLAYERS)}",
        amount=CENT,
    )
    command = Command(caller=CALLER, operation="move", key=ask.payment, message=ask)
    return Once(command, move)


def _found(unit: Unit) -> None:
    """Players with money, as the first operation."""
    unit.begin(CALLER, b"start", None)
    for number in range(PLAYERS):
        unit.lock(Account, FUNDING)
        book.post(unit, FUNDING, _purse(f"p{number}"), CASH)
    unit.remember("start", None, 200, b"")


def _copy(of: Database, to: Database) -> None:
    """The same start for both sides."""
    to.writer.execute("ATTACH ? AS core", (str(of.path),))
    with to.writer:
        to.writer.execute("PRAGMA defer_foreign_keys = ON")
        for table in ("op", "account", "move", "seal"):
            to.writer.execute(f"INSERT INTO {table} SELECT * FROM core.{table}")
    to.writer.execute("DETACH core")


def _purse(player_id: str) -> AccountKey:
    return AccountKey("bench", "player", player_id, "EUR")


def _broken(wrong: Exception) -> None:
    raise wrong


if __name__ == "__main__":
    for measure in measures():
        print(measure)
