"""Money as it is written."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from simulator.certify.check import Category
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.watched import Watched
from simulator.certify.money import NotMoney, read


def _judge(watched: Watched) -> Iterator[Case]:
    for one in watched.writes:
        found = list(_amounts(one.body))
        if not found:
            continue
        wrong = ""
        for value in found:
            try:
                minor = read(value, watched.money)
            except NotMoney as why:
                wrong = wrong or str(why)
            else:
                wrong = wrong or ("an amount is negative" if minor.minor < 0 else "")
        yield broke(f"{one.operation}: {wrong}", one) if wrong else kept(one)


def _amounts(body: Any) -> Iterator[dict[str, Any]]:
    """Every `{amount, currency}` in a body."""
    if isinstance(body, dict):
        if isinstance(body.get("amount"), int | str | Decimal) and "currency" in body:
            yield body
        for part in body.values():
            yield from _amounts(part)
    elif isinstance(body, list):
        for part in body:
            yield from _amounts(part)


CHECK = ClientCheck(
    id="client.protocol.money",
    rules=("PRV-03",),
    category=Category.PROTOCOL,
    about="Amounts are exact decimals of their currency, in the format of the profile.",
    needs="a call with an amount",
    judge=_judge,
)
