"""A rollback races itself."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    for _ in range(3):
        player = await platform.player()
        session = await platform.session(player)
        before = await platform.funds(player)
        how = {"bet": platform.names.new("b"), "round_id": platform.names.new("r")}
        platform.given(await platform.bet(player, session, 200, **how))
        half = platform.config.parallel // 2
        one = platform.rollback_ask(**how)
        others = [platform.rollback_ask(**how) for _ in range(half)]
        for done in await platform.together([one] * half + others):
            now = await platform.known(done)
            platform.require(now.status < 500, f"each is answered for good, and {now}")
        await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.rollback.parallel",
    rules=("WAL-41",),
    category=Category.CONCURRENCY,
    about="One bet, rolled back many times at once, is given back once.",
    drive=_drive,
)
