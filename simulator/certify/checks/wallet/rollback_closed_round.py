"""Too late."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    for settled in (True, False):
        round_id, bet = wallet.names.new("r"), wallet.names.new("t")
        wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
        if settled:
            wallet.given(await wallet.credit(player, 0, round_id=round_id, debit=bet))
        end = await wallet.close(round_id)
        if not settled and not end.ok:
            return  # some want a zero win first
        wallet.given(end)
        before = await wallet.funds(player)
        done = await wallet.rollback(player, bet, round_id=round_id)
        wallet.refused(done, what="a rollback on a round that has ended")
        await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.rollback.closed-round",
    rules=(
        "WAL-47",
        "WAL-60",
    ),
    category=Category.ROLLBACK,
    about="Nothing is given back on a round that has ended.",
    when=lambda profile: profile.settled_rollback == "refused",
    drive=_drive,
)
