"""What is owed is paid."""

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    player = await jackpot.player(currency=pool.currency)
    before = await jackpot.wealth(player)
    _, fell = await jackpot.fallen(pool, player)
    payout, owed = str(fell.at("jp_payout_id")), jackpot.minor(fell, "amount")
    paid = await jackpot.settled(payout)
    jackpot.require(paid.at("status") in ("credited", "parked"), f"it is paid, and {paid}")
    if paid.at("status") == "parked":
        jackpot.require(paid.at("reason"), f"what is parked says why, and {paid}")
        raise Unclear(f"the wallet has refused: {paid}")
    jackpot.require(
        (jackpot.minor(paid, "amount"), paid.at("player_id")) == (owed, player.id),
        f"the winner is paid {pool.money(owed)}, and {paid}",
    )
    await jackpot.stands_at(player, before, owed, owed, "one fall")
    listed = await jackpot.pages("/v1/jp/payouts", player_id=player.id)
    mine = [one for one in listed if one.get("jp_payout_id") == payout]
    jackpot.require(len(mine) == 1, f"it is in the list once, and {mine}")


CHECK = Check(
    id="jackpot.payout.credited",
    rules=(
        "WAL-97",
        "JP-13",
        "JP-40",
    ),
    category=Category.HAPPY_PATH,
    level="smoke",
    about="What has fallen is credited to the winner, all of it, once.",
    blind="The winner’s money, where the target has no wallet API.",
    drive=_drive,
)
