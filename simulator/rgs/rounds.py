"""Rounds: opened by their first spin, ended by a call; found again on reconnect (WAL-64)."""

from simulator.base.clock import iso, iso_or_none
from simulator.base.errors import Duplicate, InvalidState
from simulator.rgs.rows import GamePlayer, GameRound, GameSession
from simulator.store.listing import asked, own, page
from simulator.store.owned import require_mine
from simulator.store.tx import Query, Reads, Tx
from simulator.wire import studio as s
from simulator.wire.messages import Money
from simulator.wire.messages import Page as CursorPage


def enter(tx: Reads, round_id: str, session: GameSession) -> GameRound:
    """The round that a spin is played in, not written yet where it is new. Raises InvalidState for
    one that has ended, Duplicate for one of another session."""
    found = tx.get(GameRound, (tx.caller.tenant, round_id))
    if found is None:
        return GameRound(
            tenant=session.tenant,
            round_id=round_id,
            brand=session.brand,
            region=session.region,
            session_id=session.session_id,
            player_id=session.player_id,
            game_id=session.game_id,
            currency=session.currency,
            started_ns=tx.now_ns,
        )
    if found.session_id != session.session_id:
        raise Duplicate(f"round {round_id} is of another session", details={"round_id": round_id})
    require_open(found)
    return found


def require_open(game_round: GameRound) -> None:
    """Raises InvalidState for a round that has ended."""
    if game_round.status != "open":
        raise InvalidState(
            f"round {game_round.round_id} has ended; no spin is played in it",
            details={"reason": "round_closed", "round_id": game_round.round_id},
        )


def end_round(tx: Tx, ask: s.EndRound) -> s.Round:
    """End a round; one that has ended is answered as it is."""
    game_round = require(tx, ask.round_id)
    tx.lock(GamePlayer, (game_round.tenant, game_round.player_id))
    if game_round.status == "open":
        game_round = tx.put(game_round.but(status="completed", ended_ns=tx.now_ns))
    return view(game_round)


def read_round(tx: Reads, ask: s.RoundRef) -> s.Round:
    """One round and the sums of its spins that stand."""
    return view(require(tx, ask.round_id))


def list_rounds(tx: Reads, ask: s.ListRounds) -> CursorPage:
    """Rounds in the order they were opened, filtered."""
    terms = own(tx, None) + asked(ask, "session_id", "player_id", "status")
    return page(tx, Query(GameRound, tuple(terms), ask.order == "desc"), ask, view)


def require(tx: Reads, round_id: str) -> GameRound:
    """The caller's round. Raises NotFound."""
    return require_mine(tx, tx.get(GameRound, (tx.caller.tenant, round_id)), "round", round_id)


def view(game_round: GameRound) -> s.Round:
    """A round as the platform sees it."""
    return s.Round(
        round_id=game_round.round_id,
        session_id=game_round.session_id,
        player_id=game_round.player_id,
        game_id=game_round.game_id,
        status=game_round.status,
        spins=game_round.spins,
        staked=Money.of(game_round.staked, game_round.currency),
        won=Money.of(game_round.won, game_round.currency),
        started_at=iso(game_round.started_ns),
        ended_at=iso_or_none(game_round.ended_ns),
    )
