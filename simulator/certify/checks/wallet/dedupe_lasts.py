"""Very late copies of what pays."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.credentials import with_headers
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, _before = await wallet.begun(200)
    undone = wallet.names.new("t")
    wallet.given(await wallet.debit(player, 300, round_id=round_id, txn=undone))
    firsts = [
        wallet.given(await wallet.rollback(player, undone, round_id=round_id)),
        wallet.given(await wallet.credit(player, 500, round_id=round_id, debit=bet)),
        await wallet.credit(player, 400, round_id=round_id, reason="promo"),
        await wallet.send(wallet.payment_ask("deposits", player, 700)),
    ]
    await wallet.hook(Need.ADVANCE_CLOCK, seconds=str(180 * 86_400))
    before = await wallet.funds(player)
    for first in firsts:
        if not first.ok:
            continue
        wallet.repeated(first, await wallet.again(first))
        key = {"X-Idempotency-Key": wallet.names.new("k")}
        later = await wallet.send(with_headers(first.ask, key))
        wallet.require(later.status < 500 and not later.lost, f"a repeat is answered, and {later}")
        await wallet.moved(player, before, 0)
    once_more = await wallet.rollback(player, undone, round_id=round_id)
    wallet.require(once_more.status < 500, f"it is answered for good, and {once_more}")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.dedupe-lasts",
    rules=("WAL-74", "WAL-21", "WAL-41"),
    category=Category.IDEMPOTENCY,
    level="exhaustive",
    needs=(Need.ADVANCE_CLOCK,),
    about="After half a year a repeated win, promo, rollback or deposit pays nothing.",
    drive=_drive,
)
