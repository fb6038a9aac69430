"""No funds."""

from simulator.certify.check import Category, Check
from simulator.certify.money import NotMoney
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player(100)
    before = await wallet.funds(player)
    done = await wallet.debit(player, before.available + 1_000)
    wallet.refused(done, "INSUFFICIENT_FUNDS", what="a stake of more than there is")
    await wallet.moved(player, before, 0)
    if wallet.dialect.errors == "model":
        said = done.at("details.balance")
        wallet.require(said is not None, f"the refusal carries the balance in details, and {done}")
        try:
            found = wallet.read_funds(done, "details.balance").available
        except NotMoney as wrong:
            wallet.require(False, str(wrong))
        else:
            wallet.require(
                found == before.available,
                f"it has to say that {player.money(before.available)} are there, and {done}",
            )


CHECK = Check(
    id="wallet.debit.insufficient",
    rules=(
        "WAL-02",
        "WAL-76",
    ),
    category=Category.LIMITS,
    level="smoke",
    about="More than there is: nothing moves; the answer is INSUFFICIENT_FUNDS and what there is.",
    drive=_drive,
)
