"""What the operator keeps: players, sessions, rounds, bets, transactions, payments.

Amounts in minor units.
"""

from simulator.store.rows import Row
from simulator.wire.bonuses import BonusStatus
from simulator.wire.funds import PaymentKind
from simulator.wire.messages import BetStatus, PlayerStatus, RoundStatus
from simulator.wire.players import LimitKind, Period
from simulator.wire.wallet import CreditReason, PayoutBlock, SetAsideStatus, TxnKind, TxnStatus


class Player(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A player, with the personal data that no provider sees."""

    TABLE = "player"
    NAMED_BY = ("tenant", "player_id")
    CHANGES = ("bonus_id", "status", "self_excluded", "payout_block", "limits", "time_out_ns")

    tenant: str
    player_id: str
    brand: str
    region: str
    country: str
    currency: str
    name: str
    city: str
    bonus_id: str | None = None
    status: PlayerStatus = "active"
    self_excluded: int = 0
    payout_block: PayoutBlock = "none"
    """Why compliance stops what a jackpot pays to this player."""
    limits: int = 0
    """Which limits of their own there are rows for, a bit each (`simulator/wallet/rg.py`)."""
    time_out_ns: int | None = None


class Session(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A game session and the limits it was opened with."""

    TABLE = "session"
    NAMED_BY = ("tenant", "session_id")
    CHANGES = ("expires_ns", "ended_ns", "reality_due_ns")

    tenant: str
    session_id: str
    brand: str
    region: str
    player_id: str
    game_id: str
    build_hash: str
    geo: str
    currency: str
    locale: str
    constraints: bytes
    max_bet: int | None
    min_bet: int | None
    step: int | None
    excluded: int
    created_ns: int
    expires_ns: int
    ended_ns: int | None = None
    reality_check_ns: int | None = None
    reality_due_ns: int | None = None


class Round(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A game round and the sums of its bets and transactions.

    `held` is the part of `staked` that is not captured yet; while the round is open, staked − held
    − won of it lie on its provider's clearing account. `loose_wins` counts the wins that named no
    debit: they settle every debit of the round.
    """

    TABLE = "round"
    NAMED_BY = ("tenant", "round_id")
    CHANGES = (
        "status",
        "bets",
        "open_bets",
        "settled",
        "staked",
        "held",
        "won",
        "loose_wins",
        "closed_op",
        "closed_ns",
    )

    tenant: str
    round_id: str
    brand: str
    region: str
    provider: str
    player_id: str
    session_id: str | None
    game_id: str | None
    currency: str
    started_op: int
    started_ns: int
    status: RoundStatus = "open"
    bets: int = 0
    open_bets: int = 0
    settled: int = 0
    staked: int = 0
    held: int = 0
    won: int = 0
    loose_wins: int = 0
    closed_op: int | None = None
    closed_ns: int | None = None


class Bet(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A bet: its hold, its end, or the tombstone of one that never came.

    `amount` is the whole stake, `bonus_amount` the part of it that has an entry of its own,
    `bonus_move`, because it was taken from the bonus.
    """

    TABLE = "bet"
    NAMED_BY = ("tenant", "bet_id")
    CHANGES = ("status", "win", "settlement_id", "closed_op", "closed_ns")

    tenant: str
    bet_id: str
    brand: str
    region: str
    round_id: str
    player_id: str | None
    session_id: str | None
    game_id: str | None
    currency: str | None
    amount: int | None
    hold_move: int | None
    hold_id: str | None
    opened_op: int
    opened_ns: int
    bonus_amount: int = 0
    bonus_move: int | None = None
    status: BetStatus = "authorized"
    win: int | None = None
    settlement_id: str | None = None
    closed_op: int | None = None
    closed_ns: int | None = None

    @property
    def tombstone(self) -> bool:
        """True where the rollback came before its bet (WAL-42)."""
        return self.hold_move is None


class Txn(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A transaction of the wallet API: what it moved, what became of it, the balance after it.

    `scope` is the player or round among whose transactions the id is one, empty for the tenant
    (WAL-09). `original` is what it refers to: the debit that a credit pays, the reserve that a
    debit spends, what a rollback undoes. A tombstone stands for one that was undone before it came
    (WAL-42).
    """

    TABLE = "txn"
    NAMED_BY = ("tenant", "scope", "transaction_id")
    USUALLY = ("",)
    CHANGES = ("status", "closed_op", "closed_ns")

    tenant: str
    scope: str
    transaction_id: str
    brand: str
    region: str
    kind: TxnKind
    player_id: str
    round_id: str | None
    currency: str
    op: int
    at_ns: int
    session_id: str | None = None
    game_id: str | None = None
    amount: int | None = None
    bonus_amount: int = 0
    cash_move: int | None = None
    bonus_move: int | None = None
    original: str | None = None
    reason: CreditReason | None = None
    pool_id: str | None = None
    cash_after: int = 0
    bonus_after: int = 0
    held_after: int = 0
    status: TxnStatus = "ok"
    closed_op: int | None = None
    closed_ns: int | None = None


class SetAside(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A jackpot's payout that the operator has set aside before it pays it (JP-13). `move` holds
    it, None for one that was let go before it came."""

    TABLE = "set_aside"
    NAMED_BY = ("tenant", "jp_payout_id")
    CHANGES = ("status", "closed_op")

    tenant: str
    jp_payout_id: str
    brand: str
    region: str
    provider: str
    player_id: str
    pool_id: str
    currency: str
    amount: int
    op: int
    move: int | None
    status: SetAsideStatus = "held"
    closed_op: int | None = None


class Bonus(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A bonus: what was given, how much has to be wagered, how much was, and how it ended.

    `debited` is 1 once some of it was staked by a debit, whose win may come at any time.
    """

    TABLE = "bonus"
    NAMED_BY = ("tenant", "bonus_id")
    CHANGES = ("wagered", "debited", "status", "ended_op", "ended_ns")

    tenant: str
    bonus_id: str
    brand: str
    region: str
    player_id: str
    currency: str
    amount: int
    required: int
    expires_ns: int | None
    issued_op: int
    issued_ns: int
    wagered: int = 0
    debited: int = 0
    status: BonusStatus = "active"
    ended_op: int | None = None
    ended_ns: int | None = None

    def expired(self, now_ns: int) -> bool:
        """True where its time is over, whether anything has ended it yet or not."""
        return self.expires_ns is not None and self.expires_ns <= now_ns


class RgLimit(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A limit of a player's own, and what its window has seen since it began.

    In minor units, or nanoseconds of session time; `amount` None is no limit any more. A looser
    value waits as `next_amount` until `next_ns`.
    """

    TABLE = "rg_limit"
    NAMED_BY = ("tenant", "player_id", "kind", "period")
    CHANGES = ("amount", "used", "since_ns", "next_amount", "next_ns")

    tenant: str
    player_id: str
    kind: LimitKind
    period: Period
    amount: int | None
    used: int
    since_ns: int
    next_amount: int | None = None
    next_ns: int | None = None


class Playtime(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """Until when a player's session time is counted, and the sessions that run since, in JSON."""

    TABLE = "playtime"
    NAMED_BY = ("tenant", "player_id")
    CHANGES = ("counted_ns", "running")

    tenant: str
    player_id: str
    counted_ns: int
    running: bytes


class Payment(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """Money that came in from outside the sandbox's world, or went out of it."""

    TABLE = "payment"
    NAMED_BY = ("tenant", "payment_id")

    tenant: str
    payment_id: str
    player_id: str
    currency: str
    amount: int
    op: int
    kind: PaymentKind = "fund"
