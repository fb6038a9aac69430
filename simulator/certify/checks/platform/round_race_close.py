"""The last bet and the end."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    strict = await _refuses_open_bets(platform)
    for turn in range(6):
        player = await platform.player()
        session = await platform.session(player)
        round_id, first, bet = (platform.names.new(kind) for kind in ("r", "b", "b"))
        platform.given(await platform.bet(player, session, 100, bet=first, round_id=round_id))
        platform.given(await platform.settle(player, 0, bet=first, round_id=round_id))
        before = await platform.funds(player)
        asks = [
            platform.bet_ask(player, session, 200, bet=bet, round_id=round_id),
            platform.ask("POST", f"/v1/rounds/{round_id}/close", {"outcome": "completed"}),
        ]
        found = await platform.together(asks if turn % 2 else asks[::-1])
        found = [await platform.known(done) for done in found]
        placed, closed = found if turn % 2 else found[::-1]
        await platform.held(player, before, *((-200, 200) if placed.ok else (0, 0)))
        platform.require(
            not (strict and placed.ok and closed.ok),
            "a round with an open bet is not closed by this target, and one was: "
            f"{placed}; {closed}",
        )
        if placed.ok:
            win = await platform.settle(player, 500, bet=bet, round_id=round_id)
            platform.accepted(win, f"the win of a bet that was accepted ({closed})")
            await platform.held(player, before, 300, 0)
        else:
            platform.accepted(closed, "one of a bet and the end of its round")


async def _refuses_open_bets(platform: Platform) -> bool:
    """Whether the target closes no round that has an open bet; either will do (WAL-60)."""
    player, _session, round_id, bet, _before = await platform.begun(100)
    done = await platform.close(round_id)
    if done.ok:
        return False
    platform.given(await platform.settle(player, 0, bet=bet, round_id=round_id))
    return True


CHECK = Check(
    id="platform.round.race-close",
    rules=("WAL-16", "WAL-60"),
    category=Category.CONCURRENCY,
    about="A bet that races the end of its round is refused, or can be settled.",
    drive=_drive,
)
