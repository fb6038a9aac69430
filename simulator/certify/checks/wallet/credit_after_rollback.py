"""A win without its stake."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    wallet.given(await wallet.rollback(player, bet, round_id=round_id))
    before = await wallet.funds(player)
    done = await wallet.credit(player, 500, round_id=round_id, debit=bet)
    wallet.refused(done, what="a win on a debit that was given back")
    if wallet.profile.win_without_bet == "refused":
        done = await wallet.credit(player, 500, round_id=round_id)
        wallet.refused(done, what="a win of a round whose only debit was given back")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.credit.after-rollback",
    rules=("WAL-25", "WAL-24"),
    category=Category.ROLLBACK,
    about="A win on a debit that was given back is refused and pays nothing.",
    drive=_drive,
)
