"""What the client has to show."""

from simulator.certify.check import Category, Check, Need, Unclear
from simulator.certify.roles.rgs import Rgs, countries, texts
from simulator.certify.roles.rgs_asks import Entry

BLOCKED = ("RG_BLOCKED", "RG_BLOCK")


async def _drive(rgs: Rgs) -> None:
    entry, wanted = await _warned(rgs)
    playing = await rgs.playing(entry)
    for shown in ([], wanted[1:]):
        if shown:
            rgs.accepted(await rgs.report_shown(playing, shown), "a report of what was shown")
        if shown != wanted:
            what = f"a spin before {', '.join(one for one in wanted if one not in shown)} was shown"
            rgs.refused(await rgs.spin(playing), *BLOCKED, what=what)
    rgs.accepted(await rgs.report_shown(playing, wanted), "a report of what was shown")
    rgs.accepted(await rgs.spin(playing), "a spin after all that has to be shown was")


async def _warned(rgs: Rgs) -> tuple[Entry, list[str]]:
    """A way in where the market build asks for warnings. Raises Unclear."""
    for one in await rgs.builds():
        rules = one.get("rules")
        wanted = texts(rules.get("warnings")) if isinstance(rules, dict) else []
        if wanted and one.get("active", True) and countries(one):
            entry = await rgs.own_entry(geo=countries(one)[0])
            return entry._replace(
                build=str(one.get("build_hash")), game=str(one.get("game_id"))
            ), wanted
    raise Unclear("no build that the target lists asks for warnings (rules.warnings)")


CHECK = Check(
    id="rgs.displayed.required",
    rules=(
        "RGS-21",
        "RGS-33",
    ),
    category=Category.LIMITS,
    about="Play is refused until the client has reported every warning that the market build asks "
    "for, and not afterwards.",
    needs=(Need.PLAYER_KEY,),
    blind="whether the client has really displayed what it reports",
    drive=_drive,
)
