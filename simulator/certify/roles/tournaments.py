"""Tournaments of the game server: opened, played in, and how they stand (RGS-41)."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from simulator.certify.check import Unclear
from simulator.certify.drive import Done
from simulator.certify.exchange import Ask
from simulator.certify.money import Money, NotMoney, read
from simulator.certify.roles.rgs import Rgs
from simulator.certify.roles.rgs_asks import Playing

LASTS = timedelta(hours=1)


class Standing(NamedTuple):
    """A row of a leaderboard, in its order."""

    rank: Any
    player: str
    spins: Any
    score: Money


def moment(rgs: Rgs, later: timedelta) -> str:
    """A time on the target's clock, so much from now."""
    now = datetime.fromtimestamp(rgs.target.now_ns() // 1_000_000_000, UTC)
    return f"{now + later:%Y-%m-%dT%H:%M:%S}.000Z"


def tournament_ask(rgs: Rgs, playing: Playing, name: str, **over: Any) -> Ask:
    """Open a tournament of this game and currency that runs since an hour, for another one; its
    score is the turnover. `over` replaces fields."""
    body = {
        "tournament_id": name,
        "title": "A race",
        "game_ids": [playing.entry.game],
        "currency": playing.player.currency,
        "score": "turnover",
        "starts_at": moment(rgs, -LASTS),
        "ends_at": moment(rgs, LASTS),
    }
    return rgs.ask("POST", "/rgs/v1/tournaments", {**body, **over})


async def opened(rgs: Rgs, playing: Playing, **over: Any) -> str:
    """The name of a tournament as above. Raises Unclear."""
    name = rgs.names.new("tm")
    rgs.given(await rgs.send(tournament_ask(rgs, playing, name, **over)))
    return name


async def play(rgs: Rgs, playing: Playing, name: str, minor: int | None = None) -> Done:
    """A spin that counts in it."""
    return await rgs.spin(playing, minor, spin_type="tournament", tournament_id=name)


async def standings(rgs: Rgs, name: str) -> list[Standing]:
    """The leaderboard. Judged: it can be read. Raises Unclear."""
    board = rgs.accepted(await rgs.look("tournaments", f"{name}/leaderboard"), "a leaderboard")
    try:
        return [
            Standing(
                one.get("rank"),
                str(one.get("player_id")),
                one.get("spins"),
                read(one.get("score"), "decimal_number"),
            )
            for one in rgs.items(board)
        ]
    except NotMoney as wrong:
        raise Unclear(f"a score cannot be read: {wrong}; {board}") from None


async def require_counted(rgs: Rgs, playing: Playing, name: str, spins: int) -> None:
    """Judge that the player's row has so many of the least stakes and their turnover; of none there
    may be no row."""
    board = await standings(rgs, name)
    mine = [one for one in board if one.player == playing.player.id]
    turnover = playing.player.money(spins * playing.low)
    rgs.require(
        [(one.spins, one.score) for one in mine] == [(spins, turnover)] or not (spins or mine),
        f"{playing.player.id} has to have {spins} spins and a turnover of {turnover}, and the "
        f"leaderboard is {board}",
    )
