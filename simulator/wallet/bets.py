"""Bets: authorize holds the stake, settle captures it and credits the win, rollback gives it back.

(PRV-21, PRV-22, PRV-23, PRV-32; WAL-01..16, WAL-20..28, WAL-40..49)
"""

from collections.abc import Callable

from simulator.base.clock import iso, iso_or_none
from simulator.base.errors import (
    BetNotFound,
    CurrencyMismatch,
    Duplicate,
    InvalidState,
    LimitExceeded,
    RgBlock,
)
from simulator.ledger.book import AccountKey
from simulator.store.owned import mine
from simulator.store.tx import Again, Reads, Tx
from simulator.wallet import bonuses, funds, limits, rg, rounds, scripted, sessions
from simulator.wallet.funds import Stake
from simulator.wallet.profile import REFERENCE, Profile
from simulator.wallet.rows import Bet, Player, Round, Session
from simulator.wire import messages as m
from simulator.wire.events import BetWasAuthorized, BetWasRolledBack, BetWasSettled, Event
from simulator.wire.messages import Money


def authorize_bet(
    tx: Tx, ask: m.AuthorizeBet, *, profile: Profile = REFERENCE
) -> m.BetAuthorized | Again | RgBlock | LimitExceeded:
    """Reserve the stake of one bet. Won or lost is for `settle_bet` to say. (PRV-21, WAL-01..17)

    A limit of the player's own refuses by an answer, so that its event leaves with it (WAL-66).
    """
    session = sessions.require(tx, ask.session_id)
    player = tx.lock(Player, (session.tenant, session.player_id))
    known = tx.get(Bet, (tx.caller.tenant, ask.bet_id))
    if known is not None:
        return _known_authorize(known, ask, session)
    limits.require_may_bet(tx, player, session)
    if (blocked := limits.reality_check(tx, session, profile)) is not None:
        return blocked
    limits.require_stake(session, ask.amount)
    amount_minor = ask.amount.minor
    hit = rg.judge_stake(tx, player, amount_minor)
    if hit is not None:
        return hit
    expired = bonuses.touch(tx, player)
    purse = rounds.purse(tx, rounds.add_bet(tx, ask.round_id, session, amount_minor))
    held = funds.hold(tx, session.player_id, session.currency, amount_minor, purse)
    rg.staked(tx, player, amount_minor)
    hold_id = tx.mint("h")
    tx.put(
        Bet(
            tenant=session.tenant,
            bet_id=ask.bet_id,
            brand=session.brand,
            region=session.region,
            round_id=ask.round_id,
            player_id=session.player_id,
            session_id=session.session_id,
            game_id=session.game_id,
            currency=session.currency,
            amount=amount_minor,
            hold_move=held.cash.move,
            hold_id=hold_id,
            opened_op=tx.position,
            opened_ns=tx.now_ns,
            bonus_amount=held.bonus_minor,
            bonus_move=held.bonus.move if held.bonus else None,
        )
    )
    tx.emit(
        Event(
            topic="bet.authorized",
            payload=BetWasAuthorized(ask.bet_id, ask.round_id, session.game_id, ask.amount),
            player_id=session.player_id,
            session_id=session.session_id,
            build_hash=session.build_hash,
        )
    )
    bonuses.tell(tx, expired)
    scripted.after_stake(tx, session.player_id, session)
    return m.BetAuthorized(
        status="authorized",
        bet_id=ask.bet_id,
        round_id=ask.round_id,
        hold_id=hold_id,
        balance=funds.total(tx, session.player_id, session.currency),
    )


def settle_bet(tx: Tx, ask: m.SettleBet) -> m.BetSettled | Again:
    """Close a bet with its win, zero included: capture the hold, credit the win.

    Lands whatever became of the session or the player meanwhile (PRV-22, WAL-20..28).
    """
    bet = _require_bet(tx, ask.bet_id, ask.round_id)
    player = tx.lock(Player, (bet.tenant, bet.player_id or ""))
    if bet.status == "rolled_back":
        raise _ended(bet, "a bet that was rolled back cannot be settled")
    if ask.win.currency != bet.currency:
        raise CurrencyMismatch(f"the bet is in {bet.currency}, the win in {ask.win.currency}")
    if bet.status == "settled":
        return _known_settle(bet, ask)
    game_round = rounds.of_bet(tx, bet)
    purse, win_minor = rounds.purse(tx, game_round), ask.win.minor
    held = _stake_of(tx, bet, purse)
    funds.capture(tx, held)
    player_id = bet.player_id or ""
    funds.credit(tx, player_id, bet.currency, win_minor, purse, like=held)
    rg.won(tx, player, win_minor)
    settlement_id = tx.mint("st")
    tx.put(
        bet.but(
            status="settled",
            win=win_minor,
            settlement_id=settlement_id,
            closed_op=tx.position,
            closed_ns=tx.now_ns,
        )
    )
    rounds.settle_bet(tx, game_round, held.amount_minor, win_minor)
    state = ask.bonus_state
    payload = BetWasSettled(
        bet_id=bet.bet_id,
        round_id=bet.round_id,
        game_id=bet.game_id or "",
        settlement_id=settlement_id,
        bet=Money.of(held.amount_minor, ask.win.currency),
        win=ask.win,
        in_bonus=state.in_bonus if state else False,
    )
    _tell(tx, bet, "bet.settled", payload)
    bonuses.tell(tx, bonuses.wagered(tx, player, held))
    return m.BetSettled(
        status="credited",
        bet_id=bet.bet_id,
        round_id=bet.round_id,
        settlement_id=settlement_id,
        balance=funds.total(tx, player_id, bet.currency),
    )


def rollback_bet(
    tx: Tx, ask: m.RollbackBet, *, profile: Profile = REFERENCE
) -> m.BetRolledBack | Again:
    """Undo an authorize: the original amount comes back, whatever the request says (WAL-40).

    A rollback that comes before its bet leaves a tombstone for it to find, or is refused by profile
    (WAL-42, WAL-45).
    """
    known = tx.get(Bet, (tx.caller.tenant, ask.bet_id))
    if known is None:
        return _UNKNOWN[profile.unknown_rollback](tx, ask)
    bet = _require_bet(tx, ask.bet_id, ask.round_id)
    player = tx.lock(Player, (bet.tenant, bet.player_id or ""))
    _require_same_player(bet, ask)
    if bet.status == "settled":
        raise _ended(bet, "a bet that was settled cannot be rolled back")
    if bet.status == "rolled_back":
        return Again(_closed_op(bet))
    game_round = rounds.of_bet(tx, bet)
    held = _stake_of(tx, bet, rounds.purse(tx, game_round))
    funds.release(tx, held)
    rg.stake_returned(tx, player, held.amount_minor, bet.opened_ns)
    tx.put(bet.but(status="rolled_back", closed_op=tx.position, closed_ns=tx.now_ns))
    rounds.roll_back_bet(tx, game_round, held.amount_minor)
    amount = Money.of(held.amount_minor, game_round.currency)
    payload = BetWasRolledBack(bet.bet_id, bet.round_id, tombstone=False, bet=amount)
    _tell(tx, bet, "bet.rolled_back", payload)
    bonuses.tell(tx, bonuses.returned(tx, player))
    return m.BetRolledBack(
        status="rolled_back",
        bet_id=bet.bet_id,
        round_id=bet.round_id,
        balance=funds.total(tx, bet.player_id or "", game_round.currency),
    )


def read_bet(tx: Reads, ask: m.ReadBet) -> m.Bet:
    """One bet and what became of it."""
    bet = mine(tx, tx.get(Bet, (tx.caller.tenant, ask.bet_id)))
    if bet is None:
        raise _not_found(ask.bet_id)
    return view(bet)


def view(bet: Bet) -> m.Bet:
    """A bet as providers see it."""
    return m.Bet(
        bet_id=bet.bet_id,
        round_id=bet.round_id,
        status=bet.status,
        player_id=bet.player_id,
        session_id=bet.session_id,
        game_id=bet.game_id,
        amount=_money(bet.amount, bet.currency),
        win=_money(bet.win, bet.currency),
        hold_id=bet.hold_id,
        settlement_id=bet.settlement_id,
        tombstone=bet.tombstone,
        authorized_at=None if bet.tombstone else iso(bet.opened_ns),
        closed_at=iso_or_none(bet.closed_ns),
    )


def _known_authorize(bet: Bet, ask: m.AuthorizeBet, session: Session) -> Again:
    """A bet id that came before: the same bet is answered again, another one is refused (WAL-08).

    After a rollback it is refused even when it is the same: its answer would promise a hold that
    is gone.
    """
    if bet.tombstone:
        raise InvalidState(
            "this bet was rolled back before it arrived, so it can never be placed",
            details={"reason": "tombstone", "bet_id": bet.bet_id},
        )
    if (bet.amount, bet.currency) != (ask.amount.minor, ask.amount.currency):
        raise Duplicate(
            "Bet already authorized with a different amount", details={"bet_id": bet.bet_id}
        )
    if (bet.player_id, bet.round_id) != (session.player_id, ask.round_id):
        raise Duplicate(
            "Bet already authorized for a different player or round",
            details={"bet_id": bet.bet_id},
        )
    if bet.status == "rolled_back":
        raise _ended(bet, "this bet was rolled back; a new bet takes a new bet_id")
    return Again(bet.opened_op)


def _known_settle(bet: Bet, ask: m.SettleBet) -> Again:
    if bet.win != ask.win.minor:
        raise Duplicate("Bet already settled with a different win", details={"bet_id": bet.bet_id})
    return Again(_closed_op(bet))


def _entomb(tx: Tx, ask: m.RollbackBet) -> m.BetRolledBack:
    caller = tx.caller
    tx.lock(Bet, (caller.tenant, ask.bet_id))
    game_round = mine(tx, tx.get(Round, (caller.tenant, ask.round_id)))
    if game_round is not None and game_round.status != "open":
        raise rounds.closed(game_round)
    if game_round is not None and ask.player_id not in (None, game_round.player_id):
        raise _other_player(ask)
    player_id = ask.player_id or (game_round.player_id if game_round else None)
    player = mine(tx, tx.get(Player, (caller.tenant, player_id))) if player_id else None
    bet = tx.put(
        Bet(
            tenant=caller.tenant,
            bet_id=ask.bet_id,
            brand=caller.brand,
            region=caller.region,
            round_id=ask.round_id,
            player_id=player.player_id if player else None,
            session_id=None,
            game_id=None,
            currency=None,
            amount=None,
            hold_move=None,
            hold_id=None,
            opened_op=tx.position,
            opened_ns=tx.now_ns,
            status="rolled_back",
            closed_op=tx.position,
            closed_ns=tx.now_ns,
        )
    )
    _tell(tx, bet, "bet.rolled_back", BetWasRolledBack(bet.bet_id, bet.round_id, tombstone=True))
    return m.BetRolledBack(
        status="rolled_back",
        bet_id=bet.bet_id,
        round_id=bet.round_id,
        tombstone=True,
        balance=funds.total(tx, player.player_id, player.currency) if player else None,
    )


def _refuse_unknown(_tx: Tx, ask: m.RollbackBet) -> m.BetRolledBack:
    raise InvalidState(
        f"there is no bet {ask.bet_id} to roll back",
        details={"reason": "unknown_bet", "bet_id": ask.bet_id},
    )


def _not_there(_tx: Tx, ask: m.RollbackBet) -> m.BetRolledBack:
    raise _not_found(ask.bet_id)


_UNKNOWN: dict[str, Callable[[Tx, m.RollbackBet], m.BetRolledBack]] = {
    "tombstone": _entomb,
    "not_found": _not_there,
    "error": _refuse_unknown,
}
"""What a rollback of an unknown bet is answered; never a 5xx (WAL-45)."""


def _require_bet(tx: Reads, bet_id: str, round_id: str) -> Bet:
    bet = mine(tx, tx.get(Bet, (tx.caller.tenant, bet_id)))
    if bet is None:
        raise _not_found(bet_id)
    if bet.round_id != round_id:
        raise InvalidState(
            f"bet {bet_id} is not of round {round_id}",
            details={"reason": "round_mismatch", "bet_id": bet_id},
        )
    return bet


def _require_same_player(bet: Bet, ask: m.RollbackBet) -> None:
    if bet.tombstone and bet.player_id is None:
        return
    if ask.player_id not in (None, bet.player_id):
        raise _other_player(ask)
    if bet.tombstone:
        return
    if ask.amount is not None and ask.amount.currency != bet.currency:
        raise CurrencyMismatch(f"the bet is in {bet.currency}, not {ask.amount.currency}")


def _other_player(ask: m.RollbackBet) -> InvalidState:
    return InvalidState(
        f"bet {ask.bet_id} is not of player {ask.player_id}",
        details={"reason": "player_mismatch", "bet_id": ask.bet_id},
    )


def _stake_of(tx: Reads, bet: Bet, purse: AccountKey) -> Stake:
    """The hold of a bet, in the buckets it was taken from."""
    if bet.hold_move is None or bet.amount is None:
        raise RuntimeError(f"bet {bet.bet_id} is {bet.status} and has no hold")
    return funds.restore(
        tx,
        bet.player_id or "",
        purse,
        amount_minor=bet.amount,
        move=bet.hold_move,
        bonus_minor=bet.bonus_amount,
        bonus_move=bet.bonus_move,
    )


def _tell(tx: Tx, bet: Bet, topic: str, payload: BetWasSettled | BetWasRolledBack) -> None:
    session = sessions.peek(tx, bet.session_id)
    tx.emit(
        Event(
            topic=topic,
            payload=payload,
            player_id=bet.player_id,
            session_id=bet.session_id,
            build_hash=session.build_hash if session else None,
        )
    )


def _ended(bet: Bet, message: str) -> InvalidState:
    return InvalidState(message, details={"reason": bet.status, "bet_id": bet.bet_id})


def _closed_op(bet: Bet) -> int:
    if bet.closed_op is None:
        raise RuntimeError(f"bet {bet.bet_id} is {bet.status} and was closed by nobody")
    return bet.closed_op


def _not_found(bet_id: str) -> BetNotFound:
    return BetNotFound(f"there is no bet {bet_id}", details={"bet_id": bet_id})


def _money(amount_minor: int | None, currency: str | None) -> Money | None:
    return None if amount_minor is None or currency is None else Money.of(amount_minor, currency)
