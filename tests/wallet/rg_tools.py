"""What the tests of responsible gaming share: payments, bets that are lost, limits as they are
read, and refusals by them."""

from decimal import Decimal
from typing import Any

from tests.support import Got, Sandbox

DAY_S = 86_400


async def pay(box: Sandbox, way: str, amount: Any, payment: str = "pay-1") -> Got:
    """A deposit or a withdrawal over the wallet API."""
    body = {
        "payment_id": payment,
        "player_id": "p_19f3",
        "amount": {"amount": amount, "currency": "EUR"},
    }
    return await box.call("POST", f"/v1/wallet/{way}s", body)


async def lose(box: Sandbox, bet: str, amount: Any, *, win: Any = 0) -> None:
    """A bet in a session of its own, and its end."""
    got = await box.authorize(await box.session(), bet, amount)
    assert got.status == 200, got.body
    assert (await box.settle(bet, win)).status == 200


async def limits(box: Sandbox) -> dict[str, Any]:
    """A player's limits as the provider reads them, by what and how long."""
    rg = (await box.call("GET", "/v1/players/p_19f3")).json["rg"]
    return {f"{each['limit']} {each['period']}": each for each in rg.get("limits", [])}


async def left(box: Sandbox, which: str) -> Decimal:
    """What a limit still allows."""
    return Decimal((await limits(box))[which]["left"]["amount"])


async def hits(box: Sandbox) -> list[Any]:
    """What the events of limits say."""
    return [event["payload"] for event in await box.events(event_type="rg.limit.hit")]


async def require_hit(box: Sandbox, got: Got, limit: str, period: str = "day") -> None:
    """The call is refused for this limit, and an event tells (WAL-66)."""
    assert (got.status, got.code) == (422, "LIMIT_EXCEEDED"), got.body
    details = got.json["details"]
    assert (details["limit"], details["period"]) == (limit, period)
    told = (await hits(box))[-1]
    assert (told["limit"], told["period"]) == (limit, period)
    assert told.get("value") == details.get("value")
