"""Telemetry and alerts, asked of the rows (JP-50, JP-51): whoever asks, and whenever, is told the
same. The rows are read as an auditor reads them, whole tables of one moment, never on the way of a
call.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from simulator.base.clock import NS_PER_S, iso
from simulator.base.exact import number
from simulator.jackpot import terms
from simulator.jackpot.laws import EXPECTED_SIZES
from simulator.store.reading import Books
from simulator.wire.jackpot_status import (
    Alert,
    AlertName,
    CallFigures,
    JackpotStatus,
    Limits,
    PayoutFigures,
    PoolFigures,
    QueueFigures,
)
from simulator.wire.messages import Money

_POOLS = f"""
  SELECT p.pool_id, p.kind, p.level, p.status, p.currency, p.version, p.cycle, p.size, e.size,
         e.contributed, e.bets, e.paid, e.hits, o.at_ns
  FROM jp_pool p JOIN ({EXPECTED_SIZES}) e ON e.pool_id = p.pool_id
  JOIN jp_terms t ON t.pool_id = p.pool_id AND t.version = '1'
  JOIN op o ON o.n = t.op
  ORDER BY p.n
"""  # noqa: S608 - our own text
_FALLS = "SELECT pool_id, cycle, at_ns FROM jp_trigger ORDER BY pool_id, hit"
_CAPPED = """
  SELECT pool_id, cycle, min(at_ns) FROM jp_contribution
  WHERE to_overflow > 0 GROUP BY pool_id, cycle
"""
_TERMS = "SELECT pool_id, version, terms FROM jp_terms"
_PAYOUTS = """
  SELECT brand, region, pool_id, level, status, currency, count(*), sum(amount) FROM jp_payout
  GROUP BY brand, region, pool_id, level, status, currency
  ORDER BY brand, region, pool_id, status, level, currency
"""
_REFUSED = """
  SELECT brand, region, count(*),
         sum(CASE WHEN status IN ('parked', 'forfeited') OR attempt > 1 THEN 1 ELSE 0 END)
  FROM jp_payout WHERE due_ns >= $1 GROUP BY brand, region ORDER BY brand, region
"""
_QUEUE = "SELECT count(*), min(due_ns) FROM task WHERE state = 'pending'"
_LAST = "SELECT coalesce(max(at_ns), 0) FROM op"


def last_ns(books: Books) -> int:
    """The time of a store that no clock runs for: that of its last operation."""
    return int(books.rows(_LAST)[0][0])


def status(
    books: Books, now_ns: int, limits: Limits, calls: Sequence[CallFigures] = ()
) -> JackpotStatus:
    """Every figure and alert as of one moment."""
    pools = list(_pools(books, now_ns, limits))
    return JackpotStatus(
        at=iso(now_ns),
        limits=limits,
        pools=pools,
        payouts=[
            PayoutFigures(
                brand=brand,
                region=region,
                pool_id=pool_id,
                level=level,
                status=state,
                count=int(count),
                sum=Money.of(int(amount), currency),
            )
            for brand, region, pool_id, level, state, currency, count, amount in books.rows(
                _PAYOUTS
            )
        ],
        queue=_queue(books, now_ns),
        alerts=[*_payout_alerts(books, now_ns, limits), *_pool_alerts(pools, limits)],
        calls=list(calls),
    )


def drift_ppm(size: int, expected: int) -> int:
    """How far a pool is from what its rows add up to, in millionths of that; never 0 where it is
    off at all."""
    return -(-1_000_000 * abs(size - expected) // max(1, abs(expected)))


def _pools(books: Books, now_ns: int, limits: Limits) -> Iterator[PoolFigures]:
    known = {
        (pool_id, int(version)): terms.read(bytes(kept))
        for pool_id, version, kept in books.rows(_TERMS)
    }
    falls: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for pool_id, cycle, at_ns in books.rows(_FALLS):
        falls[pool_id].append((cycle, at_ns))
    capped = {(pool_id, cycle): at_ns for pool_id, cycle, at_ns in books.rows(_CAPPED)}
    for row in books.rows(_POOLS):
        pool_id, kind, level, state, currency, version, cycle = row[:7]
        size, expected, contributed, bets, paid, hits, begun_ns = map(int, row[7:])
        cap = known[pool_id, version].cap
        fell = falls[pool_id]
        ends = {**dict(fell), cycle: now_ns}
        held = {at: since for (of, at), since in capped.items() if of == pool_id}
        starts = [begun_ns, *(at_ns for _, at_ns in fell)]
        took = [end - start for start, (_, end) in zip(starts, fell, strict=False)]
        yield PoolFigures(
            pool_id=pool_id,
            kind=kind,
            level=level,
            status=state,
            size=Money.of(size, currency),
            bets=bets,
            hits=hits,
            contributed=Money.of(contributed, currency),
            paid=Money.of(paid, currency),
            average_contribution=_per(Money.of(contributed, currency).amount, bets),
            hit_rate=_per(hits, bets),
            at_cap_percent=_at_cap(held, ends, max(begun_ns, now_ns - _window(limits)), now_ns),
            drift_ppm=drift_ppm(size, expected),
            cap=None if cap is None else Money(cap, currency),
            average_time_to_drop_s=_seconds(Fraction(sum(took), len(took))) if took else None,
            last_time_to_drop_s=_seconds(Fraction(took[-1])) if took else None,
        )


def _at_cap(
    held: Mapping[int, int], ends: Mapping[int, int], since_ns: int, now_ns: int
) -> Decimal:
    """How much of a stretch of time a pool could not grow any more: in each cycle from its first
    contribution that overflowed (WAL-92) until it fell."""
    overlaps = (
        min(ends[cycle], now_ns) - max(from_ns, since_ns)
        for cycle, from_ns in held.items()
        if cycle in ends
    )
    return _per(100 * sum(max(0, part) for part in overlaps), now_ns - since_ns)


def _payout_alerts(books: Books, now_ns: int, limits: Limits) -> Iterator[Alert]:
    """Of the payouts that fell due in the window, how many the wallet has refused at least once; by
    brand and region."""
    for brand, region, count, refused in books.rows(_REFUSED, (now_ns - _window(limits),)):
        yield _alert(
            "payout_failures",
            f"{brand}/{region}",
            _per(100 * int(refused), int(count)),
            limits.payout_failures_percent,
        )


def _pool_alerts(pools: Sequence[PoolFigures], limits: Limits) -> Iterator[Alert]:
    for pool in pools:
        if pool.cap is not None:
            yield _alert("at_cap", pool.pool_id, pool.at_cap_percent, limits.at_cap_percent)
    for pool in pools:
        yield _alert("drift", pool.pool_id, Decimal(pool.drift_ppm), limits.drift_ppm)


def _alert(name: AlertName, of: str, value: Decimal, limit: int) -> Alert:
    return Alert(alert=name, of=of, value=value, limit=Decimal(limit), firing=value > limit)


def _queue(books: Books, now_ns: int) -> QueueFigures:
    pending, oldest_ns = books.rows(_QUEUE)[0]
    waited = 0 if oldest_ns is None else max(0, now_ns - int(oldest_ns))
    return QueueFigures(pending=int(pending), lag_s=_seconds(Fraction(waited)))


def _window(limits: Limits) -> int:
    return limits.window_s * NS_PER_S


def _per(value: int | Decimal, of: int) -> Decimal:
    return number(Fraction(value) / of) if of > 0 else Decimal(0)


def _seconds(ns: Fraction) -> Decimal:
    return number(ns / NS_PER_S)
