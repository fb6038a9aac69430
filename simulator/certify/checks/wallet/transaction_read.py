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
    about="A transaction can be read by its id, and an unknown one is not there.",
    drive=_drive,
)
