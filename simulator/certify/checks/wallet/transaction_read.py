"""What has happened can be asked for."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    where = "?player_id=" + player.id if wallet.profile.transaction_scope != "tenant" else ""
    where += f"&round_id={round_id}" if wallet.profile.transaction_scope == "round" else ""
    done = await wallet.send(wallet.ask("GET", f"/v1/wallet/transactions/{bet}{where}"))
    wallet.accepted(done, "reading a transaction that was made")
    wallet.require(
        (done.at("transaction_id"), done.at("player_id")) == (bet, player.id),
        f"it has to be the transaction {bet} of {player.id}, and {done}",
    )
    win = wallet.names.new("t")
    wallet.given(await wallet.credit(player, 100, round_id=round_id, debit=bet, txn=win))
    paid = await wallet.send(wallet.ask("GET", f"/v1/wallet/transactions/{win}{where}"))
    wallet.accepted(paid, "reading a win that was made")
    undone = wallet.names.new("t")
    wallet.given(await wallet.debit(player, 300, round_id=round_id, txn=undone))
    open_ = await wallet.send(wallet.ask("GET", f"/v1/wallet/transactions/{undone}{where}"))
    wallet.given(await wallet.rollback(player, undone, round_id=round_id))
    ended = await wallet.send(wallet.ask("GET", f"/v1/wallet/transactions/{undone}{where}"))
    wallet.accepted(ended, "reading a transaction that was rolled back")
    wallet.require(
        ended.at("status") is None or ended.at("status") != open_.at("status"),
        f"what was rolled back has another status than before, and {ended}",
    )
    none = wallet.names.new("t")
    missing = await wallet.send(wallet.ask("GET", f"/v1/wallet/transactions/{none}{where}"))
    wallet.refused(missing, what="reading a transaction that was never made")
    wallet.require(missing.status == 404, f"it is 404, and {missing}")


CHECK = Check(
    id="wallet.transaction.read",
    rules=(
        "WAL-72",
        "PRV-60",
    ),
    category=Category.HAPPY_PATH,
    about="A transaction, and that it was undone, is read by its id; an unknown one is not there.",
    drive=_drive,
)
