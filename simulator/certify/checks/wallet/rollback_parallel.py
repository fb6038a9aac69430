"""A rollback races itself."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    for _ in range(3):
        player = await wallet.player()
        before = await wallet.funds(player)
        round_id, bet = wallet.names.new("r"), wallet.names.new("t")
        wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
        one = wallet.rollback_ask(player, bet, round_id=round_id)
        half = wallet.config.parallel // 2
        others = [wallet.rollback_ask(player, bet, round_id=round_id) for _ in range(half)]
        for done in await wallet.together([one] * half + others):
            now = await wallet.known(done)
            wallet.require(now.status < 500, f"each is answered for good, and {now}")
        await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.rollback.parallel",
    rules=("WAL-41",),
    category=Category.CONCURRENCY,
    about="One debit, rolled back many times at once under many ids, is given back once.",
    drive=_drive,
)
