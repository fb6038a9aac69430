"""Bad input gets a 4xx of the error model, never a 5xx, and stores nothing (WAL-77)."""

import http.client
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.wire.contract import Operation
from tests import processes
from tests.server.tools import (
    READS,
    SCOPED,
    WRITES,
    example_call,
    home_of,
    node_of,
    one_sandbox,
    parameters_of,
    play_examples,
    resolve,
    send_parts,
    stored,
)
from tests.support import BRAND_42, Got, Sandbox, encode, sandbox

WITH_BODY = {name: op for name, op in WRITES.items() if op.body is not None}
BIG = b"x" * 10_000_000


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        await play_examples(opened)
        yield opened


def headers_of(box: Sandbox, **more: str) -> dict[str, str]:
    """Every header of a good call."""
    return {
        "Authorization": f"Bearer {box.tokens['studio-demo']}",
        "X-Trace-Id": "tr_bad",
        **BRAND_42,
        "X-Idempotency-Key": "k-bad",
        "Content-Type": "application/json",
        **more,
    }


def require_refused(got: Got, *statuses: int) -> None:
    """A refusal of these statuses in the whole error model, of a kind not to be repeated."""
    assert got.status in (statuses or (400,)), (got.status, got.body)
    body = got.json
    assert {"code", "message", "retryable", "trace_id"} <= set(body), body
    assert body["retryable"] is False
    assert body["trace_id"] == got.headers["x-trace-id"]
    assert got.headers["content-type"] == "application/json"
    assert 0 < len(body["message"]) < 1000


async def send(box: Sandbox, operation: Operation, body: bytes, **headers: str) -> Got:
    path, _ = example_call(operation)
    return await box.raw(operation.method, path, body, headers_of(box, **headers))


# Bodies that are no JSON, or none that can be read -----------------------------------------------

GOOD = b'{"bet_id":"b-9","round_id":"r-9","win":{"amount":1,"currency":"EUR"}}'

BODIES: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n",
    "text": b"hello",
    "cut": GOOD[:-5],
    "twice": GOOD + GOOD,
    "single quotes": GOOD.replace(b'"', b"'"),
    "trailing comma": GOOD[:-1] + b",}",
    "comment": b"/* hi */" + GOOD,
    "form": b"bet_id=b-9&round_id=r-9",
    "xml": b"<bet/>",
    "NaN": GOOD.replace(b"1", b"NaN"),
    "Infinity": GOOD.replace(b"1", b"Infinity"),
    "-Infinity": GOOD.replace(b"1", b"-Infinity"),
    "leading zero": GOOD.replace(b":1", b":01"),
    "leading plus": GOOD.replace(b":1", b":+1"),
    "bare fraction": GOOD.replace(b":1", b":.5"),
    "hex": GOOD.replace(b":1", b":0x1"),
    "utf-16": GOOD.decode().encode("utf-16"),
    "utf-16 without mark": GOOD.decode().encode("utf-16-le"),
    "utf-32": GOOD.decode().encode("utf-32"),
    "utf-8 with mark": b"\xef\xbb\xbf" + GOOD,
    "latin-1": '{"bet_id":"b-9","round_id":"r-9","reason":"é"}'.encode("latin-1"),
    "cut utf-8": b'{"bet_id":"\xc3"}',
    "overlong utf-8": b'{"bet_id":"\xc0\xaf"}',
    "lone surrogate": b'{"bet_id":"\\ud800","round_id":"r-9"}',
    "encoded surrogate": b'{"bet_id":"\xed\xa0\x80"}',
    "raw NUL": b'{"bet_id":"b\x00"}',
    "raw newline": b'{"bet_id":"b\n"}',
    "NULs": b"\x00" * 100,
    "gzip": b"\x1f\x8b\x08\x00",
    "deep arrays": b"[" * 5_000 + b"]" * 5_000,
    "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "deep and open": b"[" * 100_000,
    "deep unknown field": GOOD[:-1] + b',"x":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "deep within bounds of JSON": b"[" * 900 + b"]" * 900,
    "null": b"null",
    "true": b"true",
    "number": b"1",
    "huge number": b"9" * 4_000,
    "string": b'"bet"',
    "array": b"[" + GOOD + b"]",
    "no fields": b"{}",
}


@pytest.mark.parametrize("operation", WITH_BODY.values(), ids=WITH_BODY)
async def test_a_body_that_is_not_one(box: Sandbox, operation: Operation) -> None:
    """Not JSON, another charset, nesting without end, or JSON of another type: 400, and nothing is
    stored (WAL-77)."""
    before = stored(box)
    for name, body in BODIES.items():
        got = await send(box, operation, body)
        assert got.status == 400, (name, got.body)
        require_refused(got)
        assert stored(box) == before, name


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json-patch+json",
        "application/jsonx",
        "json",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "*/*",
    ],
)
async def test_another_content_type_is_refused(box: Sandbox, content_type: str) -> None:
    """A body that says it is something else is not read, even where it would be JSON (WAL-77)."""
    before = stored(box)
    settle = WRITES["settleBet"]
    require_refused(await send(box, settle, GOOD, **{"Content-Type": content_type}))
    assert stored(box) == before


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON", 'application/json; charset="UTF-8"']
)
async def test_json_in_utf_8_is_read(box: Sandbox, content_type: str) -> None:
    """The control of the test above: these are JSON, and the decision is asked (WAL-24)."""
    got = await send(box, WRITES["settleBet"], GOOD, **{"Content-Type": content_type})
    assert (got.status, got.code) == (404, "BET_NOT_FOUND")


# Large bodies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", WRITES.values(), ids=WRITES)
async def test_ten_megabytes_are_too_large(box: Sandbox, operation: Operation) -> None:
    """10 MB get 413, whether their length is declared or they come in chunks, and nothing is stored
    (WAL-77)."""
    before = stored(box)
    require_refused(await send(box, operation, BIG), 413)
    path, _ = example_call(operation)
    chunks = [BIG[:100_000]] * 100
    got = await send_parts(box.app, operation.method, path, chunks, headers_of(box))
    require_refused(got, 413)
    assert stored(box) == before


async def test_a_body_without_end_is_given_up(box: Sandbox) -> None:
    """Far beyond the limit the rest is not even waited for (WAL-77)."""
    parts = [b"x" * 1_000_000] * 40
    got = await send_parts(box.app, "POST", "/v1/bets/settle", parts, headers_of(box))
    require_refused(got, 413)


async def test_a_body_that_is_cut_off_is_no_call(box: Sandbox) -> None:
    """A sender that goes away before the end of its body has asked for nothing: what came would
    have been a whole bet (WAL-72, WAL-77)."""
    session = await box.session()
    money = {"amount": 1, "currency": "EUR"}
    body = {"session_id": session, "bet_id": "b-9", "round_id": "r-9", "amount": money}
    before = stored(box)
    parts = [encode(body), b""]  # the second part never comes

    async def receive() -> Any:
        if len(parts) > 1:
            return {"type": "http.request", "body": parts.pop(0), "more_body": True}
        return {"type": "http.disconnect"}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/bets/authorize",
        "query_string": b"",
        "headers": [(n.lower().encode(), v.encode()) for n, v in headers_of(box).items()],
    }
    await box.app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert stored(box) == before


@pytest.fixture(scope="module")
def server() -> Iterator[processes.Server]:
    with processes.running("--strict", "--clock", "frozen") as started:
        started.wait_ready()
        yield started


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_ten_megabytes_over_http(server: processes.Server, declared: bool) -> None:
    """The same over a socket: the sender can read why, and the server goes on (WAL-77)."""
    host = server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=60)
    body: Any = BIG if declared else iter([BIG[:100_000]] * 100)
    connection.request(
        "POST", "/v1/bets/settle", body, {"Content-Type": "application/json", **BRAND_42}
    )
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "TOO_LARGE")
    connection.close()
    server.wait_ready()


# Fields of a wrong type --------------------------------------------------------------------------

WRONG: list[Any] = [
    None,
    True,
    0,
    -1,
    "",
    "\x00",
    "b\x00d",
    "a b",
    "ü",
    "\U0001f600",
    "x" * 200,
    "../../etc/passwd",
    "' OR 1=1 --",
    [],
    [1],
    {},
    {"a": {"b": 1}},
    10**400,
]
"""None of these is an id, a code, a name or money."""

FREE_TEXT = {"reason"}
"""A text for people: any text without control characters will do."""

FLAGS = {"constraints", "bonus_state", "rg_flags"}
"""Objects of which every member may be missing, so that an empty one is right."""


def places(
    schema: Any, home: str, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every property of a schema, with the way to it; what `if` leads to is left out."""
    node = resolve(schema, home)
    for name, part in node.get("properties", {}).items():
        yield (*path, name), resolve(part, home)
        yield from places(part, home, (*path, name))


def fits(name: str, schema: Any, value: Any) -> bool:
    """True where a wrong value happens to be right for this field."""
    kind = schema.get("type")
    if "enum" in schema:
        return value in schema["enum"]
    if name == "idempotency_key" and isinstance(value, str):
        return re.fullmatch(r"[\x21-\x7e]{1,255}", value) is not None
    if name in FREE_TEXT and isinstance(value, str):
        return value.isprintable() and len(value) <= schema["maxLength"]
    if name in FLAGS and isinstance(value, dict):
        return True  # unknown members are ignored (WAL-17)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("number", "integer"):
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        above = schema.get("exclusiveMinimum") is None
        number = isinstance(value, int) and not isinstance(value, bool)
        return number and (value > low or (above and value == low)) and value < 10**13
    return False


def fields_of(operation: Operation) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every field of an operation's body."""
    home = home_of(operation)
    body = resolve(node_of(operation)["requestBody"], home)
    yield from places(body["content"]["application/json"]["schema"], home)


FIELDS = [(op, path, schema) for op in WITH_BODY.values() for path, schema in fields_of(op)]


@pytest.mark.parametrize(
    ("operation", "path", "schema"),
    FIELDS,
    ids=[f"{operation.operation_id}-{'.'.join(path)}" for operation, path, _ in FIELDS],
)
async def test_a_field_of_a_wrong_type_is_named(
    box: Sandbox, operation: Operation, path: tuple[str, ...], schema: Any
) -> None:
    """Each field refuses whatever it is not, the message names it, and nothing is stored
    (WAL-77, PRV-25)."""
    before = stored(box)
    tried = 0
    for value in WRONG:
        if fits(path[-1], schema, value):
            continue
        _, good = example_call(operation)
        body = json.loads(json.dumps(good))
        target = body
        for name in path[:-1]:
            target = target.setdefault(name, _filled(path))
        target[path[-1]] = value
        got = await send(box, operation, json.dumps(body).encode())
        require_refused(got)
        assert path[-1] in got.json["message"], (value, got.json["message"])
        tried += 1
    assert tried > 3
    assert stored(box) == before


def _filled(path: tuple[str, ...]) -> dict[str, Any]:
    """An optional object that the example lacks: money has required members."""
    return {"amount": 1, "currency": "EUR"} if path[0] == "amount" else {}


def required_of(operation: Operation) -> list[str]:
    """The fields that an operation's body must have; of two bodies, those of the usual one."""
    home = home_of(operation)
    body = resolve(node_of(operation)["requestBody"], home)
    schema = resolve(body["content"]["application/json"]["schema"], home)
    found: list[str] = resolve(schema.get("else", schema), home)["required"]
    return found


@pytest.mark.parametrize("operation", WITH_BODY.values(), ids=WITH_BODY)
async def test_a_missing_field_is_named(box: Sandbox, operation: Operation) -> None:
    """Each required field that is left out is named (WAL-17, WAL-77)."""
    before = stored(box)
    _, good = example_call(operation)
    for name in required_of(operation):
        got = await send(box, operation, json.dumps({**good, name: None}).encode())
        require_refused(got)
        rest = {key: value for key, value in good.items() if key != name}
        got = await send(box, operation, json.dumps(rest).encode())
        require_refused(got)
        assert name in got.json["message"]
    assert stored(box) == before


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
NAMES = st.sampled_from(sorted(WITH_BODY))
DAMAGE = [b"1e999", b"-0", b"1e-999", b"null", b"\\u0000", b'"', b"{", b"]"]


async def require_harmless(box: Sandbox, name: str, body: bytes) -> None:
    """Refused or accepted, never a failure; what is refused for its form stores nothing."""
    before = stored(box)
    got = await send(box, WITH_BODY[name], body)
    assert got.status < 500, got.body
    if got.status == 400:
        require_refused(got)
        assert stored(box) == before


def test_no_json_breaks_the_server() -> None:
    """Whatever JSON comes, it is refused or accepted, never a failure; what is refused for its form
    stores nothing (WAL-77)."""
    with one_sandbox() as (box, run):
        run(play_examples(box))

        @given(name=NAMES, value=ANY_JSON)
        def harmless(name: str, value: Any) -> None:
            run(require_harmless(box, name, json.dumps(value).encode()))

        harmless()


def test_no_bytes_break_the_server() -> None:
    """The same for bytes of any kind (WAL-77)."""
    with one_sandbox() as (box, run):
        run(play_examples(box))

        @given(name=NAMES, body=st.binary(max_size=300))
        def harmless(name: str, body: bytes) -> None:
            run(require_harmless(box, name, body))

        harmless()


def test_no_damage_to_a_good_body_breaks_the_server() -> None:
    """The same for a good body with some of its bytes replaced (WAL-77)."""
    with one_sandbox() as (box, run):
        ids = run(play_examples(box))

        @given(
            name=NAMES,
            at=st.integers(0, 400),
            put=st.binary(max_size=12) | st.sampled_from(DAMAGE),
            dropped=st.integers(0, 12),
        )
        def harmless(name: str, at: int, put: bytes, dropped: int) -> None:
            good = json.dumps(example_call(WITH_BODY[name], ids)[1]).encode()
            start = at % (len(good) + 1)
            run(require_harmless(box, name, good[:start] + put + good[start + dropped :]))

        harmless()


# Paths, methods, parameters ----------------------------------------------------------------------


UNKNOWN_PATHS = [
    "/",
    "/v1",
    "/v1/",
    "/v2/bets",
    "/v1/nothing",
    "/v1/bets/",
    "/v1/bets/b_001/",
    "/v1//bets",
    "/v1/bets/b_001/extra",
    "/V1/bets",
    "/v1/Bets",
    "/v1/%62ets",
    "/v1/bets/../players/p_19f3",
    "/v1/sessions/s_456/unknown",
    "/__admin",
    "/__admin/nothing",
    "/__administrator",
    "/oauth",
    "/.well-known/openid-configuration",
    "/favicon.ico",
    "/s",
    "/s/",
    "/s/none",
    "/s/none/v1/bets",
    "/s//v1/bets",
    "/s/default",
    "/\x00",
    "/v1/%ff%fe",
    "/v1/" + "x" * 5_000,
    "/v1/" + "a/" * 2_000,
]


async def test_an_unknown_path_is_404(box: Sandbox) -> None:
    """What the contract does not name is not there, whatever the method (PRV-26)."""
    before = stored(box)
    for path in UNKNOWN_PATHS:
        for method in ("GET", "POST", "DELETE"):
            got = await box.raw(method, path, headers=headers_of(box))
            require_refused(got, 404)
            assert got.code == "NOT_FOUND"
    assert stored(box) == before


async def test_a_method_that_nobody_knows_is_405(box: Sandbox) -> None:
    """An invented method is refused like one that the path lacks, with Allow (PRV-26)."""
    got = await box.raw("BREW", "/v1/bets", headers=headers_of(box))
    require_refused(got, 405)
    assert got.headers["allow"] == "GET"


BAD_IDS = [
    "%00",
    "b%00d",
    "%ff",
    "%c3%28",
    "%0a",
    "%20",
    "-x",
    "%2e%2e%2fplayers",
    "b%2f001",
    "x" * 129,
    "%27%20OR%201=1",
    "%F0%9F%98%80",
    "b*",
    "%",
    "%zz",
]


@pytest.mark.parametrize(
    "operation", [op for op in SCOPED.values() if "{" in op.path], ids=lambda op: op.operation_id
)
async def test_a_bad_path_parameter_is_400(box: Sandbox, operation: Operation) -> None:
    """What cannot be an id is refused as one, not searched for, and never breaks (WAL-77)."""
    (name,) = [p["name"] for p in parameters_of(operation) if p["in"] == "path"]
    before = stored(box)
    _, body = example_call(operation)
    for bad in BAD_IDS:
        path = operation.path.replace(f"{{{name}}}", bad)
        got = await box.raw(operation.method, path, encode(body), headers_of(box))
        require_refused(got)
        assert name in got.json["message"]
    assert stored(box) == before


BAD_QUERIES = {
    "limit": [
        "0",
        "-1",
        "201",
        "x",
        "",
        "1.5",
        "1e2",
        "9" * 30,
        "%00",
        "%201",
        "%2B1",
        "%EF%BC%91",
    ],
    "order": ["up", "", "ASC", "asc,desc", "%00"],
    "cursor": [
        "%00",
        "",
        "zz",
        "-1",
        "0x1f",
        "1F",
        "01",
        "%201",
        "x" * 65,
        "f" * 64,
        "4" + "0" * 15,
    ],
    "occurred_at_from": ["yesterday", "", "2026-01-01", "2026-02-30T00:00:00Z", "1", "%00"],
    "occurred_at_to": ["2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z"],
    "status": ["open", "", "Settled", "%00"],
    "kind": ["win", "", "Debit", "%00"],
    "event_type": ["bet", "", "Bet.Settled", "bet.settled%00", "x." * 40 + "y"],
    "player_id": ["", "%00", "a%20b", "x" * 129],
    "game_id": ["", "%00"],
    "round_id": ["", "%00"],
    "session_id": ["", "%00"],
    "tenant_id": ["", "%00"],
}


@pytest.mark.parametrize("operation", READS.values(), ids=READS)
async def test_a_bad_query_parameter_is_named(box: Sandbox, operation: Operation) -> None:
    """Each parameter of each list refuses what it is not and names itself; each one has bad values
    to try (WAL-77, PRV-60, PRV-61)."""
    path, _ = example_call(operation)
    for parameter in parameters_of(operation):
        if parameter["in"] != "query":
            continue
        for bad in BAD_QUERIES[parameter["name"]]:
            got = await box.call("GET", f"{path}?{parameter['name']}={bad}")
            require_refused(got)
            assert parameter["name"] in got.json["message"], (bad, got.json["message"])


@pytest.mark.parametrize("query", ["%ff", "limit=%ff", "%c3%28=1", "limit=1&x=%fe"])
async def test_a_query_that_is_not_utf_8_is_400(box: Sandbox, query: str) -> None:
    """Bytes that are no text are refused even in a parameter that nobody reads (WAL-77)."""
    require_refused(await box.call("GET", f"/v1/bets?{query}"))


@pytest.mark.parametrize("query", ["", "&", "=", "x", "x=1&x=2", "?", "a=%20%20", "&&limit=2&&"])
async def test_an_odd_query_is_no_failure(box: Sandbox, query: str) -> None:
    """Parameters that nobody declared are ignored (WAL-17)."""
    got = await box.call("GET", f"/v1/bets?{query}")
    assert got.status == 200, got.body
    assert len(got.json["items"]) == 1


def test_no_target_breaks_the_server() -> None:
    """Any printable text as an id or as a query is answered without a failure (WAL-77)."""
    printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
    with one_sandbox() as (box, run):

        @given(path=st.sampled_from(sorted(op.path for op in READS.values())), text=printable)
        def harmless(path: str, text: str) -> None:
            head, brace, _ = path.partition("{")
            got = run(box.call("GET", head + text if brace else f"{path}?{text}"))
            assert got.status < 500, got.body

        harmless()


# Headers -----------------------------------------------------------------------------------------


BAD_HEADERS = ["", " ", "a b", "é", "x" * 300, "\x00", "a\tb"]


@pytest.mark.parametrize("name", ["X-Brand-Id", "X-Region", "X-Provider-Id", "X-Idempotency-Key"])
async def test_a_bad_header_is_named(box: Sandbox, name: str) -> None:
    """A header of the contract with a value that it cannot have is a 400 that names it (PRV-12)."""
    before = stored(box)
    for value in BAD_HEADERS:
        got = await send(box, WRITES["settleBet"], GOOD, **{name: value})
        require_refused(got)
        assert name in got.json["message"]
    assert stored(box) == before


@pytest.mark.parametrize("length", ["x", "-1", "1.5", "", "1, 1"])
async def test_a_content_length_that_is_no_number_is_400(box: Sandbox, length: str) -> None:
    """Where a server in front lets it through, we refuse it (WAL-77)."""
    scope_headers = [(n.lower().encode(), v.encode()) for n, v in headers_of(box).items()]
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": GOOD, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/bets/settle",
        "query_string": b"",
        "headers": [*scope_headers, (b"content-length", length.encode())],
    }
    await box.app(scope, receive, send)
    assert sent[0]["status"] == 400


def test_the_wrong_values_are_wrong() -> None:
    """The control of `fits`: it lets through what a field accepts and nothing else."""
    assert fits("amount", {"type": "number", "minimum": 0}, 0)
    assert not fits("step", {"type": "number", "exclusiveMinimum": 0}, 0)
    assert not fits("amount", {"type": "number", "minimum": 0}, True)
    assert not fits("bet_id", {"type": "string"}, "b")
