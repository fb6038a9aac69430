"""Which spins a tournament takes."""

from typing import Any

from simulator.certify.check import Category, Check
from simulator.certify.roles import tournaments
from simulator.certify.roles.rgs import Rgs
from simulator.certify.roles.tournaments import LASTS, moment


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    games = [str(one.get("game_id")) for one in rgs.items(await rgs.listed("games"))]
    others = [name for name in games if name != playing.entry.game]
    questions: list[tuple[str, dict[str, Any]]] = [
        (
            "that has not begun",
            {"starts_at": moment(rgs, LASTS), "ends_at": moment(rgs, 2 * LASTS)},
        ),
        (
            "that is over",
            {"starts_at": moment(rgs, -2 * LASTS), "ends_at": moment(rgs, -LASTS)},
        ),
        *[("of another game", {"game_ids": [name]}) for name in others[:1]],
    ]
    for what, over in questions:
        name = rgs.names.new("tm")
        ask = tournaments.tournament_ask(rgs, playing, name, **over)
        if not (await rgs.send(ask)).ok:
            continue  # some open none that is over
        done = await tournaments.play(rgs, playing, name)
        rgs.refused(done, what=f"a spin of a tournament {what}")
        await tournaments.require_counted(rgs, playing, name, 0)
    name = await tournaments.opened(rgs, playing)
    if playing.high:
        large = await tournaments.play(rgs, playing, name, playing.high + playing.step)
        rgs.refused(large, what="a spin of a tournament above the most that may be staked")
    rgs.accepted(await tournaments.play(rgs, playing, name), "a spin of a tournament that runs")
    await tournaments.require_counted(rgs, playing, name, 1)


CHECK = Check(
    id="rgs.tournament.bounds",
    rules=(
        "RGS-21",
        "RGS-41",
    ),
    category=Category.LIMITS,
    about="A tournament takes spins of its games while it runs, and of stakes that the build "
    "allows: what it refuses does not count.",
    drive=_drive,
)
