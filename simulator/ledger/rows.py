"""Accounts and entries, as rows."""

from simulator.store.rows import Row


class Account(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """Four sums in minor units; what an account has is their difference.

    A player's may be below zero by `overdraft`: what reversals took back that was spent already.
    """

    TABLE = "account"
    NAMED_BY = ("tenant", "kind", "owner", "currency")
    CHANGES = (
        "posted_debits",
        "posted_credits",
        "pending_debits",
        "pending_credits",
        "overdraft",
    )

    tenant: str
    kind: str
    owner: str
    currency: str
    posted_debits: int = 0
    posted_credits: int = 0
    pending_debits: int = 0
    pending_credits: int = 0
    overdraft: int = 0

    @property
    def summed(self) -> bool:
        """True for all but players: nobody is refused for what is in such an account."""
        return self.kind not in ("player", "bonus")

    @property
    def available(self) -> int:
        """What the owner can dispose of, in minor units."""
        return self.posted_credits - self.posted_debits - self.pending_debits


class Move(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """One entry: an amount in minor units from a debit to a credit account. Never changes."""

    TABLE = "move"

    op: int
    kind: str
    debit: int
    credit: int
    amount: int
    refers_to: int | None = None
