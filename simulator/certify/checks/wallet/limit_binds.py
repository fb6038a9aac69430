"""A limit of the player’s own, by whatever door."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id = wallet.names.new("r")
    wallet.given(await wallet.send(wallet.debit_ask(player, 300, round_id=round_id)))
    await wallet.hook(Need.LIMIT_PLAYER, player_id=player.id, currency=player.currency, cash="5.00")
    before = await wallet.funds(player)
    debit = wallet.debit_ask(player, 300, round_id=round_id)
    wallet.refused(await wallet.send(debit), what=f"a debit {_OVER}")
    reserve = wallet.reserve_ask(player, 300, round_id=round_id, txn=wallet.names.new("t"))
    wallet.refused(await wallet.send(reserve), what=f"a reserve {_OVER}")
    pair = wallet.pair_ask(
        wallet.debit_ask(player, 300, round_id=round_id),
        wallet.credit_ask(player, 0, round_id=round_id),
    )
    wallet.refused(await wallet.send(pair), what=f"a debit and its win in one call {_OVER}")
    await wallet.send(wallet.batch_ask([("debit", wallet.debit_ask(player, 300))]))
    await wallet.held(player, before, 0, 0)
    hold = wallet.names.new("t")
    within = wallet.reserve_ask(player, 200, round_id=round_id, txn=hold)
    wallet.accepted(await wallet.send(within), "a reserve of 2 after a stake of 3, limit 5 a day")
    more = wallet.debit_ask(player, 100, round_id=round_id)
    wallet.refused(await wallet.send(more), what=f"a debit of 1 where 5 {_FULL}")
    spent = wallet.debit_ask(player, 200, round_id=round_id, reserve_transaction_id=hold)
    wallet.accepted(
        await wallet.send(spent), f"a debit of the 2 set aside, where with it 5 {_FULL}"
    )
    more = wallet.debit_ask(player, 100, round_id=round_id)
    wallet.refused(await wallet.send(more), what="a debit of 1 where 5 are staked, limit 5 a day")
    win = await wallet.send(wallet.credit_ask(player, 900, round_id=round_id))
    wallet.accepted(win, "a win beyond the limit")
    await wallet.held(player, before, 700, 0)


_OVER = "of 3 after a stake of 3 under a limit of 5 a day"
_FULL = "are staked or set aside, limit 5 a day"


CHECK = Check(
    id="wallet.limit.binds",
    rules=("WAL-65", "WAL-66"),
    category=Category.LIMITS,
    needs=(Need.CREATE_PLAYER, Need.LIMIT_PLAYER),
    about="A reached limit refuses debit, reserve, pair and batch; up to it all fits, and what was "
    "set aside is spent; wins land.",
    clauses=("2.5.5",),
    drive=_drive,
)
