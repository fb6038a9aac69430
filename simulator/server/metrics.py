"""The jackpot service's figures in the text format of Prometheus (JP-50).

That format knows only floating-point numbers, so this is where exact ones end: nothing is computed
with them.
"""

from collections.abc import Iterator, Sequence

from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from simulator.wire.jackpot_status import (
    Alert,
    CallFigures,
    JackpotStatus,
    PayoutFigures,
    PoolFigures,
)

MEDIA_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

_OF_A_POOL = ("pool", "kind", "level", "currency")
_OF_A_PAYOUT = ("brand", "region", "pool", "level", "status", "currency")
_OF_A_CALL = ("direction", "operation")

_US = 1e-6
_QUANTILES = (("0.5", "p50_us"), ("0.95", "p95_us"), ("0.99", "p99_us"))


def text(status: JackpotStatus) -> bytes:
    """All of it, as a scrape reads it."""
    return generate_latest(_Collected(status))


class _Collected:
    """What `generate_latest` takes for a registry."""

    def __init__(self, status: JackpotStatus) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        status = self._status
        yield from _pools(status.pools)
        yield from _payouts(status.payouts)
        yield from _calls(status.calls)
        yield _alerts(status.alerts)
        queue = status.queue
        for name, what, value in (
            ("queue_pending", "What was begun and is not finished", float(queue.pending)),
            ("queue_lag_seconds", "How long the oldest of it has waited", float(queue.lag_s)),
        ):
            yield GaugeMetricFamily(f"playmoney_jackpot_{name}", what, value=value)


def _pools(pools: Sequence[PoolFigures]) -> Iterator[Metric]:
    families: tuple[tuple[Metric, str], ...] = (
        (_gauge("pool_size", "What the pool stands at, in its currency"), "size"),
        (_gauge("pool_cap", "What it never passes"), "cap"),
        (_counter("bets", "Contributions recorded"), "bets"),
        (_counter("contributed", "Sum of contributions"), "contributed"),
        (_counter("hits", "Falls"), "hits"),
        (_counter("paid", "Sum of what has fallen"), "paid"),
        (_gauge("hit_rate", "Hits for each bet"), "hit_rate"),
        (_gauge("average_contribution", "Contribution for each bet"), "average_contribution"),
        (_gauge("time_to_drop_seconds", "Average time of a cycle"), "average_time_to_drop_s"),
        (_gauge("at_cap_percent", "How much of the window it could not grow"), "at_cap_percent"),
        (_gauge("drift_ppm", "How far it is from what its rows add up to"), "drift_ppm"),
    )
    for family, name in families:
        for pool in pools:
            value = getattr(pool, name)
            if value is not None:
                labels = (pool.pool_id, pool.kind, pool.level, pool.size.currency)
                _add(family, labels, getattr(value, "amount", value))
        yield family


def _payouts(payouts: Sequence[PayoutFigures]) -> Iterator[Metric]:
    count = GaugeMetricFamily(
        "playmoney_jackpot_payouts", "Payouts in each state", labels=_OF_A_PAYOUT
    )
    total = GaugeMetricFamily("playmoney_jackpot_payouts_sum", "Their sum", labels=_OF_A_PAYOUT)
    for one in payouts:
        labels = (one.brand, one.region, one.pool_id, one.level, one.status, one.sum.currency)
        _add(count, labels, one.count)
        _add(total, labels, one.sum.amount)
    yield from (count, total)


def _calls(calls: Sequence[CallFigures]) -> Iterator[Metric]:
    took = Metric(
        "playmoney_jackpot_call_duration_seconds", "Calls in and out, in real time", "summary"
    )
    errors = CounterMetricFamily(
        "playmoney_jackpot_call_errors", "Refusals by their code", labels=(*_OF_A_CALL, "code")
    )
    for call in calls:
        labels = dict(zip(_OF_A_CALL, (call.direction, call.operation), strict=True))
        for quantile, field in _QUANTILES:
            value = getattr(call, field) * _US
            took.add_sample(took.name, {**labels, "quantile": quantile}, value)
        took.add_sample(f"{took.name}_count", labels, call.count)
        took.add_sample(f"{took.name}_sum", labels, call.sum_us * _US)
        for code, count in call.errors.items():
            errors.add_metric((*labels.values(), code), count)
    yield from (took, errors)


def _alerts(alerts: Sequence[Alert]) -> Metric:
    firing = GaugeMetricFamily(
        "playmoney_jackpot_alert", "1 where a rule is broken (JP-51)", labels=("alert", "of")
    )
    for alert in alerts:
        firing.add_metric((alert.alert, alert.of), float(alert.firing))
    return firing


def _gauge(name: str, what: str) -> Metric:
    return GaugeMetricFamily(f"playmoney_jackpot_{name}", what, labels=_OF_A_POOL)


def _counter(name: str, what: str) -> Metric:
    return CounterMetricFamily(f"playmoney_jackpot_{name}", what, labels=_OF_A_POOL)


def _add(family: Metric, labels: Sequence[str], value: object) -> None:
    if not isinstance(family, GaugeMetricFamily | CounterMetricFamily):
        raise TypeError(f"{family.name} has no labels of its own")
    family.add_metric(labels, float(str(value)))
