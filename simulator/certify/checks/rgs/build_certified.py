"""Which build?"""

from typing import Any

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    entry = await rgs.entry()
    unknown = "sha256:" + "0" * 64
    questions: list[tuple[str, dict[str, Any]]] = [
        ("without a build", {"build_hash": None}),
        ("of an unknown build", {"build_hash": unknown}),
        ("of an unknown game", {"game_id": rgs.names.new("game")}),
    ]
    foreign = [
        one.get("build_hash") for one in await rgs.builds() if one.get("game_id") != entry.game
    ]
    if foreign:
        questions.append(("of another game’s build", {"build_hash": foreign[0]}))
    for what, over in questions:
        rgs.refused(await rgs.open(entry, **over), what=f"a session {what}")
    rgs.accepted(await rgs.open(entry), "the session with the certified build")


CHECK = Check(
    id="rgs.build.certified",
    rules=(
        "RGS-20",
        "RGS-22",
    ),
    category=Category.LIMITS,
    about="A session needs the build that is certified: none, an unknown one, another game’s or an "
    "unknown game is refused.",
    drive=_drive,
)
