"""All of it, and one minor unit more."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player(5_000)
    before = await wallet.funds(player)
    more = await wallet.debit(player, before.available + 1)
    wallet.refused(more, what="a stake of one minor unit more than there is")
    await wallet.moved(player, before, 0)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    done = await wallet.debit(player, before.available, round_id=round_id, txn=bet)
    wallet.accepted(done, "a stake of the whole balance")
    await wallet.moved(player, before, -before.available)
    if not player.fresh:  # as it was, for the checks that follow
        await wallet.rollback(player, bet, round_id=round_id)


CHECK = Check(
    id="wallet.debit.whole-balance",
    rules=("WAL-04",),
    category=Category.HAPPY_PATH,
    level="smoke",
    about="A stake of all that the player has is taken; one minor unit more is not.",
    drive=_drive,
)
