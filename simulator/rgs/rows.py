"""What the studio keeps: players' states, sessions, rounds, spins, promotions, what was reported.

Amounts in minor units of the session's currency.
"""

from simulator.store.rows import Row
from simulator.wire.rgs import RoundStatus, SpinStatus, SpinType, WalletModel
from simulator.wire.studio import Score


class GamePlayer(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A player as the studio knows one: whether new paid play is forbidden. The root of whatever
    a player does."""

    TABLE = "game_player"
    NAMED_BY = ("tenant", "player_id")
    CHANGES = ("excluded", "changed_ns")

    tenant: str
    player_id: str
    brand: str
    region: str
    excluded: int
    changed_ns: int


class RgChange(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A change of a player's state that the platform has told of; each happens once."""

    TABLE = "rg_change"
    NAMED_BY = ("tenant", "change_id")

    tenant: str
    change_id: str
    player_id: str
    excluded: int
    op: int


class PlayerToken(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A player's token that has opened a session, and can open no other (RGS-02)."""

    TABLE = "player_token"
    NAMED_BY = ("tenant", "jti")

    tenant: str
    jti: str
    session_id: str


class GameSession(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A session: what it may play, what it has played, and the money it keeps (RGS-06).

    `spins`, `staked` and `won` are of the cash spins that stand; `paid` counts every paid spin,
    void or not. `balance` is None where the money stays with the operator. `terms` is what its
    build allowed when it was opened, shown also by a release that has that build no more.
    """

    TABLE = "game_session"
    NAMED_BY = ("tenant", "session_id")
    CHANGES = (
        "displayed",
        "spins",
        "staked",
        "won",
        "paid",
        "paid_ns",
        "balance",
        "moved_in",
        "moved_out",
        "reminder",
        "reminder_ns",
        "ended_ns",
    )

    tenant: str
    session_id: str
    brand: str
    region: str
    operator_id: str
    player_id: str
    game_id: str
    build_hash: str
    geo: str
    currency: str
    wallet: WalletModel
    market: str
    rtp_profile: str
    terms: bytes
    time_limit_min: int | None
    reminder_every_ns: int | None
    token_hash: str
    op: int
    created_ns: int
    expires_ns: int
    displayed: str = ""
    spins: int = 0
    staked: int = 0
    won: int = 0
    paid: int = 0
    paid_ns: int | None = None
    balance: int | None = None
    moved_in: int = 0
    moved_out: int = 0
    reminder: int = 1
    reminder_ns: int | None = None
    ended_ns: int | None = None


class GameRound(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A round and the sums of its spins that stand, whatever they were staked with."""

    TABLE = "game_round"
    NAMED_BY = ("tenant", "round_id")
    CHANGES = ("status", "spins", "staked", "won", "ended_ns")

    tenant: str
    round_id: str
    brand: str
    region: str
    session_id: str
    player_id: str
    game_id: str
    currency: str
    started_ns: int
    status: RoundStatus = "open"
    spins: int = 0
    staked: int = 0
    won: int = 0
    ended_ns: int | None = None


class GameData(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A game's canonical data as some spin was played with it, so that it can be replayed after the
    game has changed (RGS-11)."""

    TABLE = "game_data"
    NAMED_BY = ("data_hash",)

    data_hash: str
    game_id: str
    mechanics_version: str
    data: bytes


class UsedSeed(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A seed that some spin was played with, behind the fingerprint that the spin shows."""

    TABLE = "used_seed"
    NAMED_BY = ("fingerprint",)

    fingerprint: str
    seed: int


class SpinRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A spin: what was asked, what came of it, and what is needed to play it again (RGS-11).

    `outcome` and `txns` are the bytes that were answered.
    """

    TABLE = "spin"
    NAMED_BY = ("tenant", "spin_id")
    CHANGES = ("status", "txns", "voided_ns")

    tenant: str
    spin_id: str
    brand: str
    region: str
    round_id: str
    session_id: str
    player_id: str
    game_id: str
    build_hash: str
    rtp_profile: str
    spin_type: SpinType
    mode: str
    currency: str
    stake: int
    win: int
    choice: bytes
    outcome: bytes
    telemetry_ref: str
    seed_fingerprint: str
    nonce: str
    mechanics_version: str
    data_hash: str
    draws: int
    op: int
    played_ns: int
    grant_id: str | None = None
    tournament_id: str | None = None
    status: SpinStatus = "played"
    txns: bytes = b"[]"
    voided_ns: int | None = None


class MoneyMove(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """Money that was brought into a session, or taken out of it (RGS-06)."""

    TABLE = "money_move"
    NAMED_BY = ("tenant", "transfer_id")

    tenant: str
    transfer_id: str
    session_id: str
    direction: str
    amount: int
    whole: int
    op: int


class FreeSpins(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A grant of free spins (RGS-40)."""

    TABLE = "free_spins"
    NAMED_BY = ("tenant", "grant_id")
    CHANGES = ("consumed", "won")

    tenant: str
    grant_id: str
    brand: str
    region: str
    player_id: str
    game_id: str
    granted: int
    bet_size: int
    currency: str
    rtp_profile: str | None
    granted_ns: int
    expires_ns: int | None
    op: int
    consumed: int = 0
    won: int = 0


class TournamentRow(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A tournament: which games count in it, when, and how (RGS-41)."""

    TABLE = "tournament"
    NAMED_BY = ("tenant", "tournament_id")

    tenant: str
    tournament_id: str
    brand: str
    region: str
    title: str
    games: str
    currency: str
    score: Score
    starts_ns: int
    ends_ns: int
    op: int


class Entry(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A player in a tournament, and the sums of the spins that count there."""

    TABLE = "tournament_entry"
    NAMED_BY = ("tenant", "tournament_id", "player_id")
    CHANGES = ("spins", "staked", "won", "reached_ns")

    tenant: str
    tournament_id: str
    player_id: str
    spins: int = 0
    staked: int = 0
    won: int = 0
    reached_ns: int = 0
    """When the points were last changed: of equal ones, who had them first is ahead."""


class Fallen(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A jackpot that fell on a spin; each trigger once (RGS-42)."""

    TABLE = "jackpot_fallen"
    NAMED_BY = ("tenant", "jp_trigger_id")

    tenant: str
    jp_trigger_id: str
    pool_id: str
    spin_id: str
    amount: int
    currency: str
    op: int


class Reported(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """An item of a batch that was counted; its (type, spin) is never counted again (RGS-04)."""

    TABLE = "reported"
    NAMED_BY = ("tenant", "type", "spin_id")

    tenant: str
    type: str
    spin_id: str
    digest: bytes
    op: int


class ActiveBuild(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """The build that new sessions of a market play, once it was switched (RGS-14)."""

    TABLE = "active_build"
    NAMED_BY = ("tenant", "game_id", "market")
    CHANGES = ("build_hash",)

    tenant: str
    game_id: str
    market: str
    build_hash: str


class BuildSwitch(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """A switch to another certified build, by whom and why (RGS-14)."""

    TABLE = "build_switch"
    NAMED_BY = ("tenant", "switch_id")

    tenant: str
    switch_id: str
    game_id: str
    market: str
    former: str
    build_hash: str
    reason: str
    approved_by: str
    op: int
