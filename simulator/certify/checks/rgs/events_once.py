"""The feed tells what was played."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    played = rgs.given(await rgs.spin(playing))
    await rgs.again(played)
    void = rgs.given(await rgs.spin(playing))
    rgs.given(await rgs.send(rgs.void_ask(str(void.at("spin_id")))))
    await rgs.spin(playing, -1)
    feed = rgs.given(await rgs.listed(f"events?player_id={playing.player.id}&order=desc&limit=50"))
    items = rgs.items(feed)
    found = [(one.get("event_type"), one.get("payload")) for one in items]
    told = [(kind, body) for kind, body in found if isinstance(body, dict)]
    for kind, done in (("spin_finished", played), ("spin_finished", void), ("spin_voided", void)):
        spin = done.at("spin_id")
        mine = [body for event, body in told if event == kind and body.get("spin_id") == spin]
        rgs.require(len(mine) == 1, f"there is one {kind} of {spin}, and there are {len(mine)}")
        if kind == "spin_finished":
            build = mine[0].get("build_hash")
            rgs.require(build == playing.entry.build, f"it names the build, and it is {mine[0]}")
    count = len([body for event, body in told if event == "spin_finished"])
    rgs.require(count == 2 or not playing.player.fresh, f"of two spins {count} are told")


CHECK = Check(
    id="rgs.events.once",
    rules=(
        "RGS-20",
        "PRV-34",
    ),
    category=Category.RECOVERY,
    about="Each spin has one spin_finished with its build, also where it was repeated; a void one "
    "is told of.",
    drive=_drive,
)
