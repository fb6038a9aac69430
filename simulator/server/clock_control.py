"""The clock's switches, for the control API (`/__admin/clock`, SBX-03)."""

from decimal import Decimal
from fractions import Fraction

from simulator.base.clock import NS_PER_MS, WorldClock, iso, parse_iso
from simulator.server import due
from simulator.server.party import Sandbox
from simulator.settings import ClockSetting
from simulator.wire import control as c
from simulator.wire import messages as m


async def set_clock(sandbox: Sandbox, ask: c.SetClock, trace_id: str) -> c.ClockMoved:
    """Let the clock run, faster or from elsewhere, or freeze it; what is due by then happens."""
    await due.at_rest(sandbox)
    sandbox.set_clock(setting(ask, sandbox.clock.now_ns()))
    await sandbox.keep_clock()
    return _moved(sandbox, await due.fire_due(sandbox, trace_id))


async def advance_clock(sandbox: Sandbox, ask: c.AdvanceClock, trace_id: str) -> c.ClockMoved:
    """Move the clock ahead; what falls due on the way happens at its time."""
    try:
        fired, unfinished = await due.advance(sandbox, ask.by_ms * NS_PER_MS, trace_id)
    except ValueError as wrong:
        raise m.invalid("by_ms", str(wrong)) from None
    await sandbox.keep_clock()
    return _moved(sandbox, fired, unfinished=unfinished)


def setting(ask: c.SetClock, now_ns: int) -> ClockSetting:
    """The clock that is asked for, from `now_ns` on if it does not say; what goes with which mode
    the contract says. Raises ValidationFailed for a day that is none."""
    start_ns = now_ns
    if ask.now is not None:
        try:
            start_ns = parse_iso(ask.now)
        except ValueError as wrong:
            raise m.invalid("now", str(wrong)) from None
    return ClockSetting(ask.mode, start_ns, Fraction(1 if ask.rate is None else ask.rate))


def state(clock: WorldClock) -> c.ClockState:
    """What time it is."""
    return c.ClockState(clock.mode, iso(clock.now_ns()), _rate(clock))


def _moved(sandbox: Sandbox, fired: list[c.Fired], *, unfinished: bool = False) -> c.ClockMoved:
    clock = sandbox.clock
    return c.ClockMoved(clock.mode, iso(clock.now_ns()), _rate(clock), fired, unfinished)


def _rate(clock: WorldClock) -> Decimal | None:
    if clock.mode != "accelerated":
        return None
    return Decimal(clock.rate.numerator) / Decimal(clock.rate.denominator)
