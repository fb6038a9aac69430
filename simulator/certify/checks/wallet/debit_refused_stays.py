"""Refused is refused."""

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player(100)
    before = await wallet.funds(player)
    first = await wallet.debit(player, before.available + 500)
    if first.ok:
        raise Unclear(f"it has to begin with a refusal, and {first}")
    gift = await wallet.credit(player, 5_000, round_id=wallet.names.new("r"), reason="promo")
    wallet.given(gift)
    later = await wallet.again(first)
    wallet.refused(later, what="the late copy of a debit that was refused")
    await wallet.moved(player, before, 5_000)


CHECK = Check(
    id="wallet.debit.refused-stays",
    rules=(
        "PRV-30",
        "WAL-02",
    ),
    category=Category.IDEMPOTENCY,
    about="A refused debit never succeeds by a late copy, not even once the player has the money.",
    drive=_drive,
)
