"""The revenue report: every block of RGS-60 by game, brand or operator and currency (RGS-64)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from simulator.base.clock import iso
from simulator.reports import periods as spans
from simulator.reports.amounts import exact, money
from simulator.reports.blocks import Blocks, Entries, Leaf, count, total
from simulator.reports.collect import NOTHING, Collected, Excluded
from simulator.reports.periods import Period
from simulator.reports.royalties import Billed, Line, Royalties, bill, guaranteed, royalties
from simulator.reports.terms import Contract, Rates

By = Literal["game", "brand", "operator"]
BY: Mapping[By, str] = {"game": "game_id", "brand": "brand_id", "operator": "operator_id"}
"""What rows are grouped by, and the field of a leaf that it is."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """What a report is asked for: from an instant on (None: the first month with play) and before
    another (None: the end of the last), by what was told before a third (None: by all)."""

    start_ns: int | None = None
    end_ns: int | None = None
    told_by_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Revenue:
    """What some months come to. `history` is what came before, for what it carries over."""

    periods: list[Period]
    leaves: dict[Leaf, Blocks]
    tournaments: dict[tuple[Period, str, str], Entries]
    owed: Royalties
    first_ns: dict[str, int]
    """When each operator first had play, in these months or before."""

    @property
    def lines(self) -> list[Line]:
        """Invoice lines of the periods asked for."""
        return [line for line in self.owed.lines if line.period in self.periods]

    def billed(
        self, contract: Contract, rates: Rates | None, key: str | None = None
    ) -> list[Billed]:
        """They and the minimum guarantee in the billing currency, at the rates of their months or
        of the one period named. Raises ConfigError for a missing rate."""
        found = bill(self.lines, contract, rates, key)
        return found + guaranteed(found, self.periods, contract, self.first_ns)


def revenue(
    collected: Collected, span: Span, contract: Contract, excluded: Excluded = NOTHING
) -> Revenue:
    """Count and bill. Raises ConfigError for a currency that the contract says nothing of.

    A contract that carries NetWin below zero is followed from the month it begins in.
    """
    settled = list(collected.settled(span.told_by_ns, excluded))
    asked = _periods(span, [each.played.at_ns for each in settled])
    before = []
    begins_ns = spans.month(contract.begins).start_ns
    if asked and contract.share and contract.share.carry:
        before = spans.cut(begins_ns, asked[0].start_ns)
    periods = [*before, *asked]
    first_ns: dict[str, int] = {}
    for each in settled:
        first_ns.setdefault(each.played.operator_id, each.played.at_ns)
    leaves, tournaments = count(settled, periods, contract)
    return Revenue(
        periods=asked,
        leaves={leaf: blocks for leaf, blocks in leaves.items() if leaf.period in asked},
        tournaments={key: part for key, part in tournaments.items() if key[0] in asked},
        owed=royalties(leaves, periods, contract),
        first_ns=first_ns,
    )


def report(
    collected: Collected, found: Revenue, by: By, contract: Contract, rates: Rates | None
) -> dict[str, Any]:
    """The whole report, ready to be written in any format. Amounts are exact decimals."""
    one_currency = {line.account.currency for line in found.lines} <= {contract.billing_currency}
    known = rates is not None or contract.guarantee is not None or one_currency
    billed = found.billed(contract, rates) if known else []
    return {
        "report": "revenue",
        "feed": collected.feed,
        "from": iso(found.periods[0].start_ns) if found.periods else None,
        "to": iso(found.periods[-1].end_ns) if found.periods else None,
        "by": by,
        "contract": contract.name,
        "rows": rows(found, by),
        "totals": rows(found, None),
        "tournaments": _tournaments(found.tournaments),
        "lines": [line_row(line) for line in found.lines],
        "billed": [billed_row(each, contract) for each in billed],
        "events": events(collected),
    }


def rows(found: Revenue, by: By | None) -> list[Row]:
    """A row for each group (None: all is one) and currency, in the order of their names."""
    groups: dict[tuple[str, str], list[Leaf]] = {}
    for leaf in found.leaves:
        group = "" if by is None else getattr(leaf, BY[by])
        groups.setdefault((group, leaf.currency), []).append(leaf)
    return [
        _row({} if by is None else {BY[by]: group}, currency, leaves, found)
        for (group, currency), leaves in sorted(groups.items())
    ]


def _row(named: Row, currency: str, leaves: Sequence[Leaf], found: Revenue) -> Row:
    sums = total(found.leaves[leaf] for leaf in leaves)
    netwin = sum((found.owed.netwin[leaf] for leaf in leaves), Fraction(0))
    due_minor = sum(found.owed.due.get(leaf, 0) for leaf in leaves)
    return named | {
        "currency": currency,
        "spins_total": sums.spins_total,
        "eligible_spins": sums.eligible_spins,
        "turnover": money(sums.turnover, currency),
        "ggr": money(sums.ggr, currency),
        "netwin": money(netwin, currency),
        "jackpot_contrib": money(sums.jackpot_contrib, currency),
        "bonus_cost": money(sums.bonus_cost, currency),
        "royalty_due": money(due_minor, currency),
    }


def line_row(line: Line) -> Row:
    """An invoice line in the currency of play."""
    account = line.account
    spins = line.kind == "per_spin"
    scaled = money(line.rate, account.currency) if spins else exact(line.rate)
    return {
        "month": line.period.month,
        "whole_month": line.period.whole,
        "operator_id": account.operator_id,
        "part": account.part,
        "kind": line.kind,
        "base": int(line.base) if spins else money(line.base, account.currency),
        "rate": scaled,
        "exact": money(line.exact, account.currency),
        "currency": account.currency,
        "amount": money(line.amount, account.currency),
    }


def billed_row(each: Billed, contract: Contract) -> Row:
    """An invoice line in the billing currency."""
    into = contract.billing_currency
    return {
        "month": each.line.period.month,
        "operator_id": each.line.account.operator_id,
        "part": each.line.account.part,
        "kind": each.line.kind,
        "currency": each.line.account.currency,
        "exact": money(each.line.exact, each.line.account.currency),
        "fx": exact(each.fx),
        "billing_currency": into,
        "amount": money(each.amount, into),
    }


def events(collected: Collected) -> Row:
    """What was read, and what of it counted."""
    return {
        "read": collected.read,
        "repeated": collected.repeated,
        "voided": collected.voided,
        "without_spin": collected.loose,
        "skipped": dict(sorted(collected.skipped.items())),
    }


def _periods(span: Span, times_ns: Sequence[int]) -> list[Period]:
    """The months asked for; where an end is open, as far as there is play."""
    start_ns, end_ns = span.start_ns, span.end_ns
    if (start_ns is None or end_ns is None) and not times_ns:
        return []
    if start_ns is None:
        start_ns = spans.month(spans.month_of(min(times_ns))).start_ns
    if end_ns is None:
        end_ns = spans.month(spans.month_of(max(times_ns))).end_ns
    return spans.cut(start_ns, end_ns)


def _tournaments(found: Mapping[tuple[Period, str, str], Entries]) -> list[Row]:
    merged: dict[tuple[str, str], list[Entries]] = {}
    for (_, tournament_id, currency), part in found.items():
        merged.setdefault((tournament_id, currency), []).append(part)
    return [_tournament(*key, parts) for key, parts in sorted(merged.items())]


def _tournament(tournament_id: str, currency: str, parts: Iterable[Entries]) -> Row:
    whole = list(parts)
    return {
        "tournament_id": tournament_id,
        "currency": currency,
        "spins": sum(part.spins for part in whole),
        "staked": money(sum(part.staked for part in whole), currency),
        "won": money(sum(part.won for part in whole), currency),
    }
