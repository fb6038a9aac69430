"""A store that begins as another one: read there, until something is written here (SBX-04)."""

from simulator.base.clock import SimClock
from simulator.store.rows import Op, Seal
from simulator.store.sqlite import CopyOnWrite, Database
from simulator.store.unit import Unit
from simulator.wallet.operations import ROWS
from tests.store.tools import commit, decision, open_unit

COUNT = "SELECT count(*) FROM op"


def begun() -> Database:
    """A store that has one operation in it."""
    unit = open_unit()
    with decision(unit, "first"):
        pass
    commit(unit)
    return unit.database


def one_more(unit: Unit, key: str = "second") -> None:
    with decision(unit, key):
        pass
    commit(unit)


def test_it_is_read_where_it_came_from() -> None:
    """Positions, newest rows, facts and all rows, through the other one's own connection."""
    source = begun()
    copy = CopyOnWrite(source, ROWS)
    assert copy.rows(COUNT) == [(1,)]
    assert copy.positions(ROWS) == source.positions(ROWS)
    assert (copy.last(Op), copy.newest(Seal)) == (1, source.newest(Seal))
    assert copy.reader is copy.pager is source.reader


def test_what_is_written_is_its_own() -> None:
    """Neither the one that it came from nor another copy of it sees a row; both go on."""
    source = begun()
    one, other = CopyOnWrite(source, ROWS), CopyOnWrite(source, ROWS)
    one_more(Unit(one, ROWS, SimClock()))
    counts = [database.rows(COUNT) for database in (one, other, source)]
    assert counts == [[(2,)], [(1,)], [(1,)]]
    one_more(Unit(other, ROWS, SimClock()))
    one_more(Unit(other, ROWS, SimClock()), "third")
    counts = [database.rows(COUNT) for database in (one, other, source)]
    assert counts == [[(2,)], [(3,)], [(1,)]]
    assert one.reader is one.pager is one.writer is not other.writer


def test_each_ends_without_the_other() -> None:
    """Closed, a copy leaves the other one open, its own rows or not; let go by everybody else, the
    other one stays for as long as it is read."""
    source = begun()
    unwritten, written = CopyOnWrite(source, ROWS), CopyOnWrite(source, ROWS)
    one_more(Unit(written, ROWS, SimClock()))
    unwritten.close()
    written.close()
    assert source.rows(COUNT) == [(1,)]
    last = CopyOnWrite(source, ROWS)
    del source
    one_more(Unit(last, ROWS, SimClock()))
    assert last.rows(COUNT) == [(2,)]
