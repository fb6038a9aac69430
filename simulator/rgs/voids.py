"""A spin that was never shown, because it was not paid for, is void: it counts nowhere."""

from simulator.base.errors import InsufficientFunds
from simulator.base.money import from_minor, to_minor
from simulator.rgs import promotions, rounds, sessions, shown, spins, transactions
from simulator.rgs.rows import GamePlayer, GameSession, SpinRow
from simulator.rgs.studio import Studio
from simulator.rgs.tell import SpinVoided
from simulator.store.tx import Tx
from simulator.wire import json
from simulator.wire import rgs as m
from simulator.wire.events import Event
from simulator.wire.messages import Money


def void_spin(tx: Tx, ask: m.VoidSpin, *, studio: Studio) -> m.SpinShown:
    """Take a spin out of everything that it counted in, and reverse its contribution (RGS-64).

    A void one is answered as it is. A spin of a round that has ended may be paid and shown by now:
    it stays, unless the caller says that the wallet has refused to pay (`unpaid`). Raises
    InvalidState for it, and InsufficientFunds where the win has left a transfer session already.
    """
    spin = spins.require(tx, ask.spin_id)
    tx.lock(GamePlayer, (spin.tenant, spin.player_id))
    if spin.status == "void":
        return spins.view(spin)
    game_round = rounds.require(tx, spin.round_id)
    if not ask.unpaid:
        rounds.require_open(game_round)
    session = sessions.require(tx, spin.session_id)
    if spin.spin_type == "cash":
        tx.put(_uncharged(session, spin))
    tx.put(
        game_round.but(
            spins=game_round.spins - 1,
            staked=game_round.staked - spin.stake,
            won=game_round.won - spin.win,
        )
    )
    promotions.uncount(tx, spin)
    before = shown.txns(spin)
    reversals = [
        transactions.signed(
            tx,
            studio.signer,
            spin.spin_id,
            spin.currency,
            "jackpot_reversal",
            to_minor(txn.amount, spin.currency),
            txn.pool_id,
        )
        for txn in before
        if txn.type == "jackpot_contribution"
    ]
    txns = json.encode([*before, *reversals])
    spin = tx.put(spin.but(status="void", voided_ns=tx.now_ns, txns=txns))
    payload = SpinVoided(
        spin_id=spin.spin_id,
        round_id=spin.round_id,
        game_id=spin.game_id,
        stake=from_minor(spin.stake, spin.currency),
        win=from_minor(spin.win, spin.currency),
        currency=spin.currency,
        spin_type=spin.spin_type,
        reason=ask.reason,
    )
    tx.emit(
        Event(
            topic="spin_voided",
            payload=payload,
            player_id=spin.player_id,
            session_id=spin.session_id,
            build_hash=spin.build_hash,
        )
    )
    transactions.tell(tx, spin, reversals)
    return spins.view(spin)


def _uncharged(session: GameSession, spin: SpinRow) -> GameSession:
    """The session without this spin."""
    balance = session.balance
    if balance is not None:
        if balance + spin.stake < spin.win:
            there_is = Money.of(balance, session.currency)
            raise InsufficientFunds(
                f"the session's balance of {there_is.amount} {there_is.currency} does not cover "
                "the win that would be taken back",
                details={"balance": there_is},
            )
        balance += spin.stake - spin.win
    return session.but(
        spins=session.spins - 1,
        staked=session.staked - spin.stake,
        won=session.won - spin.win,
        balance=balance,
    )
