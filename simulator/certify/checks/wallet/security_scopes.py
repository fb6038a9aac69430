"""Who may look may not touch."""

from simulator.certify import entry
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    stake = wallet.debit_ask(player, 100, round_id=round_id)
    win = wallet.credit_ask(player, 500, round_id=round_id, debit=bet)
    payment = {
        "payment_id": wallet.names.new("pay"),
        "player_id": player.id,
        "amount": player.money(100).written(wallet.form),
    }
    writes = (
        stake,
        win,
        wallet.rollback_ask(player, bet, round_id=round_id),
        wallet.pair_ask(stake, win),
        wallet.batch_ask([("credit", win)]),
        wallet.reserve_ask(player, 100, round_id=round_id, txn=wallet.names.new("t")),
        wallet.release_ask(player, bet, round_id=round_id, txn=wallet.names.new("t")),
        wallet.ask("POST", f"/v1/wallet/rounds/{round_id}/close", {"outcome": "completed"}),
        wallet.ask("POST", "/v1/wallet/deposits", payment),
        wallet.ask("POST", "/v1/wallet/withdrawals", payment),
    )
    read = wallet.ask("GET", f"/v1/wallet/players/{player.id}/balance")
    await entry.reader_writes_nothing(wallet, read, writes)
    await wallet.held(player, before, 0, 0)


CHECK = Check(
    id="wallet.security.scopes",
    rules=("PRV-11",),
    category=Category.SECURITY,
    needs=(Need.READONLY_CLIENT,),
    about="A client that may only read moves nothing, whatever scopes it asks a token for.",
    drive=_drive,
)
