"""One of several is no transaction."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    good, nameless = wallet.debit_ask(player, 100), wallet.debit_ask(player, 100, transaction_id="")
    done = await wallet.send(wallet.batch_ask([("debit", good), ("debit", nameless)]))
    said = f"a batch with an item that has no id is answered for good, and {done}"
    wallet.require(done.status < 500 and not done.lost, said)
    await wallet.moved(player, before, -100 if done.ok else 0)


CHECK = Check(
    id="wallet.batch.bad-item",
    rules=("WAL-77", "WAL-62"),
    category=Category.PROTOCOL,
    about="A batch that is refused for an item that is no transaction has done nothing of it.",
    drive=_drive,
)
