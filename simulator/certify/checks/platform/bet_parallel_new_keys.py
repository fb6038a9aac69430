"""One id, many keys, at once."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    for _ in range(3):
        player = await platform.player()
        session = await platform.session(player)
        before = await platform.funds(player)
        how = {"bet": platform.names.new("b"), "round_id": platform.names.new("r")}
        size = platform.config.parallel
        asks = [platform.bet_ask(player, session, 200, **how) for _ in range(size)]
        for done in await platform.together(asks):
            now = await platform.known(done)
            platform.require(now.ok or now.status < 500, f"each is answered for good, and {now}")
        await platform.held(player, before, -200, 200)


CHECK = Check(
    id="platform.bet.parallel-new-keys",
    rules=(
        "WAL-10",
        "WAL-08",
    ),
    category=Category.CONCURRENCY,
    about="One bet under many keys at once is held once.",
    drive=_drive,
)
