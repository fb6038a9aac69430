"""The same fall again."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    entered, other = await jackpot.entered(pool), await jackpot.entered(pool)
    trigger = jackpot.names.new("t")
    ask = jackpot.trigger_ask(pool, entered.player, entered.round_id, trigger=trigger)
    first = jackpot.given(await jackpot.send(ask))
    for _ in range(2):
        jackpot.repeated(first, await jackpot.again(first))
    ask = jackpot.trigger_ask(pool, entered.player, entered.round_id, trigger=trigger)
    later = await jackpot.send(ask)
    jackpot.require(
        later.code == "DUPLICATE"
        or (later.ok and later.at("jp_payout_id") == first.at("jp_payout_id")),
        f"a known jp_trigger_id is the same fall: {first}; {later}",
    )
    ask = jackpot.trigger_ask(pool, other.player, other.round_id, trigger=trigger)
    jackpot.refused(await jackpot.send(ask), what="a known jp_trigger_id for another round")
    ask = jackpot.trigger_ask(pool, entered.player, entered.round_id)
    jackpot.refused(await jackpot.send(ask), what="a second fall on the same round")
    falls = await jackpot.pages("/v1/jp/triggers", player_id=entered.player.id)
    mine = [one for one in falls if one.get("selection", {}).get("round_id") == entered.round_id]
    jackpot.require(len(mine) == 1, f"it has fallen once, and {mine}")
    taken = [one for one in falls if one.get("selection", {}).get("round_id") == other.round_id]
    jackpot.require(not taken, f"it has not fallen on the other round, and {taken}")


CHECK = Check(
    id="jackpot.trigger.repeat",
    rules=(
        "WAL-90",
        "WAL-94",
        "JP-02",
    ),
    category=Category.IDEMPOTENCY,
    level="smoke",
    about="A trigger that is repeated is the same fall; with other parameters, or on the "
    "same round again, it is refused.",
    drive=_drive,
)
