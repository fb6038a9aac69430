"""What is signed is what is sent."""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    await questions.rightly_signed(wallet, wallet.debit_ask(player, 100))
    before = await wallet.funds(player)
    good = wallet.debit_ask(player, 200)
    flipped = good.body.replace(b'"round_id":"r-', b'"round_id":"q-', 1)
    await questions.altered_after_signing(wallet, good, flipped, "/v1/wallet/credit")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.security.signature",
    rules=(
        "WAL-70",
        "PRV-10",
    ),
    category=Category.SECURITY,
    needs=(Need.SIGNING_KEY,),
    about="A signature covers the raw bytes: another byte, path or key is refused.",
    drive=_drive,
)
