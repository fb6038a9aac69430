"""Money: exact, refused rather than rounded, and quick whatever the exponent."""

import time
from decimal import Context, Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.base.currencies import SCALES
from simulator.base.money import (
    MAX_AMOUNT_MINOR,
    MAX_SUM_MINOR,
    MoneyError,
    from_minor,
    in_minor,
    is_normal,
    largest,
    scale_of,
    to_minor,
)

CURRENCIES = st.sampled_from(sorted(SCALES))
AMOUNTS_MINOR = st.integers(-MAX_AMOUNT_MINOR, MAX_AMOUNT_MINOR)


@given(AMOUNTS_MINOR, CURRENCIES)
def test_minor_units_survive_the_way_out_and_back(amount_minor: int, currency: str) -> None:
    """What is written as a decimal reads as the same minor units, in every currency (PRV-03)."""
    assert to_minor(from_minor(amount_minor, currency), currency) == amount_minor


@given(AMOUNTS_MINOR, CURRENCIES)
def test_the_text_of_an_amount_is_its_digits(amount_minor: int, currency: str) -> None:
    """An amount is written with just the currency's decimals; they are its minor units (PRV-03)."""
    text = str(from_minor(amount_minor, currency))
    assert int(text.replace(".", "")) == amount_minor
    assert len(text.partition(".")[2]) == SCALES[currency]


@given(AMOUNTS_MINOR, CURRENCIES, st.integers(0, 40))
def test_zeros_at_the_end_change_nothing(amount_minor: int, currency: str, zeros: int) -> None:
    """More decimals than the currency has are fine as long as they are zeros (PRV-03)."""
    amount = from_minor(amount_minor, currency)
    sign, digits, exponent = amount.as_tuple()
    longer = Decimal((sign, (*digits, *[0] * zeros), int(exponent) - zeros))
    assert to_minor(longer, currency) == amount_minor


@pytest.mark.parametrize("text", ["2", "2.0", "2.00", "2E0", "2.000000", "0.2E1", "200E-2", "+2"])
def test_all_ways_to_write_two_euros_are_one(text: str) -> None:
    """`2`, `2.0`, `2.00` and `2E0` are the same 200 cents (PRV-03)."""
    assert to_minor(Decimal(text), "EUR") == 200


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("2.001", "EUR"),
        ("0.5", "JPY"),
        ("1.0005", "KWD"),
        ("0.001", "EUR"),
        ("1E-400", "EUR"),
        ("-2.001", "EUR"),
        ("2.0000000000000000000000000000000000000001", "EUR"),  # 41 digits: contexts round at 28
        ("9.9999999999999999999999999999999999999999", "EUR"),
        ("0.00000000000000000000000000000000000000001", "KWD"),
    ],
)
def test_more_decimals_than_the_currency_has_are_refused(amount: str, currency: str) -> None:
    """Refused, never rounded, however far behind the point; the message says what fits (PRV-03)."""
    with pytest.raises(MoneyError) as refused:
        to_minor(Decimal(amount), currency)
    assert f"more decimals than {currency} allows ({SCALES[currency]})" in str(refused.value)
    assert "never rounded" in str(refused.value)


@given(st.integers(1, 10**40), st.integers(1, 40), CURRENCIES)
def test_a_digit_below_the_minor_unit_is_always_refused(
    digits: int, below: int, currency: str
) -> None:
    """No decimal with a digit other than zero below the minor unit becomes money (PRV-03)."""
    assume(digits % 10**below)
    amount = Decimal(digits).scaleb(-SCALES[currency] - below, Context(prec=60))
    assume(amount.adjusted() + SCALES[currency] <= 13)
    with pytest.raises(MoneyError, match="more decimals than"):
        to_minor(amount, currency)


@given(st.decimals(), CURRENCIES)
def test_any_decimal_is_exact_money_or_refused(amount: Decimal, currency: str) -> None:
    """What is accepted is exactly what was written, and nothing raises anything else (PRV-03)."""
    try:
        minor = to_minor(amount, currency)
    except MoneyError:
        return
    assert from_minor(minor, currency) == amount
    assert abs(minor) <= MAX_AMOUNT_MINOR


@pytest.mark.parametrize("text", ["NaN", "-NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(text: str) -> None:
    """NaN and the infinities are Decimals, and not money (PRV-03)."""
    with pytest.raises(MoneyError, match="finite"):
        to_minor(Decimal(text), "EUR")


@pytest.mark.parametrize("text", ["1E+400", "-1E+400", "1E+999999", "9" * 5000, "1E+13", "1E+12"])
def test_what_is_too_large_is_refused(text: str) -> None:
    """Beyond the largest amount nothing is money, and the message shows a few digits (PRV-03)."""
    with pytest.raises(MoneyError) as refused:
        to_minor(Decimal(text), "EUR")
    assert "beyond the largest amount, 100000000000.00 EUR" in str(refused.value)
    assert len(str(refused.value)) < 120


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_the_largest_amount_is_the_last(currency: str) -> None:
    """The border is exact: the largest amount is accepted, a minor unit more is not (PRV-03)."""
    assert to_minor(from_minor(MAX_AMOUNT_MINOR, currency), currency) == MAX_AMOUNT_MINOR
    assert to_minor(from_minor(-MAX_AMOUNT_MINOR, currency), currency) == -MAX_AMOUNT_MINOR
    with pytest.raises(MoneyError, match=f"the largest amount, {largest(currency)}"):
        to_minor(from_minor(MAX_AMOUNT_MINOR + 1, currency), currency)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1E+999999999999999999", None),
        ("1E-999999999999999999", None),
        ("9.99E+999999999999999999", None),
        ("0E+999999999999999999", 0),
        ("0E-999999999999999999", 0),
        ("-0E+400", 0),
    ],
)
def test_huge_exponents_are_not_multiplied_out(text: str, expected: int | None) -> None:
    """An exponent of eighteen digits is judged in microseconds, not by writing its zeros, for which
    no machine has the time or the memory."""
    began_ns = time.process_time_ns()
    if expected is None:
        with pytest.raises(MoneyError):
            to_minor(Decimal(text), "EUR")
    else:
        assert to_minor(Decimal(text), "EUR") == expected
    assert time.process_time_ns() - began_ns < 10_000_000_000


@given(st.text(max_size=4))
def test_an_unknown_currency_is_refused_by_name(code: str) -> None:
    """Only ISO 4217 codes have a scale; the message repeats the wrong one and shows right ones."""
    assume(code not in SCALES)
    for use in (scale_of, lambda currency: to_minor(Decimal(1), currency)):
        with pytest.raises(MoneyError) as refused:
            use(code)
        assert repr(code) in str(refused.value)
        assert "EUR, JPY or KWD" in str(refused.value)


def test_scales_are_those_of_iso_4217() -> None:
    """Every code is three capitals; the decimals are 0, 2 or 3, and known ones are right (PRV-03).
    Funds, metals and testing codes are no money of players."""
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in SCALES)
    assert set(SCALES.values()) == {0, 2, 3}
    known = {"EUR": 2, "USD": 2, "GBP": 2, "JPY": 0, "KRW": 0, "ISK": 0, "KWD": 3, "BHD": 3}
    assert {code: SCALES[code] for code in known} == known
    assert not {"XAU", "XXX", "XTS", "XDR", "CLF", "CHE"} & set(SCALES)


@given(st.decimals() | st.builds(from_minor, AMOUNTS_MINOR, CURRENCIES), CURRENCIES)
def test_the_quick_look_agrees_with_the_slow_one(amount: Decimal, currency: str) -> None:
    """What is called normal is money already, and writes as it would after normalising (PRV-03)."""
    if is_normal(amount, currency):
        assert str(from_minor(to_minor(amount, currency), currency)) == str(amount)


@given(st.integers(0, MAX_AMOUNT_MINOR), CURRENCIES)
def test_what_we_write_is_normal(amount_minor: int, currency: str) -> None:
    """Every amount of our own takes the quick way."""
    assert is_normal(from_minor(amount_minor, currency), currency)


def test_sums_fit_into_the_integers_of_the_stores() -> None:
    """An account's largest sum is below 2^63, and hundreds of thousands of largest amounts fit."""
    assert MAX_SUM_MINOR < 2**63
    assert MAX_AMOUNT_MINOR * 900_000 <= MAX_SUM_MINOR


@given(st.integers(-MAX_SUM_MINOR, MAX_SUM_MINOR), CURRENCIES)
def test_sums_are_written_and_read_exactly(amount_minor: int, currency: str) -> None:
    """The largest sum of a ledger, too, has just its own digits, out and back (PRV-03)."""
    amount = from_minor(amount_minor, currency)
    assert amount.as_tuple() == Decimal(amount_minor).scaleb(-SCALES[currency]).as_tuple()
    assert in_minor(amount, currency) == amount_minor


def test_no_amount_is_written_in_an_unknown_currency() -> None:
    """A code that is no currency is refused with the same words, in and out (PRV-03)."""
    with pytest.raises(MoneyError, match="'XXZ' is not an ISO 4217 currency code"):
        from_minor(1, "XXZ")
