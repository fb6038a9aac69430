"""Keys that look alike."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    name = wallet.names.new("k")
    long = (name + "-").ljust(63, "x")
    before, taken = await wallet.funds(player), 0
    for first, second, how in (
        (name + "-abc", name + "-ABC", "in case"),
        (long + "1", long + "2", "in the 64th character"),
    ):
        for key in (first, second):
            done = await wallet.debit(player, 100, key=key)
            wallet.require(
                done.code not in ("DUPLICATE", "IDEMPOTENCY_MISMATCH", "INVALID_STATE"),
                f"two keys that differ {how} are two calls, and {done}",
            )
            taken += 100 if done.ok else 0
            await wallet.moved(player, before, -taken)


CHECK = Check(
    id="wallet.protocol.similar-keys",
    rules=("PRV-30", "PRV-31"),
    category=Category.IDEMPOTENCY,
    about="Idempotency keys that differ in case or at their end are two calls.",
    drive=_drive,
)
