"""The platform's words: bets, and the debits and credits of a wallet (PRV-40, PRV-41).

They do not name a spin's type: a stake of nothing is free play. The operator is the tenant.
"""

from collections.abc import Mapping

import msgspec

from simulator.base.clock import parse_iso
from simulator.reports.facts import Fact, Heard, Kind, Played, Reader, Voided, minor_of
from simulator.wire import json
from simulator.wire.messages import Money


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
    stake_minor = minor_of("bet", said.bet.amount, said.bet.currency)
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
        win=minor_of("win", said.win.amount, said.win.currency),
        round_id=said.round_id,
        scope=_scope(heard, said.round_id),
    )


def _rolled_back(heard: Heard) -> Fact | None:
    said = msgspec.convert(heard.payload, _RolledBack)
    return None if said.tombstone else Voided(id=said.bet_id, scope=_scope(heard, said.round_id))


def _debited(heard: Heard) -> Fact:
    said = msgspec.convert(heard.payload, _Moved)
    stake_minor = minor_of("amount", said.amount.amount, said.amount.currency)
    kind: Kind = "cash" if stake_minor else "free"
    return _moved(heard, said, kind=kind, stake=stake_minor, win=0, spins=1)


def _credited(heard: Heard) -> Fact | None:
    """A win of a round. A jackpot's payout is a pool's, a promo or correction nobody's play."""
    said = msgspec.convert(heard.payload, _Moved)
    if said.reason not in (None, "win"):
        return None
    win_minor = minor_of("amount", said.amount.amount, said.amount.currency)
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


READERS: Mapping[str, Reader] = {
    "bet.settled": _bet_settled,
    "bet.rolled_back": _rolled_back,
    "wallet.debit.ok": _debited,
    "wallet.credit.ok": _credited,
}
"""The types of events that matter, and how each is read."""
