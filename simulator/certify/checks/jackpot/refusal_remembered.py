"""No means no."""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    entered, part = await jackpot.entered(pool), await jackpot.part(pool)
    jackpot.given(await jackpot.send(jackpot.change_ask(pool, "pause")))
    try:
        put_in = await jackpot.send(
            jackpot.contribute_ask(pool, entered.player, part.stake), patient=False
        )
        call = jackpot.trigger_ask(pool, entered.player, entered.round_id)
        falls = await jackpot.send(call, patient=False)
    finally:
        jackpot.given(await jackpot.send(jackpot.change_ask(pool, "resume")))
    round_id = jackpot.names.new("r")
    early = await jackpot.send(jackpot.trigger_ask(pool, entered.player, round_id))
    ask = jackpot.contribute_ask(pool, entered.player, part.stake, round_id=round_id)
    jackpot.given(await jackpot.send(ask))
    jackpot.refused(early, what="a fall on a round without a part in the pool")
    for done in (put_in, falls, early):
        await questions.stays_refused(jackpot, done)


CHECK = Check(
    id="jackpot.refusal.remembered",
    rules=("PRV-30",),
    category=Category.IDEMPOTENCY,
    about="A call that was refused for good stays refused under its key, also when it could "
    "succeed by now.",
    drive=_drive,
)
