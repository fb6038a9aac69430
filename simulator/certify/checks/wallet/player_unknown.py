"""Nobody."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.player import Player
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    nobody = Player(wallet.names.new("p"), "EUR", fresh=True)
    wallet.refused(await wallet.debit(nobody, 100), what="a stake of nobody")
    done = await wallet.credit(nobody, 100, round_id=wallet.names.new("r"), reason="promo")
    wallet.refused(done, what="a gift to nobody")
    wallet.refused(await wallet.read_balance(nobody), what="the balance of nobody")


CHECK = Check(
    id="wallet.player.unknown",
    rules=(
        "WAL-76",
        "WAL-77",
    ),
    category=Category.PROTOCOL,
    about="Money of a player that nobody knows is refused, and never a 5xx.",
    drive=_drive,
)
