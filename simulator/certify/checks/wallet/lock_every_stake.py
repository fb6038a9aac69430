"""By whatever door."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id, hold = wallet.names.new("r"), wallet.names.new("t")
    kept = wallet.reserve_ask(player, 300, round_id=round_id, txn=hold)
    wallet.given(await wallet.send(kept))
    before = await wallet.funds(player)
    await wallet.hook(Need.LOCK_PLAYER, player_id=player.id)
    own = wallet.names.new("r")
    debit = wallet.debit_ask(player, 100, round_id=own, txn=wallet.names.new("t"))
    win = wallet.credit_ask(player, 0, round_id=own)
    reserve = wallet.reserve_ask(player, 100, round_id=own, txn=wallet.names.new("t"))
    wallet.refused(await wallet.send(reserve), what="a reserve of a locked player")
    free = wallet.debit_ask(player, 0, round_id=own)
    wallet.refused(await wallet.send(free), what="a stake of zero of a locked player")
    pair = await wallet.send(wallet.pair_ask(debit, win))
    wallet.refused(pair, what="a stake and its win in one call, of a locked player")
    batch = wallet.debit_ask(player, 100, txn=wallet.names.new("t"))
    await wallet.send(wallet.batch_ask([("debit", batch)]))
    await wallet.held(player, before, 0, 0)
    back = wallet.release_ask(player, hold, round_id=round_id, txn=wallet.names.new("t"))
    wallet.accepted(await wallet.send(back), "the release of what a locked player had set aside")
    await wallet.held(player, before, 300, -300)


CHECK = Check(
    id="wallet.lock.every-stake",
    rules=("WAL-13",),
    category=Category.LIMITS,
    needs=(Need.CREATE_PLAYER, Need.LOCK_PLAYER),
    about="A locked player stakes nothing, by whatever door, not even zero; a release still lands.",
    clauses=("2.5.5",),
    drive=_drive,
)
