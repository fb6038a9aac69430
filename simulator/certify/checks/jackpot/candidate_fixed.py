"""A jackpot without a pool."""

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    fixed = [one for one in await jackpot.pools() if one.kind == "fixed" and one.trigger == "call"]
    if not fixed:
        raise Unclear("there is no fixed pool that falls by call")
    pool = fixed[0]
    player, stake = await jackpot.player(currency=pool.currency), 10_000
    nobody = jackpot.trigger_ask(pool, player, jackpot.names.new("r"))
    jackpot.refused(await jackpot.send(nobody), what="a fall on a bet that was not judged")
    barred, round_id = jackpot.names.new("r"), jackpot.names.new("r")
    ask = jackpot.candidate_ask(pool, player, stake, round_id=barred, flags=["excluded_game"])
    jackpot.given(await jackpot.send(ask))
    done = await jackpot.send(jackpot.trigger_ask(pool, player, barred))
    jackpot.refused(done, what="a fall on a bet that was not eligible")
    jackpot.given(await jackpot.send(jackpot.candidate_ask(pool, player, stake, round_id=round_id)))
    fell = jackpot.accepted(await jackpot.send(jackpot.trigger_ask(pool, player, round_id)))
    jackpot.require(
        jackpot.minor(fell, "amount") == pool.seed,
        f"a fixed jackpot pays {pool.money(pool.seed)}, and {fell}",
    )
    ask = jackpot.contribute_ask(pool, player, stake)
    jackpot.refused(await jackpot.send(ask), what="a contribution to a fixed jackpot")


CHECK = Check(
    id="jackpot.candidate.fixed",
    rules=(
        "JP-01",
        "JP-11",
    ),
    category=Category.HAPPY_PATH,
    about="A fixed jackpot pays its amount to a bet that was judged eligible, and takes no "
    "contributions.",
    drive=_drive,
)
