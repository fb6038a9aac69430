"""The messages of the platform's side of play (`openapi/play.yaml`), one struct each.

The same rules as in `simulator.wire.messages`. A round that names its own id has it as its key
where the header carries none (PRV-35).
"""

from typing import Any, Literal

import msgspec

from simulator.wire.jackpot import Trigger
from simulator.wire.messages import Balance, Constraints, Listing, Message, Money
from simulator.wire.rgs import SpinChoice

Model = Literal["seamless", "transfer"]
DebitTiming = Literal["hold_first", "debit_first", "outcome_first"]
SessionStatus = Literal["open", "ending", "ended"]
RoundStatus = Literal["open", "completed", "refused", "cancelled"]
SpinType = Literal["cash", "free", "bonus", "tournament"]
Party = Literal["wallet", "rgs"]
FinishedHow = Literal["settled", "given_back", "closed"]


# Jackpots -----------------------------------------------------------------------------------------


class JackpotTrigger(Trigger, frozen=True, kw_only=True, omit_defaults=True):
    """The jackpot service has let a pool fall on a round of this platform: heard once (JP-12)."""


class JackpotReceived(Message, frozen=True, kw_only=True, omit_defaults=True):
    """It is heard."""

    jp_trigger_id: str
    status: Literal["received"]
    received_at: str


# Sessions -----------------------------------------------------------------------------------------


class OpenSession(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Let a player into a game, at the platform and at the studio."""

    player_id: str
    game_id: str
    currency: str
    locale: str
    model: Model = "seamless"
    debit_timing: DebitTiming = "hold_first"
    transfer: Money | None = None
    constraints: Constraints = msgspec.field(default_factory=Constraints)
    geo: str | None = None
    displayed: list[str] = msgspec.field(default_factory=list)


class SessionRef(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One session, by its id."""

    session_id: str


class EndSession(SessionRef, frozen=True, kw_only=True, omit_defaults=True):
    """End a session; what a transfer session has left goes back to the wallet."""


class Reconnect(SessionRef, frozen=True, kw_only=True, omit_defaults=True):
    """Come back to a session, and have finished what nobody drives (WAL-64)."""


class AcknowledgeSession(SessionRef, frozen=True, kw_only=True, omit_defaults=True):
    """The player has seen a reality check, whoever asked for it."""


class Stakes(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What may be staked on one round."""

    min: Money
    max: Money
    step: Money


class Session(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A session as the game client sees it."""

    session_id: str
    player_id: str
    game_id: str
    build_hash: str
    geo: str
    currency: str
    model: Model
    status: SessionStatus
    modes: list[str]
    warnings: list[str]
    rounds: int
    open_rounds: int
    staked: Money
    won: Money
    opened_at: str
    expires_at: str
    debit_timing: DebitTiming | None = None
    stakes: Stakes | None = None
    ended_at: str | None = None
    transferred_in: Money | None = None
    transferred_out: Money | None = None


class Acknowledged(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The session, and who had a reality check to be acknowledged."""

    session: Session
    acknowledged: list[Party]


class Finished(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a reconnect has done with a round that nobody drove."""

    round_id: str
    what: FinishedHow


class Reconnected(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The session, the rounds that go on by themselves, and those that were finished now."""

    session: Session
    under_way: list[str]
    finished: list[Finished]


# Rounds -------------------------------------------------------------------------------------------


class PlayRound(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Play a round: stake, spin, win."""

    session_id: str
    stake: Money
    round_id: str | None = None
    spin_type: SpinType = "cash"
    mode: str = "base"
    choice: SpinChoice | None = None
    grant_id: str | None = None
    tournament_id: str | None = None

    @property
    def natural_key(self) -> str | None:
        """A round of this id is played once."""
        return self.round_id


class Outcome(Message, frozen=True, kw_only=True):
    """What came, in the game's own words."""

    features: list[Any]
    symbols: Any


class Refusal(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Who refused a round, and how."""

    by: Party
    code: str
    message: str


class RoundRef(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One round, by its id."""

    round_id: str


class Round(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A round as the game client sees it; the outcome is there once it has ended."""

    round_id: str
    session_id: str
    player_id: str
    game_id: str
    status: RoundStatus
    spin_type: SpinType
    mode: str
    stake: Money
    opened_at: str
    debit_timing: DebitTiming | None = None
    win: Money | None = None
    outcome: Outcome | None = None
    rgs_txns: list[Any] | None = None
    balance: Balance | None = None
    refusal: Refusal | None = None
    ended_at: str | None = None


class ListRounds(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """List rounds, oldest first, filtered; those under way are `open` (WAL-64)."""

    session_id: str | None = None
    player_id: str | None = None
    status: RoundStatus | None = None


# Events -------------------------------------------------------------------------------------------


class SessionOpened(msgspec.Struct, frozen=True):
    """Payload of `play.session.opened`."""

    game_id: str
    model: Model
    debit_timing: DebitTiming


class SessionEnded(msgspec.Struct, frozen=True):
    """Payload of `play.session.ended`."""

    game_id: str
    rounds: int
    staked: Money
    won: Money


class RoundTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """Payload of `round.opened`, `round.completed`, `round.refused` and `round.cancelled`."""

    round_id: str
    game_id: str
    spin_type: SpinType
    stake: Money
    win: Money | None = None
    code: str | None = None
