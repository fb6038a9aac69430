"""What is no request."""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
    contrib, round_id = jackpot.names.new("c"), jackpot.names.new("r")
    good = jackpot.contribute_ask(pool, player, part.stake, contrib=contrib, round_id=round_id)
    await questions.bad_bodies(jackpot, good)
    jackpot.refused(await jackpot.read("contributions", contrib), what="reading what was refused")
    await questions.bad_bodies(jackpot, jackpot.trigger_ask(pool, player, round_id))
    jackpot.accepted(await jackpot.send(good), "the right request after all of them")


CHECK = Check(
    id="jackpot.protocol.bad-body",
    rules=(
        "WAL-77",
        "WAL-76",
    ),
    category=Category.PROTOCOL,
    about="What is no valid body is a 4xx in the error model, never a 5xx, and nothing of "
    "it is recorded.",
    drive=_drive,
)
