"""The worked exchanges of the specification (`examples/`: platform, wallet), run as written."""

import json
import uuid
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from simulator.base.clock import parse_iso
from tests.server.tools import put_ids
from tests.support import BRAND_42, Sandbox, encode, sandbox

EXAMPLES = Path(__file__).parent / "examples"
MADE_BY_THE_SERVER = ("session_id", "hold_id", "settlement_id", "expires_at", "event_id")
"""Compared by shape: the server makes them, so they are others each time."""


def load(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text(), parse_float=Decimal)


def exchanges() -> list[Any]:
    """The requests with their answers, in the order in which they are numbered."""
    found = [load(path.name) for path in sorted(EXAMPLES.glob("*.json"))]
    return [exchange for exchange in found if "request" in exchange]


def kind(value: Any) -> str:
    """A value's JSON type."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return "number"
    return {bool: "boolean", str: "string", dict: "object", list: "array"}[type(value)]


def require_alike(shown: Any, got: Any, ids: dict[str, str], place: str = "") -> None:
    """All that is shown is there: what the server makes by shape, everything else as shown."""
    assert kind(shown) == kind(got), f"{place}: {shown!r} is shown, {got!r} came"
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert name in got, f"{place}.{name} is shown and did not come"
            require_alike(value, got[name], ids, f"{place}.{name}")
    elif place.rpartition(".")[2] in MADE_BY_THE_SERVER:
        ids[shown] = got
    else:
        assert shown == got, f"{place}: {shown!r} is shown, {got!r} came"


async def run_exchange(box: Sandbox, exchange: Mapping[str, Any], ids: dict[str, str]) -> None:
    request, answer = exchange["request"], exchange["response"]
    body = put_ids(request["body"], ids)
    headers = {**request.get("headers", {}), "X-Trace-Id": answer["body"].get("trace_id", "tr_1")}
    got = await box.call(request["method"], request["path"], body, headers=headers)
    assert got.status == answer["status"], got.body
    require_alike(answer["body"], got.json, ids)


async def test_the_exchanges_run_as_written() -> None:
    """Session, authorize, settle and the refused other amount answer as the specification shows:
    what it shows is there, with its type, and what is constant is equal (PRV-20, PRV-21, PRV-22,
    PRV-25, PRV-32)."""
    assert len(exchanges()) == 4
    async with sandbox() as box:
        ids: dict[str, str] = {}
        for exchange in exchanges():
            await run_exchange(box, exchange, ids)
        assert set(ids) == {"s_456", "2025-10-23T19:10:00Z", "h_zz1", "st_77"}
        assert parse_iso(ids["2025-10-23T19:10:00Z"]) > box.world.clock.now_ns()
        assert await box.balance() == (Decimal("1012.60"), Decimal("0.00"))
        await box.require_sound()


async def test_the_exchanges_run_twice_as_once() -> None:
    """Every exchange sent again answers the same bytes and moves nothing more (PRV-30)."""
    async with sandbox() as box:
        ids: dict[str, str] = {}
        for exchange in exchanges():
            await run_exchange(box, exchange, ids)
            await run_exchange(box, exchange, ids)
        assert await box.balance() == (Decimal("1012.60"), Decimal("0.00"))


async def test_the_event_has_the_shown_shape() -> None:
    """The bet.settled event that leaves has every field of the shown one, of the same type, and
    milliseconds in its time (PRV-04, PRV-40, PRV-41)."""
    shown = load("05-event-bet-settled.json")
    shown.pop("note")
    async with sandbox() as box:
        ids: dict[str, str] = {}
        for exchange in exchanges()[:3]:
            await run_exchange(box, exchange, ids)
        (event,) = await box.events(event_type="bet.settled")

    def require_shape(part: Any, came: Any, place: str) -> None:
        assert kind(part) == kind(came), place
        for name in part if isinstance(part, dict) else ():
            assert name in came, f"{place}.{name}"
            require_shape(part[name], came[name], f"{place}.{name}")

    require_shape(shown, event, "event")
    same = ("event_type", "region", "player_id", "schema_version")
    assert {name: event[name] for name in same} == {name: shown[name] for name in same}
    payload = event["payload"]
    assert payload["round_id"] == shown["payload"]["round_id"]
    assert payload["win"] == {"amount": Decimal("14.60"), "currency": "EUR"}
    assert payload["bet"] == {"amount": Decimal("2.00"), "currency": "EUR"}
    assert payload["in_bonus"] is True
    assert event["idempotency_key"] == "settle_r_8c12_1"
    assert uuid.UUID(event["event_id"].rpartition("_")[2]).version == 8
    assert event["occurred_at"].endswith(".000Z")


# The wallet's -------------------------------------------------------------------------------------


async def test_a_jackpots_credit_runs_as_written() -> None:
    """The body as it is shown, its key and no header for it: credit ok; the same again is the same
    bytes and pays nothing more (JP-13, PRV-35)."""
    request = load("wallet/01-jackpot-credit.json")["request"]
    async with sandbox() as box:
        token = await box.token("studio-demo")
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "X-Trace-Id": "tr_jp",
            **BRAND_42,
        }
        first, again = [
            await box.raw(request["method"], request["path"], encode(request["body"]), headers)
            for _ in range(2)
        ]
        assert (first.status, first.json["status"]) == (200, "ok")
        assert first.json["transaction_id"] == request["body"]["jp_payout_id"]
        assert (again.body, again.replayed) == (first.body, True)
        assert await box.balance() == (Decimal("501000.00"), Decimal("0.00"))
        await box.require_sound()


@pytest.mark.parametrize("reason", ["RG", "AML", "WITHDRAWAL_LIMIT", "SANCTIONS", "GEO_BLOCK"])
async def test_a_jackpots_credit_fails_with_a_reason(reason: str) -> None:
    """The other answer that is shown: failed, with a reason code; nothing moves (JP-13)."""
    request = load("wallet/01-jackpot-credit.json")["request"]
    async with sandbox() as box:
        await box.admin("PATCH", "/players/p_19f3", {"payout_block": reason})
        got = await box.call(request["method"], request["path"], request["body"])
        assert (got.status, got.json["status"], got.json["reason"]) == (200, "failed", reason)
        assert await box.balance() == (Decimal("1000.00"), Decimal("0.00"))
