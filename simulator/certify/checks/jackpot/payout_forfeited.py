"""A person ends it."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    async with jackpot.parked(pool, "AML") as (player, before, payout, owed, _):
        decision = jackpot.decide_ask(payout, "forfeit")
        first = jackpot.accepted(await jackpot.send(decision), "forfeiting a parked payout")
        jackpot.repeated(first, await jackpot.again(first))
        await jackpot.hook(Need.BLOCK_PAYOUTS, player_id=player.id, reason="none")
        done = await jackpot.send(jackpot.decide_ask(payout, "release"))
        jackpot.refused(done, what="the release of what was forfeited")
        ended = await jackpot.read("payouts", payout)
        jackpot.require(ended.at("status") == "forfeited", f"it has ended, and {ended}")
        await jackpot.stands_at(player, before, 0, owed, "a payout that was forfeited")


CHECK = Check(
    id="jackpot.payout.forfeited",
    rules=("WAL-97",),
    category=Category.RECOVERY,
    needs=(Need.BLOCK_PAYOUTS,),
    about="A parked payout that a person forfeits has ended: it is released and paid no more.",
    drive=_drive,
)
