"""Nothing won, and settled."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    wallet.given(await wallet.credit(player, 0, round_id=round_id, debit=bet))
    before = await wallet.funds(player)
    back = await wallet.rollback(player, bet, round_id=round_id)
    wallet.refused(back, what="the rollback of a debit that a win of zero has settled")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.credit.zero-settles",
    rules=("WAL-22", "WAL-47"),
    category=Category.ROLLBACK,
    about="A win of zero settles its debit as any other: no rollback afterwards.",
    when=lambda profile: profile.settled_rollback == "refused",
    drive=_drive,
)
