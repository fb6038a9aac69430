"""We hang up before the answer."""

from simulator.certify.check import Category, Check
from simulator.certify.exchange import Manner
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    for _ in range(2):
        pool = await jackpot.by_call()
        entered = await jackpot.entered(pool)
        ask = jackpot.trigger_ask(pool, entered.player, entered.round_id)
        await jackpot.send(ask, manner=Manner(hang_up=True))
        done = await jackpot.known(await jackpot.send(ask))
        jackpot.accepted(done, "the repeat of a trigger whose answer was lost")
        falls = await jackpot.pages("/v1/jp/triggers", player_id=entered.player.id)
        mine = [
            one for one in falls if one.get("selection", {}).get("round_id") == entered.round_id
        ]
        jackpot.require(len(mine) == 1, f"it has fallen once, and {mine}")


CHECK = Check(
    id="jackpot.trigger.lost-answer",
    rules=(
        "WAL-90",
        "WAL-72",
    ),
    category=Category.RECOVERY,
    about="A trigger whose answer was lost is repeated with its key, and the pool falls once.",
    drive=_drive,
)
