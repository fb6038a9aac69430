"""The quarterly true-up: what was invoiced month by month, against what is known now (RGS-61).

A month was invoiced by what the feed had told until its cut-off, at the month's rate, and without
exclusions. It is due by all that was told, without what is excluded, at the quarter's rate. Both
are computed from the same feed, so nobody has to keep the invoices to check them.
"""

from dataclasses import dataclass
from typing import Any

from simulator.base.clock import NS_PER_S
from simulator.reports import periods as spans
from simulator.reports.amounts import money
from simulator.reports.collect import NOTHING, Collected, Excluded
from simulator.reports.revenue import Revenue, Row, Span, events, revenue
from simulator.reports.terms import Contract, Rates

_DAY_NS = 86_400 * NS_PER_S

Key = tuple[str, str, str, str, str]
"""Month, operator, part, currency, kind: what makes two lines the same one."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One line: invoiced, due, and why they differ. Amounts in the billing currency's minor units;
    `by_events` is the difference at the month's own rate, the rest is the quarter's rate."""

    key: Key
    invoiced: int
    due: int
    by_events: int

    @property
    def difference(self) -> int:
        """What is to be paid (above zero) or given back."""
        return self.due - self.invoiced

    @property
    def by_fx(self) -> int:
        """What the quarter's rate makes of it."""
        return self.difference - self.by_events


def true_up(
    collected: Collected,
    quarter: str,
    contract: Contract,
    rates: Rates,
    excluded: Excluded = NOTHING,
) -> list[Correction]:
    """Every line of a quarter that was invoiced or is due. Raises ConfigError for missing rates."""
    months = spans.quarter(quarter)
    span = Span(months[0].start_ns, months[-1].end_ns)
    now = revenue(collected, span, contract, excluded)
    due, at_months_rate = _by_key(now, contract, rates, quarter), _by_key(now, contract, rates)
    invoiced: dict[Key, int] = {}
    for month in months:
        cut_off_ns = month.end_ns + contract.invoice_after_days * _DAY_NS
        then = revenue(collected, Span(span.start_ns, month.end_ns, cut_off_ns), contract)
        invoiced |= {
            key: amount
            for key, amount in _by_key(then, contract, rates).items()
            if key[0] == month.month
        }
    return [
        Correction(
            key=key,
            invoiced=invoiced.get(key, 0),
            due=due.get(key, 0),
            by_events=at_months_rate.get(key, 0) - invoiced.get(key, 0),
        )
        for key in sorted(invoiced.keys() | due.keys() | at_months_rate.keys())
    ]


def report(
    collected: Collected, quarter: str, contract: Contract, rates: Rates, excluded: Excluded
) -> dict[str, Any]:
    """The true-up, ready to be written in any format."""
    found = true_up(collected, quarter, contract, rates, excluded)
    into = contract.billing_currency
    return {
        "report": "trueup",
        "feed": collected.feed,
        "quarter": quarter,
        "contract": contract.name,
        "rates": rates.name,
        "billing_currency": into,
        "rows": [_row(each, into) for each in found],
        "total": money(sum(each.difference for each in found), into),
        "events": events(collected),
    }


def _by_key(
    found: Revenue, contract: Contract, rates: Rates, key: str | None = None
) -> dict[Key, int]:
    billed = found.billed(contract, rates, key)
    return {
        (each.line.period.month, *each.line.account, each.line.kind): each.amount for each in billed
    }


def _row(each: Correction, into: str) -> Row:
    month, operator_id, part, currency, kind = each.key
    return {
        "month": month,
        "operator_id": operator_id,
        "part": part,
        "kind": kind,
        "currency": currency,
        "invoiced": money(each.invoiced, into),
        "due": money(each.due, into),
        "by_events": money(each.by_events, into),
        "by_fx": money(each.by_fx, into),
        "difference": money(each.difference, into),
    }
