"""No is no, for whatever reason."""

from collections.abc import AsyncIterator
from dataclasses import replace

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.drive import Done
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    refusals = [one async for one in _sent(wallet) if not one.ok and 0 < one.status < 500]
    player, round_id, bet = await wallet.player(), wallet.names.new("r"), wallet.names.new("t")
    early = await wallet.credit(player, 300, round_id=round_id, debit=bet)
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    refusals += [] if early.ok else [early]
    before = await wallet.funds(player)
    await questions.stay_refused(wallet, *refusals)
    await wallet.held(player, before, 0, 0)


async def _sent(wallet: Wallet) -> AsyncIterator[Done]:
    """What most wallets refuse, each for another reason; what is not, others judge."""
    player, ended, known = await wallet.player(), wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 100, round_id=ended, txn=known))
    wallet.given(await wallet.close(ended))
    dollars = replace(player, currency="USD" if player.currency != "USD" else "EUR")
    nobody = replace(player, id=wallet.names.new("p"))
    over = (await wallet.funds(player)).available + 100
    round_id = wallet.names.new("r")
    for ask in (
        wallet.debit_ask(dollars, 100),
        wallet.credit_ask(dollars, 100, round_id=round_id, reason="promo"),
        wallet.reserve_ask(dollars, 100, round_id=round_id, txn=wallet.names.new("t")),
        wallet.debit_ask(player, 100, round_id=ended),
        wallet.credit_ask(player, 100, round_id=ended, reason="promo"),
        wallet.debit_ask(player, 300, round_id=ended, txn=known),
        wallet.reserve_ask(player, over, round_id=round_id, txn=wallet.names.new("t")),
        wallet.debit_ask(nobody, 100),
        wallet.rollback_ask(nobody, known, round_id=ended),
    ):
        yield await wallet.send(ask)
    if wallet.has(Need.CREATE_PLAYER, Need.LOCK_PLAYER):
        locked = await wallet.player()
        if locked.fresh:
            await wallet.hook(Need.LOCK_PLAYER, player_id=locked.id)
            yield await wallet.debit(locked, 100)
    if wallet.has(Need.CREATE_PLAYER, Need.LIMIT_PLAYER):
        small = await wallet.player()
        if small.fresh:
            who = {"player_id": small.id, "currency": small.currency}
            await wallet.hook(Need.LIMIT_PLAYER, **who, cash=small.cash(100))
            yield await wallet.debit(small, 200)


CHECK = Check(
    id="wallet.refusal.remembered",
    rules=("PRV-30", "WAL-76"),
    category=Category.IDEMPOTENCY,
    about="Whatever a call was refused for, its late copy gets the first answer, trace and all.",
    drive=_drive,
)
