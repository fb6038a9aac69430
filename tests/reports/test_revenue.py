"""Revenue from events: every block of RGS-60, as RGS-64 defines it."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.clock import parse_iso
from simulator.base.errors import ConfigError
from simulator.base.money import from_minor
from simulator.reports.collect import NOTHING, Excluded
from simulator.reports.feed import BadFeed
from simulator.reports.revenue import BY, By, Span, report, revenue
from simulator.wire import json
from tests.reports.tools import DAY_NS, JANUARY_NS, Feed, collect, contract, feeds

BLOCKS = ("spins_total", "eligible_spins", "turnover", "ggr", "jackpot_contrib", "bonus_cost")
LEAST = {"EUR": Decimal("0.50"), "JPY": Decimal(50), "KWD": Decimal("0.500")}
ALL = Span()
FREE = 'turnover_rate: "0"\nrounding: half_even'
BILLED = """
per_spin: {EUR: "0.0333", JPY: "1.7", KWD: "0.01234"}
turnover_rate: "0.0173"
revenue_share:
  rate: "0.37"
  waterfall:
    - {take: bonus_cost, at_most: "0.3"}
    - {take: tax, rate: "0.11", of: ggr}
    - {take: jackpot_contribution}
    - {take: platform_fee, rate: "0.07", of: remainder}
    - {take: other_fee, rate: "0.003", of: turnover, at_most: "0.05"}
  negative: carry
rounding: half_even
"""


def made(
    feed: Feed | list[Any], by: By = "game", terms: str = FREE, span: Span = ALL, **how: Any
) -> dict[str, Any]:
    """The report of a feed."""
    collected = collect(feed.events if isinstance(feed, Feed) else feed)
    agreed = contract(terms, how.get("settle_by", "operator"))
    found = revenue(collected, span, agreed, how.get("excluded", NOTHING))
    return report(collected, found, by, agreed, None)


def blocks(feed: Feed, by: By = "game", **how: Any) -> list[dict[str, Any]]:
    """Its rows."""
    rows: list[dict[str, Any]] = made(feed, by, **how)["rows"]
    return rows


def brute_force(events: list[dict[str, Any]], by: By) -> dict[tuple[str, str], dict[str, Any]]:
    """The blocks again, the plain way: decimals off the events, one sum after the other."""
    void = {e["payload"]["spin_id"] for e in events if e["event_type"] == "spin_voided"}
    sums: dict[tuple[str, str], dict[str, Any]] = defaultdict(lambda: dict.fromkeys(BLOCKS, 0))
    where = {}
    for event in events:
        said = event["payload"]
        if event["event_type"] != "spin_finished" or said["spin_id"] in void:
            continue
        group = event["brand_id"] if by == "brand" else said[BY[by]]
        row = sums[group, said["currency"]]
        where[said["spin_id"]] = row
        row["spins_total"] += 1
        if said["spin_type"] == "cash":
            row["turnover"] += said["stake"]
            row["ggr"] += said["stake"] - said["win"]
            row["eligible_spins"] += said["stake"] >= LEAST[said["currency"]]
        if said["spin_type"] in ("free", "bonus"):
            row["bonus_cost"] += said["win"]
    for event in events:
        said = event["payload"]
        if event["event_type"].startswith("jackpot_") and said.get("spin_id") in where:
            sign = -1 if event["event_type"] == "jackpot_reversal" else 1
            where[said["spin_id"]]["jackpot_contrib"] += sign * said["amount"]
    return dict(sums)


@given(feeds(), st.sampled_from(list(BY)))
def test_blocks_are_what_adding_up_the_spins_gives(feed: Feed, by: By) -> None:
    """Every block of every group and currency equals a brute-force sum over the events (RGS-60,
    RGS-64)."""
    expected = brute_force(feed.events, by)
    rows = blocks(feed, by)
    assert [(row[BY[by]], row["currency"]) for row in rows] == sorted(expected)
    for row in rows:
        wanted = expected[row[BY[by]], row["currency"]]
        assert {name: row[name] for name in BLOCKS} == wanted
        assert row["netwin"] == wanted["ggr"] - wanted["bonus_cost"] - wanted["jackpot_contrib"]


@given(feeds(), st.randoms(use_true_random=False), st.sampled_from(list(BY)))
def test_order_and_repeats_change_nothing(feed: Feed, random: Any, by: By) -> None:
    """Events in any order, some of them several times: the same report, byte for byte, but for how
    many were read (QLT-12)."""
    shuffled = feed.events + random.choices(feed.events, k=5) if feed.events else []
    random.shuffle(shuffled)
    one, other = made(feed, by, BILLED), made(shuffled, by, BILLED)
    told, again = one.pop("events"), other.pop("events")
    assert json.encode(one) == json.encode(other)
    assert again.pop("repeated") == again["read"] - told["read"]
    assert again.pop("read") == len(shuffled)
    assert told.pop("repeated") == 0
    assert told.pop("read") == len(feed.events)
    assert again == told


@given(feeds(), st.sampled_from(["operator", "brand", "game"]))
def test_rows_of_any_grouping_add_up_to_the_invoice(feed: Feed, settle_by: str) -> None:
    """However rows are grouped, their royalties are the invoice lines, to the minor unit, and their
    NetWin is the same; whatever the contract settles by (RGS-61)."""
    for by in BY:
        found = made(feed, by, BILLED, settle_by=settle_by)
        due, netwin = (_by_currency(found["rows"], name) for name in ("royalty_due", "netwin"))
        assert due == _by_currency(found["lines"], "amount")
        assert due == _by_currency(found["totals"], "royalty_due")
        for currency, whole in _by_currency(found["totals"], "netwin").items():
            assert round(netwin[currency] - whole, 9) == 0


def _by_currency(rows: list[dict[str, Any]], name: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["currency"]] += row[name]
    return dict(sums)


def test_a_worked_example() -> None:
    """RGS-64 by hand: what is cash, what is given, what is void, what a pool pays."""
    feed = Feed()
    feed.spin("a", "2.00", "0.50")
    feed.spin("small", "0.40", "0.10")
    feed.spin("free", "1.00", "3.00", spin_type="free")
    feed.spin("bonus", "1.00", "0.25", spin_type="bonus")
    feed.spin("cup", "1.00", "9.00", spin_type="tournament", tournament_id="t-1")
    feed.spin("refused", "5.00", "50.00")
    feed.void("refused")
    feed.contribution("a", "0.02")
    feed.contribution("refused", "0.05")
    feed.contribution("refused", "0.05", back=True)
    feed.tell("jackpot_win", 0, {"txn_id": "t", "spin_id": "a", "amount": 1000, "currency": "EUR"})
    feed.tell("bonus_award", 0, {"txn_id": "b", "spin_id": "free", "amount": 3, "currency": "EUR"})
    found = made(feed)
    assert found["rows"] == [
        {
            "game_id": "studio:slot_forge_02",
            "currency": "EUR",
            "spins_total": 5,
            "eligible_spins": 1,
            "turnover": Decimal("2.40"),
            "ggr": Decimal("1.80"),
            "netwin": Decimal("-1.47"),
            "jackpot_contrib": Decimal("0.02"),
            "bonus_cost": Decimal("3.25"),
            "royalty_due": Decimal("0.00"),
        }
    ]
    assert found["tournaments"] == [
        {
            "tournament_id": "t-1",
            "currency": "EUR",
            "spins": 1,
            "staked": Decimal("1.00"),
            "won": Decimal("9.00"),
        }
    ]
    assert found["events"] == {
        "read": 12,
        "repeated": 0,
        "voided": 1,
        "without_spin": 0,
        "skipped": {"bonus_award": 1, "jackpot_win": 1},
    }


def test_a_spin_is_of_the_time_it_was_played() -> None:
    """A report's span is from its first instant on and before its last, by the spin's own time and
    not by when it was told; a void counts whenever it comes."""
    feed = Feed()
    feed.spin("before", 1, day=Fraction(-1, 86_400))
    feed.spin("first", 2, day=0, told=40)
    feed.spin("last", 4, day=31 - Fraction(1, 86_400))
    feed.spin("after", 8, day=31)
    feed.spin("void", 16, day=3)
    feed.void("void", day=200)
    january = Span(JANUARY_NS, JANUARY_NS + 31 * DAY_NS)
    assert [row["turnover"] for row in blocks(feed, span=january)] == [6]
    told_by = Span(january.start_ns, january.end_ns, JANUARY_NS + 35 * DAY_NS)
    assert [row["turnover"] for row in blocks(feed, span=told_by)] == [20]


def test_a_span_that_is_left_open_is_as_long_as_there_is_play() -> None:
    """Whole months, from the first to the last with play; none without any."""
    feed = Feed()
    feed.spin("a", 1, day=40)
    feed.spin("b", 1, day=70)
    found = made(feed)
    assert (found["from"], found["to"]) == ("2026-02-01T00:00:00.000Z", "2026-04-01T00:00:00.000Z")
    nothing = made(Feed())
    assert (nothing["from"], nothing["rows"], nothing["lines"]) == (None, [], [])


def test_what_is_excluded_counts_nowhere() -> None:
    """By player, spin or round, its contributions too (RGS-61)."""
    feed = Feed()
    for name, player in (("a", "p_1"), ("b", "p_test"), ("c", "p_1"), ("d", "p_1")):
        feed.spin(name, 1, player_id=player)
        feed.contribution(name, "0.01")
    excluded = Excluded(frozenset({"p_test"}), frozenset({"c"}), frozenset({"r-d"}))
    (row,) = blocks(feed, excluded=excluded)
    assert (row["spins_total"], row["jackpot_contrib"]) == (1, Decimal("0.01"))


def test_two_tenants_may_use_the_same_ids() -> None:
    """A spin id is one of its tenant's."""
    feed = Feed()
    feed.spin("a", 1)
    feed.spin("a", 2)
    feed.events[1]["tenant_id"] = "brand-7"
    assert blocks(feed)[0]["turnover"] == 3


def test_a_currency_without_a_least_stake_is_named() -> None:
    """Whether a spin is eligible is the contract's to say."""
    feed = Feed()
    feed.spin("a", 1, currency="SEK")
    with pytest.raises(ConfigError, match=r'contract test: min_stake names no SEK.*SEK: "…"'):
        made(feed)


# What contradicts itself --------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, -1])
def test_a_spin_told_with_other_values_is_refused(order: int) -> None:
    """Whichever comes first: both places and the field are named, nothing is guessed."""
    feed = Feed()
    feed.spin("a", 1, 2)
    feed.spin("a", 1, 3)
    with pytest.raises(BadFeed, match=r"test.ndjson:2: a is told .* test.ndjson:1; win was "):
        made(feed.events[::order])


def test_a_spin_told_twice_under_two_event_ids_counts_once() -> None:
    """A spin is known by its own id, not by its event's."""
    feed = Feed()
    feed.spin("a", 1)
    feed.spin("a", 1)
    found = made(feed)
    assert found["rows"][0]["spins_total"] == 1
    assert found["events"]["repeated"] == 1


def test_a_contribution_in_another_currency_is_refused() -> None:
    """It cannot be of this spin."""
    feed = Feed()
    feed.contribution("a", 1, currency="JPY")
    feed.spin("a", 1)
    with pytest.raises(BadFeed, match="txn_0 is in JPY, its spin a in EUR"):
        made(feed)


def test_what_belongs_to_no_spin_is_counted_and_told() -> None:
    """A feed that begins too late says so: the report names how many spins it misses."""
    feed = Feed()
    feed.contribution("x", 1)
    feed.void("y")
    feed.void("x")
    found = made(feed)
    assert (found["rows"], found["events"]["without_spin"]) == ([], 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"event_id": None}, "is no event in its envelope: Expected `str`, got `null`"),
        ({"occurred_at": "yesterday"}, "is no event in its envelope: "),
        ({"payload": {}}, "missing required field `ts`"),
        ({"payload": 3}, "Expected `object`, got `int`"),
        ({"stake": Decimal("0.001")}, "stake: 0.001 has more decimals than EUR allows"),
        ({"stake": -1}, "stake: -1 is below zero"),
        ({"win": "much"}, "much|decimal"),
        ({"currency": "XXX"}, "'XXX' is not an ISO 4217 currency code"),
        ({"spin_type": "gift"}, "Invalid enum value 'gift'"),
        ({"ts": "2026-01-01"}, "has no zone"),
    ],
)
def test_an_event_that_cannot_be_counted_is_named(change: dict[str, Any], message: str) -> None:
    """The place and the field; a report of what is left over would be wrong."""
    event = Feed().spin("a", 1)
    place = event if change.keys() & event.keys() else event["payload"]
    place.update(change)
    with pytest.raises(BadFeed, match=rf"test\.ndjson:1: .*({message})"):
        made([event])


# Digits and zones ---------------------------------------------------------------------------------


def test_amounts_are_written_with_all_their_digits() -> None:
    """The largest amount and the smallest unit survive the report: nothing is rounded to 28 digits,
    let alone to a float."""
    feed = Feed()
    big = from_minor(10**13, "KWD")
    for number in range(40):
        feed.spin(f"s{number}", big, from_minor(1, "KWD"), currency="KWD", day=number % 31)
    found = made(feed, terms='turnover_rate: "0.123456789012"\nrounding: half_even')
    (row,) = found["rows"]
    assert str(row["turnover"]) == "400000000000.000"
    assert str(row["ggr"]) == "399999999999.960"
    assert str(found["lines"][0]["exact"]) == "49382715604.800"
    assert row["royalty_due"] == sum(line["amount"] for line in found["lines"])


def test_times_are_read_with_any_zone() -> None:
    """The same instant in another zone is in the same month."""
    feed = Feed()
    feed.spin("a", 1, ts="2026-02-01T00:30:00+01:00")
    found = made(feed)
    assert found["lines"][0]["month"] == "2026-01"
    assert parse_iso("2026-02-01T00:30:00+01:00") < JANUARY_NS + 31 * DAY_NS
