"""A win races itself."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    for _ in range(3):
        player = await platform.player()
        session = await platform.session(player)
        how = {"bet": platform.names.new("b"), "round_id": platform.names.new("r")}
        platform.given(await platform.bet(player, session, 200, **how))
        before = await platform.funds(player)
        half = platform.config.parallel // 2
        one = platform.settle_ask(player, 500, **how)
        others = [platform.settle_ask(player, 500, **how) for _ in range(half)]
        for done in await platform.together([one] * half + others):
            now = await platform.known(done)
            platform.require(now.ok or now.code == "DUPLICATE", f"each copy is answered, and {now}")
        await platform.held(player, before, 500, -200)


CHECK = Check(
    id="platform.settle.parallel-repeat",
    rules=("WAL-21",),
    category=Category.CONCURRENCY,
    level="smoke",
    about="One settlement, sent many times at once, credits once.",
    drive=_drive,
)
