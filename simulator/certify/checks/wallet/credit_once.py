"""A win is paid."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    done = await wallet.credit(player, 730, round_id=round_id, debit=bet)
    wallet.accepted(done, "a win on a stake that was taken")
    wallet.balance_is(done, before.moved(530))
    await wallet.moved(player, before, 530)


CHECK = Check(
    id="wallet.credit.once",
    rules=(
        "WAL-20",
        "WAL-23",
    ),
    category=Category.HAPPY_PATH,
    level="smoke",
    about="A win is paid once and answered with the balance after it.",
    drive=_drive,
)
