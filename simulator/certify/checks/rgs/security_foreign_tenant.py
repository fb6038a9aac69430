"""Somebody else’s session."""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    played = rgs.given(await rgs.spin(playing))
    spin = str(played.at("spin_id"))
    before = await rgs.sums(playing)
    for done in await questions.by_another_tenant(
        rgs,
        rgs.ask("GET", f"/rgs/v1/sessions/{playing.session}"),
        rgs.ask("GET", f"/rgs/v1/spins/{spin}"),
        rgs.ask("GET", f"/rgs/v1/spins/{spin}/replay"),
        rgs.spin_ask(playing),
        rgs.void_ask(spin),
    ):
        rgs.refused(done, what="what another tenant does with this session")
    await rgs.counted(playing, before)
    rgs.alike(played, await rgs.look("spins", spin))


CHECK = Check(
    id="rgs.security.foreign-tenant",
    rules=(
        "PRV-11",
        "PRV-63",
    ),
    category=Category.SECURITY,
    needs=(Need.OTHER_CLIENT,),
    about="Another tenant neither sees nor plays what is of this one.",
    blind="Another tenant whose client may not call this API at all.",
    drive=_drive,
)
