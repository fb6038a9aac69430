"""Which build?"""

from collections.abc import Mapping
from typing import Any

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs, countries
from simulator.certify.roles.rgs_asks import Entry


async def _drive(rgs: Rgs) -> None:
    entry = await rgs.entry()
    unknown = "sha256:" + "0" * 64
    questions: list[tuple[str, dict[str, Any]]] = [
        ("without a build", {"build_hash": None}),
        ("of an unknown build", {"build_hash": unknown}),
        ("of an unknown game", {"game_id": rgs.names.new("game")}),
    ]
    builds = await rgs.builds()
    foreign = [one.get("build_hash") for one in builds if one.get("game_id") != entry.game]
    if foreign:
        questions.append(("of another game’s build", {"build_hash": foreign[0]}))
    idle = [one.get("build_hash") for one in builds if _is_idle(one, entry)]
    if idle:
        questions.append(("of a build that is not the active one", {"build_hash": idle[0]}))
    for what, over in questions:
        rgs.refused(await rgs.open(entry, **over), what=f"a session {what}")
    rgs.accepted(await rgs.open(entry), "the session with the certified build")


def _is_idle(build: Mapping[str, Any], entry: Entry) -> bool:
    """True for a build of the same game and country that was not switched to (RGS-14)."""
    same = build.get("game_id") == entry.game and entry.geo in countries(build)
    return same and build.get("active") is False


CHECK = Check(
    id="rgs.build.certified",
    rules=(
        "RGS-14",
        "RGS-20",
        "RGS-22",
    ),
    category=Category.LIMITS,
    about="A session needs the build that is certified: none, an unknown one, one that was not "
    "switched to, another game’s or an unknown game is refused.",
    drive=_drive,
)
