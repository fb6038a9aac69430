"""The lists of bets, events and currencies, cut to the caller and filtered (PRV-60, PRV-61)."""

import msgspec

from simulator.base.clock import parse_iso
from simulator.base.currencies import SCALES
from simulator.base.errors import ScopeDenied
from simulator.store.rows import Op, Value
from simulator.store.tx import Query, Reads
from simulator.wallet import bets
from simulator.wallet.paging import page
from simulator.wallet.rows import Bet
from simulator.wire import messages as m

Terms = list[tuple[str, str, Value]]


def list_bets(tx: Reads, ask: m.ListBets) -> m.Page:
    """The caller's bets in the order they came, filtered (PRV-61)."""
    terms = own(tx, ask.tenant_id)
    for column in ("status", "game_id", "player_id", "round_id", "session_id"):
        if (value := getattr(ask, column)) is not None:
            terms.append((column, "=", value))
    terms += window("opened_ns", ask.occurred_at_from, ask.occurred_at_to)
    return page(tx, Query(Bet, tuple(terms), ask.order == "desc"), ask, bets.view)


def list_events(tx: Reads, ask: m.ListEvents) -> m.Page:
    """The event feed; its cursor is there on the last page too, to go on from (PRV-40)."""
    terms = [*own(tx, ask.tenant_id), ("topic", "<>", "")]
    for column, value in (
        ("topic", ask.event_type),
        ("player_id", ask.player_id),
        ("game_id", ask.game_id),
    ):
        if value is not None:
            terms.append((column, "=", value))
    terms += window("at_ns", ask.occurred_at_from, ask.occurred_at_to)
    query = Query(Op, tuple(terms), ask.order == "desc")
    return page(tx, query, ask, lambda op: msgspec.Raw(op.event), follow=True)


def list_currencies(_tx: Reads, _ask: m.ListCurrencies) -> m.Page:
    """Every currency and its decimals (PRV-03)."""
    items = [m.Currency(code=code, scale=SCALES[code]) for code in sorted(SCALES)]
    return m.Page(items=items, has_more=False)


def own(tx: Reads, tenant_id: str | None) -> Terms:
    """Only what is the caller's. Raises ScopeDenied for another tenant (PRV-63)."""
    caller = tx.caller
    if tenant_id is not None and tenant_id != caller.tenant:
        raise ScopeDenied(f"tenant {tenant_id} is not yours", details={"tenant_id": tenant_id})
    return [
        ("tenant", "=", caller.tenant),
        ("brand", "=", caller.brand),
        ("region", "=", caller.region),
    ]


def window(column: str, start: str | None, end: str | None) -> Terms:
    """Only what happened from one time on and before another (PRV-61)."""
    terms: Terms = []
    for name, operator, text in (("occurred_at_from", ">=", start), ("occurred_at_to", "<", end)):
        if text is not None:
            try:
                terms.append((column, operator, parse_iso(text)))
            except ValueError as wrong:
                raise m.invalid(name, str(wrong)) from None
    return terms
