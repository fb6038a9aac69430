"""What was paid stays paid."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id, bet, win, lost, undo = (wallet.names.new(kind) for kind in ("r", *"tttt"))
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    wallet.given(await wallet.credit(player, 500, round_id=round_id, debit=bet, txn=win))
    wallet.given(await wallet.debit(player, 300, round_id=round_id, txn=lost))
    wallet.given(await wallet.rollback(player, lost, round_id=round_id, txn=undo))
    before = await wallet.funds(player)
    for name, what in ((win, "a win"), (undo, "a rollback")):
        done = await wallet.rollback(player, name, round_id=round_id)
        wallet.refused(done, what=f"the rollback of {what}")
        await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.rollback.of-win",
    rules=("WAL-47",),
    category=Category.ROLLBACK,
    about="The rollback of a win, or of a rollback, is refused and moves nothing.",
    when=lambda profile: profile.settled_rollback == "refused",
    drive=_drive,
)
