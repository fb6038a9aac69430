"""After the win."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.player import Player
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    await _won(wallet, player, names_its_debit=True)
    await _won(wallet, player, names_its_debit=False)


async def _won(wallet: Wallet, player: Player, *, names_its_debit: bool) -> None:
    """A win that names no debit settles those of its round."""
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    named = bet if names_its_debit else None
    win = await wallet.credit(player, 500, round_id=round_id, debit=named)
    if not names_its_debit and not win.ok:
        return  # some want it named
    wallet.given(win)
    before = await wallet.funds(player)
    done = await wallet.rollback(player, bet, round_id=round_id)
    wallet.require(not done.lost and done.status < 500, f"it is answered for good, and {done}")
    if wallet.profile.settled_rollback == "refused":
        wallet.refused(done, what="the rollback of a debit that was settled")
        await wallet.moved(player, before, 0)
    else:
        await wallet.moved(player, before, 200 if done.ok else 0)


CHECK = Check(
    id="wallet.rollback.settled",
    rules=("WAL-47",),
    category=Category.ROLLBACK,
    about="A debit that is settled, by its own or a round’s win, is given back only by profile.",
    drive=_drive,
)
