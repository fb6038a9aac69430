"""The studio's events: their names and what is in them (RGS-04, RGS-30, RGS-42, PRV-43)."""

from decimal import Decimal

import msgspec

from simulator.rgs.rows import GameSession
from simulator.store.tx import Tx
from simulator.wire.events import Event


class SpinFinished(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `spin_finished`: an item of the RGS batch (RGS-04). Amounts in its currency."""

    type: str
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
    spin_type: str
    mode: str | None = None
    rtp_profile: str | None = None
    grant_id: str | None = None
    tournament_id: str | None = None
    target: Decimal | None = None
    """What a crash game's player aimed at: the law of the spin hangs on it."""
    features: list[str] = []
    """The types of the features that it set off, in their order."""


class SpinVoided(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `spin_voided`: it counts nowhere (RGS-64)."""

    spin_id: str
    round_id: str
    game_id: str
    stake: Decimal
    win: Decimal
    currency: str
    spin_type: str
    reason: str | None = None


class RgEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `rg_event`: what was refused, or has changed, and why (RGS-30, RGS-31)."""

    type: str
    ts: str
    reason: str
    player_id: str
    spin_id: str | None = None
    round_id: str | None = None
    game_id: str | None = None
    operator_id: str | None = None
    session_time_ms: int | None = None


class TxnHappened(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `jackpot_contribution`, `jackpot_reversal`, `jackpot_win` and `bonus_award`: a
    transaction of its own, signed (RGS-42)."""

    txn_id: str
    spin_id: str
    round_id: str
    game_id: str
    amount: Decimal
    currency: str
    signature: str
    pool_id: str | None = None
    grant_id: str | None = None


class SessionTold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `rgs.session.started` and `rgs.session.ended`."""

    game_id: str
    operator_id: str
    geo: str
    currency: str


class MoneyMoved(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of `rgs.transfer`: money came in or went out (RGS-06)."""

    transfer_id: str
    direction: str
    amount: Decimal
    currency: str
    balance: Decimal


class FreeSpinsGranted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `free_spins.granted` (RGS-40)."""

    grant_id: str
    game_id: str
    count: int
    bet_size: Decimal
    currency: str
    rtp_profile: str | None = None


class TournamentOpened(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of `tournament.opened` (RGS-41)."""

    tournament_id: str
    starts_at: str
    ends_at: str


class BuildSwitched(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of `build.switched`: who changed which market's return, why, from what (RGS-14)."""

    switch_id: str
    game_id: str
    market: str
    former_build_hash: str
    build_hash: str
    former_rtp_profile: str
    rtp_profile: str
    reason: str
    approved_by: str


def tell(
    tx: Tx,
    session: GameSession,
    topic: str,
    payload: msgspec.Struct,
) -> None:
    """Tell of something that happened in a session; its build is in every event (RGS-20)."""
    tx.emit(
        Event(
            topic=topic,
            payload=payload,
            player_id=session.player_id,
            session_id=session.session_id,
            build_hash=session.build_hash,
        )
    )
