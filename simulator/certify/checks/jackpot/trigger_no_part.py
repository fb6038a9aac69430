"""A round that has nothing in it."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    entered = await jackpot.entered(pool)
    stranger = await jackpot.somebody_else(entered.player)
    before = await jackpot.pool(pool.id)
    ask = jackpot.trigger_ask(pool, entered.player, jackpot.names.new("r"))
    jackpot.refused(await jackpot.send(ask), what="a fall on a round without a part in the pool")
    ask = jackpot.trigger_ask(pool, stranger, entered.round_id)
    jackpot.refused(await jackpot.send(ask), what="a fall on somebody else's round")
    ask = jackpot.trigger_ask(pool, entered.player, entered.round_id, pool_id="no-such-pool")
    jackpot.refused(await jackpot.send(ask), what="a fall of a pool that is not there")
    falls = await jackpot.pages("/v1/jp/triggers", player_id=entered.player.id)
    new = [one for one in falls if int(one.get("hit") or 0) > before.hits]
    mine = [one for one in new if one.get("pool_id") == pool.id]
    jackpot.require(not mine or not entered.player.fresh, f"nothing has fallen, and {mine}")


CHECK = Check(
    id="jackpot.trigger.no-part",
    rules=(
        "JP-12",
        "JP-11",
    ),
    category=Category.LIMITS,
    about="A pool falls on no round without a part in it, and on nobody but whose round it is.",
    drive=_drive,
)
