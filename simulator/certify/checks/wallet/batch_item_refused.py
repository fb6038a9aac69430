"""One of three."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player(5_000)
    before = await wallet.funds(player)
    round_id = wallet.names.new("r")
    amounts = (100, before.available + 1_000, 200)
    asks = [wallet.debit_ask(player, minor, round_id=round_id) for minor in amounts]
    done = await wallet.send(wallet.batch_ask([("debit", ask) for ask in asks]))
    wallet.accepted(done, "a batch of which one item cannot be")
    await wallet.moved(player, before, -300)
    said = [item.get("status") for item in (done.body or {}).get("items", [])]
    wallet.require(said == ["ok", "failed", "ok"], f"items say ok, failed, ok, and {done}")


CHECK = Check(
    id="wallet.batch.item-refused",
    rules=("WAL-62",),
    category=Category.HAPPY_PATH,
    about="An item of a batch that is refused hinders no other.",
    drive=_drive,
)
