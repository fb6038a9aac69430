"""A spin is played."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs

LONGEST = 12
"""Spins that are played until one wins: wins are counted too."""


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    won = 0
    for number in range(LONGEST):
        if number >= 3 and won:
            break
        done = rgs.accepted(await rgs.spin(playing), "a spin of a stake that the session allows")
        win = done.at("outcome.win")
        good = isinstance(win, dict) and win.get("currency") == playing.player.currency
        rgs.require(good, f"outcome.win is in {playing.player.currency}, and {done}")
        rgs.require(rgs.minor(done, "outcome.win") >= 0, f"a win is never below zero, and {done}")
        for name in ("outcome.features", "rgs_txns"):
            rgs.require(isinstance(done.at(name), list), f"{name} is a list, and {done}")
        rgs.require(done.at("outcome.symbols") is not None, f"there are symbols, and {done}")
        rgs.require(done.at("telemetry_ref"), f"there is a telemetry_ref, and {done}")
        won += rgs.minor(done, "outcome.win")
        await rgs.counted(playing, before, done)
        before = await rgs.sums(playing)


CHECK = Check(
    id="rgs.spin.once",
    rules=(
        "RGS-03",
        "RGS-15",
    ),
    category=Category.HAPPY_PATH,
    level="smoke",
    about="A spin has an outcome in the session’s currency and counts once.",
    drive=_drive,
)
