"""A slip, mended."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    key = wallet.names.new("k")
    slip = await wallet.debit(player, 200, key=key, round_id=wallet.names.new("r"), amount={})
    wallet.refused(slip, what="a debit without an amount")
    if slip.status != 400:
        return  # only 400 is said to be forgotten
    done = await wallet.debit(player, 200, key=key)
    wallet.accepted(done, "the mended debit under the key of one that was 400")
    await wallet.moved(player, before, -200)


CHECK = Check(
    id="wallet.protocol.mended-body",
    rules=("PRV-30",),
    category=Category.PROTOCOL,
    about="A 400 is not remembered: the mended call goes through under the same key.",
    drive=_drive,
)
