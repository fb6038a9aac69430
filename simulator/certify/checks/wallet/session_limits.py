"""A session has a highest stake."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id = await wallet.player(), wallet.names.new("r")
    session = await wallet.limited_session(player, player.cash(200))
    limit = f"in a session with no stake above {player.money(200)}"
    before = await wallet.funds(player)
    hold = {"round_id": round_id, "session_id": session}
    over = f"of {player.money(300)} {limit}"
    await wallet.stakes_nothing(player, 300, over, round_id=round_id, session=session)
    await wallet.held(player, before, 0, 0)
    within = wallet.reserve_ask(player, 200, txn=wallet.names.new("t"), **hold)
    wallet.accepted(await wallet.send(within), f"a reserve of as much {limit}")
    stake = wallet.debit_ask(player, 200, round_id=round_id, session_id=session)
    wallet.accepted(await wallet.send(stake), f"a debit of as much {limit}")
    await wallet.held(player, before, -400, 200)


CHECK = Check(
    id="wallet.session.limits",
    rules=("WAL-15",),
    category=Category.LIMITS,
    needs=(Need.LIMITED_SESSION,),
    about="What a session has as its highest stake binds debit, reserve, pair and batch.",
    drive=_drive,
)
