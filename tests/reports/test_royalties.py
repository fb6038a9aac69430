"""Fees by contract: the waterfall, three fees, the guarantee, and the one place that rounds."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.errors import ConfigError
from simulator.reports.blocks import Blocks, Leaf
from simulator.reports.periods import Period, cut, find, month, quarter
from simulator.reports.revenue import Span, report, revenue
from simulator.reports.royalties import rounded, royalties, share_out, waterfall
from simulator.reports.terms import Contract, Rounding, load_contract, read_rates
from tests.reports.tools import DAY_NS, JANUARY_NS, Feed, contract

JAN, FEB, MAR = quarter("2026-Q1")
RATES = read_rates("fx.yaml", 'about: t\ninto: EUR\nrates: {2026-01: {JPY: "0.0062"}}')

SHARE = """
revenue_share:
  rate: "0.10"
  waterfall: [{{take: bonus_cost}}, {{take: jackpot_contribution}}]
  negative: {negative}
rounding: half_even
"""


def leaf(game: str = "g", period: Period = JAN, currency: str = "EUR", operator: str = "o") -> Leaf:
    return Leaf(period, operator, "b", game, currency)


def part(turnover: int, wins: int = 0, **more: int) -> Blocks:
    return Blocks(turnover=turnover, wins=wins, **more)


def billed(feed: Feed, terms: Contract, **how: Any) -> dict[str, Any]:
    """The report of a feed under a contract."""
    collected = feed.collected()
    found = revenue(collected, how.get("span", Span()), terms)
    return report(collected, found, "game", terms, how.get("rates"))


# From GGR to NetWin -------------------------------------------------------------------------------


def test_the_waterfall_takes_in_its_order() -> None:
    """By hand: of 1000.00 GGR, bonus cost of 300 up to a fifth; then 5 % tax of the GGR; then 10 %
    of what is left; the jackpot's 20 last (RGS-61)."""
    terms = contract(
        """
revenue_share:
  rate: "0.5"
  waterfall:
    - {take: bonus_cost, at_most: "0.2"}
    - {take: tax, rate: "0.05", of: ggr}
    - {take: platform_fee, rate: "0.10", of: remainder}
    - {take: jackpot_contribution}
  negative: floor
rounding: half_even
"""
    )
    leaves = {leaf(): part(100_000, bonus_cost=30_000, jackpot_contrib=2_000)}
    assert waterfall(leaves, terms) == {
        leaf(): (100_000 - 20_000 - 5_000) * Fraction(9, 10) - 2_000
    }
    (line,) = royalties(leaves, [JAN], terms).lines
    assert line.base == 65_500
    assert line.amount == 32_750


def test_nothing_is_taken_of_less_than_nothing() -> None:
    """A tax of a GGR below zero is none, and a cap on it lets no bonus cost through."""
    terms = contract(
        """
revenue_share:
  rate: "0.5"
  waterfall:
    - {take: bonus_cost, at_most: "0.2"}
    - {take: tax, rate: "0.05", of: ggr}
    - {take: platform_fee, rate: "0.10", of: remainder}
    - {take: other_fee, rate: "0.01", of: turnover}
  negative: floor
rounding: half_even
"""
    )
    leaves = {leaf(): part(1_000, 5_000, bonus_cost=700)}
    assert waterfall(leaves, terms) == {leaf(): Fraction(-4_010)}


def test_losses_are_set_off_within_an_account_and_not_beyond() -> None:
    """One game's loss lowers another's share if the contract settles by operator; if it settles by
    game, it does not."""
    leaves = {leaf("a"): part(10_000), leaf("b"): part(0, 4_000), leaf("c"): part(3_000)}
    by_operator = royalties(leaves, [JAN], contract(SHARE.format(negative="floor")))
    assert [line.amount for line in by_operator.lines] == [900]
    assert by_operator.due == {leaf("a"): 692, leaf("b"): 0, leaf("c"): 208}
    by_game = royalties(leaves, [JAN], contract(SHARE.format(negative="floor"), "game"))
    assert [line.amount for line in by_game.lines] == [1_000, 0, 300]


@pytest.mark.parametrize(
    ("negative", "amounts"), [("floor", [0, 500, 700]), ("carry", [0, 0, 200])]
)
def test_a_month_below_zero_is_floored_or_carried(negative: str, amounts: list[int]) -> None:
    """-100.00, then 50.00, then 70.00: floored, the loss is forgotten; carried, it is set off until
    it is used up (RGS-64)."""
    leaves = {
        leaf(period=JAN): part(0, 10_000),
        leaf(period=FEB): part(5_000),
        leaf(period=MAR): part(7_000),
    }
    found = royalties(leaves, [JAN, FEB, MAR], contract(SHARE.format(negative=negative)))
    assert [line.amount for line in found.lines] == amounts
    assert not found.carried


def test_what_is_carried_waits_for_a_month_with_play() -> None:
    """A month without play neither uses nor loses it; each currency carries its own."""
    leaves = {
        leaf(period=JAN): part(0, 10_000),
        leaf(period=JAN, currency="JPY"): part(700),
        leaf(period=MAR): part(4_000),
    }
    found = royalties(leaves, [JAN, FEB, MAR], contract(SHARE.format(negative="carry")))
    assert [line.amount for line in found.lines] == [0, 70, 0]
    assert list(found.carried.values()) == [Fraction(-6_000)]


def test_a_report_of_a_later_month_knows_what_was_carried_into_it() -> None:
    """The same line whether the months before are asked for or not."""
    feed = Feed()
    feed.spin("lost", 0, 100, day=3)
    feed.spin("won", 130, 0, day=40)
    terms = contract(SHARE.format(negative="carry"))
    february = billed(feed, terms, span=Span(FEB.start_ns, FEB.end_ns))
    both = billed(feed, terms, span=Span(JAN.start_ns, FEB.end_ns))
    assert february["lines"] == both["lines"][1:]
    assert february["lines"][0]["amount"] == Decimal("3.00")
    assert february["rows"][0]["spins_total"] == 1


def test_months_before_the_contract_are_not_billed() -> None:
    """They are counted; no fee, no guarantee, and no loss of theirs is carried into it."""
    terms = replace(
        contract(SHARE.format(negative="carry") + 'minimum_guarantee: "1.00"\n'), begins="2026-02"
    )
    feed = Feed()
    feed.spin("lost", 10, 100, day=3)
    feed.spin("won", 30, 0, day=40)
    found = billed(feed, terms)
    assert found["rows"][0]["turnover"] == 40
    assert [(line["month"], line["amount"]) for line in found["billed"]] == [("2026-02", 3)]


# Fees ---------------------------------------------------------------------------------------------


def test_each_fee_is_a_line_of_its_own() -> None:
    """By spin on eligible spins, by turnover on stakes, by share on NetWin (RGS-61)."""
    terms = contract(
        SHARE.format(negative="floor") + 'per_spin: {EUR: "0.0125"}\nturnover_rate: "0.003"\n'
    )
    feed = Feed()
    for number in range(7):
        feed.spin(f"s{number}", "1.10", "0.20")
    feed.spin("small", "0.40")
    lines = billed(feed, terms)["lines"]
    assert [(line["kind"], line["base"], line["exact"], line["amount"]) for line in lines] == [
        ("per_spin", 7, Decimal("0.0875"), Decimal("0.09")),
        ("turnover", Decimal("8.10"), Decimal("0.0243"), Decimal("0.02")),
        ("revenue_share", Decimal("6.70"), Decimal("0.67"), Decimal("0.67")),
    ]


@pytest.mark.parametrize(
    ("rounding", "amounts"),
    [("half_even", [0, 2, 2, 3]), ("half_up", [1, 2, 3, 3]), ("down", [0, 1, 2, 2])],
)
def test_a_line_is_rounded_as_its_contract_says(rounding: Rounding, amounts: list[int]) -> None:
    """0.5, 1.5, 2.5 and 2.51 minor units."""
    exact = [Fraction(1, 2), Fraction(3, 2), Fraction(5, 2), Fraction(251, 100)]
    assert [rounded(value, rounding) for value in exact] == amounts


def test_a_line_is_rounded_once() -> None:
    """Many spins of a third of a cent each are a line of their exact sum: rounding each, or each
    game's part, would be off by their number."""
    terms = contract('per_spin: {EUR: "0.004"}\nrounding: half_even')
    feed = Feed()
    for number in range(100):
        feed.spin(f"s{number}", 1, game_id=f"g{number}")
    found = billed(feed, terms)
    assert [line["amount"] for line in found["lines"]] == [Decimal("0.40")]
    assert sum(row["royalty_due"] for row in found["rows"]) == Decimal("0.40")
    assert sorted(row["royalty_due"] for row in found["rows"])[-40:] == [Decimal("0.01")] * 40


@given(
    st.integers(0, 10**9),
    st.dictionaries(st.text("abc", max_size=3), st.fractions(0, 100), min_size=1, max_size=6),
)
def test_what_is_shared_out_is_all_of_it(amount: int, weights: dict[str, Fraction]) -> None:
    """No minor unit is lost or made, and nobody is a whole unit away from the exact part."""
    named = {leaf(game): weight for game, weight in weights.items()}
    shares = share_out(amount, named)
    assert sum(share.amount for share in shares) == amount
    whole = sum(weights.values())
    if whole:
        for where, got in shares:
            assert abs(got - amount * named[where] / whole) < 1


# The billing currency -----------------------------------------------------------------------------


def test_a_line_is_billed_from_its_exact_amount() -> None:
    """12.5 yen are 0.0775 EUR, which is 0.08; 12 yen, once rounded, would be 0.07 (RGS-61)."""
    feed = Feed()
    feed.spin("a", 125, currency="JPY")
    terms = contract(SHARE.format(negative="floor"))
    found = billed(feed, terms, rates=RATES)
    assert found["lines"][0]["amount"] == 12
    (line,) = found["billed"]
    assert (line["exact"], line["fx"], line["amount"]) == (
        Decimal("12.5"),
        Decimal("0.0062"),
        Decimal("0.08"),
    )


def test_a_missing_rate_is_named() -> None:
    """With the period and the currency, and how to add it."""
    feed = Feed()
    feed.spin("a", 100, currency="KWD")
    with pytest.raises(ConfigError, match=r"fx\.yaml: rates has no KWD for 2026-01; add it under"):
        billed(feed, contract(SHARE.format(negative="floor")), rates=RATES)


def test_the_guarantee_fills_up_each_operators_whole_months() -> None:
    """From the month of its first play on, by what its lines lack, in no month that is cut."""
    terms = contract('per_spin: {EUR: "1"}\nminimum_guarantee: "10.00"\nrounding: half_even')
    feed = Feed()
    for number in range(12):
        feed.spin(f"s{number}", 1, day=5, operator_id="op-1")
    feed.spin("x", 1, day=40, operator_id="op-2")
    lines = billed(feed, terms, span=Span(JAN.start_ns, MAR.start_ns + DAY_NS))["billed"]
    found = [
        (line["month"], line["operator_id"], line["amount"])
        for line in lines
        if line["kind"] == "minimum_guarantee"
    ]
    assert found == [("2026-02", "op-1", Decimal(10)), ("2026-02", "op-2", Decimal(9))]


# Months -------------------------------------------------------------------------------------------


def test_months_follow_each_other_without_a_gap() -> None:
    """A span is cut at each first of a month, leap years too; an instant is in one of the parts."""
    start_ns, end_ns = JANUARY_NS + DAY_NS, JANUARY_NS + 800 * DAY_NS
    periods = cut(start_ns, end_ns)
    assert (periods[0].start_ns, periods[-1].end_ns) == (start_ns, end_ns)
    assert len(periods) == 27
    for one, other in pairwise(periods):
        assert one.end_ns == other.start_ns
    assert [period.whole for period in periods] == [False] + [True] * 25 + [False]
    assert month("2028-02").end_ns - month("2028-02").start_ns == 29 * DAY_NS
    assert find(periods, start_ns - 1) is None
    assert find(periods, end_ns) is None
    assert find(periods, periods[3].start_ns) == periods[3]
    assert find(periods, periods[3].start_ns - 1) == periods[2]


@pytest.mark.parametrize("text", ["2026", "2026-Q5", "2026Q1", "Q1"])
def test_a_quarter_that_is_none_is_refused(text: str) -> None:
    """With how one is written."""
    with pytest.raises(ConfigError, match="write it as 2026-Q1"):
        quarter(text)


def test_quarters_reach_as_far_as_time_does() -> None:
    """From the first to the last in which anything can be told of; others are refused (RGS-61)."""
    first, last = quarter("1970-Q1"), quarter("2261-Q4")
    assert first[0].start_ns == 0
    assert [period.month for period in last] == ["2261-10", "2261-11", "2261-12"]
    assert last[2].end_ns - last[2].start_ns == 31 * DAY_NS
    for text in ("0000-Q1", "1969-Q4", "2262-Q1", "9999-Q4"):
        with pytest.raises(ConfigError, match=r"outside 1970\.\.2261"):
            quarter(text)


def test_shipped_contracts_bill_what_they_say() -> None:
    """The demo contracts, each on the same hundred spins of 2.00 that win 1.50."""
    feed = Feed()
    for number in range(100):
        feed.spin(f"s{number}", 2, "1.50", day=3)
    amounts = {
        name: [line["amount"] for line in billed(feed, load_contract(name))["billed"]]
        for name in ("revenue-share", "per-spin", "turnover")
    }
    netwin = (Decimal(50) - Decimal("2.50")) * Decimal("0.97")
    assert amounts == {
        "revenue-share": [round(netwin * Decimal("0.12"), 2)],
        "per-spin": [Decimal("0.25"), Decimal("499.75")],
        "turnover": [Decimal("0.40"), Decimal("2.50")],
    }
