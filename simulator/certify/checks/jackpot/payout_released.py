"""A person lets it through."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    async with jackpot.parked(pool, "AML") as (player, before, payout, owed, _):
        decision = jackpot.decide_ask(payout, "release")
        await jackpot.hook(Need.BLOCK_PAYOUTS, player_id=player.id, reason="none")
        first = jackpot.accepted(await jackpot.send(decision), "the release of a parked payout")
        jackpot.repeated(first, await jackpot.again(first))
        paid = await jackpot.settled(payout)
        jackpot.require(paid.at("status") == "credited", f"what is released is paid, and {paid}")
        done = await jackpot.send(jackpot.decide_ask(payout, "release"))
        jackpot.refused(done, what="a second release")
        again = await jackpot.read("payouts", payout)
        jackpot.require(again.at("status") == "credited", f"it stays credited, and {again}")
        await jackpot.stands_at(player, before, owed, owed, "a payout that was parked and released")


CHECK = Check(
    id="jackpot.payout.released",
    rules=(
        "WAL-97",
        "WAL-90",
    ),
    category=Category.RECOVERY,
    needs=(Need.BLOCK_PAYOUTS,),
    about="A parked payout that a person releases is paid, once, however often the release "
    "is sent.",
    drive=_drive,
)
