"""Rounds: opened by a call or by their first bet, ended once, and nothing comes after (PRV-27).

(WAL-16, WAL-23, WAL-60, WAL-64)
"""

from simulator.base.clock import iso, iso_or_none
from simulator.base.errors import Duplicate, InvalidState
from simulator.ledger import book
from simulator.store.owned import mine, require_mine
from simulator.store.tx import Again, Reads, Tx
from simulator.wallet import sessions
from simulator.wallet.access import clearing, house
from simulator.wallet.rows import Bet, Player, Round, Session
from simulator.wire import messages as m
from simulator.wire.messages import Money


def start_round(tx: Tx, ask: m.StartRound) -> m.Round:
    """Open a round; one that is open already is answered as it is."""
    session = sessions.require(tx, ask.session_id)
    tx.lock(Player, (session.tenant, session.player_id))
    known = tx.get(Round, (tx.caller.tenant, ask.round_id))
    if known is None:
        sessions.require_open(tx, session)
        return view(tx.put(_new(tx, ask.round_id, session, session)))
    return view(_require_usable(tx, known, session))


def close_round(tx: Tx, ask: m.CloseRound) -> m.Round | Again:
    """End a round. Its bets have to be settled or rolled back first: a hold is never dropped."""
    game_round = _require(tx, ask.round_id)
    tx.lock(Player, (game_round.tenant, game_round.player_id))
    if game_round.status == ask.outcome and game_round.closed_op is not None:
        return Again(game_round.closed_op)
    if game_round.status != "open":
        raise closed(game_round)
    if game_round.open_bets:
        raise InvalidState(
            f"round {ask.round_id} has {game_round.open_bets} open bet(s); "
            "settle or roll back each one first",
            details={"reason": "open_bets", "open_bets": game_round.open_bets},
        )
    if ask.outcome == "cancelled" and (game_round.settled or game_round.won):
        raise InvalidState(
            f"round {ask.round_id} has settled bets, so it can only be completed",
            details={"reason": "settled_bets"},
        )
    _clear(tx, game_round)
    ended = game_round.but(status=ask.outcome, closed_op=tx.position, closed_ns=tx.now_ns)
    return view(tx.put(ended))


def read_round(tx: Reads, ask: m.ReadRound) -> m.Round:
    """One round and the sums of its bets."""
    return view(_require(tx, ask.round_id))


def add_bet(tx: Tx, round_id: str, session: Session, stake_minor: int) -> Round:
    """Count a bet in its round, opened by it where it is new. A round that has ended refuses
    (WAL-16)."""
    known = tx.get(Round, (tx.caller.tenant, round_id))
    if known is not None and known.game_id not in (None, session.game_id):
        raise Duplicate("Round already opened for a different game", details={"round_id": round_id})
    game_round = (
        _new(tx, round_id, session, session)
        if known is None
        else _require_usable(tx, known, session)
    )
    return tx.put(
        game_round.but(
            bets=game_round.bets + 1,
            open_bets=game_round.open_bets + 1,
            staked=game_round.staked + stake_minor,
            held=game_round.held + stake_minor,
        )
    )


def settle_bet(tx: Tx, game_round: Round, stake_minor: int, win_minor: int) -> None:
    """Count a settled bet (WAL-23)."""
    tx.put(
        game_round.but(
            open_bets=game_round.open_bets - 1,
            settled=game_round.settled + 1,
            held=game_round.held - stake_minor,
            won=game_round.won + win_minor,
        )
    )


def roll_back_bet(tx: Tx, game_round: Round, stake_minor: int) -> None:
    """Take a rolled-back bet out of the sums."""
    tx.put(
        game_round.but(
            open_bets=game_round.open_bets - 1,
            staked=game_round.staked - stake_minor,
            held=game_round.held - stake_minor,
        )
    )


def enter(
    tx: Tx, round_id: str, player: Player, session: Session | None, game_id: str | None
) -> Round:
    """The round that a player's stake goes to, not written yet where it is new. A round that has
    ended refuses (WAL-16)."""
    known = tx.get(Round, (tx.caller.tenant, round_id))
    if known is not None:
        return _require_usable(tx, known, player)
    made = _new(tx, round_id, player, session)
    return made if session else made.but(game_id=game_id)


def peek(tx: Reads, round_id: str | None) -> Round | None:
    """The caller's round, if there is one."""
    return None if round_id is None else mine(tx, tx.get(Round, (tx.caller.tenant, round_id)))


def count(tx: Tx, game_round: Round, **by: int) -> None:
    """Add to a round's counts and sums."""
    tx.put(game_round.but(**{name: getattr(game_round, name) + more for name, more in by.items()}))


def of_bet(tx: Reads, bet: Bet) -> Round:
    """The round of a bet that was placed."""
    game_round = tx.get(Round, (bet.tenant, bet.round_id))
    if game_round is None:
        raise RuntimeError(f"bet {bet.bet_id} is of round {bet.round_id}, which does not exist")
    return game_round


def purse(tx: Reads, game_round: Round) -> book.AccountKey:
    """Where the round's stakes go and its wins come from: its provider's clearing account."""
    return clearing(tx, game_round.provider, game_round.currency)


def require_of(game_round: Round, player_id: str) -> None:
    """Raises InvalidState for a round of another player (WAL-49)."""
    if game_round.player_id != player_id:
        raise InvalidState(
            f"round {game_round.round_id} is not of player {player_id}",
            details={"reason": "player_mismatch", "round_id": game_round.round_id},
        )


def closed(game_round: Round) -> InvalidState:
    """The refusal of anything that comes after a round's end (WAL-60)."""
    return InvalidState(
        f"round {game_round.round_id} is {game_round.status}; nothing is accepted after its end",
        details={"reason": "round_closed", "round_id": game_round.round_id},
    )


def view(game_round: Round) -> m.Round:
    """A round as providers see it."""
    return m.Round(
        round_id=game_round.round_id,
        player_id=game_round.player_id,
        session_id=game_round.session_id,
        game_id=game_round.game_id,
        status=game_round.status,
        bets=game_round.bets,
        open_bets=game_round.open_bets,
        staked=Money.of(game_round.staked, game_round.currency),
        won=Money.of(game_round.won, game_round.currency),
        started_at=iso(game_round.started_ns),
        closed_at=iso_or_none(game_round.closed_ns),
    )


def _new(tx: Tx, round_id: str, owner: Session | Player, session: Session | None) -> Round:
    return Round(
        tenant=owner.tenant,
        round_id=round_id,
        brand=owner.brand,
        region=owner.region,
        provider=tx.caller.provider,
        player_id=owner.player_id,
        session_id=session.session_id if session else None,
        game_id=session.game_id if session else None,
        currency=owner.currency,
        started_op=tx.position,
        started_ns=tx.now_ns,
    )


def _require(tx: Reads, round_id: str) -> Round:
    return require_mine(tx, tx.get(Round, (tx.caller.tenant, round_id)), "round", round_id)


def _require_usable(tx: Reads, game_round: Round, owner: Session | Player) -> Round:
    if (game_round.player_id, game_round.brand) != (owner.player_id, owner.brand):
        raise Duplicate(
            "Round already opened for a different player",
            details={"round_id": game_round.round_id},
        )
    if game_round.provider != tx.caller.provider:
        raise Duplicate(
            "Round already opened by a different provider",
            details={"round_id": game_round.round_id},
        )
    if game_round.status != "open":
        raise closed(game_round)
    return game_round


def _clear(tx: Tx, game_round: Round) -> None:
    """Post what the round won or lost to the house, so that nothing of it stays in clearing."""
    net_minor = game_round.staked - game_round.won
    purse_, house_ = purse(tx, game_round), house(tx, game_round.currency)
    if net_minor > 0:
        book.post(tx, purse_, house_, net_minor)
    elif net_minor < 0:
        book.post(tx, house_, purse_, -net_minor)
