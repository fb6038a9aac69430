"""What is no amount."""

from simulator.certify.check import Category, Check
from simulator.certify.money import least_negative, too_fine
from simulator.certify.roles.wallet import Wallet


def _amounts(wallet: Wallet, currency: str) -> list[str]:
    """JSON texts that are no amount in the target's format of money."""
    always = ["null", "true", "{}", "[]", '"abc"', '""', "NaN", "Infinity", "1e400"]
    least, fine = least_negative(currency), too_fine(currency)
    match wallet.profile.money_format:
        case "decimal_number":
            return ["-1", least, *fine, "1e-7", '"2.00"', *always]
        case "decimal_string":
            return ['"-1.00"', f'"{fine[0]}"', '"NaN"', '"Infinity"', '"1,00"', *always]
        case "integer_minor":
            return ["-1", "0.5", '"200"', *always]
        case "millionths" | "hundred_thousandths":
            return ["-1", "1", "0.5", '"200"', *always]


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    for amount in _amounts(wallet, player.currency):
        txn, round_id = wallet.names.new("t"), wallet.names.new("r")
        body = (
            f'{{"transaction_id": "{txn}", "player_id": "{player.id}", "round_id": "{round_id}", '
            f'"amount": {{"amount": {amount}, "currency": "{player.currency}"}}}}'
        )
        done = await wallet.send(wallet.ask("POST", "/v1/wallet/debit", body.encode()))
        wallet.refused(done, what=f"an amount of {amount[:40]}")
        await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.debit.bad-amount",
    rules=(
        "WAL-05",
        "WAL-77",
    ),
    category=Category.PROTOCOL,
    about="A negative amount, too many decimals or what is no number is refused, never rounded.",
    drive=_drive,
)
