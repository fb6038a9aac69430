"""The messages of the platform's provider API (`openapi/platform.yaml`), one struct each.

The wire message is the command: a request struct holds path, query and body parameters together,
so its canonical form is what an idempotency key is bound to (PRV-31). Unknown fields are dropped
(WAL-17); amounts are checked against their currency's decimals while they are read (PRV-03).
"""

from decimal import Decimal
from functools import cache
from typing import Any, Literal

import msgspec
from msgspec.structs import force_setattr

from simulator.base.errors import ValidationFailed
from simulator.base.money import from_minor, in_minor, is_normal, to_minor

BetStatus = Literal["authorized", "settled", "rolled_back"]
RoundStatus = Literal["open", "completed", "cancelled"]
PlayerStatus = Literal["active", "disabled"]


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A body, or the parameters of a call."""


class Money(msgspec.Struct, frozen=True):
    """`{"amount": 2.00, "currency": "EUR"}`: a decimal number and its ISO 4217 code (PRV-03)."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        # Normalised to the currency's digits, so that 2, 2.0 and 2.00 are one amount.
        if not is_normal(self.amount, self.currency):
            minor = to_minor(self.amount, self.currency)
            force_setattr(self, "amount", from_minor(minor, self.currency))

    @property
    def minor(self) -> int:
        """The amount in minor units."""
        return in_minor(self.amount, self.currency)

    @staticmethod
    def of(amount_minor: int, currency: str) -> "Money":
        """Money of whole minor units."""
        money: Money = _zero(currency).__copy__()  # type: ignore[attr-defined]
        force_setattr(money, "amount", from_minor(amount_minor, currency))
        return money


@cache
def _zero(currency: str) -> Money:
    return Money(from_minor(0, currency), currency)


class Balance(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a player can stake now, and what is held by bets that are not settled yet."""

    available: Money
    held: Money


# Sessions -----------------------------------------------------------------------------------------


class RgFlags(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the caller knows of the player's responsible-gaming state."""

    self_exclusion: bool = False
    reality_check_min: int | None = None


class Constraints(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Limits of one session; bare numbers are decimals in the session's currency (PRV-03)."""

    max_bet: Decimal | None = None
    min_bet: Decimal | None = None
    step: Decimal | None = None
    # A factory, because `omit_defaults` knows a default instance by identity: spelled out or left
    # out, a default must encode to the same bytes.
    rg_flags: RgFlags = msgspec.field(default_factory=RgFlags)

    def __post_init__(self) -> None:
        for name in ("max_bet", "min_bet", "step"):
            value = getattr(self, name)
            if value is not None:  # 5, 5.0 and 5E0 are one limit, so they share one fingerprint
                force_setattr(self, name, _plain(name, value))


class CreateSession(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Open a game session for a player (PRV-20)."""

    player_id: str
    game_id: str
    currency: str
    locale: str
    constraints: Constraints = msgspec.field(default_factory=Constraints)
    build_hash: str | None = None
    geo: str | None = None


class ReadSession(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Read one session."""

    session_id: str


class EndSession(Message, frozen=True, kw_only=True, omit_defaults=True):
    """End a session; open bets stay and can still be settled or rolled back (WAL-20, WAL-46)."""

    session_id: str


class AcknowledgeRealityCheck(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The player has seen the reality check (PRV-28)."""

    session_id: str


class Session(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A game session as the provider sees it."""

    session_id: str
    player_id: str
    game_id: str
    currency: str
    locale: str
    geo: str
    build_hash: str
    status: Literal["open", "ended", "expired"]
    created_at: str
    expires_at: str
    ended_at: str | None = None
    reality_check_due_at: str | None = None
    constraints: Constraints = msgspec.field(default_factory=Constraints)


# Bets ---------------------------------------------------------------------------------------------


class AuthorizeBet(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Hold the stake of one bet (PRV-21)."""

    session_id: str
    bet_id: str
    round_id: str
    amount: Money


class BetAuthorized(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The stake is held."""

    status: Literal["authorized"]
    bet_id: str
    round_id: str
    hold_id: str
    balance: Balance


class BonusState(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Where the player stands in a bonus game."""

    in_bonus: bool = False
    freespins_left: int = 0


class SettleBet(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Close a bet with its win, zero included (PRV-22)."""

    bet_id: str
    round_id: str
    win: Money
    bonus_state: BonusState | None = None


class BetSettled(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The stake is spent and the win is credited."""

    status: Literal["credited"]
    bet_id: str
    round_id: str
    settlement_id: str
    balance: Balance


class RollbackBet(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Undo an authorize that was not settled (PRV-23).

    `amount` is what the caller believes it was; the original is restored whatever it says (WAL-40).
    """

    bet_id: str
    round_id: str
    player_id: str | None = None
    amount: Money | None = None
    reason: str | None = None


class BetRolledBack(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the bet held is back; `tombstone` if the bet had not arrived yet (WAL-42)."""

    status: Literal["rolled_back"]
    bet_id: str
    round_id: str
    tombstone: bool = False
    balance: Balance | None = None


class ReadBet(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Read one bet."""

    bet_id: str


class Bet(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One bet and what became of it."""

    bet_id: str
    round_id: str
    status: BetStatus
    player_id: str | None = None
    session_id: str | None = None
    game_id: str | None = None
    amount: Money | None = None
    win: Money | None = None
    hold_id: str | None = None
    settlement_id: str | None = None
    tombstone: bool = False
    authorized_at: str | None = None
    closed_at: str | None = None


# Rounds -------------------------------------------------------------------------------------------


class StartRound(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Open a round before its first bet (PRV-27); a bet on a new round opens it too."""

    round_id: str
    session_id: str


class ReadRound(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Read one round."""

    round_id: str


class CloseRound(Message, frozen=True, kw_only=True, omit_defaults=True):
    """End a round (PRV-27); nothing is accepted on it afterwards (WAL-60)."""

    round_id: str
    outcome: Literal["completed", "cancelled"]


class Round(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One game round and the sums of its bets."""

    round_id: str
    player_id: str
    status: RoundStatus
    bets: int
    open_bets: int
    staked: Money
    won: Money
    started_at: str
    session_id: str | None = None
    game_id: str | None = None
    closed_at: str | None = None


# Games, currencies -----------------------------------------------------------------------


class ReadGame(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Read one game."""

    game_id: str


class Build(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A certified build of a game."""

    build_hash: str
    countries: list[str]
    market: str | None = None
    rtp_profile: str | None = None


class Game(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A game of the catalogue."""

    game_id: str
    name: str
    provider_id: str
    kind: str
    builds: list[Build]


class Currency(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A currency and the number of decimals its amounts may have."""

    code: str
    scale: int


# Lists --------------------------------------------------------------------------------------------


class Listing(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Cursor pagination (PRV-60)."""

    cursor: str | None = None
    limit: int = 50
    order: Literal["asc", "desc"] = "asc"


class ListGames(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """List the games."""


class ListCurrencies(Message, frozen=True, kw_only=True, omit_defaults=True):
    """List the currencies."""


class ListBets(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """List bets, oldest first, filtered (PRV-61)."""

    status: BetStatus | None = None
    game_id: str | None = None
    player_id: str | None = None
    round_id: str | None = None
    session_id: str | None = None
    tenant_id: str | None = None
    occurred_at_from: str | None = None
    occurred_at_to: str | None = None


class ListEvents(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """Read the event feed by cursor (PRV-40, PRV-61)."""

    event_type: str | None = None
    player_id: str | None = None
    game_id: str | None = None
    tenant_id: str | None = None
    occurred_at_from: str | None = None
    occurred_at_to: str | None = None


class Page(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One page of a list; `next_cursor` is there while `has_more` is true, and after the last page
    of a feed that can still grow."""

    items: list[Any]
    has_more: bool
    next_cursor: str | None = None


def session_minor(value: Decimal | None, currency: str, field: str) -> int | None:
    """A bare number of a session's constraints in minor units; refuses what is not money."""
    if value is None:
        return None
    try:
        return to_minor(value, currency)
    except ValueError as wrong:
        raise invalid(field, str(wrong)) from None


def invalid(field: str, message: str) -> ValidationFailed:
    """One refused field, in the words of the error model."""
    return ValidationFailed(
        f"{field}: {message}", details={"errors": [{"field": field, "message": message}]}
    )


def _plain(name: str, value: Decimal) -> Decimal:
    if not value.is_finite() or abs(value.adjusted()) > 30:
        raise ValueError(f"{name} is out of range")
    plain = value.normalize() + 0
    if plain != value:  # both steps round to 28 digits, and amounts are never rounded
        raise ValueError(f"{name} has too many digits")
    return plain
