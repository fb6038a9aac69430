"""Funds: what a player stakes is taken from cash first, then from the bonus, and the split is kept.

A player has two accounts in the book, `player` (cash) and `bonus`; the second exists from the first
bonus on, and who never had one costs nothing here but a look. Whoever keeps a `Stake` can capture
or release it in the buckets it came from (WAL-40). Amounts are minor units. (PRV-05, PRV-24)
"""

from collections.abc import Callable
from typing import NamedTuple

from simulator.base.errors import InsufficientFunds, LimitExceeded
from simulator.base.money import MAX_AMOUNT_MINOR, largest
from simulator.ledger import book
from simulator.ledger.book import AccountKey, Entry
from simulator.ledger.rows import Account
from simulator.store.tx import Reads, Tx
from simulator.wallet.access import bonus, cash
from simulator.wallet.rows import Bonus, Player
from simulator.wire.funds import Funds
from simulator.wire.messages import Balance, Money


class Stake(NamedTuple):
    """What was taken from a player, or paid to one: the entry of each bucket.

    The one of cash is always there, zero where all of it was bonus money: so a stake of nothing is
    a stake too (WAL-05).
    """

    cash: Entry
    bonus: Entry | None = None

    @property
    def amount_minor(self) -> int:
        """All of it."""
        return self.cash.amount_minor + self.bonus_minor

    @property
    def bonus_minor(self) -> int:
        """The part that was bonus money."""
        return self.bonus.amount_minor if self.bonus else 0


def hold(tx: Tx, player_id: str, currency: str, amount_minor: int, payee: AccountKey) -> Stake:
    """Set a stake aside. Raises InsufficientFunds with the balance; nothing has moved then."""
    return _take(tx, player_id, currency, amount_minor, payee, book.hold)


def debit(tx: Tx, player_id: str, currency: str, amount_minor: int, payee: AccountKey) -> Stake:
    """Take a stake at once. Raises InsufficientFunds with the balance; nothing has moved then."""
    return _take(tx, player_id, currency, amount_minor, payee, book.post)


def capture(tx: Tx, stake: Stake) -> None:
    """Turn a hold into a debit."""
    book.capture(tx, stake.cash)
    if stake.bonus:
        book.capture(tx, stake.bonus)


def release(tx: Tx, stake: Stake) -> None:
    """Give back what a hold had set aside, to the buckets it came from (WAL-40)."""
    book.release(tx, stake.cash)
    if stake.bonus:
        book.release(tx, stake.bonus)


def credit(
    tx: Tx,
    player_id: str,
    currency: str,
    amount_minor: int,
    payer: AccountKey,
    *,
    like: Stake | None = None,
) -> Stake:
    """Pay a player, in the proportion of the stake that won: its bonus part rounded down, the rest
    to cash. Raises LimitExceeded where no balance could hold it."""
    wallet, bucket = cash(tx, player_id, currency), bonus(tx, player_id, currency)
    extra = tx.get(Account, bucket)
    if extra is None:
        return Stake(book.post(tx, payer, wallet, amount_minor))
    _require_room(tx.get(Account, wallet), extra, amount_minor, currency)
    part_minor = _share(amount_minor, like)
    paid = book.post(tx, payer, wallet, amount_minor - part_minor)
    return Stake(paid, book.post(tx, payer, bucket, part_minor) if part_minor else None)


def grant(tx: Tx, player_id: str, currency: str, amount_minor: int, payer: AccountKey) -> None:
    """Put bonus money into a player's account. Raises LimitExceeded where no balance could hold
    it."""
    wallet = tx.get(Account, cash(tx, player_id, currency))
    bucket = bonus(tx, player_id, currency)
    _require_room(wallet, tx.get(Account, bucket), amount_minor, currency)
    book.post(tx, payer, bucket, amount_minor)


class Sums(NamedTuple):
    """What can be staked of both buckets, and what is held of either."""

    cash_minor: int
    bonus_minor: int
    held_minor: int

    def told(self, currency: str) -> Funds:
        """As the APIs tell it."""
        return Funds(
            available=Money.of(self.cash_minor + self.bonus_minor, currency),
            held=Money.of(self.held_minor, currency),
            cash=Money.of(self.cash_minor, currency),
            bonus=Money.of(self.bonus_minor, currency),
        )


def sums(tx: Reads, player_id: str, currency: str) -> Sums:
    """Both buckets; zero where no entry was made yet."""
    wallet = tx.get(Account, cash(tx, player_id, currency))
    extra = tx.get(Account, bonus(tx, player_id, currency))
    return Sums(
        wallet.available if wallet else 0,
        _stakeable(tx, extra),
        _held(wallet) + _held(extra),
    )


def balance(tx: Reads, player_id: str, currency: str) -> Funds:
    """Both buckets and their sums, as the APIs tell it."""
    return sums(tx, player_id, currency).told(currency)


def total(tx: Reads, player_id: str, currency: str, tenant: str | None = None) -> Balance:
    """What can be staked and what is held, both buckets together, as `/v1/bets` answers it.

    The tenant is the caller's, but where the sandbox's owner looks at another's players.
    """
    tenant = tenant or tx.caller.tenant
    wallet = tx.get(Account, AccountKey(tenant, "player", player_id, currency))
    extra = tx.get(Account, AccountKey(tenant, "bonus", player_id, currency))
    return _total(tx, wallet, extra, currency)


def restore(
    tx: Reads,
    player_id: str,
    payee: AccountKey,
    *,
    amount_minor: int,
    move: int,
    bonus_minor: int = 0,
    bonus_move: int | None = None,
) -> Stake:
    """The stake that a row has kept: its whole amount, its bonus part and their entries."""
    wallet = cash(tx, player_id, payee.currency)
    spent = Entry(move, wallet, payee, amount_minor - bonus_minor)
    if bonus_move is None:
        return Stake(spent)
    bucket = bonus(tx, player_id, payee.currency)
    return Stake(spent, Entry(bonus_move, bucket, payee, bonus_minor))


def _take(
    tx: Tx,
    player_id: str,
    currency: str,
    amount_minor: int,
    payee: AccountKey,
    take: Callable[[Tx, AccountKey, AccountKey, int], Entry],
) -> Stake:
    key = cash(tx, player_id, currency)
    wallet = tx.get(Account, key)
    has_minor = wallet.available if wallet else 0
    free_minor = max(0, has_minor)  # a reversal may have taken back what was spent
    if amount_minor <= free_minor:
        return Stake(take(tx, key, payee, amount_minor))
    bucket = bonus(tx, player_id, currency)
    extra = tx.get(Account, bucket)
    if extra is None or amount_minor > has_minor + extra.available:
        raise _insufficient(_total(tx, wallet, extra, currency), Money.of(amount_minor, currency))
    spent = take(tx, key, payee, free_minor)
    return Stake(spent, take(tx, bucket, payee, amount_minor - free_minor))


def _share(amount_minor: int, like: Stake | None) -> int:
    if like is None or like.bonus is None:
        return 0
    return amount_minor * like.bonus_minor // like.amount_minor


def _require_room(
    wallet: Account | None, extra: Account | None, amount_minor: int, currency: str
) -> None:
    has_minor = sum(
        account.available + account.pending_debits for account in (wallet, extra) if account
    )
    if has_minor + amount_minor > MAX_AMOUNT_MINOR:
        raise LimitExceeded(f"no balance may pass {largest(currency)}")


def _total(tx: Reads, wallet: Account | None, extra: Account | None, currency: str) -> Balance:
    free_minor = (wallet.available if wallet else 0) + _stakeable(tx, extra)
    return Balance(
        available=Money.of(free_minor, currency),
        held=Money.of(_held(wallet) + _held(extra), currency),
    )


def _stakeable(tx: Reads, extra: Account | None) -> int:
    """What a bet could take of a bonus account: of a bonus whose time is over nothing, also before
    the next decision takes it back, so that a bet of the whole balance succeeds (WAL-04)."""
    if extra is None or not extra.available:
        return 0
    player = tx.get(Player, (extra.tenant, extra.owner))
    bonus_id = player.bonus_id if player else None
    kept = tx.get(Bonus, (extra.tenant, bonus_id)) if bonus_id else None
    return 0 if kept is not None and kept.expired(tx.now_ns) else extra.available


def _held(account: Account | None) -> int:
    return account.pending_debits if account else 0


def _insufficient(now: Balance, wanted: Money) -> InsufficientFunds:
    return InsufficientFunds(
        f"{wanted.amount} {wanted.currency} is more than the {now.available.amount} available",
        details={"balance": now},
    )
