"""Tickets of a timed pool: who holds the drawn one is who would hold it in a list, and finding out
costs the same however long that list would be."""

from collections.abc import Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from simulator.jackpot import draws, tickets
from simulator.jackpot.rows import ContributionRow, PoolRow
from simulator.store.rows import Key, Row
from simulator.store.tx import Reads, Tx
from tests.jackpot.test_draws import TIMED
from tests.jackpot.tools import hall, pool


class Shelf:
    """Rows by their names, and how often one was asked for."""

    def __init__(self) -> None:
        self.rows: dict[Key, Row] = {}
        self.asked = 0

    def get(self, _kind: type[Row], key: Key) -> Row | None:
        self.asked += 1
        return self.rows.get(key)

    def put(self, row: Row) -> Row:
        assert row.identity is not None
        self.rows[row.identity] = row
        return row


def fill(shelf: Shelf, stakes: Sequence[int]) -> PoolRow:
    """A cycle with these contributions."""
    for place, stake in enumerate(stakes, 1):
        row = SimpleNamespace(pool_id="p", cycle=1, tenant="t", jp_contrib_id=f"c-{place}")
        tickets.issue(cast(Tx, shelf), cast(ContributionRow, row), place, stake)
    return cast(PoolRow, SimpleNamespace(pool_id="p", cycle=1, bets=len(stakes)))


def listed(stakes: Sequence[int], gone: set[int]) -> list[int]:
    """The law, said plainly: places in their order, each as often as it holds tickets."""
    live = ((place, stake) for place, stake in enumerate(stakes, 1) if place not in gone)
    return [place for place, stake in live for _ in range(stake)]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.data())
def test_every_ticket_is_its_holders_as_in_a_list(stakes: list[int], data: st.DataObject) -> None:
    """For whatever stakes, those that may not win and those that were rolled back in between among
    them: the same number of tickets, and each is held by whom a list read from its start gives it
    to, so no draw falls otherwise than it did when the list was read (JP-31, JP-33)."""
    shelf = Shelf()
    cycle = fill(shelf, stakes)
    gone = data.draw(st.sets(st.integers(1, len(stakes))))
    for place in gone:
        tickets.take_back(cast(Tx, shelf), cycle, place)
    expected = listed(stakes, gone)
    reads = cast(Reads, shelf)
    assert tickets.held(reads, cycle) == len(expected)
    holders = [int(tickets.holder(reads, cycle, one).place) for one in range(len(expected))]
    assert holders == expected


def test_what_it_costs_grows_with_the_digits_of_the_count() -> None:
    """A contribution reads one row on average; a draw among 4 096 reads at most 3 for each of the
    13 bits, where a list would be read twice as a whole."""
    count = 4_096
    shelf = Shelf()
    cycle = fill(shelf, [2] * count)
    assert shelf.asked < count
    for ticket in (0, count, 2 * count - 1):
        shelf.asked = 0
        held = tickets.held(cast(Reads, shelf), cycle)
        tickets.holder(cast(Reads, shelf), cycle, ticket)
        assert (held, shelf.asked <= 3 * count.bit_length()) == (2 * count, True)


class Counted:
    """A store's reads, counted."""

    def __init__(self, reads: Any) -> None:
        self._reads = reads
        self.rows = 0

    def get(self, kind: type[Row], key: Key) -> Row | None:
        self.rows += 1
        found: Row | None = self._reads.get(kind, key)
        return found

    def page(self, *asked: Any) -> Sequence[Row]:
        found: Sequence[Row] = self._reads.page(*asked)
        self.rows += len(found)
        return found


async def test_a_draw_asks_a_few_rows_however_many_have_a_part() -> None:
    """In a real store: 20 contributions or 200, of which one was rolled back and one is too small
    to win; the rows that a draw reads are those few and no list (JP-31)."""
    read = []
    async with hall() as house:
        for name, count in (("few", 20), ("many", 200)):
            await house.open(pool(name, min_stake=Decimal(1), **TIMED))
            for n in range(count):
                stake = Decimal("0.50") if n == 3 else 2
                assert (await house.contribute(name, stake, name=f"{name}-{n}")).status == 201
            assert (await house.reverse(f"{name}-5")).status == 200

            def draw(unit: Any, pool_id: str = name) -> int:
                counted = Counted(unit)
                row = counted.get(PoolRow, (pool_id,))
                assert isinstance(row, PoolRow)
                assert tickets.held(cast(Reads, counted), row) == (row.bets - 2) * 200
                assert draws.winner_of(cast(Reads, counted), row) is not None
                return counted.rows

            read.append(await house.box.world.parties["jackpot"].writer.submit(draw))
        await house.require_agreement()
    few, many = read
    assert few < 30
    assert many < 45
