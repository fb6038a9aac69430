"""Of nothing."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    done = await wallet.rollback(player, wallet.names.new("t"), round_id=wallet.names.new("r"))
    wallet.require(not done.lost and done.status < 500, f"never a 5xx, and {done}")
    match wallet.profile.unknown_rollback:
        case "tombstone":
            wallet.accepted(done, "a rollback of something unknown")
        case "not_found":
            wallet.refused(
                done, "NOT_FOUND", "BET_NOT_FOUND", what="a rollback of something unknown"
            )
        case "error":
            wallet.refused(done, what="a rollback of something unknown")
    wallet.repeated(done, await wallet.again(done)) if done.ok else None
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.rollback.unknown",
    rules=("WAL-45",),
    category=Category.ROLLBACK,
    about="A rollback of what nobody knows is answered as the profile says, never by a 5xx.",
    drive=_drive,
)
