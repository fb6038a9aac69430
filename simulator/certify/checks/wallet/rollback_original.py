"""The original counts."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.player import Player
from simulator.certify.roles.wallet import Wallet

STAKE = 1_234


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    for said in (900, 100, 0):
        await _said(wallet, player, said)


async def _said(wallet: Wallet, player: Player, said: int) -> None:
    before = await wallet.funds(player)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, STAKE, round_id=round_id, txn=bet))
    wrong = player.money(said).written(wallet.form)
    done = await wallet.rollback(player, bet, round_id=round_id, amount=wrong)
    wallet.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    if not done.ok:  # some refuse a wrong amount; then the right one, or none, has to do
        await wallet.moved(player, before, -STAKE)
        done = wallet.accepted(await wallet.rollback(player, bet, round_id=round_id), "a rollback")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.rollback.original",
    rules=("WAL-40",),
    category=Category.ROLLBACK,
    level="smoke",
    about="A rollback gives back what was taken, whatever the request says.",
    drive=_drive,
)
