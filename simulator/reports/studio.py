"""The studio's words: spins, voids, and what is owed to jackpot pools (RGS-04, RGS-42, RGS-64)."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from simulator.base.clock import parse_iso
from simulator.reports.facts import Fact, Heard, Kind, Owed, Played, Reader, Voided, minor_of


class _SpinFinished(msgspec.Struct, frozen=True, kw_only=True):
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
    spin_type: Kind
    mode: str = ""
    rtp_profile: str = ""
    tournament_id: str = ""
    target: Decimal | None = None
    features: list[str] = []


class _SpinVoided(msgspec.Struct, frozen=True, kw_only=True):
    spin_id: str


class _Txn(msgspec.Struct, frozen=True, kw_only=True):
    txn_id: str
    spin_id: str
    amount: Decimal
    currency: str


def _spin_finished(heard: Heard) -> Fact:
    said = msgspec.convert(heard.payload, _SpinFinished)
    return Played(
        id=said.spin_id,
        at_ns=parse_iso(said.ts),
        operator_id=said.operator_id,
        brand_id=heard.brand_id,
        game_id=said.game_id,
        player_id=said.player_id,
        currency=said.currency,
        kind=said.spin_type,
        stake=minor_of("stake", said.stake, said.currency),
        win=minor_of("win", said.win, said.currency),
        round_id=said.round_id,
        build_hash=said.build_hash,
        mode=said.mode,
        profile=said.rtp_profile,
        tournament_id=said.tournament_id,
        target=_target(said),
        features=len(said.features),
    )


def _target(said: _SpinFinished) -> Decimal | None:
    """Raises ValueError for a target that no play can have."""
    if said.target is not None and (not said.target.is_finite() or said.target <= 0):
        raise ValueError(f"target: {said.target} is not above zero")
    return said.target


def _spin_voided(heard: Heard) -> Fact:
    return Voided(id=msgspec.convert(heard.payload, _SpinVoided).spin_id)


def _contribution(heard: Heard) -> Fact:
    said = msgspec.convert(heard.payload, _Txn)
    amount_minor = minor_of("amount", said.amount, said.currency)
    back = heard.event_type == "jackpot_reversal"
    return Owed(
        id=said.txn_id,
        spin_id=said.spin_id,
        currency=said.currency,
        amount=-amount_minor if back else amount_minor,
    )


READERS: Mapping[str, Reader] = {
    "spin_finished": _spin_finished,
    "spin_voided": _spin_voided,
    "jackpot_contribution": _contribution,
    "jackpot_reversal": _contribution,
}
"""The types of events that matter, and how each is read.

`bonus_award` is the win of a free or bonus spin once more, `jackpot_win` is paid by a pool: neither
is counted (RGS-64).
"""
