"""Ids that look alike."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id = wallet.names.new("r")
    name = wallet.names.new("t")
    plain = name.replace("-", "")
    long = (name + "-").ljust(127, "x")
    pairs = [
        (name + "-abc", name + "-ABC", "in case"),
        (long + "1", long + "2", "in the 128th character"),
        (long[:63] + "1", long[:63] + "2", "in the 64th character"),
        (plain + "1-2", plain + "12", "in a hyphen"),
        (plain + "a_b", plain + "a.b", "in a mark"),
        ("00" + plain, "0" + plain, "in a leading zero"),
        (name + ".", name, "in a full stop at the end"),
    ]
    before, taken = await wallet.funds(player), 0
    for first, second, how in pairs:
        for txn in (first, second):
            done = await wallet.debit(player, 100, round_id=round_id, txn=txn)
            wallet.require(
                done.code not in ("DUPLICATE", "IDEMPOTENCY_MISMATCH", "INVALID_STATE"),
                f"two ids that differ {how} are two transactions, and {done}",
            )
            taken += 100 if done.ok else 0  # an id that is too long for a target is refused
            await wallet.moved(player, before, -taken)


CHECK = Check(
    id="wallet.debit.similar-ids",
    rules=("WAL-01", "PRV-02"),
    category=Category.IDEMPOTENCY,
    about="Ids that differ in case, in one mark or at their end are two transactions.",
    drive=_drive,
)
