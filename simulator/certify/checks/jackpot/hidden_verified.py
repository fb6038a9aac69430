"""The point was fixed before."""

import hashlib

from simulator.certify.check import Category, Check
from simulator.certify.roles.hidden import play
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    fall = await play(jackpot)
    digest = hashlib.sha256(f"{fall.point}\n{fall.salt}".encode()).hexdigest()
    jackpot.require(
        fall.published == f"sha256:{digest}",
        f"the commitment is SHA-256 of point LF salt, {digest}, and it was {fall.published}; "
        f"{fall.trigger}",
    )
    jackpot.require(
        fall.low <= fall.point <= fall.high,
        f"the point is within {fall.low} and {fall.high} minor units; {fall.trigger}",
    )
    jackpot.require(
        fall.amount <= fall.high, f"it pays at most {fall.high} minor units; {fall.trigger}"
    )


CHECK = Check(
    id="jackpot.hidden.verified",
    rules=(
        "WAL-93",
        "JP-31",
        "JP-35",
    ),
    category=Category.SECURITY,
    about="A must-drop pool falls on the contribution that reaches its hidden point, and "
    "what it reveals is what it had committed to.",
    drive=_drive,
)
