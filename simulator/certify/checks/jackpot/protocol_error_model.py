"""Readable by machine."""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
    nowhere = jackpot.contribute_ask(pool, player, part.stake, pool_id=jackpot.names.new("p"))
    questions.in_the_error_model(
        jackpot,
        await jackpot.send(nowhere),
        await jackpot.send(jackpot.contribute_ask(pool, player, part.stake, given=0)),
        await jackpot.send(jackpot.trigger_ask(pool, player, jackpot.names.new("r"))),
        await jackpot.read("contributions", jackpot.names.new("c")),
        await jackpot.read("payouts", jackpot.names.new("o")),
    )


CHECK = Check(
    id="jackpot.protocol.error-model",
    rules=(
        "WAL-76",
        "PRV-25",
    ),
    category=Category.PROTOCOL,
    about="A refusal says code, message, retryable and trace_id.",
    drive=_drive,
)
