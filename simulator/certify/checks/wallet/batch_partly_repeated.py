"""Old and new in one batch."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    round_id = wallet.names.new("r")
    one, two = (
        wallet.debit_ask(player, minor, round_id=round_id, txn=wallet.names.new("t"))
        for minor in (100, 200)
    )
    first = wallet.accepted(await wallet.send(wallet.batch_ask([("debit", one)])), "a batch")
    await wallet.moved(player, before, -100)
    both = wallet.batch_ask([("debit", one), ("debit", two)])
    later = wallet.accepted(await wallet.send(both), "a batch with an old item and a new one")
    await wallet.moved(player, before, -300)
    items = (later.body or {}).get("items", [])
    wallet.require(len(items) == 2, f"each item is answered, and {later}")
    wallet.repeated(first, await wallet.again(first))
    wallet.repeated(later, await wallet.again(later))
    await wallet.moved(player, before, -300)


CHECK = Check(
    id="wallet.batch.partly-repeated",
    rules=("WAL-62",),
    category=Category.IDEMPOTENCY,
    about="A partly repeated batch answers the old items again and applies the new ones.",
    drive=_drive,
)
