"""Telemetry and alerts (JP-50, JP-51): what is told is what the rows say, whoever asks."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from simulator.jackpot.figures import drift_ppm
from tests.jackpot.tools import ELSEWHERE, NETWORK, Hall, hall, pool
from tests.ledger.forged import unguarded
from tests.play.tools import lost

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def status(house: Hall, query: str = "") -> Any:
    """The figures and alerts."""
    got = await house.box.admin("GET", f"/jackpot/status{query}")
    assert got.status == 200, got.body
    return got.json


async def scrape(house: Hall) -> Samples:
    """The metrics as Prometheus' own parser reads them: name and labels → value."""
    got = await house.box.admin("GET", "/metrics")
    assert got.status == 200
    assert got.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(got.body.decode())
        for sample in family.samples
    }


def found(samples: Samples, name: str, **labels: str) -> float:
    """The one sample with at least these labels."""
    (value,) = [
        value
        for (of, told), value in samples.items()
        if of == f"playmoney_jackpot_{name}" and set(labels.items()) <= told
    ]
    return value


def one(items: list[dict[str, Any]], **where: Any) -> dict[str, Any]:
    """The one item with these members."""
    (item,) = [item for item in items if where.items() <= item.items()]
    return item


async def test_the_figures_of_a_pool() -> None:
    """Size, hit rate, average contribution, time to drop and payouts, as played: two cycles of 60
    and 30 seconds, four bets, two falls."""
    async with hall() as house:
        await house.open(pool("p"))
        for name, later_s in (("a", 60), ("b", 30)):
            await house.contribute("p", 4, name=name)
            await house.later(later_s * 1000)
            assert (await house.trigger(name, "p")).status == 201
        await house.contribute("p", 4, name="c")
        await house.contribute("p", Decimal("0.50"), name="d")
        await house.settled()
        told = one((await status(house))["pools"], pool_id="p")
        assert told["size"] == {"amount": Decimal("10.04"), "currency": "EUR"}
        assert (told["bets"], told["hits"]) == (4, 2)
        assert told["hit_rate"] == Decimal("0.5")
        assert told["contributed"]["amount"] == Decimal("0.12")
        assert told["average_contribution"] == Decimal("0.03")
        assert told["paid"]["amount"] == Decimal("20.08")
        assert (told["average_time_to_drop_s"], told["last_time_to_drop_s"]) == (45, 30)
        paid = one((await status(house))["payouts"], pool_id="p")
        assert (paid["status"], paid["count"], paid["level"]) == ("credited", 2, "mini")
        assert paid["sum"]["amount"] == Decimal("20.08")


async def test_metrics_say_the_same() -> None:
    """The text is Prometheus', and has each figure with its labels."""
    async with hall() as house:
        await house.open(pool("p"))
        await house.contribute("p", 4, name="a")
        await house.trigger("a", "p")
        await house.settled()
        assert (await house.contribute("p", 4, name="a", bet_id="other")).status == 409
        samples = await scrape(house)
        assert found(samples, "pool_size", pool="p", level="mini", currency="EUR") == 10.0
        assert found(samples, "bets_total", pool="p") == 1
        assert found(samples, "hits_total", pool="p") == 1
        assert found(samples, "paid_total", pool="p") == 10.04
        assert found(samples, "payouts", pool="p", status="credited", region="EU") == 1
        assert found(samples, "payouts_sum", pool="p", status="credited") == 10.04
        assert found(samples, "queue_pending") == 0
        assert found(samples, "alert", alert="drift", of="p") == 0
        duration = "call_duration_seconds"
        assert found(samples, f"{duration}_count", direction="in", operation="contribute") == 2
        for operation in ("contribute", "triggerPool", "payOut"):
            times = [
                found(samples, duration, direction="in", operation=operation, quantile=quantile)
                for quantile in ("0.5", "0.95", "0.99")
            ]
            assert 0 < times[0] <= times[1] <= times[2]
        assert found(samples, "call_errors_total", operation="contribute") == 1
        assert found(samples, f"{duration}_count", direction="out", operation="wallet.credit") == 1


async def test_refusals_and_lost_answers_of_the_wallet_are_counted() -> None:
    """`wallet.credit` is measured attempt by attempt; a 200 that says `failed` is no success
    (JP-13, JP-50)."""
    async with hall() as house:
        await house.open(pool("p"))
        body = {"payout_block": "AML"}
        got = await house.box.admin("PATCH", "/players/p_19f3", body)
        assert got.status == 200, got.body
        house.meddle({0: lost})
        await house.contribute("p", name="a")
        await house.trigger("a", "p")
        await house.settled()
        told = one((await status(house))["calls"], direction="out", operation="wallet.credit")
        assert told["count"] == 2
        assert told["errors"] == {"AML": 2}


async def test_payout_failures_by_brand_and_region() -> None:
    """An alert fires where more than X % of the payouts of a window were refused at least once, for
    that brand and region alone; and no longer once they have left the window."""
    async with hall() as house:
        await house.open(pool("n", scope="network", members=list(NETWORK)))
        got = await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "SANCTIONS"})
        assert got.status == 200, got.body
        await house.contribute("n", name="a")
        await house.trigger("a", "n")
        await house.contribute("n", name="b", player_id="p_uk", headers=ELSEWHERE)
        await house.trigger("b", "n", player="p_uk", headers=ELSEWHERE)
        await house.settled()
        alerts = (await status(house))["alerts"]
        ours = one(alerts, alert="payout_failures", of="brand-42/EU")
        assert (ours["value"], ours["limit"], ours["firing"]) == (100, 5, True)
        assert one(alerts, alert="payout_failures", of="brand-7/UK")["value"] == 100
        alerts = (await status(house, "?payout_failures_percent=100"))["alerts"]
        assert not one(alerts, alert="payout_failures", of="brand-42/EU")["firing"]
        await house.later(86_401_000)
        names = {alert["alert"] for alert in (await status(house))["alerts"]}
        assert names == {"at_cap", "drift"}


async def test_a_pool_at_its_cap() -> None:
    """From the first contribution that overflows until it falls; an hour of a window of two is
    half of it (WAL-92)."""
    async with hall() as house:
        await house.open(pool("p", cap=Decimal("10.05")))
        await house.later(3_600_000)
        await house.contribute("p", 4, name="a")
        assert one((await status(house))["pools"], pool_id="p")["at_cap_percent"] == 0
        await house.contribute("p", 4, name="b")
        await house.later(3_600_000)
        told = await status(house, "?window_s=7200&at_cap_percent=49")
        assert one(told["pools"], pool_id="p")["at_cap_percent"] == 50
        assert one(told["alerts"], alert="at_cap", of="p")["firing"]
        told = await status(house, "?window_s=7200&at_cap_percent=50")
        assert not one(told["alerts"], alert="at_cap", of="p")["firing"]
        await house.trigger("a", "p")
        await house.later(3_600_000)
        assert (
            one((await status(house, "?window_s=3600"))["pools"], pool_id="p")["at_cap_percent"]
            == 0
        )


async def test_drift_is_seen_in_millionths(tmp_path: Path) -> None:
    """A cent in ten euros is a thousand of them; sound books have none: the control."""
    async with hall(tmp_path) as house:
        await house.open(pool("p"))
        await house.contribute("p", name="a")
        told = await status(house)
        assert not any(alert["firing"] for alert in told["alerts"])
    with unguarded(tmp_path / "jackpot.db") as connection:
        connection.execute("UPDATE jp_pool SET size = size + 1 WHERE pool_id = 'p'")
    async with hall(tmp_path) as house:
        told = await status(house)
        assert one(told["pools"], pool_id="p")["drift_ppm"] == 999
        drifting = [alert["of"] for alert in told["alerts"] if alert["firing"]]
        assert drifting == ["p"]
        told = await status(house, "?drift_ppm=999")
        assert not any(alert["firing"] for alert in told["alerts"])


def test_no_drift_is_too_small_to_be_seen() -> None:
    """One minor unit in the largest pool is at least one millionth; none is none."""
    assert drift_ppm(10**15, 10**15) == 0
    assert drift_ppm(10**15 + 1, 10**15) == 1
    assert drift_ppm(0, 0) == 0
    assert drift_ppm(3, 2) == drift_ppm(1, 2) == 500_000


@pytest.mark.parametrize("query", ["?window_s=0", "?drift_ppm=-1", "?at_cap_percent=101"])
async def test_a_limit_that_makes_no_sense_is_named(query: str) -> None:
    """Bad input says where."""
    async with hall() as house:
        got = await house.box.admin("GET", f"/jackpot/status{query}")
        assert got.status == 400
        assert query[1:].partition("=")[0] in got.json["message"]


async def test_no_point_and_no_player_is_told() -> None:
    """Neither answer knows a hidden point, a salt or who has played (WAL-93, JP-61)."""
    async with hall() as house:
        await house.contribute("vault-mini", name="a")
        points = house.rows("SELECT point, salt FROM jp_pool WHERE point IS NOT NULL")
        for path in ("/metrics", "/jackpot/status"):
            text = (await house.box.admin("GET", path)).body.decode()
            assert "p_19f3" not in text
            assert all(salt not in text for _, salt in points)
            assert all(str(point) not in text for point, _ in points)
