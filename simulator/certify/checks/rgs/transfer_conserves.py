"""Money in, play, money out."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.filled(6)
    before = await rgs.sums(playing)
    rgs.require(before.balance == 6 * playing.low, f"it keeps what came in: {before}")
    played = [rgs.given(await rgs.spin(playing)) for _ in range(5)]
    await rgs.counted(playing, before, *played)
    rest = (await rgs.sums(playing)).balance
    rgs.given(await rgs.end_session(playing.session))
    out = await rgs.send(rgs.transfer_ask(playing, "out", None))
    rgs.accepted(out, "taking out the rest after the end")
    rgs.require(rgs.minor(out, "amount") == rest, f"all of the rest leaves, and {out}")
    left = (await rgs.sums(playing)).balance
    rgs.require(left == 0, f"nothing is left, and it is {left}")


CHECK = Check(
    id="rgs.transfer.conserves",
    rules=(
        "RGS-06",
        "WAL-84",
    ),
    category=Category.HAPPY_PATH,
    about="What comes out of a session is what came in, less stakes, plus wins.",
    drive=_drive,
)
