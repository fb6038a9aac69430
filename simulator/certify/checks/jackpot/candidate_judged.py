"""May this bet win?"""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    one = await jackpot.player(currency=pool.currency)
    two = await jackpot.somebody_else(one)
    part = await jackpot.part(pool)
    good = jackpot.accepted(await jackpot.send(jackpot.candidate_ask(pool, one, part.stake)))
    jackpot.require(good.at("eligible") is True, f"a bet as any other is eligible, and {good}")
    jackpot.repeated(good, await jackpot.again(good))
    other = jackpot.accepted(await jackpot.send(jackpot.candidate_ask(pool, two, part.stake)))
    jackpot.require(
        (other.at("eligible"), other.at("odds")) == (True, good.at("odds")),
        f"whose bet it is does not matter: {good}; {other}",
    )
    less = pool.money(part.stake - 1).written(jackpot.form)
    for what, over in (
        ("a bet that the platform has something against", {"flags": ["excluded_game"]}),
        ("a stake above its max_bet", {"max_bet": less}),
    ):
        ask = jackpot.candidate_ask(pool, one, part.stake, **over)
        done = jackpot.accepted(await jackpot.send(ask), "a question about a bet")
        jackpot.require(done.at("eligible") is False, f"{what} is not eligible, and {done}")
        jackpot.require(done.at("rules"), f"it says by which rules, and {done}")


CHECK = Check(
    id="jackpot.candidate.judged",
    rules=(
        "JP-11",
        "JP-33",
    ),
    category=Category.HAPPY_PATH,
    about="A bet is eligible or not by its stake and flags, never by who plays it, and the "
    "answer says by which rules.",
    drive=_drive,
)
