"""Given back once."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    first = await wallet.rollback(player, bet, round_id=round_id)
    wallet.accepted(first, "the rollback of a debit")
    await wallet.moved(player, before, 0)
    wallet.repeated(first, await wallet.again(first))
    await wallet.moved(player, before, 0)
    other = await wallet.rollback(player, bet, round_id=round_id)
    wallet.require(not other.lost and other.status < 500, f"it is answered for good, and {other}")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.rollback.repeat",
    rules=("WAL-41",),
    category=Category.ROLLBACK,
    level="smoke",
    about="A repeated rollback, and another one of the same debit, give back once.",
    drive=_drive,
)
