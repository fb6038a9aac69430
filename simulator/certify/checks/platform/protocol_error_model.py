"""Readable by machine."""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    questions.in_the_error_model(
        platform,
        await platform.bet(player, session, before.available + 1_000),
        await platform.bet(player, session, -1),
        await platform.settle(player, 100, bet=bet, round_id=round_id),
    )


CHECK = Check(
    id="platform.protocol.error-model",
    rules=(
        "WAL-76",
        "PRV-25",
    ),
    category=Category.PROTOCOL,
    about="A refusal says code, message, retryable and trace_id.",
    drive=_drive,
)
