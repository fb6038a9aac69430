"""The writer on PostgreSQL: nothing is answered before its commit, nothing is lost or done twice,
whoever else is in the database and whatever becomes of the connection."""

import asyncio
from typing import Any

import asyncpg
import pytest

from simulator.base.errors import Internal, NotFound, Problem, Unavailable
from simulator.ledger.audit import verify
from simulator.store.pg_queries import PAGERS, READERS
from simulator.store.pg_store import PgStore
from simulator.store.rows import Op
from simulator.store.tx import Query, Reads
from simulator.store.unit import Unit
from simulator.wallet.operations import ROWS
from simulator.wallet.rows import Payment
from tests.store.pg_tools import Gate, Line, in_the_house, keys, opened, rows
from tests.store.tools import CALLER, decision
from tests.store.writers import Work, note, outcomes, pay


def refused(key: str) -> Work:
    """A decision that writes and is refused in the end."""

    def work(unit: Unit) -> None:
        with decision(unit, key):
            pay(f"{key}-in-vain")(unit)
            raise NotFound("no such thing")

    return work


def pay_twice(key: str) -> Work:
    """A decision that forgets to look whether its payment is there."""

    def work(unit: Unit) -> None:
        with decision(unit, key) as tx:
            tx.append(
                Payment(
                    tenant=CALLER.tenant,
                    payment_id="one",
                    player_id="p",
                    kind="deposit",
                    currency="EUR",
                    amount=1,
                    op=tx.position,
                )
            )

    return work


def messages(found: list[Any]) -> list[str]:
    return [each.message if isinstance(each, Problem) else str(each) for each in found]


# Batches -----------------------------------------------------------------------------------------


async def test_a_batch_is_one_transaction(postgres: str) -> None:
    """What is queued together is committed together, and then all of it is answered."""
    async with opened(postgres) as store:
        line = Line(store)
        found = await outcomes(*(store.writer.submit(pay(f"k{i}")) for i in range(100)))
        assert found == [f"k{i}" for i in range(100)]
        assert line.statements.count("COMMIT") == 1
        assert sorted(await keys(postgres)) == sorted(found)
        assert await in_the_house(postgres) == 100


async def test_nothing_is_answered_before_its_commit(postgres: str) -> None:
    """While the COMMIT is under way, nobody has an answer and nobody else sees a row (WAL-74)."""
    async with opened(postgres) as store:
        gate = Gate(Line(store))
        answer = store.writer.submit(pay("a"))
        await gate.reached.wait()
        assert not answer.done()
        assert await keys(postgres) == []
        gate.let_through()
        assert await answer == "a"
        assert await keys(postgres) == ["a"]


async def test_a_refusal_takes_back_its_own_writes_only(postgres: str) -> None:
    """Of a batch, the refused decision leaves nothing and the others all of theirs (PRV-30)."""
    async with opened(postgres) as store:
        found = await outcomes(*map(store.writer.submit, (pay("a"), refused("b"), pay("c"))))
        assert [type(each) for each in found] == [str, NotFound, str]
        assert sorted(await keys(postgres)) == ["a", "c"]
        assert await in_the_house(postgres) == 2


async def test_a_decision_runs_again_and_has_one_effect(postgres: str) -> None:
    """It is rehearsed, and runs again for whatever it asks for; what stays is done once, at one
    time and with one id."""
    runs: list[tuple[int, str]] = []

    def work(unit: Unit) -> str:
        with decision(unit, "once") as tx:
            runs.append((tx.now_ns, tx.mint("h")))
            tx.get(Payment, (CALLER.tenant, f"asked-for-in-run-{min(len(runs), 3)}"))
        return pay("paid")(unit)

    async with opened(postgres) as store:
        assert await store.writer.submit(work) == "paid"
        assert len(runs) > 2
        assert len(set(runs)) == 1
        assert sorted(await keys(postgres)) == ["once", "paid"]


async def test_the_one_whom_the_schema_refuses_goes_alone(postgres: str) -> None:
    """Of a batch that does not go in together, those that can go in do; the one that breaks a law
    is answered 500 and leaves nothing."""
    async with opened(postgres) as store:
        await store.writer.submit(pay_twice("first"))
        found = await outcomes(*map(store.writer.submit, (pay("a"), pay_twice("b"), pay("c"))))
        assert [type(each) for each in found] == [str, Internal, str]
        assert sorted(await keys(postgres)) == ["a", "c", "first"]


async def test_a_bug_is_its_own_callers_affair(postgres: str) -> None:
    """A decision that fails for a reason of ours: 500 for it, and the batch goes on."""

    def work(unit: Unit) -> None:
        with decision(unit, "bug"):
            raise ZeroDivisionError

    async with opened(postgres) as store:
        found = await outcomes(*map(store.writer.submit, (pay("a"), work)))
        assert [type(each) for each in found] == [str, Internal]
        assert await keys(postgres) == ["a"]


async def test_a_page_shows_what_the_batch_has_written(postgres: str) -> None:
    """A decision that pages sees the rows of those before it in the same batch."""

    def count(unit: Unit) -> int:
        unit.begin(CALLER, b"count", None)
        return len(unit.page(Query(Payment), None, 10))

    async with opened(postgres) as store:
        found = await outcomes(*map(store.writer.submit, (count, pay_twice("a"), count)))
        assert found[0] in (0, 1)
        assert found[2] == 1


async def test_a_closed_store_accepts_nothing(postgres: str) -> None:
    """Close finishes what is queued; what comes later is told to come back."""
    async with opened(postgres) as store:
        answers = [store.writer.submit(pay(f"k{i}")) for i in range(3)]
        await store.writer.close()
        assert [answer.result() for answer in answers] == ["k0", "k1", "k2"]
        with pytest.raises(Unavailable, match="closed"):
            await store.writer.submit(pay("late"))


# Connections that are lost -----------------------------------------------------------------------


async def _cut(store: PgStore) -> None:
    """End the writer's connection from the server's side."""
    connection = store.writer._connection
    assert connection is not None
    pid = connection.get_server_pid()
    await rows(store.writer._database.url, "SELECT pg_terminate_backend($1)", pid)


async def test_a_connection_that_is_lost_before_the_commit_is_not_noticed(postgres: str) -> None:
    """Nothing was done by then, for certain: the batch is decided again on another one."""
    async with opened(postgres) as store:
        await store.writer.submit(pay("a"))
        await _cut(store)
        assert await outcomes(*map(store.writer.submit, (pay("b"), pay("c")))) == ["b", "c"]
        assert sorted(await keys(postgres)) == ["a", "b", "c"]
        assert await in_the_house(postgres) == 3


@pytest.mark.parametrize("happened", [True, False])
async def test_a_commit_without_an_answer_is_an_unknown_outcome(
    postgres: str, happened: bool
) -> None:
    """The connection is lost during COMMIT: 503 with an unknown outcome for all of the batch, and
    the same keys learn it: recalled if it happened, done now if not, once in either case
    (WAL-74, PRV-30)."""

    async def lose(real: Any) -> None:
        if happened:
            await real.execute("COMMIT")
        real.terminate()
        raise asyncpg.ConnectionDoesNotExistError("as a test wants it")

    def once(key: str) -> Work:
        def work(unit: Unit) -> str:
            if unit.get(Op, (CALLER.client, "test", key)) is not None:
                return "recalled"
            return str(pay(key)(unit))

        return work

    async with opened(postgres) as store:
        line = Line(store)
        line.at_commit = lose
        found = await outcomes(*map(store.writer.submit, (once("a"), once("b"))))
        assert [type(each) for each in found] == [Unavailable] * 2
        assert all("outcome is unknown" in message for message in messages(found))
        line.at_commit = None
        again = await outcomes(*map(store.writer.submit, (once("a"), once("b"))))
        assert again == (["recalled", "recalled"] if happened else ["a", "b"])
        assert sorted(await keys(postgres)) == ["a", "b"]
        assert await in_the_house(postgres) == 2


async def test_a_database_that_is_gone_is_a_503_until_it_is_back(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No connection can be had: all are told that nothing was done; later the same keys succeed,
    without a new start."""
    monkeypatch.setattr("simulator.store.pg_writer.RECONNECT_AFTER_S", 0)
    async with opened(postgres) as store:
        url, store.writer._database.url = postgres, "postgresql://playmoney@127.0.0.1:1/none"
        found = await outcomes(*map(store.writer.submit, (pay("a"), pay("b"))))
        assert [type(each) for each in found] == [Unavailable] * 2
        assert all("nothing was done" in message for message in messages(found))
        with pytest.raises(Unavailable):
            await store.queries.read(CALLER, 0, _payments, pages=False)
        store.writer._database.url = url
        assert await outcomes(*map(store.writer.submit, (pay("a"), pay("b")))) == ["a", "b"]
        assert await store.queries.read(CALLER, 0, _payments, pages=False) == []


def _payments(tx: Reads) -> list[Payment]:
    found = tx.get(Payment, (CALLER.tenant, "none"))
    return [] if found is None else [found]


# Several writers ---------------------------------------------------------------------------------


async def test_two_writers_add_to_one_account(postgres: str) -> None:
    """The house is in every batch: each writer adds what it has to add, and nothing is lost though
    neither has seen the other's (WAL-10)."""
    async with opened(postgres) as one, opened(postgres) as other:
        await one.writer.submit(pay("first"))
        works = [(pay(f"k{i}"), (one, other)[i % 2]) for i in range(60)]
        found = await outcomes(*(store.writer.submit(work) for work, store in works))
        assert found == [f"k{i}" for i in range(60)]
        assert await in_the_house(postgres) == 61


async def test_what_one_writer_holds_the_other_waits_for(postgres: str) -> None:
    """While one's COMMIT is under way the other's batch waits, and adds to what it finds then."""
    async with opened(postgres) as one, opened(postgres) as other:
        gate = Gate(Line(one))
        await other.writer.submit(pay("first"))
        early = one.writer.submit(pay("early"))
        await gate.reached.wait()
        late = other.writer.submit(pay("late"))
        await asyncio.sleep(0.1)
        assert not late.done()
        gate.let_through()
        assert await early == "early"
        assert await late == "late"
        assert await in_the_house(postgres) == 3


async def test_connections_are_bounded(postgres: str) -> None:
    """However many read at once, a server has its few connections, and everybody is answered."""
    async with opened(postgres) as store:
        await store.writer.submit(pay("a"))
        single = [store.queries.read(CALLER, 0, _payments, pages=False) for _ in range(100)]
        paging = [_feed(store, 0) for _ in range(30)]
        found = await asyncio.gather(*single, *paging)
        assert found == [[]] * 100 + [[(1, "a")]] * 30
        counted = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        at_most = 1 + 2 + READERS + PAGERS  # the one that counts is not the store's
        for _ in range(6_000):  # a connection that was closed is counted until its end is done
            ((connections,),) = await rows(postgres, counted)
            if connections <= at_most:
                break
            await asyncio.sleep(0.01)
        assert connections <= at_most


# Places and seals --------------------------------------------------------------------------------


async def _feed(store: PgStore, after: int) -> list[tuple[int, str | None]]:
    def look(tx: Reads) -> list[tuple[int, str | None]]:
        return [(op.n, getattr(op, "key", None)) for op in tx.page(Query(Op), after, 100)]

    return await store.queries.read(CALLER, 0, look, pages=True)


async def test_a_cursor_never_passes_a_late_commit(postgres: str) -> None:
    """An operation that drew its number first and committed last comes behind the cursor, not
    before it: cursors are places, which are given in the order of the commits (PRV-40)."""
    async with opened(postgres) as one, opened(postgres) as other:
        gate = Gate(Line(one))
        slow = one.writer.submit(note("slow"))
        await gate.reached.wait()
        await other.writer.submit(note("fast"))
        seen = await _feed(other, 0)
        assert seen == [(1, "fast")]
        gate.let_through()
        await slow
        assert await _feed(other, 1) == [(2, "slow")]
        numbers = dict(await rows(postgres, "SELECT key, n FROM op"))
        assert numbers["slow"] < numbers["fast"]  # a cursor of numbers would have lost it


async def test_what_was_answered_is_in_the_feed(postgres: str) -> None:
    """Whoever reads the feed after an answer finds its operation there, at whichever server; the
    places are dense, and the audit chain is whole (PRV-40, QLT-05)."""
    async with opened(postgres) as one, opened(postgres) as other:
        for i in range(5):
            await (one, other)[i % 2].writer.submit(pay(f"k{i}"))
            assert (await _feed((other, one)[i % 2], 0))[-1] == (i + 1, f"k{i}")
        audit = await one.queries.audit(lambda books: verify(books, ROWS))
        assert audit.sound, audit.first_bad
        assert audit.checked["rows"] == sum(
            [(await rows(postgres, f"SELECT count(*) FROM {kind.TABLE}"))[0][0] for kind in ROWS]
        )


async def test_an_audit_names_a_row_that_was_changed_by_hand(postgres: str) -> None:
    """The chain is the same as on SQLite: a changed account is named (QLT-05)."""
    async with opened(postgres) as store:
        await outcomes(*(store.writer.submit(pay(f"k{i}")) for i in range(3)))
        await rows(postgres, "UPDATE account SET posted_credits = 9 WHERE kind = 'house'")
        audit = await store.queries.audit(lambda books: verify(books, ROWS))
        assert not audit.sound
        assert audit.first_bad is not None
        assert audit.first_bad.table == "account"


async def test_the_next_writer_seals_what_a_killed_one_left(postgres: str) -> None:
    """A process that dies between its commit and its seal leaves nothing undone."""
    async with opened(postgres) as one:
        one.writer._sealer.wake = lambda: None  # type: ignore[method-assign]
        await one.writer.submit(note("left"))
        assert await rows(postgres, "SELECT count(*) FROM place") == [(0,)]
        async with opened(postgres) as other:
            assert await _feed(other, 0) == [(1, "left")]
