"""What the jackpot service says of its dealings with the wallet, for whoever compares the two
(JP-52): its own rows, as an auditor reads them."""

from typing import NamedTuple

from simulator.jackpot import obligations
from simulator.store.reading import Books

_OWED = """
  SELECT tenant, jp_payout_id, player_id, amount, currency, status, pool_id, set_aside,
         ended_ns, reason
  FROM jp_payout
  ORDER BY n
"""
_PARTS = """
  SELECT n, tenant, jp_contrib_id, pool_id, bet_id, round_id, player_id, stake, currency, status
  FROM jp_contribution WHERE n > $1 ORDER BY n LIMIT $2
"""


class Owed(NamedTuple):
    """A payout: what is owed to whom, and how far it has come. In minor units."""

    tenant: str
    payout_id: str
    player_id: str
    amount: int
    currency: str
    status: str
    pool_id: str
    set_aside: str | None
    ended_ns: int | None
    reason: str | None

    @property
    def may_be_paid(self) -> bool:
        """True where the wallet's answer is on its way, or was one that nobody can read: parked
        then, until it is released and the wallet says which (WAL-72, WAL-97)."""
        if self.status == "parked":
            return obligations.may_be_paid(self.reason, self.set_aside)
        return self.status in ("due", "requested", "credited")


class Part(NamedTuple):
    """A contribution, and the bet that it says it is of. In minor units."""

    n: int
    tenant: str
    jp_contrib_id: str
    pool_id: str
    bet_id: str
    round_id: str
    player_id: str
    stake: int
    currency: str
    status: str


def owed(books: Books) -> list[Owed]:
    """Every payout, in order."""
    return [Owed._make(row) for row in books.rows(_OWED)]


def parts(books: Books, after: int, limit: int) -> list[Part]:
    """Contributions beyond a position, in order."""
    return [Part._make(row) for row in books.rows(_PARTS, (after, limit))]
