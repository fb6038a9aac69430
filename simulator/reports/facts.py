"""What an event says of the money of play: a studio's words and a platform's, as the same facts.

A studio tells of spins; a platform of bets, debits and credits. Amounts are whole minor units.
Which events matter is a table for each feed; all others are counted and left alone.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal

import msgspec

from simulator.base.clock import parse_iso
from simulator.base.money import to_minor
from simulator.wire import json
from simulator.wire.messages import Money

Kind = Literal["cash", "free", "bonus", "tournament"]


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """An envelope, as much of it as a report needs (PRV-41)."""

    event_id: str
    event_type: str
    occurred_at: str
    payload: Any
    tenant_id: str = ""
    brand_id: str = ""
    player_id: str | None = None


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """One spin or bet that was played, or a win of its own that belongs to a round's debits.

    `spins` is 1, or 0 for such a win, whose kind is that of its round (`Collected`). `scope` is
    within what a tenant's id is one: some wallets have ids by player or by round.
    """

    id: str
    at_ns: int
    operator_id: str
    brand_id: str
    game_id: str
    player_id: str
    currency: str
    kind: Kind
    stake: int
    win: int
    round_id: str = ""
    scope: str = ""
    spins: int = 1
    build_hash: str = ""
    mode: str = ""
    profile: str = ""
    tournament_id: str = ""


class Voided(msgspec.Struct, frozen=True, kw_only=True):
    """What was played under this id counts nowhere (RGS-64)."""

    id: str
    scope: str = ""


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What a spin owes to a jackpot pool; below zero for a reversal (RGS-42)."""

    id: str
    spin_id: str
    currency: str
    amount: int
    scope: str = ""


Fact = Played | Voided | Owed
Reader = Callable[[Heard], Fact | None]
"""Raises msgspec.ValidationError or ValueError for a payload that is not what its type says."""


# The studio's words -------------------------------------------------------------------------------


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
        stake=_minor("stake", said.stake, said.currency),
        win=_minor("win", said.win, said.currency),
        round_id=said.round_id,
        build_hash=said.build_hash,
        mode=said.mode,
        profile=said.rtp_profile,
        tournament_id=said.tournament_id,
    )


def _spin_voided(heard: Heard) -> Fact:
    return Voided(id=msgspec.convert(heard.payload, _SpinVoided).spin_id)


def _contribution(heard: Heard) -> Fact:
    said = msgspec.convert(heard.payload, _Txn)
    amount_minor = _minor("amount", said.amount, said.currency)
    back = heard.event_type == "jackpot_reversal"
    return Owed(
        id=said.txn_id,
        spin_id=said.spin_id,
        currency=said.currency,
        amount=-amount_minor if back else amount_minor,
    )


# The platform's words -----------------------------------------------------------------------------


class _BetSettled(msgspec.Struct, frozen=True, kw_only=True):
    bet_id: str
    round_id: str
    game_id: str
    bet: Money
    win: Money


class _RolledBack(msgspec.Struct, frozen=True, kw_only=True):
    bet_id: str
    tombstone: bool
    round_id: str = ""


class _Moved(msgspec.Struct, frozen=True, kw_only=True):
    transaction_id: str
    amount: Money
    round_id: str = ""
    game_id: str = ""
    reason: str | None = None


def _bet_settled(heard: Heard) -> Fact:
    said = msgspec.convert(heard.payload, _BetSettled)
    if said.bet.currency != said.win.currency:
        raise ValueError(f"bet is in {said.bet.currency}, win in {said.win.currency}")
    stake_minor = _minor("bet", said.bet.amount, said.bet.currency)
    return Played(
        id=said.bet_id,
        at_ns=parse_iso(heard.occurred_at),
        operator_id=heard.tenant_id,
        brand_id=heard.brand_id,
        game_id=said.game_id,
        player_id=heard.player_id or "",
        currency=said.bet.currency,
        kind="cash" if stake_minor else "free",
        stake=stake_minor,
        win=_minor("win", said.win.amount, said.win.currency),
        round_id=said.round_id,
        scope=_scope(heard, said.round_id),
    )


def _rolled_back(heard: Heard) -> Fact | None:
    said = msgspec.convert(heard.payload, _RolledBack)
    return None if said.tombstone else Voided(id=said.bet_id, scope=_scope(heard, said.round_id))


def _debited(heard: Heard) -> Fact:
    said = msgspec.convert(heard.payload, _Moved)
    stake_minor = _minor("amount", said.amount.amount, said.amount.currency)
    kind: Kind = "cash" if stake_minor else "free"
    return _moved(heard, said, kind=kind, stake=stake_minor, win=0, spins=1)


def _credited(heard: Heard) -> Fact | None:
    """A win of a round. A jackpot's payout is a pool's, a promo or correction nobody's play."""
    said = msgspec.convert(heard.payload, _Moved)
    if said.reason not in (None, "win"):
        return None
    win_minor = _minor("amount", said.amount.amount, said.amount.currency)
    return _moved(heard, said, kind="cash", stake=0, win=win_minor, spins=0)


def _moved(heard: Heard, said: _Moved, *, kind: Kind, stake: int, win: int, spins: int) -> Fact:
    return Played(
        id=said.transaction_id,
        at_ns=parse_iso(heard.occurred_at),
        operator_id=heard.tenant_id,
        brand_id=heard.brand_id,
        game_id=said.game_id,
        player_id=heard.player_id or "",
        currency=said.amount.currency,
        kind=kind,
        stake=stake,
        win=win,
        round_id=said.round_id,
        scope=_scope(heard, said.round_id),
        spins=spins,
    )


def _scope(heard: Heard, round_id: str) -> str:
    """A transaction's id may be one of its player's or its round's only, by the wallet's profile;
    what rolls it back names both."""
    return json.encode([heard.player_id, round_id]).decode()


DIALECTS: Mapping[str, Mapping[str, Reader]] = {
    "studio": {
        "spin_finished": _spin_finished,
        "spin_voided": _spin_voided,
        "jackpot_contribution": _contribution,
        "jackpot_reversal": _contribution,
    },
    "platform": {
        "bet.settled": _bet_settled,
        "bet.rolled_back": _rolled_back,
        "wallet.debit.ok": _debited,
        "wallet.credit.ok": _credited,
    },
}
"""Feed → the types of its events that tell of money played for, and how each is read.

`bonus_award` is the win of a free or bonus spin once more, `jackpot_win` is paid by a pool: neither
is counted (RGS-64).
"""


def _minor(name: str, amount: Decimal, currency: str) -> int:
    """Raises ValueError naming the field for what is no amount of the currency."""
    try:
        minor = to_minor(amount, currency)
    except ValueError as wrong:
        raise ValueError(f"{name}: {wrong}") from None
    if minor < 0:
        raise ValueError(f"{name}: {amount} is below zero")
    return minor
