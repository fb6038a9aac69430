"""A spin that was never shown."""

from simulator.certify.check import Category, Check
from simulator.certify.money import scale
from simulator.certify.roles.rgs import Rgs, countries
from simulator.certify.roles.rgs_asks import Playing

GAMES = 6
"""Games that are tried for one that contributes."""


async def _drive(rgs: Rgs) -> None:
    playing = await _contributing(rgs)
    before = await rgs.sums(playing)
    for _ in range(3):
        played = rgs.given(await rgs.spin(playing, _stake(playing)))
        spin = str(played.at("spin_id"))
        rgs.accepted(await rgs.send(rgs.void_ask(spin)), "making a spin void")
        await rgs.counted(playing, before)
        read = rgs.accepted(await rgs.look("spins", spin), "reading a void spin")
        rgs.require(read.at("status") == "void", f"its status is void, and {read}")
        gone = rgs.total(playing, read, "jackpot_contribution")
        back = rgs.total(playing, read, "jackpot_reversal")
        rgs.require(gone == back, f"its contributions are reversed, and {read}")
        again = await rgs.send(rgs.void_ask(spin))
        rgs.require(not again.lost and again.status < 500, f"again it is answered, and {again}")
        read = await rgs.look("spins", spin)
        back = rgs.total(playing, read, "jackpot_reversal")
        rgs.require(gone == back, f"they are reversed once, and {read}")
        await rgs.counted(playing, before)


async def _contributing(rgs: Rgs) -> Playing:
    """A session of a game whose spins contribute to a jackpot, where there is one."""
    entry = await rgs.entry()
    others = {
        str(one.get("game_id")): str(one.get("build_hash"))
        for one in await rgs.builds()
        if one.get("active") is True and entry.geo in countries(one)
    }
    for game, build in [(entry.game, entry.build), *others.items()][:GAMES]:
        entry = (await rgs.entry())._replace(game=game, build=build)
        if not (await rgs.open(entry)).ok:
            continue
        playing = await rgs.playing(entry)
        played = await rgs.spin(playing, _stake(playing))
        if played.ok and rgs.total(playing, played, "jackpot_contribution"):
            return playing
    return await rgs.playing()


def _stake(playing: Playing) -> int:
    """About ten units of the currency: a part of the least stake may be less than a minor unit."""
    most = min(playing.high or playing.low, int(10 ** (1 + scale(playing.player.currency))))
    return max(playing.low, playing.low + (most - playing.low) // playing.step * playing.step)


CHECK = Check(
    id="rgs.void.once",
    rules=(
        "RGS-42",
        "RGS-64",
    ),
    category=Category.ROLLBACK,
    about="A void spin counts nowhere, its contributions are reversed, and it is void once.",
    drive=_drive,
)
