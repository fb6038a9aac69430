"""The key to the door."""

from simulator.certify import entry
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    await entry.secrets_count(platform)
    player = await platform.player()
    if platform.has(Need.ADVANCE_CLOCK):
        read = platform.ask("GET", f"/v1/players/{player.id}")
        await entry.token_ends(platform, read)


CHECK = Check(
    id="platform.security.token",
    rules=("PRV-10",),
    category=Category.SECURITY,
    about="A token takes the client’s own secret, and opens nothing after its end.",
    blind="The end of a token that is no JWT, or without hooks.advance_clock.",
    drive=_drive,
)
