"""Credits pay a player: what a debit has won, a promo, a correction, a jackpot's payout.

(WAL-20..28, WAL-43, WAL-97, JP-13; part of `openapi/wallet.yaml`)
"""

from collections.abc import Callable
from typing import NamedTuple

from simulator.base.errors import (
    BetNotFound,
    CurrencyMismatch,
    Final,
)
from simulator.ledger.book import AccountKey
from simulator.store.owned import mine
from simulator.store.tx import Reads, Tx
from simulator.wallet import bonuses, funds, rg, rounds, set_aside, transactions
from simulator.wallet.access import house, owed, player_of, promo
from simulator.wallet.funds import Stake
from simulator.wallet.profile import Profile
from simulator.wallet.rows import Player, Round, Txn
from simulator.wallet.usage import WINS
from simulator.wire import wallet as w

_PAYERS: dict[str, Callable[[Reads, str], AccountKey]] = {
    "promo": promo,
    "jackpot": owed,
    "correction": house,
}
"""Whose money a credit is that no round has won; a win comes out of its round's purse."""


class _Won(NamedTuple):
    """What a win is the win of."""

    game_round: Round
    debit: Txn | None
    stake: Stake | None


def credit_player(tx: Tx, ask: w.CreditBody, *, profile: Profile) -> w.Answer | Final:
    """A credit, in the words of a game or of a jackpot."""
    if ask.jp_payout_id is None:
        return credit(tx, ask.credit, profile=profile)
    return _pay_out(tx, ask, ask.jp_payout_id, profile)


def credit(tx: Tx, ask: w.Credit, *, profile: Profile) -> w.Answer | Final:
    """Pay a player, once, whatever became of the session or the player meanwhile (WAL-20, WAL-28).

    A refusal is returned and not raised, so that its event leaves with it (PRV-40).
    """
    tx.lock(Player, (tx.caller.tenant, ask.player_id))
    player = player_of(tx, ask.player_id)
    txn = transactions.new(tx, "credit", ask, ask.transaction_id, profile).but(
        currency=ask.amount.currency,
        amount=ask.amount.minor,
        original=ask.debit_transaction_id,
        reason=ask.reason,
    )
    try:
        known = mine(tx, transactions.known(tx, txn))
        if known is not None:
            return transactions.repeat(tx, known, profile, again=txn)
        won = _clear(tx, player, ask, profile)
    except Final as refusal:  # nothing is written yet
        return _refused(tx, txn, refusal)
    if won is None:
        reason = "promo" if ask.reason == "win" else ask.reason
        return _pay(tx, txn.but(reason=reason), player, _PAYERS[reason](tx, player.currency))
    rounds.count(tx, won.game_round, won=ask.amount.minor, loose_wins=int(won.debit is None))
    if won.debit is not None and won.debit.status == "ok":
        transactions.end(tx, won.debit, "settled")
    txn = txn.but(session_id=won.game_round.session_id, game_id=won.game_round.game_id)
    return _pay(tx, txn, player, rounds.purse(tx, won.game_round), like=won.stake)


def _pay(
    tx: Tx, txn: Txn, player: Player, payer: AccountKey, *, like: Stake | None = None
) -> w.Answer:
    paid = funds.credit(tx, player.player_id, player.currency, txn.amount or 0, payer, like=like)
    transactions.tell(tx, "wallet.credit.ok", txn)
    bonuses.tell(tx, bonuses.returned(tx, player))
    if txn.reason in WINS:
        rg.won(tx, player, txn.amount or 0)
    return transactions.keep(tx, transactions.moved(txn, paid), player)


def _clear(tx: Reads, player: Player, ask: w.Credit, profile: Profile) -> _Won | None:
    """What a win is the win of; None for what no round has to pay.

    Raises CurrencyMismatch (WAL-12), BetNotFound (WAL-24), InvalidState for a round that is over
    (WAL-60) or a debit that was rolled back (WAL-25).
    """
    if ask.amount.currency != player.currency:
        raise CurrencyMismatch(f"the player's wallet is in {player.currency}")
    game_round = rounds.peek(tx, ask.round_id)
    if game_round is not None:
        rounds.require_of(game_round, player.player_id)
        if game_round.status != "open":
            raise rounds.closed(game_round)
    if ask.reason != "win":
        return None
    debit = _debit_of(tx, ask, profile)
    played = game_round is not None and game_round.open_bets + game_round.settled > 0
    if game_round is None or not played or (debit is None and ask.debit_transaction_id):
        return _WITHOUT_BET[profile.win_without_bet](ask)
    stake = None if debit is None else _stake_of(tx, debit, game_round)
    return _Won(game_round, debit, stake)


def _debit_of(tx: Reads, ask: w.Credit, profile: Profile) -> Txn | None:
    """The debit that a win names, if it is there. Raises InvalidState if nothing is won on it."""
    if ask.debit_transaction_id is None:
        return None
    debit = mine(tx, transactions.find(tx, profile, ask.debit_transaction_id, ask))
    if debit is None:
        return None
    if debit.kind not in ("debit", "tombstone"):
        raise transactions.wrong_kind(debit, "not a debit")
    transactions.require_of(debit, ask)
    if debit.status == "rolled_back":
        raise transactions.undone(debit)
    return debit


def _stake_of(tx: Reads, debit: Txn, game_round: Round) -> Stake:
    return transactions.stake_of(tx, debit, rounds.purse(tx, game_round))


def _refuse_without_bet(ask: w.Credit) -> None:
    bet = ask.debit_transaction_id
    raise BetNotFound(
        f"there is no debit {bet}" if bet else f"there is no bet on round {ask.round_id}",
        details={"transaction_id": bet} if bet else {"round_id": ask.round_id},
    )


_WITHOUT_BET: dict[str, Callable[[w.Credit], None]] = {
    "refused": _refuse_without_bet,
    "promo": lambda _: None,
}
"""What becomes of a win without a bet (WAL-24)."""


# Jackpots -----------------------------------------------------------------------------------------


def _pay_out(tx: Tx, ask: w.CreditBody, payout_id: str, profile: Profile) -> w.Answer | Final:
    """A jackpot's payout, once. One that compliance stops moves nothing and says why; it may be
    sent again, under a new key, when it is released (JP-13, WAL-97)."""
    set_aside.require_tenant(tx, ask)
    tx.lock(Player, (tx.caller.tenant, ask.player_id))
    player = player_of(tx, ask.player_id)
    txn = transactions.new(tx, "credit", ask, payout_id, profile).but(
        currency=ask.amount.currency,
        amount=ask.amount.minor,
        reason="jackpot",
        pool_id=ask.pool_id,
    )
    try:
        known = mine(tx, transactions.known(tx, txn))
        if known is not None:
            return transactions.repeat(tx, known, profile, again=txn)
        if ask.amount.currency != player.currency:
            raise CurrencyMismatch(f"the player's wallet is in {player.currency}")
        if player.payout_block == "none":
            set_aside.spend(tx, ask, payout_id)
    except Final as refusal:  # nothing is written yet
        return _refused(tx, txn, refusal)
    if player.payout_block != "none":
        transactions.tell_refused(tx, "wallet.credit.failed", txn, player.payout_block)
        balance = funds.balance(tx, player.player_id, player.currency)
        return w.Answer(
            transaction_id=payout_id,
            status="failed",
            reason=player.payout_block,
            balance=balance,
        )
    return _pay(tx, txn, player, owed(tx, player.currency))


def _refused(tx: Tx, txn: Txn, refusal: Final) -> Final:
    transactions.tell_refused(tx, "wallet.credit.failed", txn, refusal.code)
    return refusal
