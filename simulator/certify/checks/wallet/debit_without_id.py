"""Nothing to tell it by."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    whole = wallet.debit_ask(player, 200, transaction_id="TAKEN")
    for now in (b"", b'"transaction_id":"",', b'"transaction_id":null,'):
        body = whole.body.replace(b'"transaction_id":"TAKEN",', now)
        done = await wallet.send(wallet.ask("POST", "/v1/wallet/debit", body))
        wallet.refused(done, what=f"a transaction id that is {now.decode() or 'missing'}")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.debit.without-id",
    rules=("WAL-17",),
    category=Category.PROTOCOL,
    about="A transaction without an id, or with an empty one, is refused.",
    drive=_drive,
)
