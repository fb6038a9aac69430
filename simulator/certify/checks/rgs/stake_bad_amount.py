"""What is no amount."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs

AMOUNTS = ("-1", "-0.01", "1.0001", "1e-7", '"2.00"', "null", "true", "{}", "NaN", "1e400")


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    whole = rgs.spin_ask(playing, stake={"amount": "AMOUNT", "currency": playing.player.currency})
    for amount in AMOUNTS:
        body = whole.body.replace(b'"AMOUNT"', amount.encode())
        done = await rgs.send(rgs.ask("POST", whole.path, body, key=""))
        rgs.refused(done, what=f"a stake of {amount}")
    await rgs.counted(playing, before)


CHECK = Check(
    id="rgs.stake.bad-amount",
    rules=(
        "WAL-05",
        "WAL-77",
    ),
    category=Category.PROTOCOL,
    about="A negative stake, too many decimals or what is no number is refused, never rounded.",
    drive=_drive,
)
