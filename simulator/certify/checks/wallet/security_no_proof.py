"""Who calls?"""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    stake = wallet.debit_ask(player, 100, round_id=round_id)
    win = wallet.credit_ask(player, 500, round_id=round_id, debit=bet)
    gift = {
        "payment_id": wallet.names.new("pay"),
        "player_id": player.id,
        "amount": player.money(100).written(wallet.form),
    }
    await questions.without_proof(
        wallet,
        wallet.debit_ask(player, 200),
        wallet.ask("GET", f"/v1/wallet/players/{player.id}/balance"),
        wallet.ask("GET", f"/v1/wallet/transactions/{bet}"),
        win,
        wallet.rollback_ask(player, bet, round_id=round_id),
        wallet.pair_ask(stake, win),
        wallet.batch_ask([("credit", win)]),
        wallet.reserve_ask(player, 100, round_id=round_id, txn=wallet.names.new("t")),
        wallet.release_ask(player, bet, round_id=round_id, txn=wallet.names.new("t")),
        wallet.ask("POST", f"/v1/wallet/rounds/{round_id}/close", {"outcome": "completed"}),
        wallet.ask("POST", "/v1/wallet/deposits", gift),
        wallet.ask("POST", "/v1/wallet/withdrawals", gift),
    )
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.security.no-proof",
    rules=(
        "PRV-10",
        "WAL-70",
    ),
    category=Category.SECURITY,
    level="smoke",
    about="Without proof of who calls, or with a false one, nothing is read and nothing moves.",
    drive=_drive,
)
