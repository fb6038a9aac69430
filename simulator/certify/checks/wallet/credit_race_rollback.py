"""Win and rollback at once."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    for _ in range(6):
        player, round_id, bet, before = await wallet.begun(200)
        win = wallet.credit_ask(player, 500, round_id=round_id, debit=bet)
        back = wallet.rollback_ask(player, bet, round_id=round_id)
        found = [await wallet.known(done) for done in await wallet.together([win, back])]
        landed = tuple(done.ok for done in found)
        wallet.require(
            landed in ((True, False), (False, True)), f"one lands: {found[0]}; {found[1]}"
        )
        await wallet.moved(player, before, 500 if landed[0] else 200)


CHECK = Check(
    id="wallet.credit.race-rollback",
    rules=(
        "WAL-25",
        "WAL-44",
        "WAL-47",
    ),
    category=Category.CONCURRENCY,
    about="A win that races the rollback of its debit: one of them lands, never both.",
    when=lambda profile: profile.settled_rollback == "refused",
    drive=_drive,
)
