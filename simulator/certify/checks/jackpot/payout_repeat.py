"""A payout that is sent again."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    player = await jackpot.player(currency=pool.currency)
    before = await jackpot.wealth(player)
    _, fell = await jackpot.fallen(pool, player)
    payout, owed = str(fell.at("jp_payout_id")), jackpot.minor(fell, "amount")
    body = {"jp_payout_id": payout, "attempt": 1}
    asks = [jackpot.ask("POST", "/v1/jp/payouts", body) for _ in range(4)]
    await jackpot.together(asks)
    await jackpot.credited(payout)
    for ask in asks[:2]:
        done = await jackpot.send(ask)
        jackpot.require(done.status < 500, f"it is answered for good, and {done}")
    done = await jackpot.send(jackpot.decide_ask(payout, "release"))
    jackpot.refused(done, what="the release of what is paid")
    done = await jackpot.send(jackpot.decide_ask(payout, "forfeit"))
    jackpot.refused(done, what="forfeiting what is paid")
    again = await jackpot.read("payouts", payout)
    jackpot.require(again.at("status") == "credited", f"it stays credited, and {again}")
    await jackpot.stands_at(player, before, owed, owed, "a payout that is sent several times")


CHECK = Check(
    id="jackpot.payout.repeat",
    rules=(
        "WAL-97",
        "WAL-90",
        "JP-02",
    ),
    category=Category.IDEMPOTENCY,
    about="A payout is paid once, however often it is sent; what is paid is neither "
    "released nor forfeited.",
    blind="The winner’s money, where the target has no wallet API.",
    drive=_drive,
)
