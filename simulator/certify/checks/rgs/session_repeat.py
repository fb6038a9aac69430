"""The same token again."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    again = await rgs.again(playing.opened)
    rgs.accepted(again, "the same session with the same token")
    if rgs.profile.duplicate_answer == "same_body":
        rgs.same(playing.opened, again)
    played = rgs.given(await rgs.spin(playing))
    before = await rgs.sums(playing)
    later = await rgs.open(playing.entry)
    rgs.accepted(later, "the same session with the same token, after a spin")
    rgs.require(later.at("session_id") == playing.session, f"it is the same session, and {later}")
    await rgs.counted(playing, before)
    rgs.alike(played, await rgs.look("spins", str(played.at("spin_id"))))


CHECK = Check(
    id="rgs.session.repeat",
    rules=(
        "RGS-02",
        "PRV-30",
    ),
    category=Category.IDEMPOTENCY,
    about="The same session with the same token is answered as before, whatever was played "
    "meanwhile.",
    drive=_drive,
)
