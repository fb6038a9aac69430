"""No funds."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = await platform.player(100)
    session = await platform.session(player)
    before = await platform.funds(player)
    done = await platform.bet(player, session, before.available + 1_000)
    platform.refused(done, "INSUFFICIENT_FUNDS", what="a stake of more than there is")
    await platform.held(player, before, 0, 0)
    if platform.dialect.errors == "model":
        said = done.at("details.balance")
        platform.require(
            said is not None, f"the refusal carries the balance in details, and {done}"
        )


CHECK = Check(
    id="platform.bet.insufficient",
    rules=(
        "WAL-02",
        "WAL-76",
    ),
    category=Category.LIMITS,
    level="smoke",
    about="More than there is: nothing moves; the answer is INSUFFICIENT_FUNDS and what there is.",
    drive=_drive,
)
