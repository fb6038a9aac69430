"""Another return."""

from collections.abc import Mapping
from typing import Any

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.drive import Done
from simulator.certify.exchange import Ask
from simulator.certify.roles.rgs import Rgs, countries
from simulator.certify.roles.rgs_asks import Playing


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    active, other = await _pair(rgs, playing)
    unknown = await rgs.send(_ask(rgs, "sha256:" + "0" * 64))
    rgs.refused(unknown, what="a switch to a build that there is not")
    ask = _ask(rgs, str(other.get("build_hash")))
    first = rgs.given(await rgs.send(ask))
    try:
        await _switched(rgs, playing, active, other)
        rgs.repeated(first, await rgs.send(ask))
    finally:
        back = await rgs.send(_ask(rgs, str(active.get("build_hash"))))
    rgs.accepted(back, "the switch back")
    rgs.require(
        await _active(rgs, active) == [active.get("build_hash")],
        f"after the switch back the former build is active again, {active.get('build_hash')}",
    )


async def _pair(rgs: Rgs, playing: Playing) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The build that is played, and another of the same market. Raises Unclear."""
    builds = [one for one in await rgs.builds() if one.get("game_id") == playing.entry.game]
    active = next((one for one in builds if one.get("build_hash") == playing.entry.build), None)
    for one in builds:
        if active and one.get("active") is False and countries(one) == countries(active):
            return active, one
    raise Unclear(f"the target lists no second build of {playing.entry.game} in its market")


def _ask(rgs: Rgs, build: str) -> Ask:
    return rgs.ask(
        "POST",
        "/rgs/v1/builds/switch",
        {
            "switch_id": rgs.names.new("sw"),
            "build_hash": build,
            "reason": "certification of the switch",
            "approved_by": "certify",
        },
    )


async def _active(rgs: Rgs, like: Mapping[str, Any]) -> list[Any]:
    """The active builds of a game and market."""
    return [
        one.get("build_hash")
        for one in await rgs.builds()
        if one.get("game_id") == like.get("game_id")
        and countries(one) == countries(like)
        and one.get("active") is not False
    ]


async def _switched(
    rgs: Rgs, playing: Playing, active: Mapping[str, Any], other: Mapping[str, Any]
) -> None:
    """Judge what follows: one build is active, new sessions play it, open ones keep theirs."""
    listed = await _active(rgs, active)
    rgs.require(
        listed == [other.get("build_hash")],
        f"the one active build has to be {other.get('build_hash')}, and there are {listed}",
    )
    open_ = rgs.accepted(await rgs.look("sessions", playing.session), "reading an open session")
    _plays(rgs, open_, active, "an open session keeps its profile")
    played = rgs.accepted(await rgs.spin(playing), "a spin of a session that was open before")
    spin = rgs.accepted(await rgs.look("spins", str(played.at("spin_id"))), "reading a spin")
    _plays(rgs, spin, active, "a spin of an open session is played on its profile")
    entry = (await rgs.entry())._replace(build=str(other.get("build_hash")))
    later = rgs.accepted(await rgs.open(entry), "a session with the build that is active now")
    _plays(rgs, later, other, "a new session plays the new profile")
    entry = (await rgs.entry())._replace(build=str(active.get("build_hash")))
    rgs.refused(await rgs.open(entry), what="a new session with the former build")


def _plays(rgs: Rgs, session: Done, build: Mapping[str, Any], what: str) -> None:
    """Judge the profile that a session tells, where it tells one."""
    told = session.at("rtp_profile")
    rgs.require(
        told is None or told == build.get("rtp_profile"),
        f"{what}, {build.get('rtp_profile')}, and {session}",
    )


CHECK = Check(
    id="rgs.build.switch",
    rules=(
        "RGS-10",
        "RGS-14",
    ),
    category=Category.LIMITS,
    level="exhaustive",
    about="A return changes by a switch to another build of the market only: then that one alone "
    "is active, new sessions play it, and open ones keep theirs.",
    blind="whether the profile that is told is the one that is played; it switches back at its end",
    drive=_drive,
)
