"""What is no stake."""

from decimal import Decimal

from simulator.certify.check import Category, Check
from simulator.certify.money import scale
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    player = await jackpot.player(currency=pool.currency)
    finest = Decimal(1).scaleb(-scale(pool.currency) - 1)
    other = "JPY" if pool.currency != "JPY" else "EUR"
    for what, bet in (
        ("a negative stake", {"amount": -1, "currency": pool.currency}),
        ("a stake with more decimals", {"amount": 1 + finest, "currency": pool.currency}),
        ("a stake as text", {"amount": "1.00", "currency": pool.currency}),
        ("a stake without a currency", {"amount": 1}),
        ("a stake in another currency", {"amount": 1, "currency": other}),
    ):
        contrib = jackpot.names.new("c")
        ask = jackpot.contribute_ask(pool, player, bet, contrib=contrib)
        jackpot.refused(await jackpot.send(ask), what=what)
        known = await jackpot.read("contributions", contrib)
        jackpot.refused(known, what="reading what was refused")


CHECK = Check(
    id="jackpot.contribution.bad-amount",
    rules=(
        "PRV-03",
        "WAL-05",
        "JP-13",
    ),
    category=Category.PROTOCOL,
    about="A negative amount, too many decimals, what is no number or another currency is "
    "refused, and nothing is recorded.",
    drive=_drive,
)
