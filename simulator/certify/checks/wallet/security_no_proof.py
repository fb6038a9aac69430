"""Who calls?"""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    begun = await wallet.begun(200)
    player = begun.player
    await questions.without_proof(
        wallet,
        wallet.ask("GET", f"/v1/wallet/players/{player.id}/balance"),
        wallet.ask("GET", f"/v1/wallet/transactions/{begun.bet}"),
        *wallet.every_write(begun),
    )
    await wallet.moved(player, begun.before, 0)


CHECK = Check(
    id="wallet.security.no-proof",
    rules=(
        "PRV-10",
        "WAL-70",
    ),
    category=Category.SECURITY,
    level="smoke",
    about="Without proof of who calls, or with a false one, nothing is read and nothing moves.",
    drive=_drive,
)
