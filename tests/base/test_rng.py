"""Dice: keyed, framed, unbiased, and in no order."""

import hashlib
import hmac
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.base.rng import SEED_MAX, Rng, frame

FIELD = st.one_of(st.text(max_size=8), st.binary(max_size=8), st.integers(0, 2**64 - 1))
FIELDS = st.lists(FIELD, max_size=5)
SEEDS = st.integers(0, SEED_MAX)


@given(FIELDS, FIELDS)
def test_fields_do_not_run_into_each_other(
    some: list[str | int | bytes], others: list[str | int | bytes]
) -> None:
    """Two lists of fields frame alike only if they are the same, field by field (SBX-02)."""
    assert (frame(some) == frame(others)) == (some == others)


@given(st.text(min_size=1, max_size=9), st.sets(st.integers(1, 8)), st.sets(st.integers(1, 8)))
def test_one_text_cut_in_two_ways_is_two_draws(text: str, cuts: set[int], others: set[int]) -> None:
    """The same characters, cut into fields elsewhere, are another draw (SBX-02)."""
    some, other = _cut(text, cuts), _cut(text, others)
    assert (Rng(1).draw(*some) == Rng(1).draw(*other)) == (some == other)


def _cut(text: str, at: set[int]) -> list[str]:
    ends = [0, *sorted(end for end in at if end < len(text)), len(text)]
    return [text[start:end] for start, end in pairwise(ends)]


def test_where_a_field_ends_matters() -> None:
    """("a", "bc") is not ("ab", "c"), and an empty field counts (SBX-02)."""
    rng = Rng(7)
    drawn = {
        rng.draw("a", "bc"),
        rng.draw("ab", "c"),
        rng.draw("abc"),
        rng.draw("abc", ""),
        rng.draw("", "abc"),
        rng.draw(b"abc"),
        rng.draw("a", "b", "c"),
    }
    assert len(drawn) == 7


def test_a_draw_is_a_known_answer() -> None:
    """HMAC-SHA256 under "playmoney" and the seed, over a MessagePack array framed by hand; written
    down as well, so that a change of the recipe cannot go unseen (SBX-02)."""
    key = b"playmoney" + b"\x00\x00\x00\x00\x00\x00\x00\x2a"
    message = b"\x93" + b"\xa5chaos" + b"\x07" + b"\xc4\x02\x00\xff"
    expected = hmac.new(key, message, hashlib.sha256).digest()
    assert Rng(42).draw("chaos", 7, b"\x00\xff") == expected
    assert expected.hex() == KNOWN_DRAW


KNOWN_DRAW = "78cb6d43d268d36d7a1e7e6526408cc91c01b4fbf02db5ba90beab4136e16dd3"


@given(SEEDS, SEEDS, FIELDS)
def test_another_seed_is_another_world(
    seed: int, other: int, fields: list[str | int | bytes]
) -> None:
    """Two seeds give two draws for the same fields (SBX-02)."""
    assume(seed != other)
    assert Rng(seed).draw(*fields) != Rng(other).draw(*fields)


@given(SEEDS, st.permutations(range(6)))
def test_the_order_of_the_calls_does_not_matter(seed: int, order: list[int]) -> None:
    """A draw says what it is for, so whoever asks first changes nothing (SBX-02, D1)."""
    one, other = Rng(seed), Rng(seed)
    forward = [(one.draw("call", at), one.below(10, "die", at)) for at in range(6)]
    mixed = {at: (other.draw("call", at), other.below(10, "die", at)) for at in order}
    assert forward == [mixed[at] for at in range(6)]


@pytest.mark.parametrize("seed", [-1, SEED_MAX + 1, 2**64])
def test_a_seed_outside_64_bits_is_refused(seed: int) -> None:
    """What a store or a JSON parser could not carry is no seed; the message names the range."""
    with pytest.raises(ValueError, match=f"{seed} is outside 0..{SEED_MAX}"):
        Rng(seed)


@pytest.mark.parametrize("seed", [0, 1, SEED_MAX])
def test_the_ends_of_the_range_are_seeds(seed: int) -> None:
    """Zero and the largest 63-bit integer are seeds like any other."""
    assert len(Rng(seed).draw("x")) == 32


@given(SEEDS, st.integers(1, 2**256), FIELDS)
def test_below_stays_below(seed: int, bound: int, fields: list[str | int | bytes]) -> None:
    """A number below the bound, for any bound from one on, and the same each time."""
    drawn = Rng(seed).below(bound, *fields)
    assert 0 <= drawn < bound
    assert Rng(seed).below(bound, *fields) == drawn


@pytest.mark.parametrize("bound", [0, -1])
def test_below_nothing_is_refused(bound: int) -> None:
    """There is no integer in an empty range."""
    with pytest.raises(ValueError, match=f"bound {bound} is below 1"):
        Rng(1).below(bound)


# 0.1 % points of the chi-square distribution by degrees of freedom (NIST/SEMATECH e-Handbook of
# Statistical Methods, 1.3.6.7.4). The seed is fixed, so this either always passes or never does.
CHI_SQUARE_999 = {1: Fraction("10.828"), 5: Fraction("20.515"), 36: Fraction("67.985")}


@pytest.mark.parametrize("bound", [2, 6, 37])
def test_below_is_unbiased(bound: int) -> None:
    """Coins, dice and roulette wheels are fair: chi-square stays under its 0.1 % point."""
    rng = Rng(2026)
    draws = 20_000
    counts = [0] * bound
    for at in range(draws):
        counts[rng.below(bound, "wheel", at)] += 1
    expected = Fraction(draws, bound)
    chi_square = sum((count - expected) ** 2 / expected for count in counts)
    assert chi_square < CHI_SQUARE_999[bound - 1]


def test_below_draws_anew_what_would_bias() -> None:
    """For a bound of 3/4 × 2^256 every fourth draw must be thrown away: taking the remainder would
    put half of the results into the lowest third; rejection puts a third there."""
    bound = 3 << 254
    rng = Rng(11)
    low = sum(rng.below(bound, at) < bound // 3 for at in range(3_000))
    assert 900 < low < 1_100

    first, second = (
        [int.from_bytes(rng.draw(at, attempt), "big") for at in range(40)] for attempt in (0, 1)
    )
    again = [at for at in range(40) if first[at] >= bound > second[at]]
    assert again, "none of these fields shows a rejection"
    assert [rng.below(bound, at) for at in again] == [second[at] for at in again]


@given(SEEDS, FIELDS)
def test_never_and_always_are_exact(seed: int, fields: list[str | int | bytes]) -> None:
    """A chance of 0 never strikes and a chance of 1 always does, whatever is drawn."""
    rng = Rng(seed)
    assert not rng.strikes(Fraction(0), *fields)
    assert rng.strikes(Fraction(1), *fields)


@pytest.mark.parametrize(
    "chance", [Fraction(1, 1000), Fraction(1, 20), Fraction(1, 3), Fraction(9, 10)]
)
def test_a_chance_strikes_about_as_often_as_it_says(chance: Fraction) -> None:
    """20 000 draws of a fixed seed strike within four standard deviations of the mean."""
    rng = Rng(99)
    draws = 20_000
    struck = sum(rng.strikes(chance, "rule", at) for at in range(draws))
    variance = draws * chance * (1 - chance)
    assert (struck - draws * chance) ** 2 <= 16 * variance


@given(SEEDS, FIELDS)
def test_a_strike_is_decided_by_the_exact_fraction(
    seed: int, fields: list[str | int | bytes]
) -> None:
    """draw / 2^256 is the border: it does not strike at that chance, and strikes just above it."""
    rng = Rng(seed)
    border = Fraction(int.from_bytes(rng.draw(*fields), "big"), 2**256)
    assert not rng.strikes(border, *fields)
    assert rng.strikes(border + Fraction(1, 2**256), *fields)


@given(SEEDS, st.fractions(0, 1), st.fractions(0, 1), FIELDS)
def test_a_higher_chance_strikes_whenever_a_lower_one_does(
    seed: int, low: Fraction, high: Fraction, fields: list[str | int | bytes]
) -> None:
    """Raising a rule's chance adds strikes and moves none (D1)."""
    assume(low <= high)
    rng = Rng(seed)
    assert rng.strikes(low, *fields) <= rng.strikes(high, *fields)
