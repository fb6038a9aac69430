"""The list of rounds, cut to the caller and filtered (PRV-60, PRV-61)."""

from simulator.play.rounds import view
from simulator.play.rows import PlayRound
from simulator.store.listing import own, page
from simulator.store.tx import Query, Reads
from simulator.wire import messages as m
from simulator.wire import play as p


def list_rounds(tx: Reads, ask: p.ListRounds) -> m.Page:
    """The caller's rounds in the order they were opened; those under way are `open` (WAL-64)."""
    terms = own(tx, None)
    for column in ("session_id", "player_id", "status"):
        if (value := getattr(ask, column)) is not None:
            terms.append((column, "=", value))
    return page(tx, Query(PlayRound, tuple(terms), ask.order == "desc"), ask, view)
