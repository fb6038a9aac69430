"""What is owed: from GGR to NetWin by the waterfall, three fees, invoice lines (RGS-61, RGS-64).

All is computed in fractions of minor units. A line is rounded once, as its contract says; what a
line comes to is then shared out among the leaves it sums up, to the minor unit, so that rows of any
grouping add up to the invoice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple, assert_never

from simulator.base.money import scale_of
from simulator.reports.blocks import Blocks, Leaf, Leaves, total
from simulator.reports.periods import Period
from simulator.reports.terms import Contract, Deduction, Rates, Rounding

LineKind = Literal["per_spin", "turnover", "revenue_share", "minimum_guarantee"]


class Account(NamedTuple):
    """What one contract settles in one sum: within it, losses are set off against wins."""

    operator_id: str
    part: str
    """The brand or game where the contract settles by these, else nothing."""
    currency: str


class Line(NamedTuple):
    """One line of an invoice. `exact` and `amount` in minor units of the account's currency; `base`
    is spins for a fee by spin, else minor units."""

    period: Period
    account: Account
    kind: LineKind
    base: Fraction
    rate: Fraction
    exact: Fraction
    amount: int


class Share(NamedTuple):
    """What of a line falls to one leaf, in whole minor units."""

    leaf: Leaf
    amount: int


@dataclass(slots=True)
class Royalties:
    """What some periods come to."""

    lines: list[Line] = field(default_factory=list)
    netwin: dict[Leaf, Fraction] = field(default_factory=dict)
    due: dict[Leaf, int] = field(default_factory=dict)
    carried: dict[Account, Fraction] = field(default_factory=dict)
    """NetWin below zero that is set off later, at the end of the last period."""


def royalties(leaves: Leaves, periods: Sequence[Period], contract: Contract) -> Royalties:
    """The lines of each period in order, with what is carried from one to the next."""
    found = Royalties()
    accounts: dict[tuple[Period, Account], dict[Leaf, Blocks]] = {}
    for leaf, blocks in leaves.items():
        accounts.setdefault((leaf.period, account_of(leaf, contract)), {})[leaf] = blocks
    for period in periods:
        here = sorted((key[1], part) for key, part in accounts.items() if key[0] == period)
        for account, part in here:
            _bill(found, contract, period, account, part)
    return found


def account_of(leaf: Leaf, contract: Contract) -> Account:
    """The account that a leaf is settled in."""
    match contract.settle_by:
        case "operator":
            part = ""
        case "brand":
            part = leaf.brand_id
        case "game":
            part = leaf.game_id
        case _:
            assert_never(contract.settle_by)
    return Account(leaf.operator_id, part, leaf.currency)


def _bill(
    found: Royalties, contract: Contract, period: Period, account: Account, part: Leaves
) -> None:
    """The lines of one account in one period."""
    sums, unit = total(part.values()), 10 ** scale_of(account.currency)
    netwin = waterfall(part, contract)
    found.netwin |= netwin
    if period.month < contract.begins:
        return
    bills: list[tuple[LineKind, Fraction, Fraction, dict[Leaf, Fraction]]] = []
    if contract.per_spin:
        fee = contract.spin_fee(account.currency) * unit
        weights = {leaf: Fraction(blocks.eligible_spins) for leaf, blocks in part.items()}
        bills.append(("per_spin", Fraction(sums.eligible_spins), fee, weights))
    if contract.turnover_rate is not None:
        weights = {leaf: Fraction(blocks.turnover) for leaf, blocks in part.items()}
        bills.append(("turnover", Fraction(sums.turnover), contract.turnover_rate, weights))
    if contract.share is not None:
        base = sum(netwin.values(), Fraction(0))
        if contract.share.carry:
            base += found.carried.pop(account, Fraction(0))
            if base < 0:
                found.carried[account] = base
        weights = {leaf: max(share, Fraction(0)) for leaf, share in netwin.items()}
        bills.append(("revenue_share", max(base, Fraction(0)), contract.share.rate, weights))
    for kind, base, rate, weights in bills:
        line = _line(period, account, kind, base, rate, contract.rounding)
        found.lines.append(line)
        for leaf, amount in share_out(line.amount, weights):
            found.due[leaf] = found.due.get(leaf, 0) + amount


def _line(
    period: Period,
    account: Account,
    kind: LineKind,
    base: Fraction,
    rate: Fraction,
    rounding: Rounding,
) -> Line:
    exact = base * rate
    return Line(period, account, kind, base, rate, exact, rounded(exact, rounding))


def waterfall(part: Leaves, contract: Contract) -> dict[Leaf, Fraction]:
    """Each leaf's part of an account's NetWin; together they are the account's (RGS-64).

    A rate is taken of the account's base, if that is above zero; so it is taken of a leaf's base in
    the same proportion, below zero too. Without a revenue share nothing but bonus cost and
    contributions is taken.
    """
    left = {leaf: Fraction(blocks.ggr) for leaf, blocks in part.items()}
    ggr = sum(left.values(), Fraction(0))
    own = (Deduction("bonus_cost"), Deduction("jackpot_contribution"))
    for step in contract.share.waterfall if contract.share else own:
        taken = {leaf: _taken(step, blocks, left[leaf]) for leaf, blocks in part.items()}
        whole = sum(taken.values(), Fraction(0))
        if step.of and whole < 0:
            continue  # nothing is taken of less than nothing
        scale = Fraction(1)
        if step.at_most is not None and whole > (most := max(ggr, Fraction(0)) * step.at_most):
            scale = most / whole
        left = {leaf: left[leaf] - taken[leaf] * scale for leaf in part}
    return left


def _taken(step: Deduction, blocks: Blocks, left: Fraction) -> Fraction:
    """What a step takes of a leaf before it is capped."""
    bases = {
        "ggr": Fraction(blocks.ggr),
        "turnover": Fraction(blocks.turnover),
        "remainder": left,
    }
    if step.take == "bonus_cost":
        return Fraction(blocks.bonus_cost)
    if step.take == "jackpot_contribution":
        return Fraction(blocks.jackpot_contrib)
    return bases[step.of] * step.rate


def rounded(exact: Fraction, rounding: Rounding) -> int:
    """A line's amount in whole minor units; it is never below zero."""
    match rounding:
        case "half_even":
            return round(exact)
        case "half_up":
            return (exact * 2 + 1) // 2
        case "down":
            return exact // 1
        case _:
            assert_never(rounding)


def share_out(amount: int, weights: Mapping[Leaf, Fraction]) -> list[Share]:
    """Split an amount by weights, to the minor unit: the largest remainders get what is left over,
    of equal ones the first by name. Where nothing weighs, the first gets it all."""
    leaves = sorted(weights)
    whole = sum(weights.values(), Fraction(0))
    if not whole:
        return [Share(leaf, amount if leaf == leaves[0] else 0) for leaf in leaves]
    exact = {leaf: amount * weights[leaf] / whole for leaf in leaves}
    floors = {leaf: exact[leaf] // 1 for leaf in leaves}
    left = amount - sum(floors.values())
    order = sorted(leaves, key=lambda leaf: (floors[leaf] - exact[leaf], leaf))
    extra = set(order[:left])
    return [Share(leaf, floors[leaf] + (leaf in extra)) for leaf in leaves]


# In the billing currency --------------------------------------------------------------------------


class Billed(NamedTuple):
    """A line in the billing currency: the rate of its period, and the amount, rounded once from the
    exact one."""

    line: Line
    fx: Fraction
    exact: Fraction
    amount: int


def bill(
    lines: Sequence[Line], contract: Contract, rates: Rates | None, key: str | None = None
) -> list[Billed]:
    """Lines in the billing currency, then what is missing to the minimum guarantee.

    `key` names the period whose rates count; None: each line's month. Raises ConfigError where a
    rate is missing.
    """
    own = rates or Rates("--fx", contract.billing_currency, {})
    into = contract.billing_currency
    billed = []
    for line in lines:
        fx = own.rate(key or line.period.month, line.account.currency)
        minor = Fraction(10) ** (scale_of(into) - scale_of(line.account.currency))
        exact = line.exact * fx * minor
        billed.append(Billed(line, fx, exact, rounded(exact, contract.rounding)))
    return billed


def guaranteed(
    billed: Sequence[Billed],
    periods: Sequence[Period],
    contract: Contract,
    first_ns: Mapping[str, int],
) -> list[Billed]:
    """What each operator's lines of a whole month lack to the minimum guarantee. An operator owes
    it from the month on in which it first had play (`first_ns`), and for part of a month never."""
    if contract.guarantee is None:
        return []
    unit = 10 ** scale_of(contract.billing_currency)
    least = contract.guarantee * unit
    reached: Counter[tuple[Period, str]] = Counter()
    for line, _, _, amount in billed:
        reached[line.period, line.account.operator_id] += amount
    found = []
    for period in periods:
        for name in sorted(name for name, at_ns in first_ns.items() if at_ns < period.end_ns):
            missing = least - reached[period, name]
            if period.whole and period.month >= contract.begins and missing > 0:
                account = Account(name, "", contract.billing_currency)
                amount = rounded(missing, contract.rounding)
                line = Line(
                    period, account, "minimum_guarantee", missing, Fraction(1), missing, amount
                )
                found.append(Billed(line, Fraction(1), missing, amount))
    return found
