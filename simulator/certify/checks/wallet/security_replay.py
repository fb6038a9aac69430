"""Signed once, sent twice."""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    await questions.signed_at_another_time(wallet, lambda: wallet.debit_ask(player, 200))
    await wallet.moved(player, before, 0)
    await questions.nonce_used_twice(wallet, lambda: wallet.debit_ask(player, 200))
    await wallet.moved(player, before, -200)


CHECK = Check(
    id="wallet.security.replay",
    rules=("WAL-71",),
    category=Category.SECURITY,
    needs=(Need.SIGNING_KEY,),
    about="A signed request is good once, and only near its time.",
    when=lambda profile: profile.signature == "whole_request",
    drive=_drive,
)
