"""The headers of a call: each required one is needed on every operation, and every answer carries
its trace id (PRV-12)."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from simulator.wire.contract import Operation
from tests.server.tools import (
    READS,
    SCOPED,
    WRITES,
    Ids,
    new_call,
    play_examples,
    require_problem,
    stored,
)
from tests.support import BRAND_42, Got, Sandbox, encode, sandbox

EVERY_CALL = ("X-Trace-Id", "X-Brand-Id", "X-Region", "X-Provider-Id")
KEYS = ("X-Idempotency-Key", "Idempotency-Key")

MALFORMED = ["", " ", "a b", "é", "{}", "a\tb", "x" * 300]
"""No header of the contract takes any of these."""

MADE_TRACE = re.compile(r"tr_[0-9a-f]{16}")


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


@pytest.fixture
async def ids(box: Sandbox) -> Ids:
    return await play_examples(box)


async def send(box: Sandbox, operation: Operation, ids: Ids, **changes: str | None) -> Got:
    """An operation as its contract shows it, with headers changed, or left out where None."""
    path, body = new_call(operation, ids)
    headers: dict[str, str | None] = {
        "Authorization": f"Bearer {box.tokens['studio-demo']}",
        "X-Trace-Id": "tr_headers",
        **BRAND_42,
        **({"X-Idempotency-Key": "k-headers"} if operation.writes else {}),
        **({} if body is None else {"Content-Type": "application/json"}),
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    given = {name: value for name, value in headers.items() if value is not None}
    return await box.raw(operation.method, path, encode(body), given)


def require_named(got: Got, name: str) -> None:
    """A 400 that names the header, to people and to machines."""
    require_problem(got, 400, "VALIDATION_FAILED")
    assert name in got.json["message"]
    assert [error["field"] for error in got.json["details"]["errors"]] == [name]


@pytest.mark.parametrize("operation", SCOPED.values(), ids=SCOPED)
async def test_the_headers_of_the_contract_are_enough(
    box: Sandbox, ids: Ids, operation: Operation
) -> None:
    """The control of the tests below: with every header the call works (PRV-12)."""
    if operation.operation_id in {"closeRound", "closeWalletRound"}:
        await box.settle("b_001", 0, round_id="r_8c12")
    got = await send(box, operation, ids)
    assert got.status == operation.success, got.body


@pytest.mark.parametrize("name", EVERY_CALL)
@pytest.mark.parametrize("operation", SCOPED.values(), ids=SCOPED)
async def test_a_missing_header_is_a_400_that_names_it(
    box: Sandbox, ids: Ids, operation: Operation, name: str
) -> None:
    """Each of the four, on every operation; nothing is stored (PRV-12)."""
    before = stored(box)
    require_named(await send(box, operation, ids, **{name: None}), name)
    assert stored(box) == before


@pytest.mark.parametrize("name", EVERY_CALL)
@pytest.mark.parametrize("operation", SCOPED.values(), ids=SCOPED)
async def test_a_malformed_header_is_a_400_that_names_it(
    box: Sandbox, ids: Ids, operation: Operation, name: str
) -> None:
    """The same for each value that the contract does not allow (PRV-12, WAL-77)."""
    before = stored(box)
    for value in MALFORMED:
        require_named(await send(box, operation, ids, **{name: value}), name)
    assert stored(box) == before


@pytest.mark.parametrize("operation", WRITES.values(), ids=WRITES)
async def test_a_write_without_a_key_is_a_400(box: Sandbox, ids: Ids, operation: Operation) -> None:
    """Neither name of the key: refused on every write, and nothing is stored (PRV-12)."""
    before = stored(box)
    require_named(await send(box, operation, ids, X_Idempotency_Key=None), KEYS[0])
    assert stored(box) == before


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("operation", WRITES.values(), ids=WRITES)
async def test_a_malformed_key_is_a_400(
    box: Sandbox, ids: Ids, operation: Operation, name: str
) -> None:
    """Under either name, beside a good one under the other name too (PRV-12, WAL-77)."""
    before = stored(box)
    (other,) = set(KEYS) - {name}
    for value in ("", " ", "a b", "é", "a\tb", "x" * 256):
        for beside in (None, "k-good"):
            require_named(await send(box, operation, ids, **{name: value, other: beside}), name)
    assert stored(box) == before


@pytest.mark.parametrize("operation", WRITES.values(), ids=WRITES)
async def test_two_keys_that_differ_are_a_400(box: Sandbox, ids: Ids, operation: Operation) -> None:
    """Nobody can say which one counts; two equal ones are one (PRV-12)."""
    if operation.operation_id in {"closeRound", "closeWalletRound"}:
        await box.settle("b_001", 0, round_id="r_8c12")
    before = stored(box)
    got = await send(box, operation, ids, Idempotency_Key="another")
    require_named(got, KEYS[0])
    assert KEYS[1] in got.json["message"]
    assert stored(box) == before
    got = await send(box, operation, ids, Idempotency_Key="k-headers")
    assert got.status == operation.success, got.body


@pytest.mark.parametrize("operation", WRITES.values(), ids=WRITES)
async def test_the_standards_name_of_the_key_is_enough(
    box: Sandbox, ids: Ids, operation: Operation
) -> None:
    """`Idempotency-Key` alone does on every write, and is the same key (PRV-12, PRV-30)."""
    if operation.operation_id in {"closeRound", "closeWalletRound"}:
        await box.settle("b_001", 0, round_id="r_8c12")
    got = await send(box, operation, ids, X_Idempotency_Key=None, Idempotency_Key="k-headers")
    assert got.status == operation.success, got.body
    again = await send(box, operation, ids)
    assert (again.body, again.replayed) == (got.body, True)


@pytest.mark.parametrize("operation", READS.values(), ids=READS)
async def test_a_read_takes_no_notice_of_a_key(
    box: Sandbox, ids: Ids, operation: Operation
) -> None:
    """A key on a read is a header that nobody declared: it binds nothing (PRV-12, WAL-17)."""
    got = await send(box, operation, ids, X_Idempotency_Key="k 1", Idempotency_Key="k-2")
    assert got.status == operation.success
    assert not got.replayed


# The trace id ------------------------------------------------------------------------------------

ANYTHING: list[tuple[str, str, int]] = [
    ("GET", "/v1/players/p_19f3", 401),
    ("POST", "/v1/bets/authorize", 401),
    ("GET", "/v1/nothing", 404),
    ("DELETE", "/v1/bets", 405),
    ("GET", "/s/none/v1/bets", 404),
    ("POST", "/oauth/token", 400),
    ("GET", "/.well-known/jwks.json", 200),
    ("GET", "/__admin/health", 200),
    ("GET", "/__admin/nothing", 404),
    ("POST", "/__admin/seed", 405),
]
"""One call of each kind, without any header, and its answer's status."""


@pytest.mark.parametrize(("method", "path", "status"), ANYTHING)
@pytest.mark.parametrize("trace_id", ["a", "tr_A-1.b:2", "x" * 128])
async def test_the_callers_trace_id_comes_back(
    box: Sandbox, method: str, path: str, status: int, trace_id: str
) -> None:
    """Whatever the answer is, it is that call's (PRV-12, PRV-25)."""
    got = await box.raw(method, path, headers={"X-Trace-Id": trace_id})
    assert got.status == status, got.body
    require_traced(got, trace_id)


@pytest.mark.parametrize(("method", "path", "status"), ANYTHING)
async def test_a_trace_id_is_made_where_there_is_none(
    box: Sandbox, method: str, path: str, status: int
) -> None:
    """Every answer has one, a new one for each call (PRV-12)."""
    seen = set()
    for _ in range(3):
        got = await box.raw(method, path)
        assert got.status == status, got.body
        assert MADE_TRACE.fullmatch(got.headers["x-trace-id"])
        require_traced(got, got.headers["x-trace-id"])
        seen.add(got.headers["x-trace-id"])
    assert len(seen) == 3


@pytest.mark.parametrize(("method", "path", "status"), ANYTHING)
async def test_an_unusable_trace_id_is_not_repeated(
    box: Sandbox, method: str, path: str, status: int
) -> None:
    """What is no trace id comes back nowhere: the answer has one of ours, and where the call would
    have worked it is refused with the header's name (PRV-12, WAL-77)."""
    for value in (*MALFORMED, "a\x00b", 'x"', "<b>"):
        got = await box.raw(method, path, headers={"X-Trace-Id": value})
        assert got.status == (400 if status == 200 else status), (value, got.body)
        assert MADE_TRACE.fullmatch(got.headers["x-trace-id"])
        require_traced(got, got.headers["x-trace-id"])
        if status == 200:
            require_named(got, "X-Trace-Id")


async def test_a_token_request_with_an_unusable_trace_id_is_an_invalid_request(
    box: Sandbox,
) -> None:
    """Refused in the words of RFC 6749 §5.2 and of the error model, and no token is given."""
    form = b"grant_type=client_credentials&client_id=studio-demo&client_secret=studio-demo-secret"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await box.raw("POST", "/oauth/token", form, headers)).status == 200
    got = await box.raw("POST", "/oauth/token", form, {**headers, "X-Trace-Id": "a b"})
    require_problem(got, 400, "VALIDATION_FAILED")
    assert got.json["error"] == "invalid_request"
    assert "X-Trace-Id" in got.json["error_description"]


async def test_a_repeat_keeps_the_first_trace_id_in_its_body(box: Sandbox) -> None:
    """The header is this call's, the remembered body the first call's (PRV-12, PRV-30)."""
    first = await box.settle("b-9", 1, key="k-1", headers={"X-Trace-Id": "tr_first"})
    second = await box.settle("b-9", 1, key="k-1", headers={"X-Trace-Id": "tr_second"})
    assert second.replayed
    assert (first.status, second.body) == (404, first.body)
    assert first.json["trace_id"] == "tr_first"
    assert second.headers["x-trace-id"] == "tr_second"


async def test_the_trace_id_is_in_the_events_of_the_call(box: Sandbox) -> None:
    """So the call and what it caused can be found together (PRV-12, PRV-41)."""
    await box.authorize(await box.session(), "b-1", 2, headers={"X-Trace-Id": "tr_of_the_bet"})
    events = {event["trace_id"]: event["event_type"] for event in await box.events()}
    assert events["tr_of_the_bet"] == "bet.authorized"


def require_traced(got: Got, trace_id: str) -> None:
    """The answer has this trace id in its header, and in its body where it is a refusal."""
    assert got.headers["x-trace-id"] == trace_id
    body: Mapping[str, Any] = got.json
    if got.status >= 400:
        assert body["trace_id"] == trace_id


@pytest.mark.parametrize("name", EVERY_CALL)
async def test_a_good_call_lets_no_bad_one_in_after_it(box: Sandbox, ids: Ids, name: str) -> None:
    """What a client was let in with is good for those headers only: without one of them, or with
    another, the next call of the same token is checked anew (PRV-12, PRV-63)."""
    operation = WRITES["authorizeBet"]
    field = name.replace("-", "_")
    assert (await send(box, operation, ids)).status == 200
    require_named(await send(box, operation, ids, **{field: None}), name)
    require_named(await send(box, operation, ids, **{field: "a b"}), name)
    for header, other in (("X_Brand_Id", "brand-7"), ("X_Region", "UK")):
        require_problem(await send(box, operation, ids, **{header: other}), 403, "SCOPE_DENIED")
    assert (await send(box, operation, ids)).status == 200


async def test_each_call_has_its_own_trace_id(box: Sandbox, ids: Ids) -> None:
    """However alike two calls are, each one's event carries its own trace id (PRV-12, PRV-41)."""
    operation = WRITES["createSession"]
    for trace_id in ("tr_first", "tr_second"):
        got = await send(box, operation, ids, X_Trace_Id=trace_id, X_Idempotency_Key=trace_id)
        assert got.headers["x-trace-id"] == trace_id
    events = await box.events(event_type="session.started")
    assert [event["trace_id"] for event in events[-2:]] == ["tr_first", "tr_second"]


V1 = "application/vnd.platform.api+json"


@pytest.mark.parametrize(
    ("accept", "status", "answered"),
    [
        (f"{V1};version=1.2", 200, f"{V1};version=1.2"),
        (f'{V1}; version="1.0"', 200, f"{V1};version=1.0"),
        (V1, 200, f"{V1};version=1.2"),
        (f"{V1};version=9.0, {V1};version=1.1;q=0.5", 200, f"{V1};version=1.1"),
        (f"{V1};version=9.0, application/json;q=0.1", 200, "application/json"),
        ("application/json", 200, "application/json"),
        ("*/*", 200, "application/json"),
        ("text/html", 200, "application/json"),
        (f"{V1};version=9.0", 406, "application/json"),
        (f"{V1};version=9.0, text/html", 406, "application/json"),
        (f"{V1};version=", 406, "application/json"),
    ],
)
async def test_a_minor_version_is_asked_for_by_accept(
    box: Sandbox, ids: Ids, accept: str, status: int, answered: str
) -> None:
    """One that is served is answered in its type, another is 406, with nothing done; whoever asks
    for none gets plain JSON (PRV-50)."""
    before = stored(box)
    for name in ("readBet", "readTransaction"):
        got = await send(box, SCOPED[name], ids, Accept=accept)
        assert (got.status, got.headers["content-type"]) == (status, answered), got.body
    if status == 406:
        got = await send(box, SCOPED["authorizeBet"], ids, Accept=accept)
        require_problem(got, 406, "NOT_ACCEPTABLE")
        assert got.json["message"].startswith("version ")
        assert stored(box) == before
