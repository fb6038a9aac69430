"""The same session again."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = await platform.player()
    limits = {"max_bet": platform.bound(player, 100)}
    first = platform.given(await platform.send(platform.session_ask(player, constraints=limits)))
    again = platform.accepted(await platform.again(first), "the repeat of an opened session")
    platform.require(again.status == first.status, f"it has the status of {first}, and {again}")
    platform.require(
        first.at("session_id") == again.at("session_id"),
        f"it is the same session, {first.at('session_id')}, and {again}",
    )
    wide = await platform.session(player, constraints={"max_bet": platform.bound(player, 500)})
    before = await platform.funds(player)
    done = await platform.bet(player, wide, 500)
    platform.accepted(done, f"a stake of {player.money(500)} in a session of up to that")
    tight = await platform.session(player, constraints=limits)
    over = await platform.bet(player, tight, 500)
    platform.refused(over, what=f"the same in a session of up to {player.money(100)}")
    await platform.held(player, before, -500, 500)


CHECK = Check(
    id="platform.session.repeat",
    rules=("PRV-20", "PRV-30", "WAL-15"),
    category=Category.IDEMPOTENCY,
    about="A repeated session is the same one; each session has the limits it was opened with.",
    drive=_drive,
)
