"""What a tournament counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.money import NotMoney, read
from simulator.certify.roles.rgs import Rgs
from simulator.certify.roles.rgs_asks import Playing

LASTS = timedelta(hours=1)


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    name = rgs.names.new("tm")
    rgs.given(await rgs.send(rgs.ask("POST", "/rgs/v1/tournaments", _made(rgs, playing, name))))
    rgs.given(await rgs.spin(playing))
    await _counted(rgs, playing, name)
    spin, in_round = rgs.names.new("spin"), rgs.names.new("r")
    named = {"spin_type": "tournament", "tournament_id": name}
    ask = rgs.spin_ask(playing, None, spin=spin, round_id=in_round, key=None, **named)
    rgs.accepted(await rgs.send(ask), "a spin of a tournament that runs")
    await _counted(rgs, playing, name, spins=1)
    await rgs.send(ask)
    await rgs.spin(playing, None, spin=spin, round_id=in_round, **named)
    await _counted(rgs, playing, name, spins=1)
    none = await rgs.spin(playing, spin_type="tournament", tournament_id=rgs.names.new("tm"))
    rgs.refused(none, what="a spin of a tournament that never was")


def _made(rgs: Rgs, playing: Playing, name: str) -> dict[str, Any]:
    now = datetime.fromtimestamp(rgs.target.now_ns() // 1_000_000_000, UTC)
    return {
        "tournament_id": name,
        "title": "A race of one",
        "game_ids": [playing.entry.game],
        "currency": playing.player.currency,
        "score": "turnover",
        "starts_at": _written(now - LASTS),
        "ends_at": _written(now + LASTS),
    }


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


async def _counted(rgs: Rgs, playing: Playing, name: str, *, spins: int = 0) -> None:
    """Judge that the player's row has so many spins and their turnover; before the first there may
    be no row."""
    board = await rgs.look("tournaments", f"{name}/leaderboard")
    rgs.accepted(board, "reading a leaderboard")
    rows = [one for one in rgs.items(board) if one.get("player_id") == playing.player.id]
    turnover = playing.player.money(spins * playing.low)
    try:
        counted = [(one.get("spins"), read(one.get("score"), "decimal_number")) for one in rows]
    except NotMoney as wrong:
        raise Unclear(f"a score cannot be read: {wrong}; {board}") from None
    rgs.require(
        counted == [(spins, turnover)] or (not spins and not rows),
        f"{playing.player.id} has to have {spins} spins and a turnover of {turnover}, and {board}",
    )


CHECK = Check(
    id="rgs.tournament.counts",
    rules=(
        "RGS-05",
        "RGS-41",
    ),
    category=Category.HAPPY_PATH,
    about="A leaderboard counts each spin of type tournament that names it once, no cash spin and "
    "no repeat; a spin of a tournament that never was is refused.",
    blind="who leads of many, and how equal scores are told apart",
    drive=_drive,
)
