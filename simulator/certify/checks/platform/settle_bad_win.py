"""What is no win."""

from simulator.certify.check import Category, Check
from simulator.certify.money import least_negative, too_fine, with_amount
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    player, _session, round_id, bet, before = await platform.begun(200)
    other = "USD" if player.currency != "USD" else "EUR"
    money = {**player.money(500).written(platform.form), "currency": other}
    done = await platform.settle(player, 500, bet=bet, round_id=round_id, win=money)
    platform.refused(done, what=f"a win in {other} for a player of {player.currency}")
    good = platform.settle_ask(player, 777, bet=bet, round_id=round_id)
    wrong = [*too_fine(player.currency), least_negative(player.currency), "-1"]
    for text in (*wrong, "true", "null", '"5.00"', "NaN"):
        done = await platform.send(platform.ask("POST", good.path, with_amount(good.body, text)))
        platform.refused(done, what=f"a win of {text}")
    await platform.held(player, before, 0, 0)


CHECK = Check(
    id="platform.settle.bad-win",
    rules=("WAL-12", "WAL-27", "PRV-03"),
    category=Category.PROTOCOL,
    about="A win in another currency, with too many decimals or of no number is refused.",
    drive=_drive,
)
