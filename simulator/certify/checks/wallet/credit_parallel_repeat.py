"""A win races itself."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    for _ in range(3):
        player, round_id, bet, before = await wallet.begun(200)
        win = wallet.names.new("t")
        one = wallet.credit_ask(player, 500, round_id=round_id, debit=bet, txn=win)
        half = wallet.config.parallel // 2
        other = [
            wallet.credit_ask(player, 500, round_id=round_id, debit=bet, txn=win)
            for _ in range(half)
        ]
        for done in await wallet.together([one] * half + other):
            now = await wallet.known(done)
            wallet.require(now.ok or now.code == "DUPLICATE", f"each copy is answered, and {now}")
        await wallet.moved(player, before, 500)


CHECK = Check(
    id="wallet.credit.parallel-repeat",
    rules=("WAL-21",),
    category=Category.CONCURRENCY,
    level="smoke",
    about="One win, sent many times at once, is credited once.",
    drive=_drive,
)
