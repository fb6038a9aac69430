"""The end is the end."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    for outcome, other in (("cancelled", "completed"), ("completed", "cancelled")):
        round_id, bet = wallet.names.new("r"), wallet.names.new("t")
        wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
        if outcome == "cancelled":
            wallet.given(await wallet.rollback(player, bet, round_id=round_id))
        wallet.given(await wallet.close(round_id, outcome))
        before = await wallet.funds(player)
        for reason in ("win", "promo", "jackpot", "correction"):
            late = await wallet.credit(player, 500, round_id=round_id, reason=reason)
            wallet.refused(late, what=f"a {reason} on a round that was {outcome}")
        changed = await wallet.close(round_id, other)
        wallet.refused(changed, what=f"{other} for a round that was {outcome}")
        await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.round.ended",
    rules=("WAL-60",),
    category=Category.HAPPY_PATH,
    about="A completed or cancelled round takes no credit of any kind, and no other outcome.",
    drive=_drive,
)
