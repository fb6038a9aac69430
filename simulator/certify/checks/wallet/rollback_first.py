"""A tombstone."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    done = await wallet.rollback(player, bet, round_id=round_id)
    wallet.accepted(done, "a rollback that comes before its debit")
    await wallet.moved(player, before, 0)
    late = await wallet.debit(player, 200, round_id=round_id, txn=bet)
    wallet.refused(late, what="a debit whose rollback came first")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.rollback.first",
    rules=("WAL-42",),
    category=Category.ROLLBACK,
    level="smoke",
    about="A rollback before its debit moves nothing, and the late debit is refused.",
    when=lambda profile: profile.unknown_rollback == "tombstone",
    drive=_drive,
)
