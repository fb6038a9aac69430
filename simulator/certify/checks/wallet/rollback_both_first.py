"""Everything the wrong way round."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    round_id, bet, win = wallet.names.new("r"), wallet.names.new("t"), wallet.names.new("t")
    for original in (win, bet):
        done = await wallet.rollback(player, original, round_id=round_id)
        wallet.accepted(done, "a rollback that comes first")
    wallet.refused(
        await wallet.debit(player, 200, round_id=round_id, txn=bet),
        what="a debit whose rollback came first",
    )
    wallet.refused(
        await wallet.credit(player, 500, round_id=round_id, txn=win, debit=bet),
        what="a win whose rollback came first",
    )
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.rollback.both-first",
    rules=("WAL-43",),
    category=Category.ROLLBACK,
    about="Rollbacks of debit and win that both come first: nothing has moved in the end.",
    when=lambda profile: profile.unknown_rollback == "tombstone",
    drive=_drive,
)
