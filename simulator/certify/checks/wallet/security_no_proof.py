"""Who calls?"""

from simulator.certify.check import Category, Check
from simulator.certify.credentials import Plain
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    for headers in ({}, {"Authorization": "Bearer forged"}, {"Authorization": "Basic eDp5"}):
        ask = wallet.debit_ask(player, 200)
        ask = wallet.ask(ask.method, ask.path, ask.body, headers=headers)
        done = await wallet.send(ask, patient=False, credentials=Plain())
        wallet.refused(done, what="a debit without proof of who calls")
        wallet.require(done.status in (401, 403), f"it is 401, and {done}")
    look = wallet.ask("GET", f"/v1/wallet/players/{player.id}/balance")
    done = await wallet.send(look, patient=False, credentials=Plain())
    wallet.refused(done, what="a balance without proof of who asks")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.security.no-proof",
    rules=(
        "PRV-10",
        "WAL-70",
    ),
    category=Category.SECURITY,
    level="smoke",
    about="Without proof of who calls, or with a false one, nothing is read and nothing moves.",
    drive=_drive,
)
