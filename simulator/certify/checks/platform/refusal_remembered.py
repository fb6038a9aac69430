"""No is no, for whatever reason."""

from collections.abc import AsyncIterator
from dataclasses import replace

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.drive import Done
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    refusals = [one async for one in _sent(platform) if not one.ok and 0 < one.status < 500]
    player, _session, round_id, bet, _ = await platform.begun(200)
    early = await platform.close(round_id)
    platform.given(await platform.settle(player, 0, bet=bet, round_id=round_id))
    refusals += [] if early.ok else [early]
    before = await platform.funds(player)
    await questions.stay_refused(platform, *refusals)
    await platform.held(player, before, 0, 0)


async def _sent(platform: Platform) -> AsyncIterator[Done]:
    """What most platforms refuse, each for another reason; what is not, others judge."""
    player, session, round_id, bet, before = await platform.begun(200)
    platform.given(await platform.settle(player, 300, bet=bet, round_id=round_id))
    platform.given(await platform.close(round_id))
    tight = await platform.session(player, constraints={"max_bet": platform.bound(player, 100)})
    over = await platform.session(player)
    platform.given(await platform.end(over))
    dollars = replace(player, currency="USD" if player.currency != "USD" else "EUR")
    for ask in (
        platform.bet_ask(dollars, session, 100),
        platform.bet_ask(player, session, 100, round_id=round_id),
        platform.bet_ask(player, session, 300, bet=bet, round_id=round_id),
        platform.bet_ask(player, session, before.available + 10_000),
        platform.bet_ask(player, tight, 200),
        platform.bet_ask(player, over, 100),
        platform.bet_ask(player, platform.names.new("s"), 100),
        platform.settle_ask(player, 100, bet=platform.names.new("b"), round_id=round_id),
        platform.settle_ask(player, 400, bet=bet, round_id=round_id),
        platform.rollback_ask(bet=bet, round_id=round_id),
    ):
        yield await platform.send(ask)
    if platform.has(Need.CREATE_PLAYER, Need.LOCK_PLAYER):
        locked = await platform.player()
        if locked.fresh:
            played = await platform.session(locked)
            await platform.hook(Need.LOCK_PLAYER, player_id=locked.id)
            yield await platform.bet(locked, played, 100)


CHECK = Check(
    id="platform.refusal.remembered",
    rules=("PRV-30", "WAL-76"),
    category=Category.IDEMPOTENCY,
    about="Whatever a call was refused for, its late copy gets the first answer, trace and all.",
    drive=_drive,
)
