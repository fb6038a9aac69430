"""What the tests of the wallet's rules share: sound books at the end, calls that move nothing,
passing time, locks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from simulator.server.clients import BRANDS
from simulator.server.owner import as_owner, owner
from simulator.store.recall import Decision
from simulator.wallet import bonuses
from simulator.wire import json
from simulator.wire.bonuses import IssueBonus
from simulator.wire.messages import Message, Money
from tests.server.tools import count
from tests.support import Got, Sandbox, sandbox

HOUR_S = 3_600
"""How long a session lasts."""

LOCKS: dict[str, dict[str, Any]] = {
    "disabled": {"status": "disabled"},
    "self_excluded": {"self_excluded": True},
}
"""`details.reason` of a lock → what locks a player so."""


@asynccontextmanager
async def wallet(data: Path | None = None, **settings: Any) -> AsyncIterator[Sandbox]:
    """A sandbox of which the books are sound when the test is through with it."""
    async with sandbox(data, **settings) as box:
        yield box
        await box.require_sound()


def eur(amount: str) -> Decimal:
    """An amount with exactly these digits."""
    return Decimal(amount)


async def pass_time(box: Sandbox, seconds: int) -> None:
    """Advance the world's clock; tokens that expired meanwhile are fetched anew."""
    got = await box.admin("POST", "/clock/advance", {"by_ms": seconds * 1000})
    assert got.status == 200, got.body
    box.tokens.clear()


async def lock(box: Sandbox, reason: str, player: str = "p_19f3") -> None:
    """Lock a player."""
    got = await box.admin("PATCH", f"/players/{player}", LOCKS[reason])
    assert got.status == 200, got.body


async def decide(box: Sandbox, decision: Decision, message: Message) -> Any:
    """Have the wallet decide this as the owner of brand-42; what it answers, as JSON."""
    caller = owner(BRANDS["brand-42"], "tr_test")
    work = partial(as_owner, caller=caller, decide=decision, message=message)
    given = await box.world.parties["wallet"].writer.submit(work)
    return json.decode(json.encode(given))


async def grant(box: Sandbox, player: str, amount: int, **terms: Any) -> Any:
    """Give a player a bonus in whole euros, which is far from being wagered unless told."""
    money = Money(Decimal(amount), "EUR")
    terms = {"bonus_id": f"bonus-{player}", "wager_multiplier": 100, **terms}
    return await decide(
        box, bonuses.issue_bonus, IssueBonus(player_id=player, amount=money, **terms)
    )


async def set_limit(
    box: Sandbox, limit: str, amount: Any, period: str = "day", player: str = "p_19f3"
) -> Any:
    """Set a limit in euros, or minutes of session time; None takes it away. What there is then."""
    value: Any = amount
    name = "minutes" if limit == "session" else "amount"
    if limit != "session" and amount is not None:
        value = {"amount": amount, "currency": "EUR"}
    body = {"limit": limit, "period": period, **({} if value is None else {name: value})}
    got = await box.admin("PUT", f"/players/{player}/limits", body)
    assert got.status == 200, got.body
    return got.json["rg"].get("limits", [])


async def end_session(box: Sandbox, session: str) -> None:
    """End a session by the provider's call."""
    got = await box.call("POST", f"/v1/sessions/{session}/end")
    assert got.json["status"] == "ended", got.body


async def bet(box: Sandbox, bet_id: str) -> Any:
    """A bet as it is read."""
    return (await box.call("GET", f"/v1/bets/{bet_id}")).json


async def game_round(box: Sandbox, round_id: str = "r-1") -> Any:
    """A round as it is read."""
    return (await box.call("GET", f"/v1/rounds/{round_id}")).json


async def close_round(box: Sandbox, outcome: str, round_id: str = "r-1", **how: Any) -> Got:
    """End a round."""
    return await box.call("POST", f"/v1/rounds/{round_id}/close", {"outcome": outcome}, **how)


async def footprint(box: Sandbox) -> Any:
    """Everything that a call without effect leaves alone: every balance, entry, bet and event."""
    players = (await box.admin("GET", "/players?limit=200")).json["items"]
    money = {player["player_id"]: (player["available"], player["held"]) for player in players}
    events = [event["event_id"] for event in await box.events()]
    return money, count(box, "move"), count(box, "bet"), events


@asynccontextmanager
async def nothing_moves(box: Sandbox) -> AsyncIterator[None]:
    """What is called in this block has no effect."""
    before = await footprint(box)
    yield
    assert await footprint(box) == before
