"""What was set aside goes somewhere."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.money import Funds
from simulator.certify.roles.player import Player
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, other = await wallet.player(), await wallet.other_player()
    before = await wallet.funds(player)
    round_id, hold, bet = (wallet.names.new(kind) for kind in ("r", "t", "t"))
    how = {"round_id": round_id, "reserve_transaction_id": hold}
    wallet.given(await wallet.send(wallet.reserve_ask(player, 500, round_id=round_id, txn=hold)))
    less = await wallet.debit(player, 200, **how)
    wallet.require(not less.lost and less.status < 500, f"it is answered for good, and {less}")
    await _sum(wallet, player, before, -200 if less.ok else 0, f"what is left of the sum; {less}")
    if less.ok:
        return  # a target that lets a part of it be spent; the rest is still there
    theirs = await wallet.funds(other)
    foreign = await wallet.debit(other, 500, round_id=wallet.names.new("r"), **_only(hold))
    wallet.refused(foreign, what="a debit of what another player has set aside")
    await _sum(wallet, player, before, 0, f"another player spends no reserve; {foreign}")
    spent = wallet.names.new("t")
    wallet.given(await wallet.debit(player, 500, txn=spent, **how))
    await wallet.held(player, before, -500, 0)
    wallet.given(await wallet.rollback(player, spent, round_id=round_id))
    await _sum(wallet, player, before, 0, "a rollback gives back what was spent of a reserve")
    now = await wallet.funds(player)
    if now.held != before.held:  # it is set aside again, and can be released
        back = wallet.release_ask(player, hold, round_id=round_id, txn=bet)
        wallet.accepted(await wallet.send(back), "the release of what was set aside again")
    await wallet.held(player, before, 0, 0)
    await wallet.held(other, theirs, 0, 0)


def _only(hold: str) -> dict[str, str]:
    return {"reserve_transaction_id": hold}


async def _sum(wallet: Wallet, player: Player, before: Funds, by: int, why: str) -> None:
    now = await wallet.funds(player)
    moved = now.available + now.held - before.available - before.held
    wallet.require(
        moved == by,
        f"available and held together have to have moved by {player.money(by)}, and they moved "
        f"by {player.money(moved)}: {why}",
    )


CHECK = Check(
    id="wallet.reserve.conserved",
    rules=("WAL-01", "WAL-18", "WAL-40"),
    category=Category.HAPPY_PATH,
    about="No part of a reserve is lost: not by a smaller debit, another player or a rollback.",
    drive=_drive,
)
