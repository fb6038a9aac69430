"""The messages of the wallet API (`openapi/wallet.yaml`), one struct each.

The same rules as in `simulator.wire.messages`: the wire message is the command, and its canonical
form is what an idempotency key is bound to (PRV-31).
"""

from typing import Any, Literal

from simulator.base.errors import Problem
from simulator.wire.funds import Funds
from simulator.wire.messages import Listing, Message, Money

CreditReason = Literal["win", "promo", "jackpot", "correction"]
PayoutRefusal = Literal["RG", "AML", "WITHDRAWAL_LIMIT", "SANCTIONS", "GEO_BLOCK"]
PayoutBlock = Literal["none", "RG", "AML", "WITHDRAWAL_LIMIT", "SANCTIONS", "GEO_BLOCK"]
TxnKind = Literal["debit", "credit", "rollback", "reserve", "release", "tombstone"]
SetAsideStatus = Literal["held", "paid", "released"]
TxnStatus = Literal["ok", "settled", "spent", "released", "rolled_back"]


class ReadBalance(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Read a player's balance."""

    player_id: str


class PlayerBalance(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a player has."""

    player_id: str
    balance: Funds


class Reserve(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Set an amount aside; a debit spends it, a release gives it back."""

    transaction_id: str
    player_id: str
    round_id: str
    amount: Money
    session_id: str | None = None
    game_id: str | None = None


class Debit(Reserve, frozen=True, kw_only=True, omit_defaults=True):
    """Take a stake at once (WAL-01)."""

    reserve_transaction_id: str | None = None


class Credit(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Pay a player (WAL-20..28)."""

    transaction_id: str
    player_id: str
    round_id: str
    amount: Money
    reason: CreditReason
    debit_transaction_id: str | None = None


class PayoutMeta(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a jackpot tells of its payout."""

    tax_withheld: bool = False
    tier: str | None = None


class PayoutBody(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a body in a jackpot's own words has beside player and amount (JP-13): `jp_payout_id`
    tells it from a game's. The contract has made sure that each has its own fields."""

    jp_payout_id: str | None = None
    tenant_id: str | None = None
    pool_id: str | None = None
    meta: PayoutMeta | None = None
    idempotency_key: str | None = None


class CreditBody(PayoutBody, frozen=True, kw_only=True, omit_defaults=True):
    """A credit, or a jackpot's payout."""

    player_id: str
    amount: Money
    transaction_id: str = ""
    round_id: str = ""
    reason: CreditReason = "jackpot"
    debit_transaction_id: str | None = None

    @property
    def credit(self) -> Credit:
        """The credit of a game."""
        return Credit(
            transaction_id=self.transaction_id,
            player_id=self.player_id,
            round_id=self.round_id,
            amount=self.amount,
            reason=self.reason,
            debit_transaction_id=self.debit_transaction_id,
        )


class ReserveBody(PayoutBody, frozen=True, kw_only=True, omit_defaults=True):
    """A reserve, or a jackpot's payout that is set aside."""

    player_id: str
    amount: Money
    transaction_id: str = ""
    round_id: str = ""
    session_id: str | None = None
    game_id: str | None = None

    @property
    def reserve(self) -> Reserve:
        """The reserve of a game."""
        return Reserve(
            transaction_id=self.transaction_id,
            player_id=self.player_id,
            round_id=self.round_id,
            amount=self.amount,
            session_id=self.session_id,
            game_id=self.game_id,
        )


class DebitAndCredit(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A stake and its win, both or none (WAL-29)."""

    debit: Debit
    credit: Credit


class Rollback(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Undo a transaction, or release a reserve.

    `amount` is what the caller believes it was; the original is restored whatever it says (WAL-40).
    """

    transaction_id: str
    original_transaction_id: str
    player_id: str
    round_id: str
    amount: Money | None = None


class ReleaseBody(PayoutBody, frozen=True, kw_only=True, omit_defaults=True):
    """A release, or that of a jackpot's payout."""

    player_id: str
    transaction_id: str = ""
    original_transaction_id: str = ""
    round_id: str = ""
    amount: Money | None = None

    @property
    def release(self) -> Rollback:
        """The release of a game."""
        return Rollback(
            transaction_id=self.transaction_id,
            original_transaction_id=self.original_transaction_id,
            player_id=self.player_id,
            round_id=self.round_id,
            amount=self.amount,
        )


class BatchItem(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One transaction under the name of its kind; the contract has made sure that it is one."""

    debit: Debit | None = None
    credit: Credit | None = None
    rollback: Rollback | None = None
    reserve: Reserve | None = None
    release: Rollback | None = None

    @property
    def transaction_id(self) -> str:
        """The id of the one that it is."""
        parts = (self.debit, self.credit, self.rollback, self.reserve, self.release)
        return next(part.transaction_id for part in parts if part is not None)


class Batch(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Several transactions, each answered for itself (WAL-62)."""

    items: list[BatchItem]


class Answer(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A transaction that has happened, or a payout that was stopped, and the balance after it."""

    transaction_id: str
    status: Literal["ok", "failed"]
    balance: Funds
    tombstone: bool = False
    reason: PayoutRefusal | None = None


class DebitAndCreditAnswer(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Both have happened."""

    debit: Answer
    credit: Answer


class ItemError(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The error model without the trace id, which is that of the call (PRV-25)."""

    code: str
    message: str
    retryable: bool
    details: Any = None


class ItemAnswer(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one item of a batch."""

    transaction_id: str
    status: Literal["ok", "failed"]
    tombstone: bool = False
    balance: Funds | None = None
    error: ItemError | None = None

    @classmethod
    def done(cls, answer: Answer) -> "ItemAnswer":
        """An item that has happened."""
        return cls(
            transaction_id=answer.transaction_id,
            status=answer.status,
            tombstone=answer.tombstone,
            balance=answer.balance,
        )

    @classmethod
    def refused(cls, transaction_id: str, problem: Problem) -> "ItemAnswer":
        """An item that was refused."""
        error = ItemError(
            code=problem.code,
            message=problem.message,
            retryable=problem.retryable,
            details=problem.details or None,
        )
        return cls(transaction_id=transaction_id, status="failed", error=error)


class BatchAnswer(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Each item with what became of it, in the same order."""

    items: list[ItemAnswer]


class ReadTransaction(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Read one transaction; player or round say whose it is where the profile needs that."""

    transaction_id: str
    player_id: str | None = None
    round_id: str | None = None


class ListTransactions(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """List transactions, oldest first, filtered (PRV-61)."""

    kind: TxnKind | None = None
    status: TxnStatus | None = None
    player_id: str | None = None
    round_id: str | None = None
    game_id: str | None = None
    tenant_id: str | None = None
    occurred_at_from: str | None = None
    occurred_at_to: str | None = None


class Transaction(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One transaction and what became of it."""

    transaction_id: str
    kind: TxnKind
    status: TxnStatus
    player_id: str
    created_at: str
    session_id: str | None = None
    round_id: str | None = None
    game_id: str | None = None
    amount: Money | None = None
    bonus_amount: Money | None = None
    reason: CreditReason | None = None
    debit_transaction_id: str | None = None
    reserve_transaction_id: str | None = None
    original_transaction_id: str | None = None
    pool_id: str | None = None
    ended_at: str | None = None
