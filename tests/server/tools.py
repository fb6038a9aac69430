"""What the tests of the server share beside the harness: looking into the store, calls made from
the contract's own examples, requests in parts, signatures."""

import asyncio
import copy
import hashlib
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import yaml

from simulator.wire import signing
from simulator.wire.contract import Operation
from simulator.wire.files import find
from tests.support import CONTRACTS, Got, Sandbox, sandbox

PLATFORM = CONTRACTS["platform"]
HOME = {op: name for name in ("platform", "wallet") for op in CONTRACTS[name].operations}
"""Each operation of a provider → the contract that it stands in."""

SCOPED = {
    op: CONTRACTS[name].operations[op]
    for op, name in HOME.items()
    if CONTRACTS[name].operations[op].scope is not None
}
"""Every operation that a provider needs a scope for, by its name; new ones come by themselves."""

WRITES = {name: op for name, op in SCOPED.items() if op.writes}
READS = {name: op for name, op in SCOPED.items() if not op.writes}

Ids = dict[str, str]
"""Id in the contract's examples → id in the test's world."""


Run = Callable[[Coroutine[Any, Any, Any]], Any]


@contextmanager
def one_sandbox(**settings: Any) -> Iterator[tuple[Sandbox, Run]]:
    """A sandbox for all the examples of a property, and what runs a coroutine in its loop."""
    with asyncio.Runner() as runner:
        opened = sandbox(**settings)
        box = runner.run(opened.__aenter__())
        try:
            yield box, runner.run
        finally:
            runner.run(opened.__aexit__(None, None, None))


# The store ---------------------------------------------------------------------------------------


def stored(box: Sandbox, tenant: str | None = None) -> str:
    """A digest of every row of the wallet's store, or of those that name this tenant."""
    database = box.world.parties["wallet"].writer.unit.database
    told = hashlib.sha256()
    tables = database.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    for (table,) in tables:
        columns = [row[1] for row in database.rows(f"PRAGMA table_info({table})")]
        if tenant is None:
            rows = database.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
        elif "tenant" in columns:
            rows = database.rows(f"SELECT * FROM {table} WHERE tenant = '{tenant}' ORDER BY 1, 2")
        else:
            continue
        told.update(repr((table, rows)).encode())
    return told.hexdigest()


def count(box: Sandbox, table: str) -> int:
    """How many rows a table of the wallet's store has."""
    database = box.world.parties["wallet"].writer.unit.database
    return int(database.rows(f"SELECT count(*) FROM {table}")[0][0])


# Calls made from the contract's examples ---------------------------------------------------------


@cache
def document(name: str = "platform") -> Any:
    """A contract as plain data."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(find("openapi", f"{name}.yaml").read_bytes(), Loader=loader)


def resolve(node: Any, name: str = "platform") -> Any:
    """What a node of a contract is, its reference followed."""
    while isinstance(node, dict) and "$ref" in node:
        found = document(name)
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def home_of(operation: Operation) -> str:
    """The contract that an operation stands in."""
    return next(n for n, one in CONTRACTS.items() if operation.operation_id in one.operations)


def node_of(operation: Operation) -> Any:
    """The operation as it stands in its contract."""
    return document(home_of(operation))["paths"][operation.path][operation.method.lower()]


def parameters_of(operation: Operation) -> list[Any]:
    """All its parameters, those of its path included."""
    name = home_of(operation)
    shared = document(name)["paths"][operation.path].get("parameters", [])
    own = node_of(operation).get("parameters", [])
    return [resolve(parameter, name) for parameter in [*shared, *own]]


def body_examples(operation: Operation) -> dict[str, Any]:
    """The examples of its JSON body."""
    name = home_of(operation)
    body = resolve(node_of(operation).get("requestBody", {}), name)
    content = body.get("content", {}).get("application/json", {})
    return {
        label: resolve(example, name)["value"]
        for label, example in content.get("examples", {}).items()
    }


def put_ids(value: Any, ids: Mapping[str, str]) -> Any:
    """A copy in which each known id stands for the one in the test's world."""
    if isinstance(value, dict):
        return {name: put_ids(part, ids) for name, part in value.items()}
    if isinstance(value, list):
        return [put_ids(part, ids) for part in value]
    return ids.get(value, value) if isinstance(value, str) else copy.copy(value)


def example_call(operation: Operation, ids: Mapping[str, str] | None = None) -> tuple[str, Any]:
    """Path and body of an operation as its contract shows them, with the test's ids put in."""
    path = operation.path
    for parameter in parameters_of(operation):
        if parameter["in"] == "path":
            shown = str(parameter["example"])
            path = path.replace(f"{{{parameter['name']}}}", (ids or {}).get(shown, shown))
    examples = body_examples(operation)
    body = put_ids(next(iter(examples.values())), ids or {}) if examples else None
    return path, body


def new_call(operation: Operation, ids: Mapping[str, str]) -> tuple[str, Any]:
    """The same in a world in which `play_examples` has placed its bet: a bet is another one."""
    fresh = {"authorizeBet": {"b_001": "b_002"}, "issueBonus": {"bonus_01": "bonus_02"}}
    return example_call(operation, {**ids, **fresh.get(operation.operation_id, {})})


async def play_examples(box: Sandbox) -> Ids:
    """What the contracts' examples speak of: session `s_456` with the open bet `b_001`, the debit
    `t_001`, and a bonus (of a player who is in no example)."""
    limits = {"max_bet": 50, "rg_flags": {"reality_check_min": 20}}
    session = await box.session(constraints=limits)
    got = await box.authorize(session, "b_001", 2, round_id="r_8c12")
    assert got.status == 200, got.body
    ten = {"amount": 10, "currency": "USD"}
    given = {"bonus_id": "bonus_01", "player_id": "p_usd", "amount": ten}
    got = await box.call("POST", "/v1/bonuses", given)
    assert got.status == 201, got.body
    await play_transaction(box, "debit", "t_001", 2)
    return {"s_456": session}


async def play_transaction(box: Sandbox, what: str, name: str, amount: int) -> None:
    """A transaction that the wallet API's examples speak of."""
    body = {
        "transaction_id": name,
        "player_id": "p_19f3",
        "round_id": "r_8c12",
        "amount": {"amount": amount, "currency": "EUR"},
    }
    got = await box.call("POST", f"/v1/wallet/{what}", body)
    assert got.status == 200, got.body


# Requests beyond what the harness sends ----------------------------------------------------------


async def send_parts(
    app: Any, method: str, path: str, parts: Sequence[bytes], headers: Mapping[str, str]
) -> Got:
    """A request whose body comes in parts, as in chunked transfer coding: no declared length."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in headers.items()],
    }
    rest = list(parts)
    sent: list[Any] = []

    async def receive() -> Any:
        if not rest:
            return {"type": "http.disconnect"}
        part = rest.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(rest)}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    found = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Got(sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:]))


def sign(
    method: str,
    target: str,
    body: bytes,
    *,
    nonce: str,
    client: str = "studio-demo",
    timestamp: str = "2026-01-01T00:00:00Z",
    algorithm: str | None = None,
) -> dict[str, str]:
    """The headers that sign a request; by HMAC-SHA256, unnamed, where `algorithm` is None."""
    signed = signing.string_to_sign(timestamp, nonce, method, target, body)
    key = f"{client}-key"
    if algorithm == signing.ED25519:
        signature = signing.sign_ed25519(signing.demo_ed25519_key(key), signed)
    else:
        signature = signing.sign_hmac(key.encode(), signed)
    return {
        "X-Client-Id": client,
        "X-Timestamp": timestamp,
        "X-Nonce": nonce,
        "X-Signature": signature,
        **({"X-Signature-Algorithm": algorithm} if algorithm else {}),
    }


def require_problem(got: Got, status: int, code: str) -> None:
    """The answer is this refusal in the one error model (PRV-25)."""
    assert (got.status, got.code) == (status, code), got.body
    assert {"code", "message", "retryable", "trace_id"} <= set(got.json)
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-trace-id"]
