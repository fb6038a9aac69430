"""Debits take a stake at once; reserves set it aside for a debit to spend.

(WAL-01..17, WAL-42; part of `openapi/wallet.yaml`)
"""

from simulator.base.errors import (
    CurrencyMismatch,
    Final,
    InsufficientFunds,
    InvalidState,
    NotFound,
)
from simulator.ledger import book
from simulator.store.owned import mine
from simulator.store.tx import Reads, Tx
from simulator.wallet import (
    bonuses,
    funds,
    limits,
    rg,
    rounds,
    scripted,
    sessions,
    transactions,
)
from simulator.wallet.access import player_of
from simulator.wallet.profile import Profile
from simulator.wallet.rows import Player, Round, Session, Txn
from simulator.wire import wallet as w


def debit(tx: Tx, ask: w.Debit, *, profile: Profile) -> w.Answer | Final:
    """Take a stake, once, and answer the balance after it (WAL-01).

    A refusal is returned and not raised, so that its event leaves with it (PRV-40).
    """
    tx.lock(Player, (tx.caller.tenant, ask.player_id))
    player = player_of(tx, ask.player_id)
    session = None if ask.session_id is None else sessions.require(tx, ask.session_id)
    txn = _new(tx, "debit", ask, session, profile).but(original=ask.reserve_transaction_id)
    try:
        known = mine(tx, transactions.known(tx, txn))
        if known is not None:
            return transactions.repeat(tx, known, profile, again=txn)
        held = ask.reserve_transaction_id is not None
        game_round = _clear(tx, player, session, ask, profile, held=held)
        kept = _reserve_of(tx, ask, profile)
        hit = None if kept else rg.judge_stake(tx, player, ask.amount.minor)
        if hit is not None:
            raise hit
    except Final as refusal:  # nothing is written but what a profile notes of a reality check
        return _refused(tx, txn, refusal)
    events = bonuses.touch(tx, player)
    txn = txn.but(game_id=txn.game_id or game_round.game_id)
    purse = rounds.purse(tx, game_round)
    amount_minor = ask.amount.minor
    if kept is None:
        try:
            taken = funds.debit(tx, player.player_id, player.currency, amount_minor, purse)
        except InsufficientFunds as refusal:  # nothing has moved, but for what has expired
            refused = _refused(tx, txn, refusal)
            bonuses.tell(tx, events)
            return refused
        rounds.count(tx, game_round, bets=1, settled=1, staked=amount_minor)
        rg.staked(tx, player, amount_minor)
    else:
        taken = transactions.each(tx, transactions.stake_of(tx, kept, purse), book.capture)
        rounds.count(tx, game_round, open_bets=-1, settled=1, held=-amount_minor)
        transactions.end(tx, kept, "spent")
    transactions.tell(tx, "wallet.debit.ok", txn)
    events += bonuses.wagered(tx, player, taken, may_still_win=True)
    bonuses.tell(tx, events)
    answer = transactions.keep(tx, transactions.moved(txn, taken), player)
    scripted.after_stake(tx, player.player_id, session)
    return answer


def reserve(tx: Tx, ask: w.Reserve, *, profile: Profile) -> w.Answer | Final:
    """Set a stake aside; its round cannot end before it is spent or given back."""
    tx.lock(Player, (tx.caller.tenant, ask.player_id))
    player = player_of(tx, ask.player_id)
    session = None if ask.session_id is None else sessions.require(tx, ask.session_id)
    txn = _new(tx, "reserve", ask, session, profile)
    known = mine(tx, transactions.known(tx, txn))
    if known is not None:
        return transactions.repeat(tx, known, profile, again=txn)
    try:
        game_round = _clear(tx, player, session, ask, profile)
    except Final as refusal:
        return refusal
    hit = rg.judge_stake(tx, player, ask.amount.minor)
    if hit is not None:
        return hit
    events = bonuses.touch(tx, player)
    amount_minor = ask.amount.minor
    purse = rounds.purse(tx, game_round)
    held = funds.hold(tx, player.player_id, player.currency, amount_minor, purse)
    rounds.count(tx, game_round, bets=1, open_bets=1, staked=amount_minor, held=amount_minor)
    rg.staked(tx, player, amount_minor)
    bonuses.tell(tx, events)
    return transactions.keep(tx, transactions.moved(txn, held), player)


def _new(tx: Tx, kind: w.TxnKind, ask: w.Reserve, session: Session | None, profile: Profile) -> Txn:
    return transactions.new(tx, kind, ask, ask.transaction_id, profile).but(
        session_id=ask.session_id,
        game_id=session.game_id if session else ask.game_id,
        currency=ask.amount.currency,
        amount=ask.amount.minor,
    )


def _clear(
    tx: Tx,
    player: Player,
    session: Session | None,
    ask: w.Reserve,
    profile: Profile,
    *,
    held: bool = False,
) -> Round:
    """The round that the stake goes to; nothing but the funds can stand against it any more.

    A stake that is held was staked by its reserve: what became of the player or the session since
    then does not stand against it, as against no settle (WAL-13, WAL-18).

    Raises CurrencyMismatch (WAL-12), RgBlock (WAL-13), LimitExceeded (WAL-15), InvalidState for a
    session or round that is over (WAL-14, WAL-16).
    """
    if ask.amount.currency != player.currency:
        raise CurrencyMismatch(f"the player's wallet is in {player.currency}")
    if session is not None and session.player_id != player.player_id:
        raise InvalidState(
            f"session {session.session_id} is not of player {player.player_id}",
            details={"reason": "player_mismatch", "session_id": session.session_id},
        )
    if not held:
        _require_may_stake(tx, player, session, profile)
    if session is not None:
        limits.require_stake(session, ask.amount)
    return rounds.enter(tx, ask.round_id, player, session, ask.game_id)


def _require_may_stake(tx: Tx, player: Player, session: Session | None, profile: Profile) -> None:
    """Raises RgBlock (WAL-13, WAL-65), InvalidState for a session that is over (WAL-14)."""
    if session is None:
        limits.require_may_play(tx, player)
        return
    limits.require_may_bet(tx, player, session)
    if (blocked := limits.reality_check(tx, session, profile)) is not None:
        raise blocked


def _reserve_of(tx: Reads, ask: w.Debit, profile: Profile) -> Txn | None:
    """The open reserve that a debit spends, of the same amount; None if it names none."""
    if ask.reserve_transaction_id is None:
        return None
    kept = transactions.find(tx, profile, ask.reserve_transaction_id, ask)
    if kept is None:
        raise NotFound(
            f"there is no reserve {ask.reserve_transaction_id}",
            details={"transaction_id": ask.reserve_transaction_id},
        )
    if kept.kind not in ("reserve", "tombstone"):
        raise transactions.wrong_kind(kept, "not a reserve")
    transactions.require_of(kept, ask)
    if kept.status != "ok":
        raise transactions.undone(kept)
    if kept.amount != ask.amount.minor:
        raise InvalidState(
            f"transaction {kept.transaction_id} has reserved another amount",
            details={"reason": "amount_mismatch", "transaction_id": kept.transaction_id},
        )
    return kept


def _refused(tx: Tx, txn: Txn, refusal: Final) -> Final:
    transactions.tell_refused(tx, "wallet.debit.failed", txn, refusal.code)
    return refusal
