"""The calls of the wallet API that its tests make, and what they look at afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from tests.server.tools import count
from tests.support import Got, Sandbox


def money(amount: Any, currency: str = "EUR") -> dict[str, Any]:
    """Money with exactly these digits."""
    return {"amount": Decimal(amount) if isinstance(amount, str) else amount, "currency": currency}


def body(name: str, player: str = "p_19f3", round_id: str = "r-1", **fields: Any) -> dict[str, Any]:
    """A transaction of a player's round; what is None is left out."""
    found = {"transaction_id": name, "player_id": player, "round_id": round_id, **fields}
    return {field: value for field, value in found.items() if value is not None}


async def send(box: Sandbox, what: str, sent: Any, **how: Any) -> Got:
    """One call of the wallet API."""
    return await box.call("POST", f"/v1/wallet/{what}", sent, **how)


async def debit(
    box: Sandbox,
    name: str = "d-1",
    amount: Any = "2.00",
    *,
    currency: str = "EUR",
    key: str | None = None,
    **fields: Any,
) -> Got:
    """Take a stake."""
    return await send(box, "debit", body(name, amount=money(amount, currency), **fields), key=key)


async def reserve(box: Sandbox, name: str = "h-1", amount: Any = "2.00", **fields: Any) -> Got:
    """Set a stake aside."""
    return await send(box, "reserve", body(name, amount=money(amount), **fields))


async def credit(
    box: Sandbox,
    name: str = "c-1",
    amount: Any = "5.00",
    *,
    of: str | None = "d-1",
    reason: str = "win",
    currency: str = "EUR",
    key: str | None = None,
    **fields: Any,
) -> Got:
    """Pay a player."""
    sent = body(
        name,
        amount=money(amount, currency),
        debit_transaction_id=of,
        reason=reason,
        **fields,
    )
    return await send(box, "credit", sent, key=key)


async def rollback(
    box: Sandbox, name: str = "x-1", of: str = "d-1", *, key: str | None = None, **fields: Any
) -> Got:
    """Undo a transaction."""
    return await send(box, "rollback", body(name, original_transaction_id=of, **fields), key=key)


async def release(box: Sandbox, name: str = "x-1", of: str = "h-1", **fields: Any) -> Got:
    """Give back what was set aside."""
    return await send(box, "release", body(name, original_transaction_id=of, **fields))


async def close(box: Sandbox, outcome: str = "completed", round_id: str = "r-1") -> Got:
    """End a round."""
    return await send(box, f"rounds/{round_id}/close", {"outcome": outcome})


def payout(name: str = "jp-1", amount: Any = "100.00", **fields: Any) -> dict[str, Any]:
    """A payout in the words of a jackpot."""
    return {
        "jp_payout_id": name,
        "tenant_id": "brand-42",
        "player_id": "p_19f3",
        "pool_id": "grand-eu-01",
        "amount": money(amount),
        "idempotency_key": f"key-{name}",
        **fields,
    }


async def balance(box: Sandbox, player: str = "p_19f3") -> dict[str, Decimal]:
    """Available, held, cash and bonus."""
    got = await box.call("GET", f"/v1/wallet/players/{player}/balance")
    return amounts(got.json)


def amounts(answer: Any) -> dict[str, Decimal]:
    """The four numbers of an answer's balance."""
    return {name: part["amount"] for name, part in answer["balance"].items()}


async def transaction(box: Sandbox, name: str) -> Any:
    """A transaction as it is read."""
    got = await box.call("GET", f"/v1/wallet/transactions/{name}")
    assert got.status == 200, got.body
    return got.json


async def events(box: Sandbox, topic: str) -> list[Any]:
    """The payloads of a topic's events, in order."""
    return [event["payload"] for event in await box.events(event_type=topic)]


@asynccontextmanager
async def no_money_moves(box: Sandbox) -> AsyncIterator[None]:
    """What is called in this block leaves every balance, entry and transaction as it is."""
    before = await _seen(box)
    yield
    assert await _seen(box) == before


async def _seen(box: Sandbox) -> Any:
    players = (await box.admin("GET", "/players?limit=200")).json["items"]
    purses = {player["player_id"]: (player["available"], player["held"]) for player in players}
    return purses, count(box, "move"), count(box, "txn")
