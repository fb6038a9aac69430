"""What is no amount."""

from simulator.certify.check import Category, Check
from simulator.certify.money import least_negative, too_fine, with_amount
from simulator.certify.roles.platform import Platform

ALWAYS = ("-1", "1e-7", '"2.00"', "null", "true", "{}", "NaN", "1e400")


async def _drive(platform: Platform) -> None:
    player, session, round_id, bet, before = await platform.begun()
    whole = platform.bet_ask(player, session, 200, bet=bet, round_id=round_id)
    for amount in (least_negative(player.currency), *too_fine(player.currency), *ALWAYS):
        body = with_amount(whole.body, amount)
        done = await platform.send(platform.ask("POST", whole.path, body))
        platform.refused(done, what=f"an amount of {amount}")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.bet.bad-amount",
    rules=(
        "WAL-05",
        "WAL-77",
    ),
    category=Category.PROTOCOL,
    about="A negative amount, too many decimals or what is no number is refused, never rounded.",
    drive=_drive,
)
