"""The messages of play at the studio (`openapi/rgs.yaml`): sessions and spins.

The same rules as in `simulator.wire.messages`. A request whose own id makes it one of a kind has a
`natural_key`, which is its idempotency key where neither body nor header carries one (PRV-35).
"""

import hashlib
from decimal import Decimal
from typing import Any, Literal

import msgspec
from msgspec.structs import force_setattr

from simulator.wire.messages import Listing, Message, Money

SpinType = Literal["cash", "free", "bonus", "tournament"]
SpinStatus = Literal["played", "void"]
SessionStatus = Literal["open", "ended", "expired"]
Direction = Literal["in", "out"]
WalletModel = Literal["seamless", "transfer"]
RoundStatus = Literal["open", "completed"]
TxnType = Literal["jackpot_contribution", "jackpot_reversal", "jackpot_win", "bonus_award"]


class RgFlags(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the platform says of a player's responsible-gaming state."""

    self_excluded: bool = False
    time_limit_min: int | None = None


class PlayerClaims(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the platform signs of a player for one session (RGS-02). `exp`, `iat` and `nbf` in
    seconds; without `brand_id` any brand of the platform may let the player in."""

    sub: str
    geo: str
    jti: str
    exp: int
    aud: str = ""
    iss: str = ""
    iat: int = 0
    nbf: int = 0
    brand_id: str = ""
    rg_flags: RgFlags = msgspec.field(default_factory=RgFlags)


# Sessions -----------------------------------------------------------------------------------------


class CreateSession(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Let a player in (RGS-01)."""

    session_id: str
    operator_id: str
    player_id: str
    game_id: str
    build_hash: str
    jwt: str
    geo: str
    currency: str
    rg_flags: RgFlags = msgspec.field(default_factory=RgFlags)
    wallet: WalletModel = "seamless"
    displayed: list[str] = msgspec.field(default_factory=list)

    @property
    def natural_key(self) -> str:
        """One session of this id."""
        return self.session_id


class SessionRef(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One session, by its id."""

    session_id: str


class EndSession(SessionRef, frozen=True, kw_only=True, omit_defaults=True):
    """End a session."""

    @property
    def natural_key(self) -> str:
        """It ends once."""
        return self.session_id


class ReportDisplayed(SessionRef, frozen=True, kw_only=True, omit_defaults=True):
    """The warnings and age labels that the client has shown (RGS-33)."""

    displayed: list[str]

    @property
    def natural_key(self) -> str:
        """The same report is one report."""
        shown = hashlib.sha256(",".join(self.displayed).encode()).hexdigest()
        return f"{self.session_id}/{shown}"


class Acknowledge(SessionRef, frozen=True, kw_only=True, omit_defaults=True):
    """The player has seen the reminder (RGS-30)."""

    reminder_id: str

    @property
    def natural_key(self) -> str:
        """Each reminder is seen once."""
        return self.reminder_id


class SetPlayerRg(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What has changed in a player's responsible-gaming state (RGS-31)."""

    player_id: str
    change_id: str
    self_excluded: bool

    @property
    def natural_key(self) -> str:
        """Each change happens once."""
        return self.change_id


class PlayerRg(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A player's responsible-gaming state as the studio knows it."""

    player_id: str
    self_excluded: bool
    changed_at: str


class MarketRules(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a market build adds to a game (RGS-21). Stakes in the session's currency."""

    languages: list[str]
    warnings: list[str]
    min_spin_interval_ms: int
    autoplay: bool
    bonus_buy: bool
    ante: bool
    jackpots: bool
    reminder_min: int | None = None


class Stakes(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What may be staked on one spin."""

    min: Money
    max: Money
    step: Money


class SessionTerms(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a session's build allows."""

    modes: list[str]
    rules: MarketRules
    stakes: Stakes


class SessionRg(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The hooks for time and limits of one session (RGS-30)."""

    self_excluded: bool
    session_time_ms: int
    time_limit_min: int | None = None
    reminder_id: str | None = None
    reminder_due_at: str | None = None


class Session(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A session as the platform sees it."""

    session_id: str
    operator_id: str
    player_id: str
    game_id: str
    build_hash: str
    market: str
    rtp_profile: str
    geo: str
    currency: str
    wallet: WalletModel
    status: SessionStatus
    modes: list[str]
    rules: MarketRules
    stakes: Stakes
    rg: SessionRg
    displayed: list[str]
    spins: int
    staked: Money
    won: Money
    created_at: str
    expires_at: str
    balance: Money | None = None
    ended_at: str | None = None


class MoveMoney(SessionRef, frozen=True, kw_only=True, omit_defaults=True):
    """Bring money into a session, or take it out: all of it where no amount is given (RGS-06)."""

    transfer_id: str
    amount: Money | None = None

    @property
    def natural_key(self) -> str:
        """Each transfer happens once."""
        return self.transfer_id


class Transfer(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A transfer that has happened, and the session's balance after it."""

    transfer_id: str
    session_id: str
    direction: Direction
    amount: Money
    balance: Money
    status: Literal["completed"]


# Spins --------------------------------------------------------------------------------------------


class SpinChoice(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a player decides beforehand where a game asks for it, such as a crash game's target."""

    target: Decimal | None = None

    def __post_init__(self) -> None:
        if self.target is not None:  # 2, 2.0 and 2E0 are one target, so they share one fingerprint
            force_setattr(self, "target", _plain(self.target))


class Spin(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Play one spin (RGS-03)."""

    spin_id: str
    round_id: str
    session_id: str
    stake: Money
    spin_type: SpinType
    idempotency_key: str
    mode: str = "base"
    choice: SpinChoice | None = None
    grant_id: str | None = None
    tournament_id: str | None = None
    autoplay: bool = False


class Outcome(Message, frozen=True, kw_only=True):
    """What a spin came to. `features` and `symbols` are the game's own."""

    win: Money
    features: list[Any]
    symbols: Any


class SpinTxn(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A transaction beside stake and win (RGS-42). The amount is in the session's currency."""

    txn_id: str
    type: TxnType
    amount: Decimal
    signature: str
    pool_id: str | None = None
    grant_id: str | None = None


class SpinRg(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The session's clock at a spin (RGS-30)."""

    session_time_ms: int
    reminder_id: str | None = None
    reminder_due_at: str | None = None


class SpinPlayed(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to a spin (RGS-03). `balance` only where the RGS keeps it (RGS-06)."""

    spin_id: str
    outcome: Outcome
    rgs_txns: list[SpinTxn]
    telemetry_ref: str
    rg: SpinRg | None = None
    balance: Money | None = None


class SpinRef(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One spin, by its id."""

    spin_id: str


class VoidSpin(SpinRef, frozen=True, kw_only=True, omit_defaults=True):
    """Undo a spin that was never shown, because its debit was refused; `unpaid` where the round has
    ended, and the wallet has refused the stake or the win for good."""

    reason: str | None = None
    unpaid: bool = False

    @property
    def natural_key(self) -> str:
        """It is void once; who was refused before the wallet has spoken may ask again after."""
        return f"{self.spin_id}-unpaid" if self.unpaid else self.spin_id


class Recorded(Message, frozen=True, kw_only=True, omit_defaults=True):
    """All that is needed to play a spin again, but for the seed itself (RGS-11)."""

    seed_fingerprint: str
    nonce: str
    mechanics_version: str
    data_hash: str
    draws: int


class SpinShown(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One spin and what became of it."""

    spin_id: str
    round_id: str
    session_id: str
    player_id: str
    game_id: str
    build_hash: str
    rtp_profile: str
    spin_type: SpinType
    mode: str
    status: SpinStatus
    stake: Money
    outcome: Outcome
    rgs_txns: list[SpinTxn]
    telemetry_ref: str
    record: Recorded
    played_at: str
    choice: SpinChoice | None = None
    grant_id: str | None = None
    tournament_id: str | None = None
    voided_at: str | None = None


class ListSpins(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """List spins, oldest first, filtered."""

    session_id: str | None = None
    round_id: str | None = None
    player_id: str | None = None
    game_id: str | None = None
    grant_id: str | None = None
    tournament_id: str | None = None


class ReplaySeed(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Play from a seed and a nonce what a spin of this build and stake comes to (RGS-11)."""

    seed: int
    nonce: str
    build_hash: str
    stake: Money
    mode: str = "base"
    choice: SpinChoice | None = None
    data_hash: str | None = None


class Replay(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What was played again, every step of it, and whether it is what was answered then."""

    outcome: Outcome
    record: Recorded
    steps: Any
    game_id: str
    rtp_profile: str
    mode: str
    stake: Money
    outcome_sha256: str
    spin_id: str | None = None
    same: bool | None = None


def _plain(target: Decimal) -> Decimal:
    """The same number in its shortest form. Raises ValueError for one that no game could have."""
    if not target.is_finite() or abs(target.adjusted()) > 12 or len(target.as_tuple().digits) > 24:
        raise ValueError("target is out of range")
    return Decimal(format(target.normalize(), "f"))
