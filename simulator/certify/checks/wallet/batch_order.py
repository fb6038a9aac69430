"""One after the other."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player(1_000)
    before = await wallet.funds(player)
    round_id, own = wallet.names.new("r"), wallet.names.new("r")
    much = wallet.debit_ask(
        player, before.available + 100, round_id=round_id, txn=wallet.names.new("t")
    )
    gift = wallet.credit_ask(player, 500, round_id=own, reason="promo")
    done = wallet.given(await wallet.send(wallet.batch_ask([("debit", much), ("credit", gift)])))
    items = done.at("items") or [{}, {}]
    wallet.require(
        [one.get("status") for one in items] == ["failed", "ok"],
        f"a stake of more than there is fails, and the gift after it does not; {done}",
    )
    await wallet.moved(player, before, 500)
    if wallet.profile.unknown_rollback != "tombstone":
        return
    late = wallet.names.new("t")
    undo = wallet.rollback_ask(player, late, round_id=round_id)
    stake = wallet.debit_ask(player, 100, round_id=round_id, txn=late)
    done = wallet.given(await wallet.send(wallet.batch_ask([("rollback", undo), ("debit", stake)])))
    wallet.require(
        [one.get("status") for one in done.at("items") or []] == ["ok", "failed"],
        f"a rollback is done, and the stake that comes after it fails; {done}",
    )
    await wallet.moved(player, before, 500)


CHECK = Check(
    id="wallet.batch.order",
    rules=("WAL-62", "WAL-02", "WAL-42"),
    category=Category.HAPPY_PATH,
    about="The items of a batch are done in their order.",
    drive=_drive,
)
