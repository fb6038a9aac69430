"""In doubt, so undone."""

from simulator.certify.check import Category, Check
from simulator.certify.exchange import Manner
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    for _ in range(3):
        player = await wallet.player()
        before = await wallet.funds(player)
        round_id, bet = wallet.names.new("r"), wallet.names.new("t")
        ask = wallet.debit_ask(player, 200, round_id=round_id, txn=bet)
        await wallet.send(ask, manner=Manner(hang_up=True))
        done = await wallet.known(await wallet.rollback(player, bet, round_id=round_id))
        wallet.accepted(done, "the rollback of a debit in doubt")
        await wallet.again(done)
        late = await wallet.send(ask)
        wallet.require(not late.lost and late.status < 500, f"it is answered for good, and {late}")
        await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.rollback.after-lost-debit",
    rules=(
        "WAL-72",
        "WAL-42",
    ),
    category=Category.RECOVERY,
    about="A debit whose answer was lost is undone by a rollback, whichever of them comes first.",
    when=lambda profile: profile.unknown_rollback == "tombstone",
    drive=_drive,
)
