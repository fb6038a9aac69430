"""Readable by machine."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player(100)
    before = await wallet.funds(player)
    found = [
        await wallet.debit(player, before.available + 1_000),
        await wallet.debit(player, -1),
        await wallet.send(wallet.ask("GET", "/v1/wallet/transactions/" + wallet.names.new("t"))),
    ]
    if wallet.config.answers.errors != "model":  # then a code that can be told from others
        for done in found:
            wallet.require(done.code, f"a refusal has a code, and {done}")
        return
    for done in found:
        body = done.body if isinstance(done.body, dict) else {}
        wallet.require(not done.ok, f"it has to be refused, and {done}")
        for name, kind in (("code", str), ("message", str), ("retryable", bool), ("trace_id", str)):
            wallet.require(
                isinstance(body.get(name), kind), f"{name} is a {kind.__name__} there, and {done}"
            )
        wallet.require(body.get("retryable") is False, f"asking again changes nothing; {done}")


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
