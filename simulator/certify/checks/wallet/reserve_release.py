"""Set aside and given back."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    round_id, txn = wallet.names.new("r"), wallet.names.new("t")
    held = await wallet.send(wallet.reserve_ask(player, 300, round_id=round_id, txn=txn))
    wallet.accepted(held, "a reserve of what the player has")
    for name, minor in (("available", before.available - 300), ("held", before.held + 300)):
        wallet.tells(held.at(f"balance.{name}"), player.money(minor), f"what is {name} after it")
    await wallet.held(player, before, -300, 300)
    release = wallet.names.new("t")
    ask = wallet.release_ask(player, txn, round_id=round_id, txn=release)
    first = wallet.accepted(await wallet.send(ask), "the release of a reserve")
    await wallet.moved(player, before, 0)
    wallet.repeated(first, await wallet.again(first))
    other = wallet.release_ask(player, txn, round_id=round_id, txn=wallet.names.new("t"))
    again = await wallet.send(other)
    wallet.require(again.status < 500, f"a second release is never a 5xx, and {again}")
    await wallet.moved(player, before, 0)
    kept = wallet.names.new("t")
    wallet.given(await wallet.send(wallet.reserve_ask(player, 200, round_id=round_id, txn=kept)))
    reused = wallet.release_ask(player, kept, round_id=round_id, txn=release)
    wallet.refused(await wallet.send(reused), what="a release by the id of another one’s release")
    await wallet.held(player, before, -200, 200)


CHECK = Check(
    id="wallet.reserve.release",
    rules=(
        "WAL-41",
        "WAL-07",
        "JP-13",
    ),
    category=Category.HAPPY_PATH,
    about="What is reserved is held, and what is released is there again, once.",
    drive=_drive,
)
