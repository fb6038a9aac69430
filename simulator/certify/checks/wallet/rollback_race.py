"""Debit and rollback at once."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    for _ in range(6):
        player = await wallet.player()
        before = await wallet.funds(player)
        round_id, bet = wallet.names.new("r"), wallet.names.new("t")
        debit = wallet.debit_ask(player, 200, round_id=round_id, txn=bet)
        back = wallet.rollback_ask(player, bet, round_id=round_id)
        found = [await wallet.known(done) for done in await wallet.together([debit, back])]
        if not found[1].ok:  # it came first, and this profile leaves no tombstone
            wallet.require(
                wallet.profile.unknown_rollback != "tombstone",
                f"a rollback is accepted before and after its debit, and {found[1]}",
            )
            await wallet.send(wallet.rollback_ask(player, bet, round_id=round_id))
        await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.rollback.race",
    rules=("WAL-44",),
    category=Category.CONCURRENCY,
    about="A rollback that races its debit: in the end nothing is taken, and nothing is given.",
    drive=_drive,
)
