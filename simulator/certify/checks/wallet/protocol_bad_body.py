"""What is no request."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


def _bodies(good: bytes) -> list[tuple[str, bytes]]:
    """What it is → a body that nobody may take for a debit."""
    return [
        ("an empty body", b" "),
        ("half a body", good[: len(good) // 2]),
        ("what is not JSON", b"<debit/>"),
        ("a list", b"[" + good + b"]"),
        ("a number", b"7"),
        ("null", b"null"),
        ("deep nesting", b"[" * 20_000 + b"]" * 20_000),
        ("another charset", '{"transaction_id": "é"}'.encode("utf-16")),
        ("broken UTF-8", good.replace(b"t-", b"\xff\xfe", 1)),
        ("a number as id", b'{"transaction_id": 7, "player_id": 7, "round_id": 7, "amount": 7}'),
        ("two bodies", good + good),
    ]


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    good = wallet.debit_ask(player, 200).body
    for what, body in _bodies(good):
        done = await wallet.send(wallet.ask("POST", "/v1/wallet/debit", body))
        wallet.require(
            400 <= done.status < 500, f"{what} has to be refused with a 4xx, and {str(done)[:300]}"
        )
        wallet.require(
            wallet.config.answers.errors != "model" or isinstance(done.at("code"), str),
            f"the refusal of {what} has to have a code, and {str(done)[:300]}",
        )
    await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.protocol.bad-body",
    rules=(
        "WAL-77",
        "WAL-76",
    ),
    category=Category.PROTOCOL,
    about="What is no valid body is a 4xx in the error model, never a 5xx, and moves nothing.",
    drive=_drive,
)
