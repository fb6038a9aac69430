"""Whose free spins, and of what size."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    grant, theirs = rgs.names.new("g"), rgs.names.new("g")
    rgs.given(await rgs.send(rgs.grant_ask(playing, 2, grant)))
    if playing.other != playing.low:
        larger = await rgs.spin(playing, playing.other, spin_type="free", grant_id=grant)
        rgs.refused(larger, what="a free spin of another size than the grant’s")
    stranger = rgs.grant_ask(playing, 2, theirs, player_id=rgs.names.new("player"))
    if (await rgs.send(stranger)).ok:  # some give nothing to a player who has never been there
        foreign = await rgs.spin(playing, spin_type="free", grant_id=theirs)
        rgs.refused(foreign, what="a free spin of another player’s grant")
    games = [str(one.get("game_id")) for one in rgs.items(await rgs.listed("games"))]
    for other in [name for name in games if name != playing.entry.game][:1]:
        elsewhere = rgs.names.new("g")
        if (await rgs.send(rgs.grant_ask(playing, 2, elsewhere, game_id=other))).ok:
            foreign = await rgs.spin(playing, spin_type="free", grant_id=elsewhere)
            rgs.refused(foreign, what=f"a free spin of a grant for {other}")
    read = rgs.accepted(await rgs.look("free-spins", grant), "reading a grant")
    rgs.require(read.at("left") == 2, f"what was refused consumes nothing, and {read}")
    own = await rgs.spin(playing, spin_type="free", grant_id=grant)
    rgs.accepted(own, "a free spin of the player’s grant, of its size")


CHECK = Check(
    id="rgs.free-spins.bound",
    rules=("RGS-40",),
    category=Category.LIMITS,
    about="A free spin is of its player’s grant, and of the grant’s game and size.",
    drive=_drive,
)
