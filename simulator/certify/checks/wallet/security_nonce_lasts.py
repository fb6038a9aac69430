"""Signed ahead of time."""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    await questions.nonce_lasts(wallet, lambda: wallet.debit_ask(player, 200))
    await wallet.moved(player, before, -200)


CHECK = Check(
    id="wallet.security.nonce-lasts",
    rules=("WAL-71",),
    category=Category.SECURITY,
    needs=(Need.SIGNING_KEY, Need.ADVANCE_CLOCK),
    about="A nonce is remembered for as long as its timestamp is good, also if that was ahead.",
    when=lambda profile: profile.signature == "whole_request",
    drive=_drive,
)
