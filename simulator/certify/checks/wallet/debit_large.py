"""More than fits into 32 bits."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet

LARGE = (16_777_217, 2**31 + 1, 2**32 + 201)
"""Minor units that a float of 32 bits, and integers of 31 and 32 bits, cannot hold."""


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player(10_000_000_029)
    before = await wallet.funds(player)
    for minor in LARGE:
        if before.available < minor:
            continue
        round_id, bet = wallet.names.new("r"), wallet.names.new("t")
        done = await wallet.debit(player, minor, round_id=round_id, txn=bet)
        wallet.require(not done.lost and done.status < 500, f"it is answered, and {done}")
        if not done.ok:  # a target may have a ceiling of its own
            await wallet.moved(player, before, 0)
            continue
        wallet.balance_is(done, before.moved(-minor))
        await wallet.moved(player, before, -minor)
        wallet.accepted(await wallet.rollback(player, bet, round_id=round_id), "its rollback")
        await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.debit.large",
    rules=("PRV-03", "WAL-01"),
    category=Category.HAPPY_PATH,
    needs=(Need.CREATE_PLAYER,),
    about="Large amounts and balances are exact to the last minor unit.",
    drive=_drive,
)
