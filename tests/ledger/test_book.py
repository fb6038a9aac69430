"""The book: what each entry does to the four sums of its two accounts, and what it refuses."""

from collections.abc import Callable

import apsw
import pytest

from simulator.base.errors import InsufficientFunds, LimitExceeded
from simulator.base.money import MAX_AMOUNT_MINOR, MAX_SUM_MINOR
from simulator.ledger import book
from simulator.ledger.book import AccountKey, BookError, Entry
from simulator.ledger.rows import Account, Move
from simulator.store.tx import Tx
from simulator.store.unit import Unit
from tests.store.tools import commit, decision, dump, open_unit

ANA = AccountKey("brand-42", "player", "ana", "EUR")
BOB = AccountKey("brand-42", "player", "bob", "EUR")
HOUSE = AccountKey("brand-42", "house", "brand-42", "EUR")
FUNDING = AccountKey("brand-42", "funding", "brand-42", "EUR")

CASH = 1000

Sums = tuple[int, int, int, int]
Take = Callable[[Tx, AccountKey, AccountKey, int], Entry]
End = Callable[[Tx, Entry], Entry]


@pytest.fixture
def unit() -> Unit:
    """A book in which Ana has 10.00 EUR, committed."""
    opened = open_unit()
    with decision(opened, "fund") as tx:
        book.post(tx, FUNDING, ANA, CASH)
    commit(opened)
    return opened


def sums(unit: Unit, key: AccountKey) -> Sums:
    """Posted debits and credits, pending debits and credits."""
    found = unit.get(Account, key)
    if found is None:
        return 0, 0, 0, 0
    return (
        found.posted_debits,
        found.posted_credits,
        found.pending_debits,
        found.pending_credits,
    )


def entry(unit: Unit, at: int) -> Move:
    found = unit.at(Move, at)
    assert found is not None
    return found


# Exact effects -----------------------------------------------------------------------------------


def test_an_untouched_account_has_nothing(unit: Unit) -> None:
    """No entry, no row, a balance of zero."""
    shown = book.balance(unit, BOB)
    assert (shown.available.minor, shown.held.minor) == (0, 0)
    assert shown.available.currency == "EUR"
    assert unit.get(Account, BOB) is None


def test_post_moves_at_once(unit: Unit) -> None:
    """Posted debits of the payer and posted credits of the payee rise; nothing is pending."""
    with decision(unit, "k") as tx:
        posted = book.post(tx, ANA, HOUSE, 300)
    commit(unit)
    assert sums(unit, ANA) == (300, CASH, 0, 0)
    assert sums(unit, HOUSE) == (0, 300, 0, 0)
    move = entry(unit, posted.move)
    assert (move.kind, move.amount, move.refers_to) == ("post", 300, None)
    assert move.op == unit.position - 1


def test_hold_sets_aside(unit: Unit) -> None:
    """What is held leaves `available` and is not yet spent (WAL-01, WAL-04)."""
    with decision(unit, "k") as tx:
        held = book.hold(tx, ANA, HOUSE, 300)
    commit(unit)
    assert sums(unit, ANA) == (0, CASH, 300, 0)
    assert sums(unit, HOUSE) == (0, 0, 0, 300)
    shown = book.balance(unit, ANA)
    assert (shown.available.minor, shown.held.minor) == (700, 300)
    assert (entry(unit, held.move).kind, entry(unit, held.move).refers_to) == ("hold", None)


def test_capture_spends_what_was_held(unit: Unit) -> None:
    """Pending becomes posted on both sides; `available` stays as the hold had left it."""
    with decision(unit, "k1") as tx:
        held = book.hold(tx, ANA, HOUSE, 300)
    with decision(unit, "k2") as tx:
        captured = book.capture(tx, held)
    commit(unit)
    assert sums(unit, ANA) == (300, CASH, 0, 0)
    assert sums(unit, HOUSE) == (0, 300, 0, 0)
    move = entry(unit, captured.move)
    assert (move.kind, move.amount, move.refers_to) == ("capture", 300, held.move)


def test_release_gives_back_the_original_amount(unit: Unit) -> None:
    """Both accounts stand as before the hold; both entries stay (WAL-40)."""
    with decision(unit, "k1") as tx:
        held = book.hold(tx, ANA, HOUSE, 300)
    with decision(unit, "k2") as tx:
        released = book.release(tx, held)
    commit(unit)
    assert sums(unit, ANA) == (0, CASH, 0, 0)
    assert sums(unit, HOUSE) == (0, 0, 0, 0)
    move = entry(unit, released.move)
    assert (move.kind, move.amount, move.refers_to) == ("release", 300, held.move)


def test_reverse_is_the_mirror_image(unit: Unit) -> None:
    """A posted entry is undone by one in the other direction and stays as it is (PRV-33)."""
    with decision(unit, "k1") as tx:
        posted = book.post(tx, ANA, HOUSE, 300)
    with decision(unit, "k2") as tx:
        reversed_ = book.reverse(tx, posted)
    commit(unit)
    assert sums(unit, ANA) == (300, CASH + 300, 0, 0)
    assert sums(unit, HOUSE) == (300, 300, 0, 0)
    before, after = entry(unit, posted.move), entry(unit, reversed_.move)
    assert (after.kind, after.refers_to) == ("reverse", posted.move)
    assert (after.debit, after.credit, after.amount) == (before.credit, before.debit, 300)


@pytest.mark.parametrize("end", [book.capture, book.release])
def test_a_hold_of_one_of_two_ends_alone(unit: Unit, end: End) -> None:
    """Two holds of one payer are apart: ending one leaves the other pending."""
    with decision(unit, "k1") as tx:
        first = book.hold(tx, ANA, HOUSE, 100)
        book.hold(tx, ANA, HOUSE, 40)
        end(tx, first)
    commit(unit)
    assert sums(unit, ANA)[2] == sums(unit, HOUSE)[3] == 40


def test_zero_is_an_amount(unit: Unit) -> None:
    """A free bet holds, captures and wins nothing, with its entries, even on an empty account."""
    before = {key: sums(unit, key) for key in (BOB, HOUSE)}
    with decision(unit, "k") as tx:
        held = book.hold(tx, BOB, HOUSE, 0)
        book.capture(tx, held)
        won = book.post(tx, HOUSE, BOB, 0)
        book.reverse(tx, won)
        book.release(tx, book.hold(tx, BOB, HOUSE, 0))
    commit(unit)
    assert {key: sums(unit, key) for key in (BOB, HOUSE)} == before
    assert [entry(unit, n).amount for n in range(held.move, held.move + 6)] == [0] * 6


# Never below zero --------------------------------------------------------------------------------


@pytest.mark.parametrize("take", [book.hold, book.post])
def test_too_little_money_leaves_nothing(unit: Unit, take: Take) -> None:
    """Refused with the balance there is, and not a row of any kind is left behind, the accounts
    that would have been opened included (WAL-02, WAL-11)."""
    before, position = dump(unit.database), unit.position
    with pytest.raises(InsufficientFunds) as refused, decision(unit, "k") as tx:
        take(tx, ANA, HOUSE, CASH + 1)
    now = refused.value.details["balance"]
    assert (now.available.minor, now.held.minor) == (CASH, 0)
    commit(unit)
    assert dump(unit.database) == before
    assert unit.position == position
    assert unit.get(Account, HOUSE) is None


def test_the_last_cent_can_be_spent_and_not_one_more(unit: Unit) -> None:
    """What is held counts as gone; the bound is exact (WAL-11)."""
    with decision(unit, "k1") as tx:
        book.hold(tx, ANA, HOUSE, 999)
        book.hold(tx, ANA, HOUSE, 1)
    with pytest.raises(InsufficientFunds), decision(unit, "k2") as tx:
        book.hold(tx, ANA, HOUSE, 1)
    commit(unit)
    assert book.balance(unit, ANA).available.minor == 0


def test_a_reversal_needs_the_money_too(unit: Unit) -> None:
    """What a player has already spent cannot be taken back: they would be below zero."""
    with decision(unit, "k1") as tx:
        won = book.post(tx, HOUSE, BOB, 50)
        book.hold(tx, BOB, HOUSE, 1)
    with pytest.raises(InsufficientFunds), decision(unit, "k2") as tx:
        book.reverse(tx, won)
    assert sums(unit, BOB) == (0, 50, 1, 0)


def test_house_and_funding_may_owe(unit: Unit) -> None:
    """Only players are bound to zero: wins and deposits come from accounts without a bottom."""
    with decision(unit, "k") as tx:
        book.post(tx, HOUSE, ANA, 5 * CASH)
    commit(unit)
    assert sums(unit, HOUSE) == (5 * CASH, 0, 0, 0)


# Bounds ------------------------------------------------------------------------------------------


def test_a_balance_has_a_cap(unit: Unit) -> None:
    """A player's balance reaches MAX_AMOUNT_MINOR and not a unit more; holds do not make room."""
    with decision(unit, "k1") as tx:
        book.post(tx, FUNDING, ANA, MAX_AMOUNT_MINOR - CASH)
    with pytest.raises(LimitExceeded, match="no balance may pass"), decision(unit, "k2") as tx:
        book.post(tx, FUNDING, ANA, 1)
    with decision(unit, "k3") as tx:
        book.hold(tx, ANA, HOUSE, CASH)
    with pytest.raises(LimitExceeded), decision(unit, "k4") as tx:
        book.post(tx, FUNDING, ANA, 1)
    commit(unit)
    assert sums(unit, ANA) == (0, MAX_AMOUNT_MINOR, CASH, 0)


def test_a_house_has_no_such_cap(unit: Unit) -> None:
    """Many players' stakes may come together there."""
    with decision(unit, "k") as tx:
        book.post(tx, FUNDING, HOUSE, MAX_AMOUNT_MINOR)
        book.post(tx, FUNDING, HOUSE, MAX_AMOUNT_MINOR)
    commit(unit)
    assert sums(unit, HOUSE) == (0, 2 * MAX_AMOUNT_MINOR, 0, 0)


@pytest.mark.parametrize(
    ("field", "take"), [("posted_credits", book.post), ("pending_credits", book.hold)]
)
def test_a_sum_stays_within_64_bits(unit: Unit, field: str, take: Take) -> None:
    """At MAX_SUM_MINOR an account takes nothing more: no database would have to overflow."""
    assert MAX_SUM_MINOR < 2**63
    full = Account(tenant=HOUSE.tenant, kind=HOUSE.kind, owner=HOUSE.owner, currency="EUR")
    with decision(unit, "k1") as tx:
        tx.put(full.but(**{field: MAX_SUM_MINOR}))
    with pytest.raises(LimitExceeded, match="largest balance"), decision(unit, "k2") as tx:
        take(tx, ANA, HOUSE, 1)
    assert sums(unit, ANA) == (0, CASH, 0, 0)


# Bugs above, caught here -------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [0, 1])
def test_an_account_cannot_pay_itself(unit: Unit, amount: int) -> None:
    """It would balance and mean nothing; nothing of it stays."""
    before = dump(unit.database)
    for n, take in enumerate((book.hold, book.post)):
        with pytest.raises(BookError, match="cannot pay itself"), decision(unit, f"k{n}") as tx:
            take(tx, ANA, ANA, amount)
    commit(unit)
    assert dump(unit.database) == before
    assert sums(unit, ANA) == (0, CASH, 0, 0)


def test_a_negative_amount_never_runs_backwards(unit: Unit) -> None:
    """-1 is no way of taking money out of the other account."""
    with pytest.raises(BookError, match="backwards"), decision(unit, "k1") as tx:
        book.hold(tx, ANA, HOUSE, -1)
    with pytest.raises(BookError, match="backwards"), decision(unit, "k2") as tx:
        book.post(tx, ANA, HOUSE, -1)
    with pytest.raises(BookError, match="backwards"), decision(unit, "k3") as tx:
        book.reverse(tx, Entry(1, HOUSE, ANA, -1))


@pytest.mark.parametrize("amount", [301, 10**9])
def test_more_than_was_held_cannot_be_ended(unit: Unit, amount: int) -> None:
    """Pending sums never fall below zero."""
    with decision(unit, "k1") as tx:
        held = book.hold(tx, ANA, HOUSE, 300)._replace(amount_minor=amount)
    with pytest.raises(BookError, match="pending"), decision(unit, "k2") as tx:
        book.capture(tx, held)
    with pytest.raises(BookError, match="pending"), decision(unit, "k3") as tx:
        book.release(tx, held)
    assert sums(unit, ANA) == (0, CASH, 300, 0)


def test_what_has_ended_cannot_end_again(unit: Unit) -> None:
    """Were the code above to forget that a hold was captured, the schema would not (WAL-20)."""
    with decision(unit, "k1") as tx:
        held = book.hold(tx, ANA, HOUSE, 300)
        book.hold(tx, ANA, HOUSE, 300)  # so that enough is pending for a second end
        book.capture(tx, held)
    commit(unit)
    with decision(unit, "k2") as tx:
        book.release(tx, held)
    with pytest.raises(apsw.ConstraintError, match=r"move\.refers_to"):
        unit.spill()
