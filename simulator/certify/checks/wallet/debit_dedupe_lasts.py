"""A very late copy."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    txn, round_id = wallet.names.new("t"), wallet.names.new("r")
    first = wallet.given(await wallet.debit(player, 200, txn=txn, round_id=round_id))
    await wallet.hook(Need.ADVANCE_CLOCK, seconds=str(180 * 86_400))
    wallet.repeated(first, await wallet.again(first))
    later = await wallet.debit(player, 200, txn=txn, round_id=round_id)
    wallet.require(later.status < 500 and not later.lost, f"a repeat is answered, and {later}")
    await wallet.moved(player, before, -200)


CHECK = Check(
    id="wallet.debit.dedupe-lasts",
    rules=("WAL-74",),
    category=Category.IDEMPOTENCY,
    level="exhaustive",
    needs=(Need.ADVANCE_CLOCK,),
    about="After half a year a repeat is still a repeat.",
    drive=_drive,
)
