"""Everything again, later."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.exchange import Ask
from simulator.certify.roles.rgs import Rgs
from simulator.certify.roles.rgs_asks import Playing
from simulator.certify.roles.tournaments import tournament_ask


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing(wallet="transfer")
    done = [playing.opened, *[await rgs.send(ask) for ask in _writes(rgs, playing)]]
    for first in [one for one in done if one.ok]:
        later = await rgs.again(first)
        if rgs.profile.duplicate_answer == "same_body":
            rgs.same(first, later)
        rgs.require(
            later.status == first.status,
            f"the repeat of what was accepted is answered so again; first {first}; then {later}",
        )


def _writes(rgs: Rgs, playing: Playing) -> list[Ask]:
    """Each kind of write, so that the later ones change what the earlier ones have made."""
    grant, kept, gone = rgs.names.new("g"), rgs.names.new("spin"), rgs.names.new("spin")
    round_id = rgs.names.new("r")
    change = {"change_id": rgs.names.new("c"), "self_excluded": True}
    return [
        rgs.transfer_ask(playing, "in", 10 * playing.low),
        rgs.grant_ask(playing, 2, grant),
        tournament_ask(rgs, playing, rgs.names.new("tm")),
        rgs.spin_ask(playing, spin_type="free", grant_id=grant),
        rgs.spin_ask(playing, spin=kept, round_id=round_id),
        rgs.spin_ask(playing, spin=gone, round_id=round_id),
        rgs.void_ask(gone),
        rgs.jackpot_ask(playing, kept, rgs.names.new("jpt"), 12_345),
        rgs.batch_ask(rgs.item(playing)),
        rgs.ask("POST", f"/rgs/v1/rounds/{round_id}/end"),
        rgs.ask("POST", f"/rgs/v1/players/{playing.player.id}/rg", change),
        rgs.transfer_ask(playing, "out", None),
        rgs.ask("POST", f"/rgs/v1/sessions/{playing.session}/end"),
    ]


CHECK = Check(
    id="rgs.writes.repeat",
    rules=("PRV-30",),
    category=Category.IDEMPOTENCY,
    needs=(Need.CREATE_PLAYER,),
    about="Each kind of write that was accepted is answered with the same status and body again "
    "under its key, whatever has happened since.",
    drive=_drive,
)
