"""A fall races itself."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    for _ in range(2):
        pool = await jackpot.by_call()
        entered = await jackpot.entered(pool)
        who, half, trigger = entered.player, jackpot.config.parallel // 3, jackpot.names.new("t")
        one = jackpot.trigger_ask(pool, who, entered.round_id, trigger=trigger)
        keys = [
            jackpot.trigger_ask(pool, who, entered.round_id, trigger=trigger) for _ in range(half)
        ]
        ids = [jackpot.trigger_ask(pool, who, entered.round_id) for _ in range(half)]
        won = set()
        for done in await jackpot.together([one] * half + keys + ids):
            now = await jackpot.known(done)
            if now.ok:
                won.add(now.at("jp_payout_id"))
        jackpot.require(len(won) == 1, f"one round has one payout, and got {sorted(map(str, won))}")
        falls = await jackpot.pages("/v1/jp/triggers", player_id=who.id)
        mine = [
            one for one in falls if one.get("selection", {}).get("round_id") == entered.round_id
        ]
        jackpot.require(len(mine) == 1, f"it has fallen once, and {mine}")


CHECK = Check(
    id="jackpot.trigger.parallel-repeat",
    rules=(
        "WAL-94",
        "WAL-90",
    ),
    category=Category.CONCURRENCY,
    level="smoke",
    about="Copies of one trigger, and other triggers of its round, sent at once: one hit "
    "with one payout.",
    drive=_drive,
)
