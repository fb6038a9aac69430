"""More than was asked for, less than is needed."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet

MORE = {"provider_note": "x", "tags": ["a", {"b": None}]}


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id, won, lost = (wallet.names.new(kind) for kind in ("r", "t", "t"))
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=won))
    wallet.given(await wallet.debit(player, 300, round_id=round_id, txn=lost))
    before = await wallet.funds(player)
    nameless = await wallet.credit(player, 500, round_id=round_id, debit=won, transaction_id=None)
    wallet.refused(nameless, what="a win without a transaction id")
    blank = await wallet.credit(player, 500, round_id=round_id, debit=won, transaction_id="")
    wallet.refused(blank, what="a win with an empty transaction id")
    what = await wallet.rollback(player, lost, round_id=round_id, original_transaction_id=None)
    wallet.refused(what, what="a rollback that does not say of what")
    await wallet.moved(player, before, 0)
    win = await wallet.credit(player, 500, round_id=round_id, debit=won, **MORE)
    wallet.accepted(win, "a win with fields of its sender's own")
    back = await wallet.rollback(player, lost, round_id=round_id, **MORE)
    wallet.accepted(back, "a rollback with fields of its sender's own")
    await wallet.moved(player, before, 800)


CHECK = Check(
    id="wallet.credit.extra-fields",
    rules=("WAL-17",),
    category=Category.PROTOCOL,
    about="Wins and rollbacks may have unknown fields, and must have the ids that they need.",
    drive=_drive,
)
