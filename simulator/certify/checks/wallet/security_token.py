"""The key to the door."""

from simulator.certify import entry
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    await entry.secrets_count(wallet)
    player = await wallet.player()
    if wallet.has(Need.ADVANCE_CLOCK):
        read = wallet.ask("GET", f"/v1/wallet/players/{player.id}/balance")
        await entry.token_ends(wallet, read)


CHECK = Check(
    id="wallet.security.token",
    rules=("PRV-10",),
    category=Category.SECURITY,
    about="A token takes the client’s own secret, and opens nothing after its end.",
    blind="The end of a token that is no JWT, or without hooks.advance_clock.",
    drive=_drive,
)
