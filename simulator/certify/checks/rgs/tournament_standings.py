"""Who leads."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles import tournaments
from simulator.certify.roles.rgs import Rgs

SPINS = (1, 3, 2)
"""Of each player, so that neither who came first nor who came last leads."""


async def _drive(rgs: Rgs) -> None:
    everybody = [await rgs.playing() for _ in SPINS]
    for score in ("turnover", "total_win"):
        name = await tournaments.opened(rgs, everybody[0], score=score)
        wanted = {}
        for playing, spins in zip(everybody, SPINS, strict=True):
            played = [
                rgs.accepted(await tournaments.play(rgs, playing, name), "a spin of a tournament")
                for _ in range(spins)
            ]
            won = sum(rgs.minor(one, "outcome.win") for one in played)
            points = won if score == "total_win" else spins * playing.low
            wanted[playing.player.id] = (spins, playing.player.money(points))
        board = await tournaments.standings(rgs, name)
        found = {one.player: (one.spins, one.score) for one in board}
        rgs.require(
            found == wanted and len(board) == len(wanted),
            f"by {score} the players have to have {wanted}, and the leaderboard is {board}",
        )
        points_in_order = [one.score.minor for one in board]
        rgs.require(
            points_in_order == sorted(points_in_order, reverse=True)
            and [one.rank for one in board] == sorted(one.rank for one in board),
            f"who has more by {score} stands before who has less, and the leaderboard is {board}",
        )


CHECK = Check(
    id="rgs.tournament.standings",
    rules=("RGS-41",),
    category=Category.HAPPY_PATH,
    needs=(Need.CREATE_PLAYER,),
    about="A leaderboard has every player once with what they have come to, by wins or by stakes "
    "as the tournament says, and who has more first.",
    blind="how equal scores are told apart",
    drive=_drive,
)
