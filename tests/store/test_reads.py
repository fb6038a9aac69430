"""Reads show what is committed, and nothing of what may yet be taken back."""

import asyncio
from pathlib import Path

from simulator.base.errors import NotFound
from simulator.ledger import book
from simulator.ledger.rows import Account, Move
from simulator.store.rows import Op
from simulator.store.tx import Query
from simulator.store.unit import Snapshot, Unit
from simulator.store.writer import MAX_BATCH, Writer
from tests.store.tools import CALLER, decision
from tests.store.writers import FUNDING, HOUSE, Gate, opened, outcomes, pay

OPS = Query(Op)


def look(writer: Writer, *, paging: bool = False) -> Snapshot:
    """A query, as a party makes it for each call."""
    return Snapshot(writer.unit.database, CALLER, 0, paging=paging)


def seen(writer: Writer) -> tuple[int, list[int], int]:
    """By name, by page and by position: the same answer three times, or a read is torn."""
    house = look(writer).get(Account, HOUSE)
    page = look(writer, paging=True).page(OPS, None, 100)
    last = look(writer).at(Move, 1 if house is None else house.posted_credits)
    return house.posted_credits if house else 0, [op.n for op in page], last.n if last else 0


async def test_a_reader_sees_no_row_before_its_commit(tmp_path: Path) -> None:
    """While the disk is still writing, a reader has the state before, whole; the writer's own next
    decision has the new one already. (WAL-74)"""
    async with opened(tmp_path / "wallet.db") as (writer, _):
        await writer.submit(pay("a"))
        gate = Gate(writer)
        asked = writer.submit(pay("b"))
        await gate.until_reached()
        assert seen(writer) == (1, [1], 1)
        pending = writer.unit.get(Account, HOUSE)
        assert pending is not None
        assert pending.posted_credits == 2
        gate.let_through()
        await asked
        assert seen(writer) == (2, [1, 2], 2)


async def test_whoever_has_an_answer_reads_its_effect(path: Path | None) -> None:
    """Read your own writes: what was acknowledged is there for the next read, on either store."""
    async with opened(path) as (writer, _):
        for n in range(1, 6):
            await writer.submit(pay(f"k{n}"))
            assert seen(writer) == (n, list(range(1, n + 1)), n)


async def test_what_was_refused_is_never_seen(path: Path | None) -> None:
    """Between a decision that was undone and its neighbours no reader finds its rows."""

    def refused(unit: Unit) -> None:
        with decision(unit, "refused") as tx:
            book.post(tx, FUNDING, HOUSE, 1)
            raise NotFound("no such thing")

    async with opened(path) as (writer, _):
        found = await outcomes(*map(writer.submit, (pay("a"), refused, pay("b"))))
        assert isinstance(found[1], NotFound)
        assert seen(writer) == (2, [1, 2], 2)


WHOLE = """
SELECT (SELECT count(*) FROM op), (SELECT count(*) FROM move),
       coalesce((SELECT posted_credits FROM account WHERE kind = 'house'), 0)
"""


async def test_readers_never_see_half_of_a_batch(path: Path | None) -> None:
    """Looking again and again while others write: operations, entries and sums always agree, and
    their number is that of whole batches."""
    async with opened(path) as (writer, _):
        writes = asyncio.gather(*(writer.submit(pay(f"k{n}")) for n in range(2 * MAX_BATCH + 9)))
        looks = []
        while not writes.done():
            ((ops, moves, paid),) = writer.unit.database.rows(WHOLE)
            assert ops == moves == paid
            looks.append(ops)
            await asyncio.sleep(0)
        await writes
        assert looks == sorted(looks)
        assert set(looks) <= {0, MAX_BATCH, 2 * MAX_BATCH, 2 * MAX_BATCH + 9}
        assert seen(writer)[0] == 2 * MAX_BATCH + 9


async def test_pages_go_on_behind_a_position(path: Path | None) -> None:
    """In both directions, and filtered: no row twice, none left out."""
    async with opened(path) as (writer, _):
        await outcomes(*(writer.submit(pay(f"k{n}")) for n in range(7)))
        reads = look(writer, paging=True)
        up = [[row.n for row in reads.page(OPS, after, 3)] for after in (None, 3, 6, 7)]
        assert up == [[1, 2, 3], [4, 5, 6], [7], []]
        down = Query(Op, newest_first=True)
        assert [[row.n for row in reads.page(down, at, 3)] for at in (None, 5, 2, 1)] == [
            [7, 6, 5],
            [4, 3, 2],
            [1],
            [],
        ]
        some = Query(Op, (("key", ">=", "k2"), ("key", "<", "k5")))
        assert [row.n for row in reads.page(some, None, 10)] == [3, 4, 5]
