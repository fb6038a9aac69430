"""Ids that look alike."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player = await platform.player()
    session = await platform.session(player)
    round_id, name = platform.names.new("r"), platform.names.new("b")
    plain = name.replace("-", "")
    long = (name + "-").ljust(127, "x")
    before, taken = await platform.funds(player), 0
    for first, second, how in (
        (name + "-abc", name + "-ABC", "in case"),
        (long + "1", long + "2", "in the 128th character"),
        (long[:63] + "1", long[:63] + "2", "in the 64th character"),
        (plain + "1-2", plain + "12", "in a hyphen"),
        (plain + "a_b", plain + "a.b", "in a mark"),
        ("00" + plain, "0" + plain, "in a leading zero"),
    ):
        for bet in (first, second):
            done = await platform.bet(player, session, 100, bet=bet, round_id=round_id)
            platform.require(
                done.code not in ("DUPLICATE", "IDEMPOTENCY_MISMATCH", "INVALID_STATE"),
                f"two ids that differ {how} are two bets, and {done}",
            )
            taken += 100 if done.ok else 0  # an id that is too long for a target is refused
            await platform.held(player, before, -taken, taken)


CHECK = Check(
    id="platform.bet.similar-ids",
    rules=("WAL-01", "PRV-02"),
    category=Category.IDEMPOTENCY,
    about="Ids that differ in case, in one mark or at their end are two bets.",
    drive=_drive,
)
