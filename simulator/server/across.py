"""Pools against the wallet and its ledger: what each party says of the other, laid side by side
(JP-52).

Neither party sees the other's rows: each tells its own, and they are compared here. Each is asked
about a moment of its own, so the order matters. What the wallet had paid before the service was
asked has to be owed; what the service had credited before the wallet was asked has to be paid. So a
world under load is no break.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar

from simulator.base.clock import NS_PER_S
from simulator.base.money import from_minor
from simulator.jackpot import dealings as jackpot
from simulator.server.outgoing import service_client
from simulator.store.reading import Books
from simulator.wallet import dealings as wallet
from simulator.wire.control import Break, Unmatched

T = TypeVar("T")

PAID = "what is credited was paid, once, to the winner, and nothing else was"
ASIDE = "what is set aside is owed, and ends as the payout does"
STAKED = "a contribution is of the stake that its bet was"
UNDONE = "a bet that was rolled back has no part in a pool"

PARTY = "jackpot"

CLIENT = service_client(PARTY, frozenset()).client_id
"""Under which name our service asks."""

GRACE_NS = 300 * NS_PER_S
"""How long a reversal may be on its way before it counts as missing."""

SHOWN = 20
"""Breaks and unmatched ones that are listed of a kind; the rest is counted."""

_PAGE = 2_000

Found = tuple[str, str, str]
"""Law, where and what."""


class Ask(Protocol):
    """Lets a party answer from its own rows, as of one moment."""

    def __call__(self, party: str, look: Callable[[Books], T], /) -> Awaitable[T]: ...


@dataclass(slots=True)
class Compared:
    """What was found: breaks, contributions of bets that the wallet does not know, and counts."""

    breaks: list[Break] = field(default_factory=list)
    unmatched: list[Unmatched] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)


async def compare(ask: Ask, now_ns: int) -> Compared:
    """Every payout, and every contribution, against what the wallet says of it."""
    before = await ask("wallet", wallet.paid)
    aside = await ask("wallet", wallet.aside)
    owed = await ask("jackpot", jackpot.owed)
    after = await ask("wallet", wallet.paid)
    found = Compared()
    _take(found, _of_payouts(before, owed, after))
    _take(found, _of_what_is_aside(aside, owed, await ask("wallet", wallet.aside), now_ns))
    found.checked |= {"across.payouts": len(owed), "across.paid": len(after)}
    count = unmatched = last = 0
    while parts := await ask("jackpot", partial(jackpot.parts, after=last, limit=_PAGE)):
        last = parts[-1].n
        names = [wallet.Name(p.tenant, p.bet_id, p.player_id, p.round_id) for p in parts]
        known = await ask("wallet", partial(wallet.staked, names=names))
        for part, name in zip(parts, names, strict=True):
            count += 1
            bet = known.get(name)
            if bet is None:
                unmatched += 1
                if len(found.unmatched) < SHOWN:
                    found.unmatched.append(_unmatched(part))
            else:
                _take(found, _of_a_part(part, bet, now_ns))
    found.checked |= {"across.contributions": count, "across.unmatched": unmatched}
    return found


def _of_payouts(
    before: list[wallet.Paid], owed: list[jackpot.Owed], after: list[wallet.Paid]
) -> Iterator[Found]:
    debts = {(one.tenant, one.payout_id): one for one in owed}
    for paid in before:
        debt = debts.get((paid.tenant, paid.payout_id))
        if debt is None and paid.client != CLIENT:
            continue  # for another jackpot service
        if debt is None or not debt.may_be_paid:
            what = "nobody owes it" if debt is None else f"it is {debt.status}"
            yield PAID, f"payout {paid.payout_id}", f"{_paid(paid)}; {what}"
    found: dict[tuple[str, str], list[wallet.Paid]] = {}
    for paid in after:
        found.setdefault((paid.tenant, paid.payout_id), []).append(paid)
    for key, debt in debts.items():
        for wrong in _of_a_debt(debt, found.get(key, [])):
            yield PAID, f"payout {debt.payout_id}", wrong


def _of_a_debt(debt: jackpot.Owed, paid_for: list[wallet.Paid]) -> Iterator[str]:
    """What is wrong with what was paid for a debt."""
    if debt.status == "credited" and not paid_for:
        yield f"{_owed(debt)} is credited; nothing was paid"
    if len(paid_for) > 1:
        yield f"was paid {len(paid_for)} times"
    due = (debt.player_id, debt.amount, debt.currency)
    for paid in paid_for:
        if (paid.player_id, paid.amount, paid.currency) != due:
            yield f"{_paid(paid)}; owed is {_owed(debt)}"
        elif paid.status != "ok":
            yield f"{_paid(paid)}, and then {paid.status}"
        elif (paid.to_owner, paid.moved, paid.to_currency, paid.to_kind) != (*due, "player"):
            yield f"{_paid(paid)}; {_moved(paid)}"


def _of_what_is_aside(
    before: list[wallet.Aside],
    owed: list[jackpot.Owed],
    after: list[wallet.Aside],
    now_ns: int,
) -> Iterator[Found]:
    debts = {(one.tenant, one.payout_id): one for one in owed}
    for one in before:
        debt = debts.get((one.tenant, one.payout_id))
        if one.client == CLIENT and (debt is None or debt.set_aside in (None, "wanted")):
            yield ASIDE, f"payout {one.payout_id}", f"the wallet has it {one.status}; nobody asked"
    found = {(one.tenant, one.payout_id): one for one in after}
    for key, debt in debts.items():
        known = debt.set_aside in ("held", "let_go")
        if known and (wrong := _of_a_hold(debt, found.get(key), now_ns)):
            yield ASIDE, f"payout {debt.payout_id}", wrong


def _of_a_hold(debt: jackpot.Owed, kept: wallet.Aside | None, now_ns: int) -> str | None:
    """What is wrong with what the wallet has set aside for a debt; a call may be on its way."""
    if kept is None:
        return None if debt.set_aside == "let_go" else f"{_owed(debt)} is held; the wallet has none"
    if kept.status == "held" and (kept.amount, kept.currency) != (debt.amount, debt.currency):
        return f"the wallet holds {_amount(kept.amount, kept.currency)}; owed is {_owed(debt)}"
    late = debt.ended_ns is not None and now_ns - int(debt.ended_ns) > GRACE_NS
    if debt.set_aside == "let_go" and kept.status == "held" and late:
        return f"{_owed(debt)} was let go; the wallet holds it still"
    if debt.set_aside == "let_go" and kept.status == "paid":
        return f"{_owed(debt)} was let go; the wallet has paid it"
    if debt.status == "credited" and kept.status != "paid":
        return f"{_owed(debt)} is credited; the wallet has it {kept.status}"
    return None


def _of_a_part(part: jackpot.Part, bet: wallet.Staked, now_ns: int) -> Iterator[Found]:
    where = f"contribution {part.jp_contrib_id}"
    if bet.stake is not None and bet.currency is not None:
        said = (part.player_id, part.stake, part.currency)
        if said != (bet.player_id, bet.stake, bet.currency):
            was = f"bet {part.bet_id} was {_amount(bet.stake, bet.currency)} by {bet.player_id}"
            told = f"of {_amount(part.stake, part.currency)} by {part.player_id}"
            yield STAKED, where, f"{told}; {was}"
    undone = bet.undone_ns is not None and now_ns - bet.undone_ns > GRACE_NS
    if undone and part.status == "recorded":
        yield UNDONE, where, f"stands; bet {part.bet_id} was rolled back"


def _take(found: Compared, breaks: Iterator[Found]) -> None:
    for law, where, message in breaks:
        count = sum(1 for one in found.breaks if one.law == law)
        if count < SHOWN:
            found.breaks.append(Break(law, where, message, PARTY))
        elif count == SHOWN:
            found.breaks.append(Break(law, "…", "and more", PARTY))


def _unmatched(part: jackpot.Part) -> Unmatched:
    return Unmatched(
        jp_contrib_id=part.jp_contrib_id,
        tenant_id=part.tenant,
        pool_id=part.pool_id,
        bet_id=part.bet_id,
        message="the wallet knows no such bet",
    )


def _paid(paid: wallet.Paid) -> str:
    return f"the wallet paid {_amount(paid.amount, paid.currency)} to {paid.player_id}"


def _owed(debt: jackpot.Owed) -> str:
    return f"{_amount(debt.amount, debt.currency)} to {debt.player_id}"


def _moved(paid: wallet.Paid) -> str:
    if paid.moved is None or paid.to_currency is None:
        return "its ledger moved nothing"
    return f"its ledger moved {_amount(paid.moved, paid.to_currency)} to {paid.to_owner}"


def _amount(minor: int, currency: str) -> str:
    return f"{from_minor(minor, currency)} {currency}"
