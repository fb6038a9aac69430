"""What the platform's side of play keeps: sessions, and rounds from their opening to their end.

Amounts in minor units of the session's currency.
"""

from simulator.store.rows import Row
from simulator.wire.play import DebitTiming, Model, Party, RoundStatus, SessionStatus, SpinType


class PlaySession(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A session; the root of whatever happens in it. `staked` and `won` are of completed rounds;
    `brought` and `taken` are what a transfer session took along and gave back."""

    TABLE = "play_session"
    NAMED_BY = ("tenant", "session_id")
    CHANGES = (
        "taken",
        "rounds",
        "open_rounds",
        "staked",
        "won",
        "status",
        "last_ns",
        "ended_op",
        "ended_ns",
    )

    tenant: str
    session_id: str
    brand: str
    region: str
    provider: str
    player_id: str
    game_id: str
    build_hash: str
    geo: str
    currency: str
    model: Model
    timing: DebitTiming
    modes: str
    warnings: str
    stake_min: int | None
    stake_max: int | None
    stake_step: int | None
    interval_ns: int
    opened_op: int
    opened_ns: int
    expires_ns: int
    brought: int | None = None
    taken: int | None = None
    rounds: int = 0
    open_rounds: int = 0
    staked: int = 0
    won: int = 0
    status: SessionStatus = "open"
    last_ns: int | None = None
    ended_op: int | None = None
    ended_ns: int | None = None


class PlayRound(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A round. `paid` is what of the stake is the player's own money: all of it or nothing.

    `asked` is the canonical request.
    """

    TABLE = "play_round"
    NAMED_BY = ("tenant", "round_id")
    CHANGES = (
        "status",
        "win",
        "outcome",
        "txns",
        "balance",
        "refused_by",
        "refusal",
        "ended_op",
        "ended_ns",
    )

    tenant: str
    round_id: str
    brand: str
    region: str
    session_id: str
    player_id: str
    game_id: str
    currency: str
    timing: DebitTiming | None
    spin_type: SpinType
    mode: str
    stake: int
    paid: int
    asked: bytes
    opened_op: int
    opened_ns: int
    status: RoundStatus = "open"
    win: int | None = None
    outcome: bytes | None = None
    txns: bytes | None = None
    balance: bytes | None = None
    refused_by: Party | None = None
    refusal: bytes | None = None
    ended_op: int | None = None
    ended_ns: int | None = None


class JackpotHeard(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A fall that the jackpot service has told of; each once (JP-12)."""

    TABLE = "play_jackpot"
    NAMED_BY = ("tenant", "jp_trigger_id")

    tenant: str
    jp_trigger_id: str
    brand: str
    region: str
    pool_id: str
    reason: str
    player_id: str
    round_id: str
    op: int
    at_ns: int
