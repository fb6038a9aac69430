"""What `spin_finished` tells, so that whoever reads the feed can judge the mathematics (RGS-62)."""

from decimal import Decimal
from fractions import Fraction

from simulator.reports.collect import Collected
from simulator.reports.drift import Cell, Law, watch
from simulator.reports.feed import Told
from tests.rgs.tools import COMET, VAULT, studio


async def test_a_crash_spin_tells_its_target() -> None:
    """Each spin's event has the target that was chosen, and the feed is judged by it: hits are
    evidence, and what was played is left alone (RGS-62, PRV-50)."""
    async with studio() as at:
        await at.open(game_id=COMET)
        targets = [Decimal("1.50"), Decimal(2), Decimal("7.25")]
        for n in range(12):
            await at.played(f"spin-{n}", choice={"target": targets[n % 3]})
        events = await at.events("spin_finished")
        told = [event["payload"]["target"] for event in events]
        assert told == targets * 4
        assert {event["schema_version"] for event in events} == {"1.3.0"}
        collected = Collected("studio")
        for n, event in enumerate(events):
            collected.take(Told(f"event {n}", event))
        cell = Cell(COMET, events[0]["payload"]["rtp_profile"], "base")
        percent = Fraction(int(cell.profile.removeprefix("rtp_")), 100)
        law = Law(percent, None, None, aimed=True)
        watches, unjudged = watch(collected.settled(), {cell: law}, Fraction(1, 1000))
        assert (watches[cell].spins, watches[cell].alert_at, unjudged) == (12, None, 0)
        assert watches[cell].evidence("hit_frequency") is not None


async def test_a_spin_tells_its_features() -> None:
    """The types of what it set off, as its answer has them; a spin without any says nothing."""
    async with studio() as at:
        opened = await at.open(game_id=VAULT)
        (buy,) = [mode for mode in opened["modes"] if mode.startswith("buy")]
        bought = await at.played(stake="80.00", mode=buy)
        plain = await at.played("spin-2")
        assert plain["outcome"]["features"] == []
        first, second = [event["payload"] for event in await at.events("spin_finished")]
        assert first["features"] == [one["type"] for one in bought["outcome"]["features"]] != []
        assert not {"features", "target"} & set(second)
