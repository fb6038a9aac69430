"""The end of a round."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id = wallet.names.new("r")
    wallet.given(await wallet.debit(player, 200, round_id=round_id))
    before = await wallet.funds(player)
    first = wallet.accepted(await wallet.close(round_id), "the close of an open round")
    wallet.accepted(await wallet.again(first), "the repeat of a close")
    wallet.accepted(await wallet.close(round_id), "another close that says the same")
    late = await wallet.debit(player, 100, round_id=round_id)
    wallet.refused(late, what="a stake on a round that has ended")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.round.close",
    rules=(
        "WAL-60",
        "WAL-61",
    ),
    category=Category.HAPPY_PATH,
    about="A closed round stays closed, its close can be repeated, and it accepts no debit.",
    drive=_drive,
)
