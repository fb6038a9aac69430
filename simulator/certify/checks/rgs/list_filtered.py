"""Lists of some."""

from collections.abc import Mapping
from typing import Any

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs, countries
from simulator.certify.roles.rgs_asks import Playing


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    ended, left_open = rgs.names.new("r"), rgs.names.new("r")
    spins = [
        str(rgs.given(await rgs.spin(playing, round_id=round_id)).at("spin_id"))
        for round_id in (ended, left_open, ended)
    ]
    rgs.given(await rgs.end_round(ended))
    for status, round_id in (("open", left_open), ("completed", ended)):
        found = await rgs.pages("/rgs/v1/rounds", session_id=playing.session, status=status)
        _is(rgs, found, "round_id", [round_id], f"rounds that are {status}")
    found = await rgs.pages("/rgs/v1/spins", session_id=playing.session)
    _is(rgs, found, "spin_id", spins, "spins of a session, oldest first,")
    found = await rgs.pages("/rgs/v1/spins", session_id=playing.session, order="desc")
    _is(rgs, found, "spin_id", spins[::-1], "spins of a session, newest first,")
    found = await rgs.pages("/rgs/v1/spins", round_id=ended)
    _is(rgs, found, "spin_id", [spins[0], spins[2]], "spins of a round")
    await _events(rgs, playing)
    await _of_a_country(rgs, playing)


async def _events(rgs: Rgs, playing: Playing) -> None:
    """Judge the events of one type: all that are known of, and nothing else."""
    elsewhere = await rgs.playing(await rgs.entry(playing.player))
    void = str(rgs.given(await rgs.spin(elsewhere)).at("spin_id"))
    rgs.given(await rgs.send(rgs.void_ask(void)))

    def voided(events: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return [one for one in events if one.get("event_type") == "spin_voided"]

    known = voided(await rgs.told(playing.player, lambda events: bool(voided(events))))
    query = {"player_id": playing.player.id, "event_type": "spin_voided", "order": "desc"}
    found = await rgs.pages("/rgs/v1/events", **query)
    others = [one for one in found if one not in voided(found)]
    rgs.require(
        len(found) >= len(known) and not others,
        f"events of spin_voided are {known} and nothing else, and the list has {found}",
    )


async def _of_a_country(rgs: Rgs, playing: Playing) -> None:
    """Judge the builds of one country: all of its, and nothing else."""
    geo = playing.entry.geo
    wanted = [str(one.get("build_hash")) for one in await rgs.builds() if geo in countries(one)]
    found = rgs.items(rgs.given(await rgs.listed(f"builds?country={geo}")))
    names = sorted(str(one.get("build_hash")) for one in found)
    rgs.require(names == sorted(wanted), f"builds of {geo} are {sorted(wanted)}, not {names}")


def _is(rgs: Rgs, found: list[Mapping[str, Any]], field: str, wanted: list[str], what: str) -> None:
    names = [one.get(field) for one in found]
    rgs.require(names == wanted, f"{what} are {wanted}, and the list has {names}")


CHECK = Check(
    id="rgs.list.filtered",
    rules=(
        "PRV-60",
        "PRV-61",
        "RGS-09",
        "RGS-22",
    ),
    category=Category.RECOVERY,
    about="A list of some rounds, spins, events or builds has all of them, in the order that was "
    "asked for, and nothing else.",
    drive=_drive,
)
