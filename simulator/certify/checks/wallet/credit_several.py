"""Several wins in one round."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    for won in (100, 250):
        done = await wallet.credit(player, won, round_id=round_id, debit=bet)
        wallet.accepted(done, "each of several credits of an open round")
    await wallet.moved(player, before, 350)
    wallet.given(await wallet.close(round_id))
    late = await wallet.credit(player, 100, round_id=round_id, debit=bet)
    wallet.refused(late, what="a credit after the round was closed")
    await wallet.moved(player, before, 350)


CHECK = Check(
    id="wallet.credit.several",
    rules=(
        "WAL-23",
        "WAL-60",
    ),
    category=Category.HAPPY_PATH,
    about="A round takes several credits until it is closed, and none afterwards.",
    drive=_drive,
)
