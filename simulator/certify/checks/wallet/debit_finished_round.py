"""A round that is over."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    for outcome in ("cancelled", "completed"):
        player, round_id, bet, _before = await wallet.begun(200)
        if outcome == "cancelled":
            wallet.given(await wallet.rollback(player, bet, round_id=round_id))
        wallet.given(await wallet.close(round_id, outcome))
        before = await wallet.funds(player)
        over = f"on a round that was {outcome}"
        await wallet.stakes_nothing(player, 100, over, round_id=round_id)
        await wallet.held(player, before, 0, 0)


CHECK = Check(
    id="wallet.debit.finished-round",
    rules=(
        "WAL-16",
        "WAL-60",
    ),
    category=Category.LIMITS,
    about="No door takes a stake on a round that was cancelled or completed.",
    drive=_drive,
)
