"""The book: hold, capture, release, post and reverse between two accounts.

Accounts of players are liabilities: credits raise them. `available` = posted credits − posted
debits − pending debits, and is never below zero (WAL-11); `held` = pending debits. Entries are only
ever appended; what was wrong is reversed by another entry (PRV-33).
"""

from typing import NamedTuple

from simulator.base.errors import InsufficientFunds, LimitExceeded
from simulator.base.money import MAX_AMOUNT_MINOR, MAX_SUM_MINOR, largest
from simulator.ledger.rows import Account, Move
from simulator.store.tx import Reads, Tx
from simulator.wire.messages import Balance, Money

OWNED = frozenset({"player", "bonus"})
"""The kinds of account that are a player's: never below zero, and never above what an amount may
be. All others are the operator's own, and may owe."""


class AccountKey(NamedTuple):
    """The name of an account."""

    tenant: str
    kind: str
    owner: str
    currency: str


class Entry(NamedTuple):
    """An entry by its position and what it moved; who keeps it can end or reverse it."""

    move: int
    payer: AccountKey
    payee: AccountKey
    amount_minor: int


class BookError(RuntimeError):
    """The book was asked for something that would break it; a bug above, never a user's fault."""


def balance(tx: Reads, key: AccountKey) -> Balance:
    """What is available and what is held; zero for an account that no entry has touched."""
    account = tx.get(Account, key)
    if account is None:
        zero = Money.of(0, key.currency)
        return Balance(available=zero, held=zero)
    return balance_of(account)


def balance_of(account: Account) -> Balance:
    """The two numbers that players and providers see."""
    return Balance(
        available=Money.of(account.available, account.currency),
        held=Money.of(account.pending_debits, account.currency),
    )


def hold(tx: Tx, payer: AccountKey, payee: AccountKey, amount_minor: int) -> Entry:
    """Set an amount aside: it leaves what is available and is not yet spent (WAL-01, WAL-04).

    Raises InsufficientFunds, with the balance, and then nothing has moved (WAL-02).
    """
    source = _covering(tx, payer, amount_minor)
    target = _account(tx, payee)
    tx.put(source.but(pending_debits=_more(source.pending_debits, amount_minor)))
    tx.put(target.but(pending_credits=_more(target.pending_credits, amount_minor)))
    return _enter(tx, "hold", source, target, Entry(0, payer, payee, amount_minor))


def capture(tx: Tx, held: Entry) -> Entry:
    """Turn a hold into a debit."""
    source, target, amount = _account(tx, held.payer), _account(tx, held.payee), held.amount_minor
    tx.put(
        source.but(
            pending_debits=_less(source.pending_debits, amount),
            posted_debits=_more(source.posted_debits, amount),
        )
    )
    tx.put(
        target.but(
            pending_credits=_less(target.pending_credits, amount),
            posted_credits=_more(target.posted_credits, amount),
        )
    )
    return _enter(tx, "capture", source, target, held)


def release(tx: Tx, held: Entry) -> Entry:
    """Give back what a hold had set aside: the original amount, always (WAL-40)."""
    source, target, amount = _account(tx, held.payer), _account(tx, held.payee), held.amount_minor
    tx.put(source.but(pending_debits=_less(source.pending_debits, amount)))
    tx.put(target.but(pending_credits=_less(target.pending_credits, amount)))
    return _enter(tx, "release", source, target, held)


def post(tx: Tx, payer: AccountKey, payee: AccountKey, amount_minor: int) -> Entry:
    """Move an amount at once. Raises InsufficientFunds where a player could not pay it."""
    source = _covering(tx, payer, amount_minor)
    target = _account(tx, payee)
    _transfer(tx, source, target, amount_minor)
    return _enter(tx, "post", source, target, Entry(0, payer, payee, amount_minor))


def reverse(tx: Tx, posted: Entry) -> Entry:
    """Undo a posted entry by its mirror image; the entry itself stays (PRV-33).

    Raises InsufficientFunds where a player has spent what is to be taken back.
    """
    return _reverse(tx, posted, _covering(tx, posted.payee, posted.amount_minor))


def reverse_below_zero(tx: Tx, posted: Entry) -> Entry:
    """The same, and what the player has spent already is taken back all the same (WAL-47)."""
    source = _account(tx, posted.payee)
    short_minor = posted.amount_minor - source.available
    if source.kind in OWNED and short_minor > source.overdraft:
        source = tx.put(source.but(overdraft=short_minor))
    return _reverse(tx, posted, source)


def _reverse(tx: Tx, posted: Entry, source: Account) -> Entry:
    target = _account(tx, posted.payer)
    _transfer(tx, source, target, posted.amount_minor)
    mirror = Entry(posted.move, posted.payee, posted.payer, posted.amount_minor)
    return _enter(tx, "reverse", source, target, mirror)


def _transfer(tx: Tx, source: Account, target: Account, amount_minor: int) -> None:
    if target.kind in OWNED:
        total = target.posted_credits - target.posted_debits + amount_minor
        if total > MAX_AMOUNT_MINOR:
            raise LimitExceeded(f"no balance may pass {largest(target.currency)}")
    tx.put(source.but(posted_debits=_more(source.posted_debits, amount_minor)))
    tx.put(target.but(posted_credits=_more(target.posted_credits, amount_minor)))


def _covering(tx: Tx, key: AccountKey, amount_minor: int) -> Account:
    if amount_minor < 0:
        raise BookError(f"an entry of {amount_minor} would run backwards")
    account = _account(tx, key)
    if account.kind in OWNED and amount_minor > max(0, account.available):
        raise _insufficient(account, amount_minor)
    return account


def _insufficient(account: Account, amount_minor: int) -> InsufficientFunds:
    now = balance_of(account)
    wanted = Money.of(amount_minor, account.currency)
    return InsufficientFunds(
        f"{wanted.amount} {wanted.currency} is more than the {now.available.amount} available",
        details={"balance": now},
    )


def _account(tx: Tx, key: AccountKey) -> Account:
    found = tx.get(Account, key)
    if found is not None:
        return found
    return tx.put(Account(tenant=key.tenant, kind=key.kind, owner=key.owner, currency=key.currency))


def _enter(tx: Tx, kind: str, payer: Account, payee: Account, about: Entry) -> Entry:
    """Append the entry; `about.move` is the one it ends or reverses, 0 for none."""
    if payer.n == payee.n:
        raise BookError(f"account {about.payer} cannot pay itself")
    move = tx.append(
        Move(
            op=tx.position,
            kind=kind,
            debit=payer.n,
            credit=payee.n,
            amount=about.amount_minor,
            refers_to=about.move or None,
        )
    )
    return Entry(move.n, about.payer, about.payee, about.amount_minor)


def _more(total_minor: int, amount_minor: int) -> int:
    if total_minor + amount_minor > MAX_SUM_MINOR:
        raise LimitExceeded("the account would pass the largest balance a ledger can hold")
    return total_minor + amount_minor


def _less(total_minor: int, amount_minor: int) -> int:
    if amount_minor > total_minor:
        raise BookError(f"{amount_minor} is more than the {total_minor} that is pending")
    return total_minor - amount_minor
