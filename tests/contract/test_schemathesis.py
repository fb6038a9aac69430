"""Schemathesis on both contracts: whatever a contract allows or forbids, the server keeps it.

In process, where a hundred calls take a second, and over real HTTP against a server process. The
examples of the contracts, every border of every parameter and drawn requests, good and bad ones.
The refusals that the contracts show are provoked one by one in `test_documented_refusals.py`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CheckContext, CheckFunction
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.generation.hypothesis.builder import (
    HypothesisTestConfig,
    HypothesisTestMode,
    create_test,
)
from schemathesis.generation.meta import (
    CONTENT_TYPE_PROBES,
    CoveragePhaseData,
    CoverageScenario,
)
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from simulator.server import pipeline
from simulator.server.exchange import Answer
from simulator.wire.contract import Operation
from tests import processes
from tests.contract.hosted import URL, Hosted, calling
from tests.server.tools import document
from tests.support import CONTRACTS

AnyCase = Case[Any]
Send = Callable[[AnyCase], None]
Loaded = dict[str, tuple[OpenApiSchema, "Caller"]]
"""Name of a contract → itself, and who calls it."""

EACH = pytest.mark.parametrize(
    ("name", "operation"),
    [(name, op) for name, contract in CONTRACTS.items() for op in contract.operations.values()],
    ids=lambda value: getattr(value, "operation_id", value),
)

AT_NIGHT = {"wallet", "rgs", "play", "jackpot"}
"""Contracts that are tried over HTTP by night only: the socket, the parser and the pipeline are
those of the others, and each operation costs a second. By day their drawn requests are tried in
process, the others' over HTTP."""

FUZZING = HypothesisTestMode.FUZZING

OVER_HTTP = pytest.mark.parametrize(
    ("name", "operation"),
    [
        pytest.param(name, op, marks=[pytest.mark.nightly] if name in AT_NIGHT else [])
        for name, contract in CONTRACTS.items()
        for op in contract.operations.values()
        if not op.streams  # an answer that goes on has no end to wait for (tests/jackpot/test_live)
    ],
    ids=lambda value: getattr(value, "operation_id", value),
)

ADMIN_TOKEN = "admin-of-the-fuzzed-server"

SHARED_HEADERS = {
    (name, frozenset(header.name for header in operation.headers)): operation.operation_id
    for name, contract in CONTRACTS.items()
    for operation in reversed(contract.operations.values())
}
"""The headers that operations of a contract have in common → the first operation that has them.

By day that one tries the borders of their values for all: the same parameters, read by the same
function before the operation is looked at. That each is needed is asked of every operation."""

OF_ITS_OWN = {CoverageScenario.MISSING_PARAMETER, *CONTENT_TYPE_PROBES}
"""What is tried of the headers of every operation."""

FEW = settings(
    max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
"""Beside the borders, which are always all tried; the same each time, so that CI is quick and its
failures stay. The long campaign draws anew every night."""

MANY = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))

BEYOND_SCHEMA = {
    "cursor": "opaque: one that no next_cursor gave is a 400 (PRV-60)",
    "amount": "the decimals and the largest amount are the currency's (PRV-03)",
    "win": "the same",
    "credit.player_id": "the parts of a pair are of one player",
    "credit.round_id": "and of one round",
    "cash": "the same, and in the player's own currency",
    "constraints": "the same, for the limits of a session",
    "constraints.step": "the same",
    "constraints.max_bet": "the same",
    "constraints.min_bet": "the same",
    "occurred_at_from": "2026-02-30 has the form of a date and is none",
    "occurred_at_to": "the same",
    "expires_at": "the same; and it lies ahead",
    "time_out_until": "the same",
    "wager_multiplier": "no more is to be wagered than the largest amount",
    "now": "the same; and it goes with `frozen` only",
    "by_ms": "time ends with the year 2261",
    "region": "a new player lives in the region of the brand",
    "choice": "no target has so many digits (RGS-13)",
    "choice.target": "which targets there are is the game's (RGS-13)",
    "idempotency_key": "a spin's is not its round's id (RGS-03)",
    "grant_id": "goes with spins of type free only, and they need it (RGS-40)",
    "tournament_id": "the same of spins of type tournament (RGS-41)",
    "ends_at": "lies after starts_at",
    "currency": "not every code of three letters is a currency (PRV-03)",
    "stake": "its decimals are the currency's, and it is above zero",
    "bet_size": "the same",
    "bet": "its decimals are the currency's (PRV-03)",
    "contribution": "the same",
    "max_bet": "the same",
    "cap": "the same; what terms can stand is said by docs/jackpot.md",
    "seed": "the same",
    "rate": "the same",
    "members": "the same; each is a brand of this world, once, in its region (JP-60)",
    "owner": "the same: a brand of this world (JP-01)",
    "min_stake": "the same",
    "max_stake": "the same",
    "trigger": "the same",
    "trigger.by": "the same",
    "trigger.min": "the same",
    "trigger.max": "the same",
    "trigger.earliest_s": "the same",
    "trigger.chance.per_stake": "the same",
    "amounts": "the same",
    "mode": "which modes there are is the game's (RGS-13)",
    "transfer": "goes with model transfer, above zero and in the session's currency (RGS-06)",
    "debit_timing": "goes with model seamless: a transfer session has the money",
    "data_hash": "is of the game that is played again (RGS-11)",
    "event_types": "which events there are is the event contract's (PRV-40)",
    "pool_id": "what else its terms need is contracts/jackpots/pool.schema.json's (JP-01)",
    "rule": "a word that a chaos rule does not know; the nearest one is told (SBX-06)",
    "fault": "which faults there are, and where they make sense, is the server's (SBX-05)",
    "at": "which operations there are is the contracts'",
    "when": "what goes together is docs/faults.md's",
    "with": "which parameters there are is the fault's",
    "attempts": "the same as when.attempts",
    "calls": "the same as when.calls",
    "X-Idempotency-Key": "it and Idempotency-Key must be equal where both are sent (PRV-12)",
}
"""Fields that a 400 may name although the schema allows their values, and what the schema cannot
say of them. A refusal that names any other field is a failure."""

EXCLUDED: list[CheckFunction] = [
    # Calls any 400 for a good request a failure; `acceptance` below is the same check, but for the
    # rules that a schema cannot say.
    positive_data_acceptance,
]


def load(name: str) -> OpenApiSchema:
    """A contract, with brand and region of the client that calls."""
    pinned = {"header.X-Brand-Id": "brand-42", "header.X-Region": "EU"}
    # 422 is a documented answer to a good request: money, limits and builds are refused with it.
    statuses = ["2xx", "401", "403", "404", "409", "422"]
    chosen: dict[str, Any] = {
        "checks": {"positive_data_acceptance": {"expected-statuses": statuses}}
    }
    headers = {header.name for op in CONTRACTS[name].operations.values() for header in op.headers}
    if "X-Brand-Id" in headers:
        chosen["parameters"] = pinned
    schema = schemathesis.openapi.from_dict(
        document(name), config=SchemathesisConfig.from_dict(chosen)
    )
    schema.hook("map_case")(give_key)
    return schema


def give_key(_context: Any, case: AnyCase) -> AnyCase:
    """A write needs one of two headers, which OpenAPI cannot say: where there is neither it gets
    one, and a good request has both equal. `tests/server/test_headers.py` sends the others."""
    declared = {parameter.name for parameter in case.operation.headers}
    if "X-Idempotency-Key" not in declared:
        return case
    one, other = "X-Idempotency-Key", "Idempotency-Key"
    if one not in case.headers and other not in case.headers:
        case.headers[one] = f"key-{case.id}"
    elif one in case.headers and other in case.headers and is_good(case):
        case.headers[other] = case.headers[one]
    return case


def is_good(case: AnyCase) -> bool:
    """True where the schema allows the request."""
    return case.meta is not None and case.meta.generation.mode.is_positive


def acceptance(ctx: CheckContext, response: Response, case: AnyCase) -> None:
    """What the schema allows is not refused, but for the rules in BEYOND_SCHEMA."""
    try:
        positive_data_acceptance(ctx, response, case)
    except RejectedPositiveData:
        errors = response.json().get("details", {}).get("errors", [])
        named = {re.sub(r".*\.amount$", "amount", error["field"]) for error in errors}
        named = {re.sub(r"^(at|when|with|members)\..*", r"\1", field) for field in named}
        if response.status_code != 400 or not named or not named <= set(BEYOND_SCHEMA):
            raise


class Caller(NamedTuple):
    """Who calls, with which token, where."""

    client: requests.Session
    token: str
    url: str = URL


def is_of_another(case: AnyCase, name: str, operation: Operation) -> bool:
    """True for the border of a header's value that another operation tries."""
    if case.meta is None or not isinstance(case.meta.phase.data, CoveragePhaseData):
        return False
    border = case.meta.phase.data
    headers = frozenset(header.name for header in operation.headers)
    return (
        border.parameter_location == ParameterLocation.HEADER
        and border.scenario not in OF_ITS_OWN
        and SHARED_HEADERS[name, headers] != operation.operation_id
    )


def check(case: AnyCase, how: Caller) -> None:
    """One call, and every check on its answer."""
    case.call_and_validate(
        base_url=how.url,
        session=how.client,
        headers={"Authorization": f"Bearer {how.token}"},
        additional_checks=[acceptance],
        excluded_checks=EXCLUDED,
    )


CALLERS = {"rgs": "platform-demo", "play": "platform-demo"}
"""Who calls an API, where that is not the studio."""


def bearer(client: requests.Session, name: str, url: str) -> str:
    """A token of the client with all scopes of an API; on a frozen clock it lasts."""
    caller = CALLERS.get(name, "studio-demo")
    got = client.post(
        f"{url}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(caller, f"{caller}-secret"),
    )
    return str(got.json()["access_token"])


def fuzz(
    operation: Operation,
    schema: OpenApiSchema,
    how: settings,
    send: Send,
    modes: Sequence[HypothesisTestMode] = tuple(HypothesisTestMode),
) -> None:
    """The examples and borders of an operation, and as many drawn requests as `how` says."""
    test = create_test(
        operation=schema.find_operation_by_id(operation.operation_id),
        test_func=how(send),
        config=HypothesisTestConfig(project=schema.config, modes=list(modes)),
    )
    test()


@pytest.fixture(scope="module")
def hosted() -> Iterator[Loaded]:
    """Each contract in front of a server in this process, and a client that may call it."""
    parties, owners = Hosted(), Hosted(admin_token=ADMIN_TOKEN)
    with calling(parties) as client, calling(owners) as owner:
        yield {
            name: (load(name), Caller(owner, ADMIN_TOKEN))
            if name == "control"
            else (load(name), Caller(client, bearer(client, name, URL)))
            for name in CONTRACTS
        }


@pytest.fixture(scope="module")
def served() -> Iterator[Loaded]:
    """Each contract in front of a server process, as above."""
    options = ("--strict", "--clock", "frozen", "--admin-token", ADMIN_TOKEN)
    with processes.running(*options) as server, requests.Session() as client:
        client.trust_env = False  # no proxy is looked for, call by call
        tokens = {name: bearer(client, name, server.url) for name in CONTRACTS}
        tokens["control"] = ADMIN_TOKEN
        yield {name: (load(name), Caller(client, tokens[name], server.url)) for name in CONTRACTS}


@EACH
def test_every_operation_keeps_its_contract(
    name: str, operation: Operation, hosted: Loaded
) -> None:
    """Status, headers, type and schema of every answer are documented; what the contract forbids is
    refused, what it allows is not, credentials are asked for, and nothing is a 5xx (PRV-64,
    WAL-77). The borders of headers that operations share are tried of one of them, by night of
    all."""
    schema, how = hosted[name]
    modes = [mode for mode in HypothesisTestMode if mode != FUZZING or name in AT_NIGHT]

    def send(case: AnyCase) -> None:
        if not is_of_another(case, name, operation):
            check(case, how)

    fuzz(operation, schema, FEW, send, modes)


@OVER_HTTP
def test_every_operation_keeps_its_contract_over_http(
    name: str, operation: Operation, served: Loaded
) -> None:
    """The same of drawn requests, good and bad ones, through a socket: what a client library and
    the HTTP parser make of the calls. Examples and borders, which are always the same, are tried in
    process only."""
    schema, how = served[name]
    fuzz(operation, schema, FEW, lambda case: check(case, how), [FUZZING])


@pytest.mark.nightly
@EACH
def test_every_operation_keeps_its_contract_all_night(
    name: str, operation: Operation, hosted: Loaded
) -> None:
    """The same in process, with many more requests (PRV-64, WAL-77)."""
    schema, how = hosted[name]
    fuzz(operation, schema, MANY, lambda case: check(case, how))


# The control: servers that break their contract -------------------------------------------------


class Spoiled(Hosted):
    """The control API, with every answer of status 200 replaced."""

    def __init__(self, status: int, headers: dict[bytes, bytes], body: bytes | None) -> None:
        super().__init__()
        self._put = status, headers, body
        self._whole, self.app = self.app, self._spoil

    async def _spoil(self, scope: Any, receive: Any, send: Any) -> None:
        status, headers, body = self._put
        spoiling = False

        async def spoiled(message: Any) -> None:
            nonlocal spoiling
            if message["type"] == "http.response.start" and message["status"] == 200:
                spoiling = True
                given = {n: v for n, v in message["headers"] if n != b"content-length"} | headers
                message = message | {
                    "status": status,
                    "headers": [(n, v) for n, v in given.items() if v],
                }
            elif message["type"] == "http.response.body" and spoiling and body is not None:
                message = message | {"body": body}
            await send(message)

        await self._whole(scope, receive, spoiled)


REFUSAL = (
    b'{"code":"VALIDATION_FAILED","message":"status: no","retryable":false,"trace_id":"tr_x",'
    b'"details":{"errors":[{"field":"status","message":"no"}]}}'
)


@pytest.mark.parametrize(
    ("found", "put"),
    [
        ("ServerError", (500, {}, REFUSAL)),
        ("JsonSchemaError", (200, {}, b"{}")),
        ("MalformedJson", (200, {}, b"{")),
        ("UndefinedContentType", (200, {b"content-type": b"text/html"}, None)),
        ("MissingHeaders", (200, {b"x-trace-id": b""}, None)),
        ("RejectedPositiveData", (400, {}, REFUSAL)),
        ("UnsupportedMethodResponse", (200, {}, None)),
        ("AcceptedNegativeData", (200, {}, None)),
    ],
)
def test_a_broken_contract_is_found(found: str, put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure, another type, field or header than is documented, a good request refused for a
    field of which nothing is said, a bad one accepted: each is named by its own check."""
    if found == "AcceptedNegativeData":
        monkeypatch.setattr(pipeline, "read_headers", lambda *_: {})
    if found == "UnsupportedMethodResponse":
        monkeypatch.setattr(pipeline, "problem_answer", lambda *_: Answer(405, REFUSAL))
    operation = CONTRACTS["control"].operations["readHealth"]
    schema = load("control")
    with calling(Spoiled(*put)) as client, pytest.raises(BaseExceptionGroup) as caught:
        fuzz(operation, schema, FEW, lambda case: check(case, Caller(client, ADMIN_TOKEN)))
    assert found in {type(failure).__name__ for failure in leaves(caught.value)}


def leaves(failure: BaseException) -> Iterator[BaseException]:
    """The failures in a group of groups."""
    if isinstance(failure, BaseExceptionGroup):
        for part in failure.exceptions:
            yield from leaves(part)
    else:
        yield failure
