"""Who may look may not touch."""

from simulator.certify import entry
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    begun = await wallet.begun(200)
    player = begun.player
    read = wallet.ask("GET", f"/v1/wallet/players/{player.id}/balance")
    await entry.reader_writes_nothing(wallet, read, wallet.every_write(begun))
    await wallet.held(player, begun.before, 0, 0)


CHECK = Check(
    id="wallet.security.scopes",
    rules=("PRV-11",),
    category=Category.SECURITY,
    needs=(Need.READONLY_CLIENT,),
    about="A client that may only read moves nothing, whatever scopes it asks a token for.",
    drive=_drive,
)
