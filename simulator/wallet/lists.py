"""The lists of bets and currencies, cut to the caller and filtered (PRV-60, PRV-61)."""

from simulator.base.currencies import SCALES
from simulator.store.listing import asked, own, page, window
from simulator.store.tx import Query, Reads
from simulator.wallet import bets
from simulator.wallet.rows import Bet
from simulator.wire import messages as m


def list_bets(tx: Reads, ask: m.ListBets) -> m.Page:
    """The caller's bets in the order they came, filtered (PRV-61)."""
    terms = own(tx, ask.tenant_id) + asked(
        ask, "status", "game_id", "player_id", "round_id", "session_id"
    )
    terms += window("opened_ns", ask.occurred_at_from, ask.occurred_at_to)
    return page(tx, Query(Bet, tuple(terms), ask.order == "desc"), ask, bets.view)


def list_currencies(_tx: Reads, _ask: m.ListCurrencies) -> m.Page:
    """Every currency and its decimals (PRV-03)."""
    items = [m.Currency(code=code, scale=SCALES[code]) for code in sorted(SCALES)]
    return m.Page(items=items, has_more=False)
