"""The list of rounds, cut to the caller and filtered (PRV-60, PRV-61)."""

from simulator.play.rounds import view
from simulator.play.rows import PlayRound
from simulator.store.listing import asked, own, page
from simulator.store.tx import Query, Reads
from simulator.wire import messages as m
from simulator.wire import play as p


def list_rounds(tx: Reads, ask: p.ListRounds) -> m.Page:
    """The caller's rounds in the order they were opened; those under way are `open` (WAL-64)."""
    terms = own(tx, None) + asked(ask, "session_id", "player_id", "status")
    return page(tx, Query(PlayRound, tuple(terms), ask.order == "desc"), ask, view)
