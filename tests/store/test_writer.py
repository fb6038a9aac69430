"""The writer: no answer before its commit, and batches in which each decision stands alone."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.base.errors import Internal, NotFound, Unavailable
from simulator.ledger import book
from simulator.ledger.book import AccountKey
from simulator.ledger.rows import Account, Move
from simulator.store.rows import Op
from simulator.store.unit import Unit
from simulator.store.writer import MAX_BATCH
from tests.store.tools import CALLER, decision, open_unit
from tests.store.writers import (
    FUNDING,
    HOUSE,
    Gate,
    Work,
    in_the_house,
    keys,
    note,
    opened,
    outcomes,
    pay,
)

# Answers come after the commit -------------------------------------------------------------------


async def test_no_answer_before_its_commit(tmp_path: Path) -> None:
    """While the fsync lasts nobody is answered, however long it takes, refusals included: what
    they refer to is not durable yet. (WAL-74)"""

    def refused(_unit: Unit) -> None:
        raise NotFound("no such thing")

    async with opened(tmp_path / "wallet.db") as (writer, _):
        gate = Gate(writer)
        works: list[Work] = [note("a"), refused, pay("b")]
        asked = [writer.submit(work) for work in works]
        await gate.until_reached()
        for _ in range(50):
            await asyncio.sleep(0)
        assert not any(future.done() for future in asked)
        assert keys(writer) == []
        gate.let_through()
        first, second, third = await outcomes(*asked)
        assert (first, third) == ("a", "b")
        assert isinstance(second, NotFound)
        assert keys(writer) == ["a", "b"]


async def test_an_idle_writer_waits_for_nobody(path: Path | None) -> None:
    """One call alone is a batch of one: there is no timer to fill it up."""
    async with opened(path) as (writer, _):
        assert await asyncio.wait_for(writer.submit(note("a")), 5) == "a"
        assert keys(writer) == ["a"]


async def test_what_comes_during_a_commit_shares_the_next_one(tmp_path: Path) -> None:
    """Group commit: 100 calls that arrive while the disk is busy cost one fsync together, and are
    decided in the order of their arrival."""
    async with opened(tmp_path / "wallet.db") as (writer, _):
        gate = Gate(writer)
        first = writer.submit(note("first"))
        await gate.until_reached()
        rest = [writer.submit(pay(f"k{n}")) for n in range(100)]
        gate.let_through()
        assert await outcomes(first, *rest) == ["first", *(f"k{n}" for n in range(100))]
        assert gate.commits == 2
        assert keys(writer) == ["first", *(f"k{n}" for n in range(100))]
        assert in_the_house(writer) == 100


async def test_a_batch_has_a_bound(tmp_path: Path) -> None:
    """A long queue is cut, so that the loop stays responsive between two commits."""
    async with opened(tmp_path / "wallet.db") as (writer, _):
        gate = Gate(writer)
        gate.let_through()
        asked = [writer.submit(note(f"k{n}")) for n in range(MAX_BATCH + 1)]
        await outcomes(*asked)
        assert gate.commits == 2


async def test_who_has_gone_away_is_not_waited_for(tmp_path: Path) -> None:
    """A caller that hangs up loses its answer, not its effect; the others are answered."""
    async with opened(tmp_path / "wallet.db") as (writer, _):
        gate = Gate(writer)
        gone, stays = writer.submit(note("gone")), writer.submit(note("stays"))
        await gate.until_reached()
        gone.cancel()
        gate.let_through()
        assert await stays == "stays"
        assert keys(writer) == ["gone", "stays"]


async def test_a_decision_that_fails_before_it_begins_undoes_nothing(path: Path | None) -> None:
    """Its neighbour in the batch keeps what it was told that it has."""

    def refused(_unit: Unit) -> None:
        raise NotFound("no such thing")

    async with opened(path) as (writer, _):
        found = await outcomes(*map(writer.submit, (pay("a"), refused)))
        assert found[0] == "a"
        assert isinstance(found[1], NotFound)
        assert keys(writer) == ["a"]


async def test_close_finishes_what_was_begun(tmp_path: Path) -> None:
    """Nothing that was queued is lost; what comes later is refused."""
    async with opened(tmp_path / "wallet.db") as (writer, broken):
        gate = Gate(writer)
        begun = writer.submit(note("begun"))
        await gate.until_reached()
        queued = writer.submit(note("queued"))
        closing = asyncio.ensure_future(writer.close())
        await asyncio.sleep(0)
        gate.let_through()
        await closing
        assert await outcomes(begun, queued) == ["begun", "queued"]
        with pytest.raises(Unavailable, match="closed"):
            await writer.submit(note("late"))
        assert broken == []
    again = open_unit(tmp_path / "wallet.db")
    assert again.position == 3
    again.database.close()


# A decision that fails ---------------------------------------------------------------------------


async def test_a_bug_in_one_decision_is_its_own(path: Path | None) -> None:
    """Whatever a decision raises becomes a 500 that has done nothing; its batch goes on."""

    def bug(unit: Unit) -> None:
        with decision(unit, "bug") as tx:
            book.post(tx, FUNDING, HOUSE, 1)
            raise ZeroDivisionError

    async with opened(path) as (writer, broken):
        found = await outcomes(*map(writer.submit, (pay("a"), bug, pay("b"))))
        assert isinstance(found[1], Internal)
        assert "nothing was done" in found[1].message
        assert keys(writer) == ["a", "b"]
        assert in_the_house(writer) == 2
        assert broken == []


def _below_zero(unit: Unit) -> None:
    ana = AccountKey(CALLER.tenant, "player", "ana", "EUR")
    unit.put(Account(**ana._asdict(), posted_debits=1))


def _two_of_a_name(unit: Unit) -> None:
    unit.append(_operation("a"))


def _no_such_account(unit: Unit) -> None:
    unit.append(Move(op=unit.position, kind="post", debit=98, credit=99, amount=1))


def _no_such_operation(unit: Unit) -> None:
    """Deferred: SQLite itself would speak up at the COMMIT, for the whole batch."""
    with_accounts = book.post(unit, FUNDING, HOUSE, 1)
    move = unit.at(Move, with_accounts.move)
    assert move is not None
    unit.append(Move(op=10**6, kind="post", debit=move.debit, credit=move.credit, amount=1))


def _no_text(unit: Unit) -> None:
    unit.append(_operation("odd").but(status="two hundred"))


def _operation(key: str) -> Op:
    return Op(
        client=CALLER.client,
        operation="test",
        key=key,
        fingerprint=bytes(16),
        status=200,
        answer=b"",
        at_ns=0,
        tenant="t",
        brand="b",
        region="EU",
        trace_id="tr",
    )


UNLAWFUL = (_below_zero, _two_of_a_name, _no_such_account, _no_such_operation, _no_text)


@pytest.mark.parametrize("unlawful", UNLAWFUL)
async def test_a_law_of_the_schema_refuses_one_decision_only(
    unlawful: Callable[[Unit], None], path: Path | None
) -> None:
    """CHECK, UNIQUE, foreign keys (deferred ones too) and types: the decision that breaks one gets
    500 and leaves nothing, the rest of its batch is committed, and the store goes on."""

    def work(unit: Unit) -> None:
        with decision(unit, "unlawful") as tx:
            book.post(tx, FUNDING, HOUSE, 50)
            unlawful(unit)

    async with opened(path) as (writer, broken):
        found = await outcomes(*map(writer.submit, (pay("a"), pay("b"), work, pay("c"))))
        assert isinstance(found[2], Internal)
        assert [found[0], found[1], found[3]] == ["a", "b", "c"]
        assert await writer.submit(pay("d")) == "d"
        assert keys(writer) == ["a", "b", "c", "d"]
        assert writer.unit.database.rows("SELECT count(*), sum(amount) FROM move") == [(4, 4)]
        assert writer.unit.position == 5
        assert broken == []
        assert not writer.closed
