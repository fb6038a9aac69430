"""Rate limits: as many as said, per client and brand, on the world's clock (PRV-62)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.clock import NS_PER_MS, NS_PER_S, SimClock
from simulator.base.errors import RateLimited
from simulator.server.limiter import Limiter
from simulator.wire.calls import Caller


def _caller(client: str = "studio-demo", brand: str = "brand-42") -> Caller:
    return Caller(
        client=client,
        tenant=brand,
        brand=brand,
        region="EU",
        licence="TEST",
        provider="studio",
        trace_id="tr_1",
    )


def _take(limiter: Limiter, caller: Caller | None = None) -> bool:
    try:
        limiter.take(caller or _caller())
    except RateLimited:
        return False
    return True


@pytest.mark.parametrize("per_s", [1, 2, 3, 7, 10, 100])
def test_a_full_bucket_allows_one_second_at_once(per_s: int) -> None:
    """As many calls at once as a second allows, and not one more (PRV-62)."""
    limiter = Limiter(per_s, SimClock())
    assert [_take(limiter) for _ in range(per_s + 2)] == [True] * per_s + [False] * 2


def test_zero_is_no_limit() -> None:
    """0 switches it off, on a clock that stands still."""
    limiter = Limiter(0, SimClock())
    assert all(_take(limiter) for _ in range(5_000))


@pytest.mark.parametrize("per_s", [1, 4, 10])
def test_a_bucket_fills_with_time(per_s: int) -> None:
    """After one call's share of a second one call fits again, a nanosecond before it none."""
    clock = SimClock()
    limiter = Limiter(per_s, clock)
    while _take(limiter):
        pass
    clock.advance(NS_PER_S // per_s - 1)
    assert not _take(limiter)
    clock.advance(1)
    assert _take(limiter)
    assert not _take(limiter)


def test_a_bucket_is_never_more_than_full() -> None:
    """An idle day saves up one second's calls, not a day's."""
    clock = SimClock()
    limiter = Limiter(5, clock)
    clock.advance(86_400 * NS_PER_S)
    assert [_take(limiter) for _ in range(6)] == [True] * 5 + [False]


@given(st.integers(1, 20), st.lists(st.integers(0, 700), max_size=60))
def test_no_window_holds_more_than_its_share(per_s: int, gaps_ms: list[int]) -> None:
    """Any stretch of t seconds lets through at most one burst and t times the rate (PRV-62)."""
    clock = SimClock()
    limiter = Limiter(per_s, clock)
    start_ns = clock.now_ns()
    taken: list[int] = []
    for gap_ms in gaps_ms:
        clock.advance(gap_ms * NS_PER_MS)
        taken += [clock.now_ns() - start_ns for _ in range(3) if _take(limiter)]
    for at, first_ns in enumerate(taken):
        for count, last_ns in enumerate(taken[at:], 1):
            seconds = Fraction(last_ns - first_ns, NS_PER_S)
            # A nanosecond per call is lost where a second is not divided evenly.
            assert count <= per_s + per_s * seconds + Fraction(count, NS_PER_MS)


@given(st.integers(1, 50), st.integers(0, 900))
def test_the_told_wait_is_enough(per_s: int, later_ms: int) -> None:
    """Who waits the seconds of Retry-After gets through, and one second less is too little once
    more than one is told (PRV-62, WAL-73)."""
    clock = SimClock()
    limiter = Limiter(per_s, clock)
    while _take(limiter):
        pass
    clock.advance(later_ms * NS_PER_MS // per_s)
    with pytest.raises(RateLimited) as refused:
        limiter.take(_caller())
    wait_s = refused.value.retry_after_s
    assert wait_s is not None
    assert wait_s >= 1
    clock.advance(wait_s * NS_PER_S)
    assert _take(limiter)


def test_the_refusal_says_for_whom_and_how_many() -> None:
    """Limit, client and brand are named, for people and for machines (PRV-25, PRV-62)."""
    limiter = Limiter(1, SimClock())
    limiter.take(_caller())
    with pytest.raises(RateLimited) as refused:
        limiter.take(_caller())
    assert refused.value.message == "more than 1 calls a second for studio-demo on brand-42"
    assert refused.value.details == {"limit_per_s": 1}
    assert refused.value.retryable


def test_a_refused_call_costs_nothing() -> None:
    """Hammering at a closed door does not keep it closed: only what passed counts."""
    clock = SimClock()
    limiter = Limiter(1, clock)
    assert _take(limiter)
    for _ in range(100):
        assert not _take(limiter)
    clock.advance(NS_PER_S)
    assert _take(limiter)


def test_clients_and_brands_have_their_own() -> None:
    """One provider cannot use up another's calls, nor one brand another's (PRV-62)."""
    limiter = Limiter(1, SimClock())
    callers = [_caller(), _caller("other-brand"), _caller(brand="brand-7")]
    assert [_take(limiter, caller) for caller in callers] == [True] * 3
    assert [_take(limiter, caller) for caller in callers] == [False] * 3


def test_another_clock_starts_with_full_buckets() -> None:
    """A clock that is set, even back, leaves nobody locked out for the difference (SBX-03)."""
    clock = SimClock()
    clock.advance(3600 * NS_PER_S)
    limiter = Limiter(1, clock)
    assert _take(limiter)
    assert not _take(limiter)
    limiter.use_clock(SimClock())
    assert _take(limiter)
    assert not _take(limiter)
