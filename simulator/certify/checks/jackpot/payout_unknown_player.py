"""Whom the wallet does not know."""

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.jackpot import Jackpot
from simulator.certify.roles.player import Player


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    nobody = Player(jackpot.names.new("p"), pool.currency, fresh=False)
    _, fell = await jackpot.fallen(pool, nobody)
    payout = str(fell.at("jp_payout_id"))
    parked = await jackpot.settled(payout)
    if parked.at("status") == "credited":
        known = await jackpot.wealth(await jackpot.player(currency=pool.currency))
        paid = await jackpot.wealth(nobody)
        if known is None or paid is not None:
            raise Unclear(f"the wallet pays to anybody, or cannot be asked: {parked}")
    jackpot.require(parked.at("status") == "parked", f"what is refused is parked: {parked}")
    jackpot.require(parked.at("reason"), f"it says why the wallet has refused, and {parked}")
    done = await jackpot.send(jackpot.decide_ask(payout, "release"))
    jackpot.accepted(done, "the release of a parked payout")
    again = await jackpot.settled(payout)
    jackpot.require(again.at("status") == "parked", f"it is refused again, and {again}")
    done = await jackpot.send(jackpot.decide_ask(payout, "forfeit"))
    jackpot.accepted(done, "forfeiting a parked payout")
    ended = await jackpot.read("payouts", payout)
    jackpot.require(ended.at("status") == "forfeited", f"it has ended, and {ended}")


CHECK = Check(
    id="jackpot.payout.unknown-player",
    rules=("WAL-97", "JP-13"),
    category=Category.RECOVERY,
    about="What falls to a player whom the wallet does not know is parked with the reason, and "
    "waits for a person, also when it is released.",
    drive=_drive,
)
