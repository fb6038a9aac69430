"""No means no."""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.drive import Done
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    for refused in (_unknown, _used, _unpaid, _excluded):
        late = await refused(rgs)
        if late.code != "SCOPE_DENIED":
            await questions.stays_refused(rgs, late)


async def _unknown(rgs: Rgs) -> Done:
    """404: the session is opened afterwards."""
    playing, entry = await rgs.playing(), await rgs.entry()
    done = rgs.refused(await rgs.spin(playing, session_id=entry.session), what="a spin too early")
    rgs.given(await rgs.open(entry))
    return done


async def _unpaid(rgs: Rgs) -> Done:
    """422: the money comes afterwards."""
    playing = await rgs.playing(wallet="transfer")
    done = rgs.refused(await rgs.spin(playing), what="a spin without money")
    rgs.given(await rgs.send(rgs.transfer_ask(playing, "in", 5 * playing.low)))
    return done


async def _excluded(rgs: Rgs) -> Done:
    """403: the exclusion ends afterwards."""
    playing = await rgs.playing()
    rgs.given(await rgs.exclude(playing.player))
    done = rgs.refused(await rgs.spin(playing), what="a paid spin of a self-excluded player")
    rgs.given(await rgs.exclude(playing.player, excluded=False))
    return done


async def _used(rgs: Rgs) -> Done:
    """409: the free spin comes back afterwards."""
    playing, grant = await rgs.playing(), rgs.names.new("g")
    rgs.given(await rgs.send(rgs.grant_ask(playing, 1, grant)))
    first = rgs.given(await rgs.spin(playing, spin_type="free", grant_id=grant))
    done = await rgs.spin(playing, spin_type="free", grant_id=grant)
    rgs.refused(done, what="a second spin of a grant of one")
    rgs.given(await rgs.send(rgs.void_ask(str(first.at("spin_id")))))
    return done


CHECK = Check(
    id="rgs.refusal.remembered",
    rules=("PRV-30",),
    category=Category.IDEMPOTENCY,
    needs=(Need.CREATE_PLAYER,),
    about="A call that was refused for good, by 403, 404, 409 or 422, stays refused under its key, "
    "also when it could succeed by now.",
    drive=_drive,
)
