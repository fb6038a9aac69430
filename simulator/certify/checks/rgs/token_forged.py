"""Who signed it?"""

from simulator.certify import tokens
from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    entry = await rgs.entry()
    try:
        forged = tokens.forgeries(entry.token, rgs.names.new("kid"))
    except tokens.NoToken as wrong:
        raise Unclear(f"hooks.player_token: {wrong}") from None
    for what, token in forged:
        done = await rgs.open(entry, patient=False, jwt=token)
        rgs.refused(done, what=f"a token {what}")
        rgs.require(done.status in (400, 401, 403), f"it is 401, and {done}")
    rgs.accepted(await rgs.open(entry), "the token itself, afterwards")


CHECK = Check(
    id="rgs.token.forged",
    rules=("RGS-02",),
    category=Category.SECURITY,
    level="smoke",
    about="A token that is forged, unsigned, altered or by another key opens no session.",
    drive=_drive,
)
