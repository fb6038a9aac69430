"""The port of the jackpot service: what fell on a spin, as a transaction of its own (RGS-42).

The pool pays it; it is no part of the game's win and of no GGR (RGS-64).
"""

from simulator.base.errors import CurrencyMismatch, Duplicate, InvalidState
from simulator.rgs import shown, spins, transactions
from simulator.rgs.rows import Fallen, GamePlayer
from simulator.rgs.studio import Studio
from simulator.store.tx import Again, Tx
from simulator.wire import json
from simulator.wire import rgs as m
from simulator.wire import studio as s


def record_jackpot_win(tx: Tx, ask: s.JackpotWin, *, studio: Studio) -> m.SpinTxn | Again:
    """A pool fell on a spin: a transaction beside the spin's own win, once for each trigger."""
    spin = spins.require(tx, ask.spin_id)
    tx.lock(GamePlayer, (spin.tenant, spin.player_id))
    known = tx.get(Fallen, (tx.caller.tenant, ask.jp_trigger_id))
    amount_minor, currency = ask.amount.minor, ask.amount.currency
    if known is not None:
        same = (known.pool_id, known.spin_id, known.amount, known.currency)
        if same != (ask.pool_id, ask.spin_id, amount_minor, currency):
            raise Duplicate(
                f"trigger {ask.jp_trigger_id} is known with other parameters",
                details={"jp_trigger_id": ask.jp_trigger_id},
            )
        return Again(known.op)
    if spin.status == "void":
        raise InvalidState(
            f"spin {spin.spin_id} is void", details={"reason": "void", "spin_id": spin.spin_id}
        )
    if currency != spin.currency:
        raise CurrencyMismatch(f"the spin is in {spin.currency}, the jackpot in {currency}")
    txn = transactions.signed(
        tx, studio.signer, spin.spin_id, currency, "jackpot_win", amount_minor, ask.pool_id
    )
    tx.put(
        Fallen(
            tenant=tx.caller.tenant,
            jp_trigger_id=ask.jp_trigger_id,
            pool_id=ask.pool_id,
            spin_id=ask.spin_id,
            amount=amount_minor,
            currency=currency,
            op=tx.position,
        )
    )
    spin = tx.put(spin.but(txns=json.encode([*shown.txns(spin), txn])))
    transactions.tell(tx, spin, [txn])
    return txn
