"""Both or none."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.player import Player
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player(5_000)
    before = await wallet.funds(player)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    ask = wallet.pair_ask(
        wallet.debit_ask(player, 200, round_id=round_id, txn=bet),
        wallet.credit_ask(player, 350, round_id=round_id, debit=bet, reason="bribe"),
    )
    wallet.refused(await wallet.send(ask), what="a pair whose credit cannot be")
    await wallet.moved(player, before, 0)
    done = await wallet.rollback(player, bet, round_id=round_id)
    wallet.require(done.ok or done.status < 500, f"the debit of a failed pair is unknown; {done}")
    await wallet.moved(player, before, 0)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    ask = wallet.pair_ask(
        wallet.debit_ask(player, before.available + 1, round_id=round_id, txn=bet),
        wallet.credit_ask(player, 350, round_id=round_id, debit=bet),
    )
    wallet.refused(await wallet.send(ask), what="a pair whose debit is more than there is")
    await wallet.moved(player, before, 0)
    await _known_win(wallet, player)


async def _known_win(wallet: Wallet, player: Player) -> None:
    """A win that is known with another amount is found out late, when the debit is taken."""
    round_id, win = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.send(wallet.debit_ask(player, 100, round_id=round_id)))
    wallet.given(await wallet.send(wallet.credit_ask(player, 150, round_id=round_id, txn=win)))
    before = await wallet.funds(player)
    ask = wallet.pair_ask(
        wallet.debit_ask(player, 200, round_id=round_id),
        wallet.credit_ask(player, 350, round_id=round_id, txn=win),
    )
    wallet.refused(await wallet.send(ask), what="a pair whose credit is known with another amount")
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.pair.atomic",
    rules=("WAL-29", "WAL-07"),
    category=Category.HAPPY_PATH,
    about="If one part of a debit and credit in one call fails, none of it happens.",
    drive=_drive,
)
