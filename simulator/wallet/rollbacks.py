"""Rollbacks and releases: what a transaction moved comes back once, or it is barred for good.

(WAL-40..49; part of `openapi/wallet.yaml`)
"""

from collections.abc import Callable
from typing import NamedTuple

from simulator.base.errors import BetNotFound, CurrencyMismatch, InvalidState
from simulator.ledger import book
from simulator.ledger.book import AccountKey, Entry
from simulator.store.owned import mine
from simulator.store.tx import Tx
from simulator.wallet import bonuses, rg, rounds, transactions
from simulator.wallet.access import house, owed, player_of, promo
from simulator.wallet.profile import Profile
from simulator.wallet.rows import Player, Round, Txn
from simulator.wallet.usage import WINS
from simulator.wire import wallet as w
from simulator.wire.events import BetWasRolledBack, Event
from simulator.wire.messages import Money


def rollback(tx: Tx, ask: w.Rollback, *, profile: Profile) -> w.Answer:
    """Reverse exactly what a transaction moved, whatever the request says of it (WAL-40)."""
    return _undo(tx, "rollback", ask, profile)


def release(tx: Tx, ask: w.Rollback, *, profile: Profile) -> w.Answer:
    """Give back what a reserve has set aside."""
    return _undo(tx, "release", ask, profile)


def _undo(tx: Tx, kind: w.TxnKind, ask: w.Rollback, profile: Profile) -> w.Answer:
    tx.lock(Player, (tx.caller.tenant, ask.player_id))
    player = player_of(tx, ask.player_id)
    if ask.amount is not None and ask.amount.currency != player.currency:
        raise CurrencyMismatch(f"the player's wallet is in {player.currency}")
    txn = transactions.new(tx, kind, ask, ask.transaction_id, profile).but(
        currency=player.currency, original=ask.original_transaction_id
    )
    known = mine(tx, transactions.known(tx, txn))
    if known is not None:  # what it moved was for the original to say
        return transactions.repeat(tx, known, profile, again=txn.but(amount=known.amount))
    if ask.original_transaction_id == ask.transaction_id:
        raise transactions.wrong_kind(txn, f"this {kind} itself")
    game_round = rounds.peek(tx, ask.round_id)
    original = mine(tx, transactions.find(tx, profile, ask.original_transaction_id, ask))
    if original is not None:
        transactions.require_of(original, ask)
    if game_round is not None and game_round.status != "open":
        raise rounds.closed(game_round)
    if original is None:
        if game_round is not None:  # a stranger's tombstone would bar what its player sends
            rounds.require_of(game_round, player.player_id)
        return _UNKNOWN[profile.unknown_rollback](tx, txn, player)
    if original.kind == "tombstone":
        return transactions.keep(tx, txn, player)
    return _end(tx, txn, original, player, game_round, profile)


Move = Callable[[Tx, Entry], Entry]
"""What becomes of an entry that is undone."""


# What is known ------------------------------------------------------------------------------------


class _Ending(NamedTuple):
    """How a kind of transaction is undone."""

    may: tuple[w.TxnKind, ...]
    status: w.TxnStatus
    move: Move
    counts: Callable[[Txn, int], dict[str, int]]
    """What the round loses by it."""


_ENDINGS: dict[w.TxnKind, _Ending] = {
    "debit": _Ending(
        ("rollback",),
        "rolled_back",
        book.reverse,
        lambda _, minor: {"settled": -1, "staked": -minor},
    ),
    "credit": _Ending(
        ("rollback",),
        "rolled_back",
        book.reverse,
        lambda txn, minor: {"won": -minor} if txn.reason == "win" else {},
    ),
    "reserve": _Ending(
        ("rollback", "release"),
        "released",
        book.release,
        lambda _, minor: {"open_bets": -1, "staked": -minor, "held": -minor},
    ),
}


def _end(
    tx: Tx, txn: Txn, original: Txn, player: Player, game_round: Round | None, profile: Profile
) -> w.Answer:
    """Undo a transaction that is there; one that was undone before moves nothing more (WAL-41)."""
    ending = _ENDINGS.get(original.kind)
    if ending is None or txn.kind not in ending.may:
        raise transactions.wrong_kind(original, f"which no {txn.kind} can undo")
    if original.status == ending.status:
        return transactions.keep(tx, txn.but(amount=0), player)
    if original.status == "spent":
        raise transactions.undone(original)
    settled = original.status == "settled" or bool(game_round and game_round.loose_wins)
    move = ending.move
    if original.kind == "credit" or (original.kind == "debit" and settled):
        move = _SETTLED[profile.settled_rollback](original)
    stake = transactions.stake_of(tx, original, _other_side(tx, original, game_round))
    back = transactions.each(tx, stake, move)
    counts = ending.counts(original, stake.amount_minor)
    if game_round is not None and counts:
        rounds.count(tx, game_round, **counts)
    transactions.end(tx, original, ending.status)
    if original.kind != "reserve":
        _tell(tx, original, tombstone=False)
    _uncount(tx, original, player, stake.amount_minor)
    if original.kind == "debit":
        bonuses.tell(tx, bonuses.undone(tx, player, stake.amount_minor, original.op))
    else:
        bonuses.tell(tx, bonuses.returned(tx, player))
    txn = txn.but(amount=stake.amount_minor, session_id=original.session_id)
    return transactions.keep(tx, transactions.moved(txn, back), player)


def _uncount(tx: Tx, original: Txn, player: Player, minor: int) -> None:
    """What was undone counts no more for the player's limits, in the window it was counted in."""
    if original.kind == "credit":
        if original.reason in WINS:
            rg.win_returned(tx, player, minor, original.at_ns)
        return
    placed = original
    if original.kind == "debit" and original.original is not None:
        placed = tx.get(Txn, (original.tenant, original.scope, original.original)) or original
    rg.stake_returned(tx, player, minor, placed.at_ns)


def _other_side(tx: Tx, original: Txn, game_round: Round | None) -> AccountKey:
    """Who has paid a credit, or was paid a debit."""
    payers = {"promo": promo, "jackpot": owed, "correction": house}
    if original.reason in payers:
        return payers[original.reason](tx, original.currency)
    if game_round is None:
        raise RuntimeError(f"transaction {original.transaction_id} is of a round that is not there")
    return rounds.purse(tx, game_round)


def _refuse_settled(original: Txn) -> Move:
    raise InvalidState(
        f"transaction {original.transaction_id} is settled, so it cannot be rolled back",
        details={"reason": "settled", "transaction_id": original.transaction_id},
    )


_SETTLED: dict[str, Callable[[Txn], Move]] = {
    "refused": _refuse_settled,
    "if_funds_cover": lambda _: book.reverse,
    "negative_allowed": lambda _: book.reverse_below_zero,
}
"""Whether a settled debit or a credit may be rolled back, and how (WAL-47)."""


# What is not --------------------------------------------------------------------------------------


def _entomb(tx: Tx, txn: Txn, player: Player) -> w.Answer:
    """Nothing moves, and the late original finds a tombstone (WAL-42, WAL-43)."""
    tombstone = txn.but(
        transaction_id=txn.original,
        kind="tombstone",
        original=None,
        status="rolled_back",
        closed_op=tx.position,
        closed_ns=tx.now_ns,
    )
    _tell(tx, tx.put(tombstone), tombstone=True)
    return transactions.keep(tx, txn, player)


def _refuse_unknown(_tx: Tx, txn: Txn, _player: Player) -> w.Answer:
    raise InvalidState(
        f"there is no transaction {txn.original} to undo",
        details={"reason": "unknown_transaction", "transaction_id": txn.original},
    )


def _not_found(_tx: Tx, txn: Txn, _player: Player) -> w.Answer:
    raise BetNotFound(
        f"there is no transaction {txn.original}", details={"transaction_id": txn.original}
    )


_UNKNOWN: dict[str, Callable[[Tx, Txn, Player], w.Answer]] = {
    "tombstone": _entomb,
    "not_found": _not_found,
    "error": _refuse_unknown,
}
"""What a rollback of something unknown is answered; never a 5xx (WAL-45)."""


def _tell(tx: Tx, original: Txn, *, tombstone: bool) -> None:
    payload = BetWasRolledBack(
        bet_id=original.transaction_id,
        round_id=original.round_id or "",
        tombstone=tombstone,
        bet=None if original.amount is None else Money.of(original.amount, original.currency),
    )
    tx.emit(
        Event(
            topic="bet.rolled_back",
            payload=payload,
            player_id=original.player_id,
            session_id=original.session_id,
        )
    )
