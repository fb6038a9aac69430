"""The worked exchanges of the specification for the studio (`examples/rgs`), run as written.

They are written with `…` for the rest of an id; here each such id is a whole one of the test world.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.rgs.tools import VAULT, Studio, minor, studio
from tests.support import encode

EXAMPLES = Path(__file__).parent / "examples" / "rgs"

ELLIPSIS = "…"


def load(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"), parse_float=Decimal)


async def whole_ids(at: Studio) -> dict[str, Any]:
    """Field → the whole id that stands for the cut one."""
    return {
        "session_id": "s-7f01",
        "operator_id": "op-42",
        "player_id": "p_19f3",
        "game_id": VAULT,
        "build_hash": (await at.build(VAULT))["build_hash"],
        "jwt": at.token(),
        "spin_id": "spin-1",
        "round_id": "rnd-1",
        "idempotency_key": "spin-1",
    }


def fill(value: Any, ids: dict[str, Any], field: str = "") -> Any:
    """A copy in which every cut id, and the cut token, is whole."""
    if isinstance(value, dict):
        return {name: fill(part, ids, name) for name, part in value.items()}
    if isinstance(value, list):
        return [fill(part, ids, field) for part in value]
    cut = isinstance(value, str) and (ELLIPSIS in value or field == "jwt")
    return ids[field] if cut else value


async def send(at: Studio, name: str, ids: dict[str, Any]) -> Any:
    """The request as written, with the one header that the studio needs."""
    request = load(name)["request"]
    assert request["path"].startswith("/rgs/v1")
    body = fill(request["body"], ids)
    assert ELLIPSIS.encode() not in encode(body)
    return await at.call(request["method"], request["path"].removeprefix("/rgs/v1"), body)


async def test_the_exchanges_run_as_written() -> None:
    """Session, spin and batch are taken as the specification writes them; the spin's answer has
    every field that is shown, of the same type, and its contribution is the one shown (RGS-01,
    RGS-03, RGS-04, RGS-42)."""
    async with studio() as at:
        ids = await whole_ids(at)
        opened = await send(at, "01-create-session.json", ids)
        assert opened.status == 201, opened.body
        asked = fill(load("01-create-session.json")["request"]["body"], ids)
        same = asked.keys() & opened.json.keys()
        assert {name: asked[name] for name in same} == {name: opened.json[name] for name in same}
        assert opened.json["rg"]["time_limit_min"] == 60

        played = await send(at, "02-spin.json", ids)
        shown = load("02-spin.json")["response"]
        assert played.status == shown["status"], played.body
        assert set(shown["body"]) <= set(played.json)
        assert set(shown["body"]["outcome"]) == set(played.json["outcome"])
        assert played.json["outcome"]["win"]["currency"] == "EUR"
        (txn,) = played.json["rgs_txns"]
        (wanted,) = shown["body"]["rgs_txns"]
        assert {name: txn[name] for name in wanted} == wanted
        assert played.json["telemetry_ref"].startswith("evt")

        batch = await send(at, "03-events-batch.json", {**ids, "spin_id": "spin-900"})
        assert (batch.status, batch.json["accepted"]) == (200, 1), batch.body
        await at.require_sound()


async def test_a_trigger_has_the_shown_shape() -> None:
    """A spin that starts free spins says so as shown: type, name and count (RGS-03)."""
    (wanted,) = load("02-spin.json")["response"]["body"]["outcome"]["features"]
    async with studio() as at:
        opened = await at.open(game_id=VAULT)
        (buy,) = [mode for mode in opened["modes"] if mode.startswith("buy")]
        features = (await at.played(stake="80.00", mode=buy))["outcome"]["features"]
        assert set(wanted) <= set(features[0])
        assert features[0]["type"] == wanted["type"]
        assert isinstance(features[0]["count"], int)


async def test_the_exchanges_run_twice_as_once() -> None:
    """Every exchange sent again is the same bytes, and one session, spin and item (RGS-50)."""
    async with studio() as at:
        ids = await whole_ids(at)
        for name in ("01-create-session.json", "02-spin.json", "03-events-batch.json"):
            first, again = [await send(at, name, ids) for _ in range(2)]
            assert (again.status, again.body) == (first.status, first.body)
        session = await at.ok("GET", "/sessions/s-7f01")
        assert (session["spins"], minor(session["staked"])) == (1, 100)
        assert at.rows("spin") == 1
