"""The rest of the studio's messages: rounds, catalogue, promotions, events (`openapi/rgs.yaml`)."""

import hashlib
from decimal import Decimal
from typing import Any, Literal

from simulator.wire import json
from simulator.wire.messages import Listing, Message, Money
from simulator.wire.rgs import MarketRules, RoundStatus, SpinType

ItemStatus = Literal["accepted", "repeated", "refused"]
GrantStatus = Literal["active", "used_up", "expired"]
TournamentStatus = Literal["planned", "running", "over"]
Score = Literal["total_win", "turnover"]


# Rounds -------------------------------------------------------------------------------------------


class RoundRef(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One round, by its id."""

    round_id: str


class EndRound(RoundRef, frozen=True, kw_only=True, omit_defaults=True):
    """End a round: no spin is played in it afterwards."""

    @property
    def natural_key(self) -> str:
        """It ends once."""
        return self.round_id


class Round(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One round and the sums of its spins that stand."""

    round_id: str
    session_id: str
    player_id: str
    game_id: str
    status: RoundStatus
    spins: int
    staked: Money
    won: Money
    started_at: str
    ended_at: str | None = None


class ListRounds(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """List rounds, oldest first, filtered; the open ones are found here on reconnect (WAL-64)."""

    session_id: str | None = None
    player_id: str | None = None
    status: RoundStatus | None = None


# Games, builds, markets ---------------------------------------------------------------------------


class Nothing(Message, frozen=True, kw_only=True, omit_defaults=True):
    """No parameters."""


class RtpProfile(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A certified profile and its exact return, in percent, by mode of betting."""

    profile: str
    rtp_percent: dict[str, str]


class Game(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A game with its global build (RGS-09)."""

    game_id: str
    title: str
    kind: str
    mechanics_version: str
    build_hash: str
    modes: list[str]
    profiles: list[RtpProfile]


class Build(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A market build: game, market and profile (RGS-20, RGS-21). `certificate` is illustrative."""

    build_hash: str
    game_id: str
    global_build_hash: str
    market: str
    countries: list[str]
    rtp_profile: str
    rtp_percent: dict[str, str]
    modes: list[str]
    languages: list[str]
    rules: MarketRules
    certificate: str
    active: bool


class Market(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A market preset: data of its date, illustrative, no legal advice."""

    market: str
    title: str
    dated: str
    countries: list[str]
    rules: MarketRules
    note: str


class ListBuilds(Message, frozen=True, kw_only=True, omit_defaults=True):
    """List builds, filtered."""

    game_id: str | None = None
    country: str | None = None


class SwitchBuild(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Have new sessions of a market played on another certified build (RGS-14)."""

    switch_id: str
    build_hash: str
    reason: str
    approved_by: str

    @property
    def natural_key(self) -> str:
        """Each switch happens once."""
        return self.switch_id


class Switched(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A switch that has happened."""

    switch_id: str
    game_id: str
    market: str
    build_hash: str
    rtp_profile: str
    former_build_hash: str
    former_rtp_profile: str
    switched_at: str


# Promotions ---------------------------------------------------------------------------------------


class GrantFreeSpins(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Give a player free spins (RGS-40)."""

    grant_id: str
    player_id: str
    game_id: str
    count: int
    bet_size: Money
    rtp_profile: str | None = None
    expires_at: str | None = None

    @property
    def natural_key(self) -> str:
        """Each grant is given once."""
        return self.grant_id


class GrantRef(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One grant, by its id."""

    grant_id: str


class Grant(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Free spins that were given, and how many are left."""

    grant_id: str
    player_id: str
    game_id: str
    count: int
    left: int
    bet_size: Money
    won: Money
    status: GrantStatus
    granted_at: str
    rtp_profile: str | None = None
    expires_at: str | None = None


class CreateTournament(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Open a tournament (RGS-41)."""

    tournament_id: str
    title: str
    game_ids: list[str]
    currency: str
    score: Score
    starts_at: str
    ends_at: str

    @property
    def natural_key(self) -> str:
        """Each tournament is opened once."""
        return self.tournament_id


class TournamentRef(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One tournament, by its id."""

    tournament_id: str


class Tournament(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A tournament."""

    tournament_id: str
    title: str
    game_ids: list[str]
    currency: str
    score: Score
    status: TournamentStatus
    starts_at: str
    ends_at: str


class ReadLeaderboard(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """Read a tournament's leaderboard."""

    tournament_id: str


class Ranked(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A player's place: more points first, of equal ones who had them first."""

    rank: int
    player_id: str
    score: Money
    spins: int
    staked: Money
    won: Money


class Leaderboard(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The best players of a tournament, as of now."""

    tournament_id: str
    score: Score
    players: int
    items: list[Ranked]


class JackpotWin(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A jackpot fell on a spin (RGS-42)."""

    jp_trigger_id: str
    pool_id: str
    spin_id: str
    amount: Money
    idempotency_key: str


# Events -------------------------------------------------------------------------------------------


class EventsBatch(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What happened at the games, reported together (RGS-04); each item is judged for itself."""

    events: list[Any]
    idempotency_key: str | None = None

    @property
    def natural_key(self) -> str:
        """The same items are one batch; each item counts once under whatever key."""
        return hashlib.sha256(json.encode(self.events)).hexdigest()


class EventItem(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One item of a batch; amounts are decimals in the item's currency."""

    type: Literal["spin_finished", "rg_event"]
    ts: str
    spin_id: str
    round_id: str
    stake: Decimal
    win: Decimal
    currency: str
    game_id: str
    build_hash: str
    player_id: str
    operator_id: str
    spin_type: SpinType


class ItemResult(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one item."""

    index: int
    status: ItemStatus
    type: str | None = None
    spin_id: str | None = None
    error: Any = None


class BatchResult(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Each item with what became of it, in the same order, and how many of each."""

    accepted: int
    repeated: int
    refused: int
    results: list[ItemResult]


class Keys(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The public keys that check the studio's signatures (RFC 7517)."""

    keys: list[Any]
