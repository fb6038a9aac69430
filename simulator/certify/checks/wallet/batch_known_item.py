"""Sent alone, and in a batch."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    debit = wallet.debit_ask(player, 200, round_id=round_id, txn=bet)
    wallet.given(await wallet.send(debit))
    done = await wallet.send(wallet.batch_ask([("debit", debit)]))
    wallet.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    await wallet.moved(player, before, -200)
    twice = wallet.debit_ask(player, 100, round_id=round_id, txn=wallet.names.new("t"))
    done = await wallet.send(wallet.batch_ask([("debit", twice), ("debit", twice)]))
    wallet.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    now = -300 if done.ok else -200
    await wallet.moved(player, before, now)
    more = wallet.debit_ask(player, 300, round_id=round_id, txn=bet)
    done = await wallet.send(
        wallet.batch_ask([("debit", wallet.debit_ask(player, 0)), ("debit", more)])
    )
    said = [one.get("status") for one in (done.at("items") or [])]
    wallet.require(
        not said or said[-1] != "ok", f"a known item with another amount fails, and {done}"
    )
    await wallet.moved(player, before, now)


CHECK = Check(
    id="wallet.batch.known-item",
    rules=("WAL-07", "WAL-08", "WAL-62"),
    category=Category.IDEMPOTENCY,
    about="An item that was sent alone, or twice in one batch, has one effect; altered it fails.",
    drive=_drive,
)
