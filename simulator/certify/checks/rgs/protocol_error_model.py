"""Readable by machine."""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    questions.in_the_error_model(
        rgs,
        await rgs.spin(playing, 0),
        await rgs.spin(playing, session_id=rgs.names.new("s")),
        await rgs.look("spins", rgs.names.new("spin")),
        await rgs.open(playing.entry, build_hash=None),
    )


CHECK = Check(
    id="rgs.protocol.error-model",
    rules=(
        "WAL-76",
        "PRV-25",
        "RGS-50",
    ),
    category=Category.PROTOCOL,
    about="A refusal says code, message, retryable and trace_id.",
    drive=_drive,
)
