"""What is not set aside cannot be spent."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id = await wallet.player(), wallet.names.new("r")
    released, barred, never = (wallet.names.new("t") for _ in range(3))
    hold = wallet.reserve_ask(player, 300, round_id=round_id, txn=released)
    wallet.given(await wallet.send(hold))
    back = wallet.release_ask(player, released, round_id=round_id, txn=wallet.names.new("t"))
    wallet.given(await wallet.send(back))
    await wallet.rollback(player, barred, round_id=round_id)
    before = await wallet.funds(player)
    for reserve, what in (
        (released, "was given back"),
        (barred, "was rolled back before it came"),
        (never, "never was"),
    ):
        done = await wallet.debit(player, 300, round_id=round_id, reserve_transaction_id=reserve)
        wallet.refused(done, what=f"a debit of a reserve that {what}")
        await wallet.held(player, before, 0, 0)


CHECK = Check(
    id="wallet.reserve.gone",
    rules=("WAL-01", "WAL-42"),
    category=Category.HAPPY_PATH,
    about="A debit of a reserve that is not there is refused, and takes no other money instead.",
    drive=_drive,
)
