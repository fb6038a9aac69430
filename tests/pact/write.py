"""`python -m tests.pact.write [FOLDER]`: the adapters' pacts, written by making each call.

`PlatformClient` makes every call against Pact's mock server and reads its answer; each event is
read as our readers do. A file is written only if all of them could, and holds no version and no
time, so that it changes when an expectation does and never else.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

os.environ["PACT_DO_NOT_TRACK"] = "true"

from pact import Pact  # it reads the switch when it is imported
from pact.error import MismatchesError

from simulator.adapters.credentials import BearerAuth
from simulator.adapters.http import HttpTransport
from simulator.adapters.operations import write_request
from simulator.adapters.platform import PlatformClient, Provider
from simulator.adapters.retry import RetryPolicy
from simulator.base.clock import WallClock
from simulator.base.errors import Problem
from simulator.base.rng import Rng
from simulator.wire import json as wire
from simulator.wire.events import Envelope
from tests.pact.interactions import (
    EXACT,
    EXACT_IN_REFUSALS,
    INTERACTIONS,
    SESSION,
    Interaction,
)
from tests.pact.messages import MESSAGES, Told
from tests.processes import ROOT

PACTS = ROOT / "contracts" / "pacts"
STUDIO, PLATFORM, EVENTS = "playmoney-studio", "platform", "platform-events"
JSON = "application/json"


def main(folder: Path = PACTS) -> None:
    """Write all of them."""
    with tempfile.TemporaryDirectory() as raw:
        _calls().write_file(raw, overwrite=True)
        _events().write_file(raw, overwrite=True)
        for path in sorted(Path(raw).glob("*.json")):
            (folder / path.name).write_text(canonical(path.read_text("utf-8")), "utf-8")


def canonical(text: str) -> str:
    """The same text for the same expectations: keys sorted, interactions by their description,
    without the versions of what has written it."""
    pact = json.loads(text)
    del pact["metadata"]["pactRust"]
    pact["interactions"].sort(key=lambda one: one["description"])
    return json.dumps(pact, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


# Calls -------------------------------------------------------------------------------------------


def _calls() -> Pact:
    pact = Pact(STUDIO, PLATFORM).with_specification("V4")
    _expect_token(pact)
    for interaction in INTERACTIONS:
        _expect(pact, interaction)
    with pact.serve(raises=False) as server:
        asyncio.run(_make(str(server.url)))
        if not server.matched:
            raise MismatchesError(*server.mismatches)
    return pact


def _expect_token(pact: Pact) -> None:
    ask = pact.upon_receiving("a token").given("a client")
    ask.with_request("POST", "/oauth/token")
    ask.with_header("Authorization", _text(_from_state("Basic ${basic}", "Basic c3R1ZGlvOnM=")))
    ask.with_body("grant_type=client_credentials", "application/x-www-form-urlencoded", "Request")
    ask.will_respond_with(200)
    ask.with_body(_text(_like({"access_token": "eyJ", "expires_in": 600})), JSON, "Response")


def _expect(pact: Pact, one: Interaction) -> None:
    ask = pact.upon_receiving(one.says).given("a client").given(one.state, **one.params)
    target, body = write_request(one.operation, one.ask)
    path, _, query = target.partition("?")
    if f"/{SESSION}" in path:
        expression = path.replace(f"/{SESSION}", "/${session_id}")
        pattern = path.replace(f"/{SESSION}", "/[^/]+") + "$"
        anywhere = {"pact:matcher:type": "regex", "regex": pattern}
        ask.with_request(one.operation.method, _text(_from_state(expression, path) | anywhere))
    else:
        ask.with_request(one.operation.method, path)
    for part in filter(None, query.split("&")):
        ask.with_query_parameter(*part.split("="))
    ask.with_header("Authorization", _text(_from_state("Bearer ${token}", "Bearer eyJ")))
    for name, value in (("Trace-Id", "tr_1"), ("Brand-Id", "brand-42"), ("Region", "EU")):
        ask.with_header(f"X-{name}", _text(_like(value)))
    ask.with_header("X-Provider-Id", _text(_like("studio")))
    if one.operation.method != "GET":
        ask.with_header("X-Idempotency-Key", one.key)
    if body:
        ask.with_body(_text(_session_of_the_state(wire.decode(body))), JSON, "Request")
    ask.will_respond_with(one.status)
    exact = EXACT | EXACT_IN_REFUSALS if one.status >= 400 else EXACT
    ask.with_body(_text(_like(one.answer, exact)), JSON, "Response")


async def _make(url: str) -> None:
    """Every call, and what the adapter makes of its answer."""
    transport = HttpTransport(url)
    auth = BearerAuth(transport, "studio", "s", WallClock())
    once = RetryPolicy(attempts=1)
    provider = Provider("studio", "brand-42", "EU")
    client = PlatformClient(transport, auth, provider, Rng(1), "pact", policy=once)
    for one in INTERACTIONS:
        try:
            if one.operation.method == "GET":
                found = await client.read(one.operation, one.ask)
            else:
                found = (await client.write(one.operation, one.ask, one.key)).answer
        except Problem as problem:
            if (problem.status, problem.code) != (one.status, one.answer.get("code")):
                raise
        else:
            _require_read(one.says, one.answer, msgspec.to_builtins(found))
    await transport.close()


# Events ------------------------------------------------------------------------------------------


def _events() -> Pact:
    pact = Pact(STUDIO, EVENTS).with_specification("V4")
    told = {one.event_type: one for one in MESSAGES}
    for one in MESSAGES:
        ask = pact.upon_receiving(one.event_type, "Async").given(one.state, **one.params)
        body = {**_like(one.body, set()), "event_type": one.event_type}
        ask.with_body(_text(body), JSON)

    def read(body: str | bytes | None, _metadata: dict[str, Any]) -> None:
        raw = body.encode() if isinstance(body, str) else body or b""
        _read_event(raw, told)

    pact.verify(read, "Async")
    return pact


def _read_event(raw: bytes, told: dict[str, Told]) -> None:
    event = msgspec.convert(wire.decode(raw), Envelope)
    one = told[event.event_type]
    payload = msgspec.convert(event.payload, one.payload)
    _require_read(event.event_type, one.example, msgspec.to_builtins(payload))


# Matching ----------------------------------------------------------------------------------------


def _like(example: Any, exact: set[str] | frozenset[str] = frozenset()) -> Any:
    """Each leaf stands for its type, but for those of these names; in a list all do, and one item
    of it for any number of them."""
    match example:
        case dict():
            return {
                name: value if name in exact else _like(value, exact)
                for name, value in example.items()
            }
        case list():
            return {"pact:matcher:type": "type", "min": 1, "value": [_like(v) for v in example]}
        case _:
            return {"pact:matcher:type": "type", "value": example}


def _from_state(expression: str, example: str) -> dict[str, str]:
    """What the provider state names."""
    return {
        "pact:matcher:type": "type",
        "value": example,
        "pact:generator:type": "ProviderState",
        "expression": expression,
    }


def _session_of_the_state(body: dict[str, Any]) -> dict[str, Any]:
    known = {"session_id": _from_state("${session_id}", SESSION)}
    return {name: known.get(name, value) for name, value in body.items()}


def _text(body: Any) -> str:
    return wire.encode(body).decode()


def _require_read(what: str, example: Any, found: Any) -> None:
    """Raises AssertionError where the adapter did not read what the example says."""
    for place, value in _leaves(example):
        got = found
        for step in place:
            got = got[step]
        if str(got) != str(value) and float(got) != float(value):
            raise AssertionError(f"{what}: {place} was read as {got!r}, not {value!r}")


def _leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, part in pairs:
            yield from _leaves(part, (*place, name))
    else:
        yield place, value


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
