"""Transactions beside stake and win: jackpot contributions and wins, bonus awards (RGS-42).

Each has an id of its own, is signed by the studio, and leaves as an event of its own. The text that
is signed: `txn_id LF spin_id LF type LF amount LF currency LF pool-or-grant` (docs/rgs.md).
"""

from collections.abc import Sequence

from simulator.base.money import from_minor
from simulator.rgs.builds import MarketBuild
from simulator.rgs.rows import SpinRow
from simulator.rgs.studio import Signer
from simulator.rgs.tell import TxnHappened
from simulator.store.tx import Tx
from simulator.wire import rgs as m
from simulator.wire.events import Event

POOL = "jp_demo_{market}"
"""The pool that a market's contributions go to."""


def of_spin(
    tx: Tx, build: MarketBuild, ask: m.Spin, win_minor: int, signer: Signer
) -> list[m.SpinTxn]:
    """What a spin owes to a jackpot, and what its win is where it was given (RGS-42, RGS-64).

    The contribution is the profile's share of a cash stake, rounded down: it depends on this spin
    alone, and is less than a minor unit off (JP-10).
    """
    share = build.game.profiles[build.profile].jackpot_share
    currency = ask.stake.currency
    txns: list[m.SpinTxn] = []
    if ask.spin_type == "cash" and build.market.jackpots and share:
        due_minor = ask.stake.minor * share.numerator // share.denominator
        pool = POOL.format(market=build.market_name)
        if due_minor:
            txns.append(
                signed(tx, signer, ask.spin_id, currency, "jackpot_contribution", due_minor, pool)
            )
    if ask.spin_type in ("free", "bonus") and win_minor:
        grant = ask.grant_id
        txns.append(
            signed(tx, signer, ask.spin_id, currency, "bonus_award", win_minor, None, grant)
        )
    return txns


def signed(
    tx: Tx,
    signer: Signer,
    spin_id: str,
    currency: str,
    kind: m.TxnType,
    amount_minor: int,
    pool_id: str | None = None,
    grant_id: str | None = None,
) -> m.SpinTxn:
    """A transaction with an id of its own and the studio's signature."""
    txn_id = tx.mint("txn")
    amount = from_minor(amount_minor, currency)
    fields = (txn_id, spin_id, kind, str(amount), currency, pool_id or grant_id or "")
    return m.SpinTxn(
        txn_id=txn_id,
        type=kind,
        amount=amount,
        signature=signer.sign("\n".join(fields).encode()),
        pool_id=pool_id,
        grant_id=grant_id,
    )


def tell(tx: Tx, spin: SpinRow, txns: Sequence[m.SpinTxn]) -> None:
    """Each leaves as an event of its own."""
    for txn in txns:
        payload = TxnHappened(
            txn_id=txn.txn_id,
            spin_id=spin.spin_id,
            round_id=spin.round_id,
            game_id=spin.game_id,
            amount=txn.amount,
            currency=spin.currency,
            signature=txn.signature,
            pool_id=txn.pool_id,
            grant_id=txn.grant_id,
        )
        tx.emit(
            Event(
                topic=txn.type,
                payload=payload,
                player_id=spin.player_id,
                session_id=spin.session_id,
                build_hash=spin.build_hash,
            )
        )
