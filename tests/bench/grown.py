"""What size costs: durable authorizes in a file of a million bets, against those in an empty one.

Ids and keys are random (UUIDv4), so every look-up and every index entry meets another page. The
first thousands are played by the wallet's own decisions; the rest are their copies under names of
their own, which the audit chain knows nothing of: this file is for measuring. Then both files are
opened anew and decide in turn, as a server does: 64 calls on their way, batches as they form, each
durable before its answers.
"""

import asyncio
import gc
import random
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from simulator.base.clock import FROZEN_START_NS
from simulator.base.ids import digest16
from simulator.ledger.reconcile import BOOK_LAWS
from simulator.ledger.rows import Move
from simulator.settings import ClockSetting
from simulator.store import statements
from simulator.store.reading import Books
from simulator.store.recall import Command, Decision, Once
from simulator.store.rows import Op, Row
from simulator.store.sqlite import Database
from simulator.store.unit import Unit
from simulator.store.writer import Writer
from simulator.wallet import lists, players, sessions
from simulator.wallet.bets import authorize_bet
from simulator.wallet.rows import Bet, Round
from simulator.wire import messages as m
from simulator.wire.calls import Caller
from simulator.wire.messages import Money
from tests.bench.load import Measure
from tests.support import Sandbox, sandbox

BETS = 1_000_000
PLAYED = 10_000
"""Bets that are played; the million is made of a hundred times as many rows."""
PLAYERS = 1_000
CASH = 1_000_000_000

TURNS = 5
SECONDS = 4.0
WAITING = 64
PAGE = 200
PAGES = 50

STUDIO = Caller(
    client="studio-demo",
    tenant="brand-42",
    brand="brand-42",
    region="EU",
    licence="MGA-TEST-42",
    provider="studio",
    trace_id="tr_bench",
)
CENT = Money.of(1, "EUR")
_CLOCK = ClockSetting("frozen", FROZEN_START_NS)
"""Sessions do not run out, however long the million takes."""


@dataclass
class Side:
    """One of the two files."""

    name: str
    box: Sandbox
    sessions: list[str]
    rates: list[float] = field(default_factory=list)
    stalls_ms: list[float] = field(default_factory=list)


def measures() -> list[Measure]:
    """Throughput against the empty file, the longest stall, a late page against an early one."""
    with TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> list[Measure]:
    before = time.perf_counter()
    few = await _build(folder / "empty", 0)
    many = await _build(folder / "grown", BETS)
    print(f"{BETS:,} bets in {time.perf_counter() - before:.0f} s", flush=True)
    async with (
        sandbox(folder / "empty", clock=_CLOCK) as empty_box,
        sandbox(folder / "grown", clock=_CLOCK) as grown_box,
    ):
        gc.collect()
        gc.freeze()
        empty, grown = Side("empty", empty_box, few), Side("grown", grown_box, many)
        early, late = await _pages(grown_box)
        for side in (empty, grown):  # a server that has just started knows no page yet
            await _load(side, random.Random(f"{side.name} warm"))
            side.rates.clear()
            side.stalls_ms.clear()
        for turn in range(TURNS):
            for side in (empty, grown):
                await _load(side, random.Random(f"{side.name} {turn}"))
            print(
                f"authorize with 0 bets {empty.rates[-1]:,.0f}/s, longest stall "
                f"{empty.stalls_ms[-1]:.0f} ms; with {BETS:,} {grown.rates[-1]:,.0f}/s, "
                f"{grown.stalls_ms[-1]:.0f} ms",
                flush=True,
            )
        await _require_sound(grown_box)
    ratio = median(a / b for a, b in zip(grown.rates, empty.rates, strict=True))
    paged = round(early / late, 3)
    return [
        Measure(
            "authorize_at_1m_vs_empty",
            round(median(grown.rates), 1),
            "op/s",
            grown.rates,
            round(ratio, 3),
            "an empty file",
        ),
        Measure("longest_stall_at_1m_ms", round(max(grown.stalls_ms), 1), "ms", grown.stalls_ms),
        Measure("last_page_at_1m", round(late, 2), "ms", [early, late], paged, "the first pages"),
    ]


async def _build(folder: Path, bets: int) -> list[str]:
    """A world in a folder, with its players and so many bets; their sessions."""
    async with sandbox(folder, clock=_CLOCK) as box:
        writer = box.world.parties["wallet"].writer
        assert isinstance(writer, Writer)
        unit, database = writer.unit, writer.unit.database
        database.writer.pragma("synchronous", 0)  # nothing waits for this build
        rng = random.Random(20)
        names = [f"p_{n}" for n in range(PLAYERS)]
        _decide_all(unit, (partial(_register, player_id=name) for name in names))
        found: list[str] = []
        _decide_all(unit, (partial(_open, player_id=name, found=found) for name in names))
        if bets:
            start = {kind: database.last(kind) for kind in COPIED}
            _decide_all(unit, (_work(rng, found) for _ in range(PLAYED)))
            for copy in range(1, bets // PLAYED):
                _copy(database, start, copy)
            unit.forget()
        return found


COPIED: tuple[type[Row], ...] = (Op, Move, Round, Bet)
"""What a bet has written, but for sums."""

_SHIFTED: dict[str, type[Row]] = {
    **dict.fromkeys(("op", "opened_op", "started_op"), Op),
    "hold_move": Move,
}
"""The columns that hold a position, and whose."""

_RENAMED = ("key", "bet_id", "round_id")


def _copy(database: Database, before: dict[type[Row], int], copy: int) -> None:
    """All that was played, once more under other names."""
    count = {kind: (database.last(kind) - last) // copy for kind, last in before.items()}
    connection = database.writer
    connection.create_scalar_function("digest16", _key_bytes, deterministic=True)
    with connection:
        for kind in COPIED:
            names, values = list(statements.columns(kind)), []
            for name in names:
                if name == "n" or name in _SHIFTED:
                    values.append(f"{name} + {copy * count[_SHIFTED.get(name, kind)]}")
                else:
                    values.append(f"{name} || '-{copy}'" if name in _RENAMED else name)
            if kind.NAMED_BY:
                key = ", ".join(values[names.index(name)] for name in kind.NAMED_BY)
                names, values = ["k", *names], [f"digest16({key})", *values]
            connection.execute(
                f"INSERT INTO {kind.TABLE} ({', '.join(names)}) SELECT {', '.join(values)} "
                f"FROM {kind.TABLE} WHERE n > ? AND n <= ?",
                (before[kind], before[kind] + count[kind]),
            )
        connection.execute(_SUMS, (before[Move] + copy * count[Move],))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _key_bytes(*fields: Any) -> bytes:
    """What stands for a row's name in the index, as in `statements.key_bytes`."""
    return digest16(*fields)


_SUMS = """
WITH held AS (SELECT debit, credit, sum(amount) AS amount FROM move WHERE n > $1 GROUP BY 1, 2),
     legs AS (SELECT debit AS n, amount AS debits, 0 AS credits FROM held
              UNION ALL SELECT credit, 0, amount FROM held)
UPDATE account SET pending_debits = pending_debits + legs.debits,
                   pending_credits = pending_credits + legs.credits
FROM (SELECT n, sum(debits) AS debits, sum(credits) AS credits FROM legs GROUP BY n) AS legs
WHERE account.n = legs.n
"""
"""Holds beyond a position, added to their accounts."""


def _decide_all(unit: Unit, works: Iterator[Callable[[Unit], Any]]) -> None:
    database = unit.database
    left = True
    while left:
        database.begin()
        for _ in range(PLAYED):
            work = next(works, None)
            if work is None:
                left = False
                break
            unit.mark()
            work(unit)
        unit.spill()
        database.commit()
        unit.tidy()
        database.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


async def _load(side: Side, rng: random.Random) -> None:
    """Authorize for a while, with so many on their way; the rate, and the longest time in which
    nothing was answered."""
    writer = side.box.world.parties["wallet"].writer
    start = last = time.perf_counter()
    until = start + SECONDS
    answered, stall = 0, 0.0
    waiting = 0
    over = asyncio.Event()

    def send() -> None:
        nonlocal waiting
        waiting += 1
        writer.submit(_work(rng, side.sessions)).add_done_callback(hear)

    def hear(done: "asyncio.Future[Any]") -> None:
        nonlocal waiting, answered, stall, last
        assert done.result().status == 200, done.result()
        now = time.perf_counter()
        stall, last = max(stall, now - last), now
        answered += 1
        waiting -= 1
        if now < until:
            send()
        elif not waiting:
            over.set()

    for _ in range(WAITING):
        send()
    await over.wait()
    side.rates.append(answered / (last - start))
    side.stalls_ms.append(stall * 1000)


async def _pages(box: Sandbox) -> tuple[float, float]:
    """Milliseconds for a page of bets at the start of the list, and at its end."""

    async def timed(cursor: str | None) -> tuple[float, str | None]:
        ask = m.ListBets(limit=PAGE, cursor=cursor)
        before = time.perf_counter()
        wallet = box.world.parties["wallet"]
        found = await wallet.read(STUDIO, lambda tx: lists.list_bets(tx, ask), pages=True)
        return (time.perf_counter() - before) * 1000, found.next_cursor

    async def some(cursor: str | None) -> float:
        taken = []
        for _ in range(PAGES):
            ms, cursor = await timed(cursor)
            taken.append(ms)
        return median(taken)

    early = await some(None)
    return early, await some(f"{BETS - PAGE * (PAGES + 1):x}")


async def _require_sound(box: Sandbox) -> None:
    def ask(books: Books) -> list[str]:
        return [law.name for law in BOOK_LAWS if books.rows(law.broken)]

    broken = await box.world.parties["wallet"].audit(ask)
    if broken:
        sys.exit(f"the books are not sound after the load: {broken}")


def _work(rng: random.Random, among: list[str]) -> Callable[[Unit], Any]:
    name = uuid.UUID(int=rng.getrandbits(128), version=4)
    ask = m.AuthorizeBet(
        session_id=rng.choice(among), bet_id=f"b-{name}", round_id=f"r-{name}", amount=CENT
    )
    return _once("authorizeBet", ask, authorize_bet, key=f"authorize{name}")


def _once(operation: str, ask: Any, decide: Decision, key: str) -> Callable[[Unit], Any]:
    command = Command(caller=STUDIO, operation=operation, key=key, message=ask)
    return Once(command, decide)


def _register(unit: Unit, player_id: str) -> None:
    ask = players.RegisterPlayer(
        player_id=player_id,
        country="DE",
        name="Nobody",
        city="Nowhere",
        cash=Money.of(CASH, "EUR"),
    )
    _once("register", ask, players.register_player, player_id)(unit)


def _open(unit: Unit, player_id: str, found: list[str]) -> None:
    ask = m.CreateSession(
        player_id=player_id, game_id="studio:slot_forge_02", currency="EUR", locale="en"
    )

    def open_and_note(tx: Any, asked: m.CreateSession) -> m.Session:
        session = sessions.create_session(tx, asked)
        found.append(session.session_id)
        return session

    _once("createSession", ask, open_and_note, player_id)(unit)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        BETS = int(sys.argv[1])
    for measure in measures():
        print(measure)
