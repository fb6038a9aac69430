"""Responsible gaming: the player's own limits on deposits, withdrawals, stakes, losses and time.

A limit counts for itself what its window saw: a stake in the window in which it was placed, open
ones included, a win in which it was paid, a payment in which it was made; loss = stakes − wins. It
binds at once when it is made stricter, and a day later when it is made looser (WAL-66). Wins and
rollbacks never come up against one (WAL-13, WAL-28). A player without limits costs a look at the
player's row, which every decision has at hand. Amounts in minor units, session time in nanoseconds.
"""

from collections.abc import Iterator
from datetime import date
from typing import get_args

from simulator.base.clock import NS_PER_S, iso, iso_or_none
from simulator.base.errors import CurrencyMismatch, LimitExceeded
from simulator.store.tx import Reads, Tx
from simulator.wallet import playtime, usage
from simulator.wallet.access import player_of
from simulator.wallet.rows import Player, RgLimit
from simulator.wire import messages as m
from simulator.wire.events import Event, LimitHit
from simulator.wire.messages import Money
from simulator.wire.players import (
    Limit,
    LimitKind,
    Period,
    PlayerLimits,
    PlayerRg,
    ReadLimits,
    SetLimit,
)

DAY_NS = 86_400 * NS_PER_S
COOLING_OFF_NS = DAY_NS
"""How long a looser limit waits before it binds (WAL-66)."""
MINUTE_NS = 60 * NS_PER_S

_KINDS: tuple[LimitKind, ...] = get_args(LimitKind)
_PERIODS: tuple[Period, ...] = get_args(Period)
_BITS = {
    (kind, period): 1 << (i * len(_PERIODS) + j)
    for i, kind in enumerate(_KINDS)
    for j, period in enumerate(_PERIODS)
}
"""Which bit of a player's `limits` says that there is such a limit."""
_EPOCH = date(1970, 1, 1).toordinal()


# Set and read -------------------------------------------------------------------------------------


def set_limit(tx: Tx, ask: SetLimit) -> PlayerLimits:
    """Make a limit stricter, which binds now, or looser, which binds in a day (WAL-66).

    A new limit counts what its window has seen already.
    """
    tx.lock(Player, (tx.caller.tenant, ask.player_id))
    player = player_of(tx, ask.player_id)
    wanted = _wanted(ask, player)
    bit = _BITS[ask.limit, ask.period]
    if player.limits & bit:
        tx.put(_changed(_current(tx, player, ask.limit, ask.period), wanted, tx.now_ns))
    elif wanted is not None:
        since_ns = window_start(ask.period, tx.now_ns)
        if ask.limit == "session":
            used, running = playtime.since(tx, player, since_ns)
            _count_time(tx, player)
            playtime.keep(tx, player, running)
        else:
            used = usage.since(tx, player, ask.limit, since_ns)
        tx.put(
            RgLimit(
                tenant=player.tenant,
                player_id=player.player_id,
                kind=ask.limit,
                period=ask.period,
                amount=wanted,
                used=used,
                since_ns=since_ns,
            )
        )
        player = tx.put(player.but(limits=player.limits | bit))
    return PlayerLimits(player_id=player.player_id, rg=view(tx, player))


def read_limits(tx: Reads, ask: ReadLimits) -> PlayerLimits:
    """A player's limits, what they leave, and the changes that wait."""
    player = player_of(tx, ask.player_id)
    return PlayerLimits(player_id=player.player_id, rg=view(tx, player))


def view(tx: Reads, player: Player) -> PlayerRg:
    """A player's responsible-gaming state."""
    rows = [_current(tx, player, kind, period) for kind, period in _set(player)]
    return PlayerRg(
        self_excluded=bool(player.self_excluded),
        time_out_until=view_time_out(player, tx.now_ns),
        limits=[_view(tx, player, row) for row in rows if row.amount is not None],
    )


def view_time_out(player: Player, now_ns: int) -> str | None:
    """Until when a player takes time out; None where they do not."""
    until_ns = player.time_out_ns
    return iso(until_ns) if until_ns is not None and until_ns > now_ns else None


def time_out(player: Player, until_ns: int, now_ns: int) -> int:
    """Until when a player takes time out. Longer is longer at once; what would be shorter ends in
    a day at the earliest, as a limit would be looser (WAL-13, WAL-66)."""
    current_ns = player.time_out_ns or 0
    if until_ns >= current_ns:
        return until_ns
    return min(current_ns, max(until_ns, now_ns + COOLING_OFF_NS))


def window_start(period: Period, now_ns: int) -> int:
    """Where the window began that we are in."""
    day = now_ns // DAY_NS
    if period == "week":
        day -= (day + 3) % 7  # the epoch was a Thursday
    elif period == "month":
        day = date.fromordinal(_EPOCH + day).replace(day=1).toordinal() - _EPOCH
    return day * DAY_NS


# Judge and count ----------------------------------------------------------------------------------


def judge_stake(tx: Tx, player: Player | None, stake_minor: int) -> LimitExceeded | None:
    """The refusal of a stake that a limit does not leave room for; its event is emitted, so a
    decision returns it and does not raise it."""
    return _judge(tx, player, {"stake": stake_minor, "loss": stake_minor, "session": 0})


def judge_payment(tx: Tx, player: Player, kind: LimitKind, minor: int) -> LimitExceeded | None:
    """The same for a deposit or a withdrawal."""
    return _judge(tx, player, {kind: minor})


def staked(tx: Tx, player: Player | None, stake_minor: int) -> None:
    """Count a stake, held or taken."""
    _count(tx, player, {"stake": stake_minor, "loss": stake_minor}, tx.now_ns)


def stake_returned(tx: Tx, player: Player | None, stake_minor: int, placed_ns: int) -> None:
    """A stake that was undone counts no more, where it had counted."""
    _count(tx, player, {"stake": -stake_minor, "loss": -stake_minor}, placed_ns)


def won(tx: Tx, player: Player | None, win_minor: int) -> None:
    """A win makes good what was lost."""
    _count(tx, player, {"loss": -win_minor}, tx.now_ns)


def win_returned(tx: Tx, player: Player, win_minor: int, paid_ns: int) -> None:
    """A win that was undone made nothing good."""
    _count(tx, player, {"loss": win_minor}, paid_ns)


def paid(tx: Tx, player: Player, kind: LimitKind, minor: int) -> None:
    """Count a deposit or a withdrawal."""
    _count(tx, player, {kind: minor}, tx.now_ns)


def session_opened(tx: Tx, player: Player, session_id: str, expires_ns: int) -> None:
    """Time runs while a session is open."""
    if _has(player, "session"):
        _count_time(tx, player)
        playtime.opened(tx, player, session_id, expires_ns)


def session_ended(tx: Tx, player: Player | None, session_id: str) -> None:
    """It stops with the last one."""
    if player is not None and _has(player, "session"):
        _count_time(tx, player)
        playtime.ended(tx, player, session_id)


def _judge(tx: Tx, player: Player | None, wanted: dict[LimitKind, int]) -> LimitExceeded | None:
    if player is None or not player.limits:
        return None
    for kind, period in _set(player):
        if kind not in wanted:
            continue
        limit = _current(tx, player, kind, period)
        if limit.amount is None:
            continue
        left = limit.amount - _used(tx, player, limit)
        if left <= 0 if kind == "session" else wanted[kind] > left:
            return _hit(tx, player, limit, max(0, left), wanted[kind])
    return None


def _count(tx: Tx, player: Player | None, by: dict[LimitKind, int], at_ns: int) -> None:
    if player is None or not player.limits:
        return
    for kind, period in _set(player):
        more = by.get(kind, 0)
        if more:
            limit = _current(tx, player, kind, period)
            counts = at_ns >= limit.since_ns  # else what is kept still has to leave that window
            tx.put(limit.but(used=limit.used + (more if counts else 0)))


def _count_time(tx: Tx, player: Player) -> None:
    """Add the time that has run since it was counted last."""
    for kind, period in _set(player):
        if kind == "session":
            limit = _current(tx, player, kind, period)
            tx.put(limit.but(used=_used(tx, player, limit)))


def _used(tx: Reads, player: Player, limit: RgLimit) -> int:
    """What a limit has counted, with the session time that still runs."""
    if limit.kind != "session":
        return limit.used
    return limit.used + playtime.running(tx, player, limit.since_ns)


def _hit(tx: Tx, player: Player, limit: RgLimit, left: int, wanted: int) -> LimitExceeded:
    on_time = limit.kind == "session"
    value = None if on_time else Money.of(limit.amount or 0, player.currency)
    minutes = (limit.amount or 0) // MINUTE_NS if on_time else None
    payload = LimitHit(limit=limit.kind, period=limit.period, value=value, minutes=minutes)
    tx.emit(Event(topic="rg.limit.hit", payload=payload, player_id=player.player_id))
    if value is None:
        details = {"limit": limit.kind, "period": limit.period, "minutes": minutes}
        return LimitExceeded(
            f"the player's {minutes} minutes of a {limit.period} are over", details=details
        )
    rest, more = Money.of(left, player.currency), Money.of(wanted, player.currency)
    return LimitExceeded(
        f"{more.amount} {more.currency} is more than the {rest.amount} that the player's "
        f"{limit.kind} limit of a {limit.period} leaves",
        details={"limit": limit.kind, "period": limit.period, "value": value, "left": rest},
    )


# Rows ---------------------------------------------------------------------------------------------


def _set(player: Player) -> Iterator[tuple[LimitKind, Period]]:
    """The limits that there are rows for."""
    return (named for named, bit in _BITS.items() if player.limits & bit)


def _has(player: Player, kind: LimitKind) -> bool:
    return any(named == kind for named, _ in _set(player))


def _current(tx: Reads, player: Player, kind: LimitKind, period: Period) -> RgLimit:
    """A limit as it stands now: in this window, after the change that was due. Not written yet."""
    limit = tx.get(RgLimit, (player.tenant, player.player_id, kind, period))
    if limit is None:
        raise RuntimeError(f"player {player.player_id} has no {kind} limit of a {period}")
    start_ns = window_start(period, tx.now_ns)
    if start_ns > limit.since_ns:
        limit = limit.but(since_ns=start_ns, used=0)
    if limit.next_ns is not None and limit.next_ns <= tx.now_ns:
        limit = limit.but(amount=limit.next_amount, next_amount=None, next_ns=None)
    return limit


def _changed(limit: RgLimit, wanted: int | None, now_ns: int) -> RgLimit:
    looser = limit.amount is not None and (wanted is None or wanted > limit.amount)
    if looser:
        return limit.but(next_amount=wanted, next_ns=now_ns + COOLING_OFF_NS)
    return limit.but(amount=wanted, next_amount=None, next_ns=None)


def _wanted(ask: SetLimit, player: Player) -> int | None:
    """The new value; None takes the limit away."""
    if ask.limit == "session":
        if ask.amount is not None:
            raise m.invalid("amount", "is for limits on money; this one is in minutes")
        return None if ask.minutes is None else ask.minutes * MINUTE_NS
    if ask.minutes is not None:
        raise m.invalid("minutes", "is for the session limit; this one is an amount")
    if ask.amount is None:
        return None
    if ask.amount.currency != player.currency:
        raise CurrencyMismatch(f"the player's wallet is in {player.currency}")
    return ask.amount.minor


def _view(tx: Reads, player: Player, row: RgLimit) -> Limit:
    left = max(0, (row.amount or 0) - _used(tx, player, row))
    due = iso_or_none(row.next_ns)
    if row.kind == "session":
        return Limit(
            limit=row.kind,
            period=row.period,
            minutes=(row.amount or 0) // MINUTE_NS,
            left_minutes=left // MINUTE_NS,
            next_minutes=None if row.next_amount is None else row.next_amount // MINUTE_NS,
            changes_at=due,
        )

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money.of(minor, player.currency)

    return Limit(
        limit=row.kind,
        period=row.period,
        amount=money(row.amount),
        left=money(left),
        next_amount=money(row.next_amount),
        changes_at=due,
    )
