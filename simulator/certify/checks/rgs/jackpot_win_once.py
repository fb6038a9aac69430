"""A pool fell on a spin."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    played = rgs.given(await rgs.spin(playing))
    spin, trigger, minor = str(played.at("spin_id")), rgs.names.new("jpt"), 12_345
    ask = rgs.jackpot_ask(playing, spin, trigger, minor)
    first = rgs.given(await rgs.send(ask))
    rgs.require(
        (first.at("type"), rgs.bare(first.at("amount"), playing)) == ("jackpot_win", minor),
        f"it is a jackpot_win of {playing.player.money(minor)}, and {first}",
    )
    rgs.repeated(first, await rgs.send(ask))
    anew = await rgs.send(rgs.jackpot_ask(playing, spin, trigger, minor))
    if anew.status != 409:
        rgs.accepted(anew, "a known trigger under another key")
    other = await rgs.send(rgs.jackpot_ask(playing, spin, trigger, minor + 1))
    rgs.refused(other, what="a known trigger with another amount")
    wrong = "USD" if playing.player.currency != "USD" else "EUR"
    amount = {"amount": 1, "currency": wrong}
    ask = rgs.jackpot_ask(playing, spin, rgs.names.new("jpt"), minor, amount=amount)
    rgs.refused(await rgs.send(ask), what=f"a jackpot in {wrong} on a spin in another currency")
    read = rgs.accepted(await rgs.look("spins", spin), "reading a spin")
    wins = rgs.total(playing, read, "jackpot_win")
    rgs.require(wins == minor, f"it stands beside the spin once, and {read}")
    rgs.alike(played, read)
    await rgs.counted(playing, before, played)
    void = str(rgs.given(await rgs.spin(playing)).at("spin_id"))
    rgs.given(await rgs.send(rgs.void_ask(void)))
    late = await rgs.send(rgs.jackpot_ask(playing, void, rgs.names.new("jpt"), minor))
    rgs.refused(late, what="a jackpot on a spin that is void")


CHECK = Check(
    id="rgs.jackpot-win.once",
    rules=(
        "RGS-15",
        "RGS-42",
        "RGS-64",
    ),
    category=Category.IDEMPOTENCY,
    about="A jackpot that fell on a spin is a transaction beside it, once, in the spin’s currency, "
    "and no part of what the game has won; none falls on a void spin.",
    drive=_drive,
)
