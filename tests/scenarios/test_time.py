"""Virtual time: waits take none, what falls due happens in its order, nothing hangs (SBX-03)."""

import asyncio
import time

import pytest

from simulator.scenarios import virtual
from simulator.server import due
from tests.scenarios.playing import ended, played, virtually

EXPIRY = """\
scenario: time passes
why: What falls due happens at its time, also while a call is held back.
rules: [SBX-03]
world:
  players: {ana: {cash: 50.00 EUR}}
chaos:
  - {at: wallet.debitPlayer, attempts: [1], fault: late_original, with: {within_ms: 30000}}
steps:
  - call: wallet.debitPlayer
    with: {transaction: t1, player: ana, session: s-ana, round: r1, amount: 3.00 EUR}
    key: t1
    expect: {lost: true}
  - advance: ADVANCE
  - call: wallet.readPlayer
    with: {player: ana}
    expect: {body: {available: LEFT}}
  - call: control.readClock
    expect: {body: {now: "NOW"}}
"""


def test_waits_take_no_time_and_end_in_their_order() -> None:
    """An hour in a moment; the earlier ends first, whatever was begun first."""
    order: list[str] = []

    async def wait(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        order.append(name)

    async def main() -> float:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await asyncio.gather(wait("late", 3600), wait("soon", 0.25), wait("next", 0.25))
        return loop.time() - begun

    before = time.monotonic()
    assert round(virtually(main()), 6) == 3600
    assert time.monotonic() - before < 600  # far below the hour
    assert order == ["soon", "next", "late"]


def test_who_waits_for_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is due and somebody waits, nothing ever comes: that is an error, no hang."""
    monkeypatch.setattr(virtual, "STUCK_S", 0.05)

    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(virtual.Stuck, match="nothing is left"):
        virtually(main())


@pytest.mark.parametrize(
    ("advance", "left", "now"),
    [
        ("29s", "50.00 EUR", "2026-01-01T00:00:29.000Z"),
        ("31s", "47.00 EUR", "2026-01-01T00:00:31.000Z"),
        ("3d", "47.00 EUR", "2026-01-04T00:00:00.000Z"),
    ],
)
def test_a_held_call_arrives_while_time_passes(advance: str, left: str, now: str) -> None:
    """The world's clock moves by exactly what was asked for, and what was held for thirty seconds
    arrives within it."""
    text = EXPIRY.replace("ADVANCE", advance).replace("LEFT", left).replace("NOW", now)
    (one,) = ended(played(text))
    assert one.failures == []


HOLDS = """\
scenario: holds are overdue one after the other
why: An advance of the control API ends after so many due times; one of a scenario goes on.
rules: [SBX-03, WAL-18]
world:
  profile: strict-codes
  players: {ana: {cash: 50.00 EUR}}
steps:
  - call: wallet.authorizeBet
    with: {session: s-ana, round: r1, bet: b1, amount: 3.00 EUR}
  - advance: 1s
  - call: wallet.authorizeBet
    with: {session: s-ana, round: r1, bet: b2, amount: 4.00 EUR}
  - advance: 1s
  - call: wallet.authorizeBet
    with: {session: s-ana, round: r1, bet: b3, amount: 5.00 EUR}
  - advance: 90d
then:
  - player: {ana: {available: 50.00 EUR, held: 0.00 EUR}}
  - book: sound
"""


def test_time_passes_however_much_falls_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them at its time, in however many stretches (SBX-03)."""
    monkeypatch.setattr(due, "STOPS", 1)
    (one,) = ended(played(HOLDS))
    assert one.failures == []
