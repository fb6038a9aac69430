"""Of what never was."""

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player(100)
    before = await wallet.funds(player)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    refusal = await wallet.debit(player, before.available + 500, round_id=round_id, txn=bet)
    if refusal.ok:
        raise Unclear(f"it has to begin with a refusal, and {refusal}")
    done = await wallet.rollback(player, bet, round_id=round_id)
    wallet.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.rollback.refused-debit",
    rules=("WAL-48",),
    category=Category.ROLLBACK,
    about="The rollback of a refused debit gives nothing.",
    drive=_drive,
)
