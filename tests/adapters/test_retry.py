"""What to do after an attempt."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.adapters.replies import KNOWN_CODES
from simulator.adapters.retry import Ending, RetryPolicy, Step, ending_of, next_step, wait_ns
from simulator.base.clock import NS_PER_MS, NS_PER_S
from simulator.base.errors import PROBLEMS
from simulator.base.rng import Rng

policies = st.builds(
    RetryPolicy,
    attempts=st.none() | st.integers(1, 9),
    first_wait_ms=st.integers(0, 500),
    factor=st.fractions(1, 5, max_denominator=7),
    max_wait_ms=st.integers(500, 9_000),
    jitter=st.fractions(0, 1, max_denominator=9),
)


def test_every_code_of_the_error_model_is_decided() -> None:
    """The codes that the match decides are exactly those of the tree (PRV-26)."""
    assert set(PROBLEMS) == KNOWN_CODES


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_endings_agree_with_the_error_model(code: str) -> None:
    """Final is never repeated, transient always may be, and only what a key remembers is definite
    about the attempts before it (PRV-25, PRV-30, WAL-03)."""
    ending = ending_of(code)  # type: ignore[arg-type]
    kind = PROBLEMS[code]
    assert (ending in (Ending.NOT_DONE, Ending.UNKNOWN)) is kind.retryable
    assert (ending is Ending.DEFINITE) is kind.remembered


@given(policies, st.sampled_from(Ending), st.integers(1, 12), st.booleans())
def test_never_a_guess(policy: RetryPolicy, ending: Ending, attempt: int, in_doubt: bool) -> None:
    """TAKE only where the outcome is known, GIVE_UP only where it is not, and never a REPEAT beyond
    the policy's attempts or of what is definite (WAL-72, WAL-75)."""
    step = next_step(policy, ending, attempt, in_doubt=in_doubt)
    known = ending is Ending.DEFINITE or not (in_doubt or ending is Ending.UNKNOWN)
    if step is Step.TAKE:
        assert known
    elif step is Step.GIVE_UP:
        assert not known
        assert ending is Ending.TURNED_AWAY or policy.attempts is not None
    else:
        assert ending in (Ending.NOT_DONE, Ending.UNKNOWN)
        assert policy.attempts is None or attempt < policy.attempts


@given(policies, st.integers(1, 10_000), st.none() | st.integers(0, 100))
def test_waits_lie_within_the_policy(
    policy: RetryPolicy, attempt: int, retry_after_s: int | None
) -> None:
    """A wait lies between what jitter leaves of it and its own maximum, is never shorter than
    Retry-After says, and is the same for the same seed, key and attempt (WAL-73, WAL-75)."""
    wait = wait_ns(policy, attempt, retry_after_s, Rng(1), "run", "op", "key")
    asked_ns = (retry_after_s or 0) * NS_PER_S
    assert asked_ns <= wait <= max(asked_ns, policy.max_wait_ms * NS_PER_MS)
    whole = policy.first_wait_ms * NS_PER_MS
    assert wait >= int(whole * (1 - policy.jitter))
    assert wait == wait_ns(policy, attempt, retry_after_s, Rng(1), "run", "op", "key")


def test_spacing_grows_by_the_factor() -> None:
    """Without jitter, the waits are first × factor^n up to the maximum (WAL-75)."""
    policy = RetryPolicy(
        first_wait_ms=100, factor=Fraction(3), max_wait_ms=1_000, jitter=Fraction()
    )
    waits = [wait_ns(policy, n, None, Rng(1), "k") // NS_PER_MS for n in (1, 2, 3, 4, 5)]
    assert waits == [100, 300, 900, 1_000, 1_000]


def test_full_jitter_spreads_over_the_whole_wait() -> None:
    """With jitter 1, a thousand keys fall into all ten tenths of the wait."""
    policy = RetryPolicy(jitter=Fraction(1))
    waits = [wait_ns(policy, 1, None, Rng(1), str(n)) for n in range(1_000)]
    assert {wait * 10 // (100 * NS_PER_MS + 1) for wait in waits} == set(range(10))


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempts": 0},
        {"first_wait_ms": -1},
        {"first_wait_ms": 9_000},
        {"factor": Fraction(1, 2)},
        {"jitter": Fraction(2)},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, int]) -> None:
    """A policy has at least one attempt and waits that do not shrink."""
    with pytest.raises(ValueError, match=r"."):
        RetryPolicy(**wrong)  # type: ignore[arg-type]
