"""On another return."""

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing, grant = await rgs.playing(), rgs.names.new("g")
    own = next((one for one in await rgs.builds() if _is_mine(one, playing.entry.build)), None)
    others = [
        str(one.get("rtp_profile"))
        for one in await rgs.builds()
        if own is not None
        and (one.get("game_id"), one.get("countries")) == (own.get("game_id"), own.get("countries"))
        and one.get("rtp_profile") != own.get("rtp_profile")
    ]
    if not others:
        raise Unclear("the target lists no second certified profile of the game in its market")
    rgs.given(await rgs.send(rgs.grant_ask(playing, 1, grant, rtp_profile=others[0])))
    played = rgs.given(await rgs.spin(playing, spin_type="free", grant_id=grant))
    read = rgs.accepted(await rgs.look("spins", str(played.at("spin_id"))), "reading a spin")
    rgs.require(
        read.at("rtp_profile") in (others[0], None),
        f"a free spin is played on the profile of its grant, {others[0]}, and {read}",
    )


def _is_mine(build: object, wanted: str) -> bool:
    return isinstance(build, dict) and build.get("build_hash") == wanted


CHECK = Check(
    id="rgs.free-spins.profile",
    rules=(
        "RGS-14",
        "RGS-40",
    ),
    category=Category.HAPPY_PATH,
    about="A free spin of a grant that names a certified profile is played on that profile.",
    blind="whether the profile that is told is the one that is played",
    drive=_drive,
)
