"""It stands."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.rollback(player, bet, round_id=round_id))
    for attempt in ("the late debit", "the late debit under a new key", "a third one"):
        late = await wallet.debit(player, 200, round_id=round_id, txn=bet)
        wallet.refused(late, what=attempt)
    kept = wallet.reserve_ask(player, 200, round_id=round_id, txn=bet)
    wallet.refused(await wallet.send(kept), what="a reserve whose rollback came first")
    win = await wallet.credit(player, 500, round_id=round_id, debit=bet)
    wallet.refused(win, what="a win on a debit whose rollback came first")
    await wallet.held(player, before, 0, 0)
    fresh = await wallet.debit(player, 200, round_id=round_id)
    wallet.accepted(fresh, "another debit in the round")
    await wallet.moved(player, before, -200)


CHECK = Check(
    id="wallet.rollback.tombstone-holds",
    rules=("WAL-42", "WAL-25"),
    category=Category.ROLLBACK,
    about="A tombstone holds against every late debit, reserve and win, and against no other id.",
    when=lambda profile: profile.unknown_rollback == "tombstone",
    drive=_drive,
)
