"""What is signed is what is sent."""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    await questions.rightly_signed(rgs, rgs.spin_ask(playing))
    before = await rgs.sums(playing)
    good = rgs.spin_ask(playing)
    flipped = good.body.replace(b'"round_id":"r-', b'"round_id":"q-', 1)
    await questions.altered_after_signing(rgs, good, flipped, "/rgs/v1/events/batch")
    await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.security.signature",
    rules=(
        "RGS-07",
        "WAL-70",
    ),
    category=Category.SECURITY,
    needs=(Need.SIGNING_KEY,),
    about="A signature covers the raw bytes: another byte, path or key is refused.",
    drive=_drive,
)
