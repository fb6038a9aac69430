"""Who calls?"""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    await questions.without_proof(
        rgs,
        rgs.spin_ask(playing),
        rgs.ask("GET", f"/rgs/v1/sessions/{playing.session}"),
    )
    await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.security.no-proof",
    rules=(
        "RGS-07",
        "WAL-70",
    ),
    category=Category.SECURITY,
    level="smoke",
    about="Without proof of who calls, or with a false one, nothing is read and nothing played.",
    drive=_drive,
)
