"""The answer to a win is lost."""

from simulator.certify.check import Category, Check
from simulator.certify.exchange import Manner
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    ask = wallet.credit_ask(player, 500, round_id=round_id, debit=bet)
    await wallet.send(ask, manner=Manner(hang_up=True))
    done = await wallet.known(await wallet.send(ask))
    wallet.accepted(done, "the repeat of a win whose answer was lost")
    await wallet.moved(player, before, 500)


CHECK = Check(
    id="wallet.credit.lost-answer",
    rules=(
        "WAL-72",
        "WAL-21",
        "WAL-26",
    ),
    category=Category.RECOVERY,
    about="A win whose answer was lost is repeated with its key and paid once.",
    drive=_drive,
)
