"""Readable by machine."""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player(100)
    before = await wallet.funds(player)
    none = wallet.names.new("t")
    questions.in_the_error_model(
        wallet,
        await wallet.debit(player, before.available + 1_000),
        await wallet.debit(player, -1),
        await wallet.send(wallet.ask("GET", f"/v1/wallet/transactions/{none}")),
    )


CHECK = Check(
    id="wallet.protocol.error-model",
    rules=(
        "WAL-76",
        "PRV-25",
    ),
    category=Category.PROTOCOL,
    about="A refusal says code, message, retryable and trace_id.",
    drive=_drive,
)
