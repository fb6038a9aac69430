"""The quarterly true-up: what was invoiced, what is due, and why they differ (RGS-61)."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from simulator.reports.collect import NOTHING, Excluded
from simulator.reports.revenue import Span, report, revenue
from simulator.reports.terms import read_rates
from simulator.reports.trueup import report as true_up
from tests.reports.tools import Feed, collect, contract, feeds

RATES = read_rates(
    "fx.yaml",
    """
about: t
into: EUR
rates:
  2026-01: {JPY: "0.0060", KWD: "3"}
  2026-02: {JPY: "0.0062", KWD: "3.1"}
  2026-03: {JPY: "0.0061", KWD: "2.9"}
  2026-Q1: {JPY: "0.0065", KWD: "3.05"}
""",
)
TERMS = """
turnover_rate: "0.1"
rounding: half_even
invoice_after_days: 5
"""
SHARE = """
revenue_share:
  rate: "0.2"
  waterfall: [{take: bonus_cost, at_most: "0.3"}, {take: tax, rate: "0.1", of: ggr}]
  negative: carry
minimum_guarantee: "1.00"
rounding: half_even
invoice_after_days: 5
"""


def settle(feed: Feed, excluded: Excluded = NOTHING, terms: str = TERMS) -> dict[str, Any]:
    """The true-up of the first quarter."""
    return true_up(feed.collected(), "2026-Q1", contract(terms), RATES, excluded)


def amounts(row: dict[str, Any]) -> list[str]:
    return [str(row[name]) for name in ("invoiced", "due", "by_events", "by_fx", "difference")]


def test_nothing_new_is_nothing_to_pay() -> None:
    """A quarter in the billing currency of which all was told in time comes to zero."""
    feed = Feed()
    for day in (3, 40, 80):
        feed.spin(f"s{day}", 10, day=day)
    found = settle(feed)
    assert [row["month"] for row in found["rows"]] == ["2026-01", "2026-02", "2026-03"]
    assert {tuple(amounts(row)) for row in found["rows"]} == {
        ("1.00", "1.00", "0.00", "0.00", "0.00")
    }
    assert found["total"] == 0


def test_what_was_voided_or_told_after_the_invoice_is_settled() -> None:
    """A void before the cut-off was in the invoice already; one after it is given back, and what
    was told late is charged."""
    feed = Feed()
    feed.spin("kept", 10, day=3)
    feed.spin("void in time", 20, day=3)
    feed.void("void in time", day=35)
    feed.spin("void late", 40, day=3)
    feed.void("void late", day=36)
    feed.spin("told late", 80, day=3, told=50)
    (row,) = settle(feed)["rows"]
    assert amounts(row) == ["5.00", "9.00", "4.00", "0.00", "4.00"]


def test_exclusions_are_given_back() -> None:
    """What was invoiced of a player who should not count."""
    feed = Feed()
    feed.spin("a", 10, day=3)
    feed.spin("b", 30, day=3, player_id="p_test")
    found = settle(feed, Excluded(players=frozenset({"p_test"})))
    assert amounts(found["rows"][0]) == ["4.00", "1.00", "-3.00", "0.00", "-3.00"]
    only = Feed()
    only.spin("b", 30, day=3, player_id="p_test")
    found = settle(only, Excluded(players=frozenset({"p_test"})))
    assert amounts(found["rows"][0]) == ["3.00", "0.00", "-3.00", "0.00", "-3.00"]


def test_the_quarters_rate_replaces_the_months() -> None:
    """100 000 yen of turnover at a tenth: 60.00 by January's rate, 65.00 by the quarter's; what
    came late counts at January's rate first."""
    feed = Feed()
    feed.spin("a", 100_000, day=3, currency="JPY")
    feed.spin("late", 10_000, day=3, currency="JPY", told=60)
    assert amounts(settle(feed)["rows"][0]) == ["60.00", "71.50", "6.00", "5.50", "11.50"]


@given(feeds(), st.booleans())
def test_invoices_and_true_up_come_to_what_is_due(feed: Feed, shares: bool) -> None:
    """Whatever was told when: the months as they were invoiced and the true-up together are the
    quarter as it is known in the end, to the minor unit; both causes add up to the difference."""
    terms = contract(SHARE if shares else TERMS)
    quarter = settle(feed, terms=SHARE if shares else TERMS)
    assert quarter["total"] == sum(row["difference"] for row in quarter["rows"])
    for row in quarter["rows"]:
        assert row["invoiced"] + row["difference"] == row["due"]
        assert row["by_events"] + row["by_fx"] == row["difference"]
    assert quarter == true_up(collect(feed.events[::-1]), "2026-Q1", terms, RATES, NOTHING)


def test_a_month_was_invoiced_by_what_was_known_then() -> None:
    """What was invoiced is the report of that month as of its cut-off, five days after its end."""
    feed = Feed()
    feed.spin("a", 10, day=3)
    feed.spin("late", 70, day=3, told=40)
    (row,) = settle(feed)["rows"]
    collected, terms = feed.collected(), contract(TERMS)
    cut_off_ns = 36 * 86_400 * 10**9  # the first of January, 31 days and 5
    start_ns = revenue(collected, Span(), terms).periods[0].start_ns
    then = revenue(collected, Span(start_ns, None, start_ns + cut_off_ns), terms)
    lines = report(collected, then, "operator", terms, RATES)["billed"]
    assert [line["amount"] for line in lines] == [row["invoiced"]] == [Decimal("1.00")]
