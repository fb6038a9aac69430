"""No such call."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    wrong = await wallet.send(wallet.ask("DELETE", "/v1/wallet/debit"))
    wallet.require(wrong.status in (404, 405), f"DELETE of a debit is no call, and {wrong}")
    nowhere = await wallet.send(wallet.ask("POST", "/v1/wallet/no-such-call", {}))
    wallet.require(nowhere.status in (404, 405), f"there is no such path, and {nowhere}")


CHECK = Check(
    id="wallet.protocol.method-and-path",
    rules=(
        "PRV-26",
        "WAL-77",
    ),
    category=Category.PROTOCOL,
    about="Another method is a 405 and another path a 404, both in the error model.",
    drive=_drive,
)
