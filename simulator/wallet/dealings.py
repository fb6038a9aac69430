"""What the wallet says of its dealings with a jackpot service, for whoever compares the two: its
own rows, as an auditor reads them (JP-52)."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from simulator.store.reading import Books
from simulator.store.statements import key_bytes

AT_ONCE = 400
"""Names in one statement."""

_PAID = """
  SELECT t.tenant, t.transaction_id, t.player_id, t.amount, t.currency, t.status,
         m.amount, a.kind, a.owner, a.currency, o.client
  FROM txn t LEFT JOIN op o ON o.n = t.op
  LEFT JOIN move m ON m.n = t.cash_move LEFT JOIN account a ON a.n = m.credit
  WHERE t.reason = 'jackpot' AND t.kind = 'credit' ORDER BY t.n
"""
_ASIDE = """
  SELECT s.tenant, s.jp_payout_id, s.amount, s.currency, s.status, o.client
  FROM set_aside s LEFT JOIN op o ON o.n = s.op ORDER BY s.n
"""
_BETS = "SELECT k, player_id, amount, currency, status, closed_ns FROM bet WHERE k IN"
_DEBITS = """
  SELECT k, player_id, amount, currency, status, closed_ns FROM txn
  WHERE kind IN ('debit', 'tombstone') AND k IN
"""


class Paid(NamedTuple):
    """A jackpot's payout as the wallet has it, and what its ledger has moved for it: amount, kind,
    owner and currency of the account that was credited. Amounts in minor units."""

    tenant: str
    payout_id: str
    player_id: str
    amount: int
    currency: str
    status: str
    moved: int | None
    to_kind: str | None
    to_owner: str | None
    to_currency: str | None
    client: str | None
    """Who asked for it: a wallet may pay for several jackpot services."""


class Aside(NamedTuple):
    """A jackpot's payout as the wallet has set it aside, and who has asked for it. In minor units;
    nothing where it was let go before it came."""

    tenant: str
    payout_id: str
    amount: int
    currency: str
    status: str
    client: str | None


class Staked(NamedTuple):
    """A bet or debit; `undone_ns` says when it was rolled back. One that was undone before it came
    has neither player nor stake."""

    player_id: str | None
    stake: int | None
    currency: str | None
    undone_ns: int | None


class Name(NamedTuple):
    """What another party calls a bet."""

    tenant: str
    bet_id: str
    player_id: str
    round_id: str


def paid(books: Books) -> list[Paid]:
    """Every payout that was credited, in order."""
    return [Paid._make(row) for row in books.rows(_PAID)]


def aside(books: Books) -> list[Aside]:
    """Every payout that was set aside, whatever became of it, in order."""
    return [Aside._make(row) for row in books.rows(_ASIDE)]


def staked(books: Books, names: Sequence[Name]) -> dict[Name, Staked]:
    """Those of these bets that the wallet knows, by either of its APIs; among whose transactions a
    debit's id is one is for the profile to say (WAL-09)."""
    by_bet = {key_bytes((name.tenant, name.bet_id)): name for name in names}
    by_debit = {
        key_bytes((name.tenant, scope, name.bet_id)): name
        for name in names
        for scope in ("", name.player_id, name.round_id)
    }
    found: dict[Name, Staked] = {}
    for text, known in ((_BETS, by_bet), (_DEBITS, by_debit)):
        for key, player_id, stake, currency, status, closed_ns in _rows(books, text, list(known)):
            undone_ns = int(closed_ns or 0) if status == "rolled_back" else None
            found[known[bytes(key)]] = Staked(
                player_id, None if stake is None else int(stake), currency, undone_ns
            )
    return found


def _rows(books: Books, text: str, keys: Sequence[bytes]) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        places = ", ".join(f"${at + 1}" for at in range(len(some)))
        yield from books.rows(f"{text} ({places})", some)
