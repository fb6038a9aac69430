"""A part that is gone wins nothing."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    entered = await jackpot.entered(pool)
    jackpot.given(await jackpot.send(jackpot.reverse_ask(entered.contrib)))
    before = await jackpot.pool(pool.id)
    ask = jackpot.trigger_ask(pool, entered.player, entered.round_id)
    jackpot.refused(await jackpot.send(ask), what="a fall on a round whose bet was rolled back")
    falls = await jackpot.pages("/v1/jp/triggers", player_id=entered.player.id)
    mine = [one for one in falls if one.get("selection", {}).get("round_id") == entered.round_id]
    jackpot.require(not mine, f"nothing has fallen on it after {before.hits} hits, and {mine}")


CHECK = Check(
    id="jackpot.reverse.no-part",
    rules=(
        "WAL-96",
        "JP-12",
    ),
    category=Category.ROLLBACK,
    about="A round whose contribution was reversed wins nothing.",
    drive=_drive,
)
