"""A very late debit."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.rollback(player, bet, round_id=round_id))
    await wallet.hook(Need.ADVANCE_CLOCK, seconds=str(180 * 86_400))
    late = await wallet.debit(player, 200, round_id=round_id, txn=bet)
    wallet.refused(late, what="a debit half a year after its rollback")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.rollback.tombstone-lasts",
    rules=("WAL-42", "WAL-74"),
    category=Category.ROLLBACK,
    level="exhaustive",
    needs=(Need.ADVANCE_CLOCK,),
    about="Half a year after a rollback without its debit the late debit is still refused.",
    when=lambda profile: profile.unknown_rollback == "tombstone",
    drive=_drive,
)
