"""A win on a debit of another round."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(200)
    for state in ("that is open", "that has ended"):
        if state == "that has ended":
            wallet.given(await wallet.close(round_id))
        done = await wallet.credit(player, 500, round_id=wallet.names.new("r"), debit=bet)
        wallet.unbacked(done, f"a win that names the debit of another round, {state},")
        await wallet.moved(player, before, 500 if done.ok else 0)
        before = await wallet.funds(player)


CHECK = Check(
    id="wallet.credit.other-round",
    rules=("WAL-24", "WAL-60"),
    category=Category.ROLLBACK,
    about="A win on a debit of another round is refused, above all once that round has ended.",
    drive=_drive,
)
