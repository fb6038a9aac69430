"""The unit of work: all of a decision or nothing of it, and each changed row written once."""

from collections import Counter
from typing import Any

import pytest

from simulator.base.errors import NotFound
from simulator.ledger import book
from simulator.ledger.book import AccountKey
from simulator.ledger.rows import Account, Move
from simulator.store import unit as unit_module
from simulator.store.recall import Command, Once
from simulator.store.rows import Op, Task
from simulator.store.tx import Query
from simulator.store.unit import Unit
from simulator.wallet.operations import ROWS
from simulator.wallet.rows import Bet, Payment, Player, Round, Txn
from simulator.wire.calls import Call
from simulator.wire.events import Event, PlayerRegistered
from simulator.wire.messages import Money, RollbackBet
from simulator.wire.wallet import Debit
from tests.store.tools import CALLER, commit, decision, dump, open_unit

ANA = AccountKey(CALLER.tenant, "player", "ana", "EUR")
HOUSE = AccountKey(CALLER.tenant, "house", "brand-42", "EUR")
FUNDING = AccountKey(CALLER.tenant, "funding", "brand-42", "EUR")

TOLD = Event(topic="player.registered", payload=PlayerRegistered("DE", "EUR"), player_id="ana")


@pytest.fixture
def unit() -> Unit:
    """A store in which Ana has 10.00 EUR."""
    opened = open_unit()
    with decision(opened, "fund") as tx:
        book.post(tx, FUNDING, ANA, 1000)
    commit(opened)
    return opened


def do_everything(tx: Unit) -> None:
    """Every way in which a decision can leave something behind."""
    ana = tx.get(Account, ANA)
    assert ana is not None
    assert tx.get(Payment, (CALLER.tenant, "none")) is None
    book.hold(tx, ANA, HOUSE, 10)
    book.post(tx, ANA, HOUSE, 20)
    payment = Payment(
        tenant=CALLER.tenant, payment_id="p", player_id="ana", currency="EUR", amount=1, op=1
    )
    assert tx.put(payment).n == 1
    tx.emit(TOLD)
    tx.emit(TOLD)
    tx.ask(Call(method="GET", target="/"))
    tx.mint("h")


def do_everything_in_vain(tx: Unit) -> None:
    """The same, refused in the end."""
    do_everything(tx)
    raise NotFound("no such thing")


def state(unit: Unit) -> tuple[Any, ...]:
    """What a following decision could see."""
    accounts = tuple(unit.get(Account, key) for key in (ANA, HOUSE, FUNDING))
    payment = unit.get(Payment, (CALLER.tenant, "p"))
    return accounts, payment, unit.at(Move, 2), unit.at(Op, 2), unit.position


# Undo --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("committed", [True, False])
def test_a_refused_decision_leaves_nothing(unit: Unit, committed: bool) -> None:
    """Rows, cached rows, entries, events, tasks and positions are as before, whether the decision
    before it was committed already or waits in the same batch (PRV-30)."""
    with decision(unit, "before") as tx:
        book.hold(tx, ANA, HOUSE, 5)
    if committed:
        commit(unit)
    before = state(unit)
    with pytest.raises(NotFound), decision(unit, "refused") as tx:
        do_everything_in_vain(tx)
    assert state(unit) == before
    with decision(unit, "after") as tx:
        held = book.hold(tx, ANA, HOUSE, 7)
    commit(unit)
    assert held.move == 3
    database = unit.database
    assert database.rows("SELECT key FROM op") == [("fund",), ("before",), ("after",)]
    assert database.rows("SELECT amount FROM move") == [(1000,), (5,), (7,)]
    assert database.rows("SELECT count(*) FROM op WHERE topic IS NOT NULL") == [(0,)]
    assert dump(database)["task"] == dump(database)["payment"] == []
    unit.forget()
    ana = unit.get(Account, ANA)
    assert ana is not None
    assert ana.pending_debits == 12


def test_the_same_without_a_refusal_leaves_all(unit: Unit) -> None:
    """The control: the decision of the test above does leave rows, events and a task."""
    with decision(unit, "kept") as tx:
        do_everything(tx)
    commit(unit)
    found = dump(unit.database)
    assert len(found["move"]) == 3
    assert len(found["payment"]) == len(found["task"]) == 1
    assert unit.database.rows("SELECT key, topic FROM op WHERE n > 1") == [
        ("kept", TOLD.topic),
        (None, TOLD.topic),
    ]


def test_a_remembered_refusal_has_no_effect_and_no_event(unit: Unit) -> None:
    """The answer of a definite refusal is kept under its key, alone (PRV-30, PRV-34)."""
    unit.begin(CALLER, b"stable", "refused")
    unit.lock(Player, (CALLER.tenant, "ana"))
    do_everything(unit)
    unit.undo()
    unit.remember("test", bytes(16), 422, b"no")
    commit(unit)
    found = unit.database.rows("SELECT key, status, answer, topic FROM op WHERE n > 1")
    assert found == [("refused", 422, b"no", None)]
    assert unit.database.rows("SELECT count(*) FROM move") == [(1,)]


def test_an_id_is_minted_again_after_an_undo(unit: Unit) -> None:
    """A decision may be run again from its start: the same call gets the same ids (SBX-02)."""
    minted: list[list[str]] = []
    for _ in range(2):
        unit.begin(CALLER, b"stable", "again")
        minted.append([unit.mint("h"), unit.mint("h"), unit.mint("st"), unit.mint("st", 7)])
        unit.undo()
    assert minted[0] == minted[1]
    assert len(set(minted[0])) == 4


# Rules of a decision -----------------------------------------------------------------------------


def test_nothing_is_written_before_the_root_is_locked(unit: Unit) -> None:
    """put and append need the lock that serialises them, in each decision anew."""
    with decision(unit, "locked"):
        pass
    unit.begin(CALLER, b"k", "k")
    ana = unit.get(Account, ANA)
    assert ana is not None
    with pytest.raises(RuntimeError, match="locks its root before it writes"):
        unit.put(ana.but(posted_debits=1))
    with pytest.raises(RuntimeError, match="locks its root before it writes"):
        unit.append(Move(op=1, kind="post", debit=1, credit=2, amount=1))
    with pytest.raises(RuntimeError, match="locks its root before it writes"):
        book.post(unit, FUNDING, HOUSE, 1)
    unit.undo()
    unit.lock(Player, (CALLER.tenant, "ana"))
    assert unit.put(ana.but(posted_debits=1)).posted_debits == 1


def test_a_name_is_given_once(unit: Unit) -> None:
    """A new row for a name that is taken is a bug above, found before the database sees it."""
    with pytest.raises(RuntimeError, match="exists already"), decision(unit, "k") as tx:
        tx.put(Account(**ANA._asdict()))


def test_a_row_without_changes_never_changes(unit: Unit) -> None:
    """What is append-only in the schema is so in memory too."""
    op = unit.get(Op, (CALLER.client, "test", "fund"))
    assert op is not None
    with pytest.raises(RuntimeError, match="a op row never changes"), decision(unit, "k") as tx:
        tx.put(op.but(status=500))


def test_a_row_that_changes_is_found_by_its_name(unit: Unit) -> None:
    """By its position it would be read past the cache, as it was before."""
    with pytest.raises(RuntimeError, match="found by its name"):
        unit.at(Account, 1)


def test_a_decision_pages_before_it_writes(unit: Unit) -> None:
    """Its own rows are not in the database yet, so a page could not show them."""
    everything = Query(Move)
    with decision(unit, "k1") as tx:
        book.post(tx, FUNDING, HOUSE, 1)
        with pytest.raises(RuntimeError, match="pages before it writes"):
            tx.page(everything, None, 10)
    with decision(unit, "k2") as tx:
        assert [row.n for row in tx.page(everything, None, 10)] == [1, 2]
        book.post(tx, FUNDING, HOUSE, 1)
    with decision(unit, "k3") as tx:
        assert [row.n for row in tx.page(everything, None, 10)] == [1, 2, 3]


def test_a_decision_sees_what_came_before_it_in_the_batch(unit: Unit) -> None:
    """By name and by position, before anything is in the database."""
    with decision(unit, "k1") as tx:
        book.post(tx, FUNDING, HOUSE, 3)
    with decision(unit, "k2") as tx:
        house = tx.get(Account, HOUSE)
        assert house is not None
        assert house.posted_credits == 3
        first = tx.at(Op, 2)
        assert first is not None
        assert first.key == "k1"
    assert unit.database.rows("SELECT count(*) FROM op") == [(1,)]


# The batch ---------------------------------------------------------------------------------------


def test_a_changed_row_is_written_once_a_batch(unit: Unit) -> None:
    """The house is in every decision and costs one statement in all; so does a row that is new
    and changes in the same batch. (Each one more would be a tenth of the whole.)"""
    written: Counter[tuple[str, str]] = Counter()

    def trace(_cursor: Any, text: str, _values: Any) -> bool:
        verb, table, *_ = [*text.replace("INTO ", "").split(), ""]
        written[verb, table] += 1
        return True

    unit.database.writer.exec_trace = trace
    for n in range(10):
        with decision(unit, f"k{n}") as tx:
            book.post(tx, ANA, HOUSE, 1)
    commit(unit)
    wrote = {what: count for what, count in written.items() if what[0] in ("INSERT", "UPDATE")}
    assert wrote == {
        ("INSERT", "op"): 10,
        ("INSERT", "move"): 10,
        ("INSERT", "account"): 1,  # the house, ten times changed since
        ("UPDATE", "account"): 1,  # ana
        ("INSERT", "seal"): 1,
    }
    unit.forget()
    house, ana = unit.get(Account, HOUSE), unit.get(Account, ANA)
    assert house is not None
    assert ana is not None
    assert (house.posted_credits, ana.posted_debits) == (10, 10)


def test_a_batch_without_changes_writes_nothing(unit: Unit) -> None:
    """There is nothing to commit, so no fsync is waited for."""
    with pytest.raises(NotFound), decision(unit, "k") as tx:
        do_everything_in_vain(tx)
    unit.spill()
    assert not unit.database.dirty


def test_a_forgotten_batch_never_was(unit: Unit) -> None:
    """After a rollback rows and positions are those of the database again."""
    before = dump(unit.database)
    with decision(unit, "k1") as tx:
        do_everything(tx)
    unit.spill()
    unit.database.rollback()
    unit.forget()
    assert unit.position == 2
    assert dump(unit.database) == before
    with decision(unit, "k2") as tx:
        assert book.post(tx, FUNDING, HOUSE, 1).move == 2
    commit(unit)


def test_the_cache_is_bounded(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long life does not fill the memory; what is let go is read again, as it was."""
    monkeypatch.setattr(unit_module, "CACHE_ROWS", 4)
    for n in range(5):
        with decision(unit, f"k{n}") as tx:
            book.hold(tx, ANA, HOUSE, 1)
    commit(unit)
    assert len(unit._cache) > 4
    unit.tidy()
    assert len(unit._cache) <= 4
    ana = unit.get(Account, ANA)
    assert ana is not None
    assert ana.pending_debits == 5


def test_what_is_asked_is_kept_until_it_is_sent(unit: Unit) -> None:
    """A call to another party is a row of the same transaction, due at once."""
    with decision(unit, "k") as tx:
        tx.ask(Call(method="POST", target="/v1/x", to="wallet", body=b"{}"))
    commit(unit)
    ((key, state_, due_ns),) = unit.database.rows("SELECT key, state, due_ns FROM task")
    assert (state_, due_ns) == ("pending", unit.clock.now_ns())
    task = unit.get(Task, ("outbox", "send", key))
    assert task is not None
    assert b"/v1/x" in task.work


def test_what_is_read_ahead_is_what_would_be_read(unit: Unit) -> None:
    """Rows that are there and rows that are not, found without another look at the database; a
    row that a decision has changed meanwhile stays as it is."""
    with decision(unit, "k") as tx:
        book.post(tx, ANA, HOUSE, 1)
    unit.read_ahead([(Account, ANA), (Account, HOUSE)])
    changed = unit.get(Account, ANA)
    assert changed is not None
    assert changed.posted_debits == 1
    commit(unit)
    found = {key: unit.get(Account, key) for key in (ANA, HOUSE)}
    unit.forget()
    nobody = AccountKey(CALLER.tenant, "player", "nobody", "EUR")
    unit.read_ahead([(Account, ANA), (Account, nobody), (Account, HOUSE), (Account, ANA)])
    statements: list[str] = []

    def trace(_cursor: Any, text: str, _values: Any) -> bool:
        statements.append(text)
        return True

    unit.database.writer.exec_trace = trace
    assert {key: unit.get(Account, key) for key in (ANA, HOUSE)} == found
    assert unit.get(Account, nobody) is None
    assert statements == []
    assert unit.get(Account, FUNDING) is not None
    assert len(statements) == 1, "the control: what was not read ahead is read now"


def test_a_row_read_ahead_in_vain_can_be_made_and_undone(unit: Unit) -> None:
    """Known to be absent is not the same as there: it is made once, and a refusal unmakes it."""
    name = (CALLER.tenant, "pay")
    payment = Payment(
        tenant=CALLER.tenant, payment_id="pay", player_id="ana", currency="EUR", amount=1, op=2
    )
    unit.read_ahead([(Payment, name)])
    with decision(unit, "refused") as tx:
        tx.put(payment)
        tx.undo()
        assert tx.get(Payment, name) is None
    with decision(unit, "done") as tx:
        tx.put(payment.but(n=0))
    commit(unit)
    unit.forget()
    assert unit.get(Payment, name) is not None


def test_a_command_names_the_rows_it_will_ask_for() -> None:
    """Its operation by the key, and its tenant's rows that the message names; nothing that the
    message leaves open."""
    message = RollbackBet(bet_id="b1", round_id="r1")
    command = Command(caller=CALLER, operation="rollbackBet", key="k1", message=message)
    names = set(Once(command, lambda _tx, _ask: None).names(ROWS))
    assert names == {
        (Op, (CALLER.client, "rollbackBet", "k1")),
        (Bet, (CALLER.tenant, "b1")),
        (Round, (CALLER.tenant, "r1")),
    }


def test_a_row_is_read_ahead_by_its_usual_name() -> None:
    """A transaction's id is mostly one of its tenant's, whatever a profile may say: that name is
    the hint, so that a debit does not look for it by itself (WAL-09)."""
    message = Debit(transaction_id="d1", player_id="p1", round_id="r1", amount=Money.of(1, "EUR"))
    command = Command(caller=CALLER, operation="debitPlayer", key="k1", message=message)
    names = Once(command, lambda _tx, _ask: None).names(ROWS)
    assert (Txn, (CALLER.tenant, "", "d1")) in names
