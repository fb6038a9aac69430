"""One payment, many times at once."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    expected, before = 0, await wallet.funds(player)
    for kind, minor in (("deposits", 700), ("withdrawals", -300)):
        payment = wallet.names.new("pay")
        asks = [
            wallet.payment_ask(kind, player, abs(minor), payment)
            for _ in range(wallet.config.parallel)
        ]
        done = [await wallet.known(one) for one in await wallet.together(asks)]
        for one in done:
            wallet.require(
                one.ok or one.status in (409, 422), f"each is answered for good, and {one}"
            )
        wallet.require(
            any(one.ok for one in done), f"one of them has to be accepted, and the first {done[0]}"
        )
        expected += minor
        await wallet.moved(player, before, expected)


CHECK = Check(
    id="wallet.deposit.parallel",
    rules=("PRV-05", "WAL-08"),
    category=Category.CONCURRENCY,
    about="One deposit or withdrawal, sent under many keys at once, moves its amount once.",
    clauses=("2.5.6",),
    drive=_drive,
)
