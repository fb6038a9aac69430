"""Too late to think better of it."""

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    player = await jackpot.player(currency=pool.currency)
    before = await jackpot.wealth(player)
    _, fell = await jackpot.fallen(pool, player)
    payout, owed = str(fell.at("jp_payout_id")), jackpot.minor(fell, "amount")
    if (await jackpot.settled(payout)).at("status") != "credited":
        raise Unclear("the wallet has not paid, and what is not paid may be cancelled")
    done = await jackpot.send(jackpot.cancel_ask(str(fell.at("jp_trigger_id"))))
    jackpot.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    paid = await jackpot.read("payouts", payout)
    jackpot.require(
        paid.at("status") == "credited", f"what the wallet has paid stays credited, and {paid}"
    )
    await jackpot.stands_at(player, before, owed, owed, "a fall that was cancelled after it")


CHECK = Check(
    id="jackpot.trigger.cancel",
    rules=(
        "WAL-96",
        "JP-40",
    ),
    category=Category.ROLLBACK,
    about="What a fall has paid is not cancelled afterwards.",
    drive=_drive,
)
