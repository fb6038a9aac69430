"""The OpenAPI files are the source: all that is served is in them, and all they show is true."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from simulator.base.errors import OTHER_NAMES, PROBLEMS, ConfigError, Problem, StoreBroken
from simulator.server.app import App
from simulator.server.control import OPERATIONS as CONTROL_OPERATIONS
from simulator.server.documents import documents
from simulator.settings import Settings
from simulator.wallet.operations import (
    platform_operations,
    wallet_flows,
    wallet_operations,
)
from simulator.wallet.profile import REFERENCE
from simulator.wire.contract import Contract, Operation
from simulator.world import Worlds
from tests.server.tools import (
    HOME,
    PLATFORM,
    SCOPED,
    body_examples,
    document,
    example_call,
    node_of,
    parameters_of,
    play_examples,
    play_transaction,
    put_ids,
    resolve,
)
from tests.support import CONTRACTS, Sandbox, sandbox

NAMES = ("platform", "wallet", "rgs", "control")
PLAYS_AGAIN = {"replaySeed"}
"""Asked with a body, and changes nothing: there is nothing to repeat."""
PLAIN = {
    name: base.code
    for name, kind in OTHER_NAMES.items()
    for base in kind.__bases__
    if issubclass(base, Problem)
}
"""An API's own name of a code → the table's."""
OWN = {"issueToken", "readJwks"}
"""Answered by the server itself, with forms and keys: `tests/server/test_oauth.py` calls them."""

# Handlers and operations -------------------------------------------------------------------------


def start_with(contract: Contract) -> None:
    """Build a server on this contract in place of the one of its name, as `serve` does."""
    contracts = {**CONTRACTS, contract.name: contract}
    worlds = Worlds(Settings(), contracts, _broken)
    App(Settings(), worlds, contracts, documents(contracts))


def loaded(tmp_path: Path, name: str, change: Callable[[Any], None]) -> Contract:
    """A changed copy of a contract, written down and loaded."""
    changed = json.loads(json.dumps(document(name)))
    change(changed["paths"])
    path = tmp_path / f"{name}.yaml"
    path.write_text(json.dumps(changed))  # JSON is YAML, and quicker to write
    return Contract(path)


def add_weather(paths: Any) -> None:
    paths["/v1/weather"] = {
        "get": {
            "operationId": "readWeather",
            "security": [{"oauth2": ["games:read"]}],
            "responses": {"200": {"description": "Sunny."}},
        }
    }


def remove_first(paths: Any) -> None:
    del paths[next(iter(paths))]


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_file_stops_the_start(tmp_path: Path, name: str) -> None:
    """An operation that is written into a file without a handler, or taken out from under one,
    stops the start; the file as it was does not (PRV-64)."""
    start_with(loaded(tmp_path, name, lambda _: None))
    with pytest.raises(ConfigError, match="readWeather"):
        start_with(loaded(tmp_path, name, add_weather))
    with pytest.raises(ConfigError, match=next(iter(CONTRACTS[name].operations))):
        start_with(loaded(tmp_path, name, remove_first))


@pytest.mark.parametrize("scope", ["games:read", None])
@pytest.mark.parametrize("name", NAMES)
def test_an_operation_without_a_handler_stops_the_start(name: str, scope: str | None) -> None:
    """What a contract promises and nobody answers is found at the start and not by a caller; one
    that no scope guards is not let through either (PRV-11, PRV-64)."""
    weather = replace(SCOPED["readGame"], operation_id="readWeather", scope=scope)
    with pytest.raises(ConfigError, match="readWeather"):
        start_with(with_operations(name, {**CONTRACTS[name].operations, "readWeather": weather}))


@pytest.mark.parametrize(
    ("name", "operation_id"), [(name, op) for name in NAMES for op in CONTRACTS[name].operations]
)
def test_a_handler_without_an_operation_stops_the_start(name: str, operation_id: str) -> None:
    """An operation taken out of its contract leaves a handler over, whichever it is (PRV-64)."""
    rest = {n: op for n, op in CONTRACTS[name].operations.items() if n != operation_id}
    with pytest.raises(ConfigError, match=operation_id):
        start_with(with_operations(name, rest))


def with_operations(name: str, operations: dict[str, Operation]) -> Contract:
    changed = copy.copy(CONTRACTS[name])
    changed.operations = operations
    return changed


def test_each_operation_has_exactly_one_handler() -> None:
    """The tables of handlers and the files name the same operations (PRV-64)."""
    platform = set(platform_operations(REFERENCE, lambda _: ""))
    assert set(PLATFORM.operations) == platform | OWN
    wallet = set(wallet_operations(REFERENCE)) | set(wallet_flows(REFERENCE))
    assert set(CONTRACTS["wallet"].operations) == wallet
    assert set(CONTRACTS["control"].operations) == set(CONTROL_OPERATIONS)


# Examples ----------------------------------------------------------------------------------------


def answers(name: str) -> Iterator[tuple[str, str, Any, str, Any]]:
    """(operation, status, schema, label, value) of every example of an answer."""
    for operation_id, operation in CONTRACTS[name].operations.items():
        for status, response in node_of(operation)["responses"].items():
            content = resolve(response, name).get("content", {}).get("application/json", {})
            for label, example in content.get("examples", {}).items():
                value = resolve(example, name)["value"]
                yield operation_id, status, content["schema"], label, value


def validator(name: str, schema: Any) -> Any:
    whole = {**schema, "components": document(name)["components"]}
    return jsonschema_rs.Draft202012Validator(whole)


@pytest.mark.parametrize("name", NAMES)
def test_every_example_keeps_its_schema(name: str) -> None:
    """What the documents show as an answer or a body would be accepted as one (PRV-64)."""
    found = 0
    for operation_id, status, schema, label, value in answers(name):
        errors = [error.message for error in validator(name, schema).iter_errors(value)]
        assert not errors, (operation_id, status, label)
        found += 1
    for operation in CONTRACTS[name].operations.values():
        for label, value in body_examples(operation).items():
            operation.check_body(value)
            found += 1
            assert label
    assert found > 50


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_has_an_example(name: str) -> None:
    """Each documented status of each operation shows an answer (PRV-64)."""
    shown = {(operation_id, status) for operation_id, status, *_ in answers(name)}
    for operation_id, operation in CONTRACTS[name].operations.items():
        for status, response in node_of(operation)["responses"].items():
            content = resolve(response, name).get("content", {})
            if "application/json" in content:
                assert (operation_id, status) in shown
            else:
                assert all(one["examples"] for one in content.values())


def test_every_error_code_has_an_example_with_its_status() -> None:
    """The error tree, the enumeration and the examples are one list; each example stands under the
    status of its code and says truly whether to retry (PRV-25, PRV-26)."""
    for name in NAMES:
        schemas = document(name)["components"]["schemas"]
        listed = {PLAIN.get(code, code) for code in schemas["ErrorCode"]["enum"]}
        assert listed == set(PROBLEMS)
    shown: set[str] = set()
    for name in NAMES:
        for operation_id, status, _, label, value in answers(name):
            if status.startswith("2"):
                continue
            code = PLAIN.get(value["code"], value["code"])
            kind = PROBLEMS[code]
            shown.add(code)
            assert value["retryable"] is kind.retryable, (operation_id, status, label)
            assert status in (str(kind.status), "default"), (operation_id, status, label)
    assert shown == set(PROBLEMS)


# The examples, run -------------------------------------------------------------------------------

REFUSED_EXAMPLES = {("authorizeBet", "otherAmount"): 409}
"""Examples that show a refusal; every other one has to work."""


async def prepare(box: Sandbox, operation_id: str, label: str) -> dict[str, str]:
    """The world in which an example makes sense."""
    if operation_id in {"createSession", "issueBonus"}:
        return {}
    if (operation_id, label) in {("authorizeBet", "worked"), ("startRound", "start")}:
        return {"s_456": await box.session()}
    ids = await play_examples(box)
    closes = operation_id in {"closeRound", "closeWalletRound"}
    if closes and label == "completed":
        assert (await box.settle("b_001", 0, round_id="r_8c12")).status == 200
    elif closes:
        assert (await box.rollback("b_001", round_id="r_8c12")).status == 200
        _, undo = example_call(SCOPED["rollbackTransaction"])
        assert (await box.call("POST", "/v1/wallet/rollback", undo)).status == 200
    elif HOME[operation_id] == "wallet":
        await play_transaction(box, "reserve", "t_002", 1)
    return ids


@pytest.mark.parametrize("operation_id", sorted(SCOPED))
async def test_every_example_of_a_request_works(operation_id: str) -> None:
    """A reader who sends what the contract shows gets the success that it shows (PRV-64)."""
    operation = SCOPED[operation_id]
    for label in body_examples(operation) or [""]:
        async with sandbox() as box:
            ids = await prepare(box, operation_id, label)
            path, _ = example_call(operation, ids)
            body = put_ids(body_examples(operation)[label], ids) if label else None
            got = await box.call(operation.method, path, body)
            wanted = REFUSED_EXAMPLES.get((operation_id, label), operation.success)
            assert got.status == wanted, (label, got.body)


@pytest.mark.parametrize("operation_id", sorted(CONTROL_OPERATIONS))
async def test_every_example_of_a_control_request_works(operation_id: str) -> None:
    """The same for the control API (PRV-64)."""
    operation = CONTRACTS["control"].operations[operation_id]
    for label, body in (body_examples(operation) or {"": None}).items():
        async with sandbox() as box:
            if operation_id in {"fundPlayer", "changePlayer", "setLimit", "readLimits"}:
                made = {"player_id": "p_ana", "currency": "EUR", "cash": 50}
                assert (await box.admin("POST", "/players", made)).status == 201
            if operation.path.startswith("/__admin/sandboxes/{sandbox}"):
                assert (await box.admin("POST", "/sandboxes", {"name": "ci-1"})).status == 201
            if operation_id in {"dropSnapshot", "restoreSandbox"}:
                held = {"name": "before-the-storm"}
                got = await box.admin("POST", "/sandboxes/ci-1/snapshots", held)
                assert got.status == 201
            if operation_id in {"pauseChaosRule", "removeChaosRule"}:
                rule = {"name": "lost-answers", "fault": "lose_reply"}
                assert (await box.admin("POST", "/chaos/rules", rule)).status == 201
            if operation_id in {"deliverNow", "redeliver", "removeSubscription"}:
                told = {"subscription_id": "crm", "url": "inbox:crm", "from_start": True}
                assert (await box.admin("POST", "/subscriptions", told)).status == 201
            path = operation.path.removeprefix("/__admin")
            for parameter in parameters_of(operation):
                if parameter["in"] == "path":
                    path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
            got = await box.admin(operation.method, path, body)
            assert got.status == operation.success, (label, got.body)


@pytest.mark.parametrize("name", NAMES)
def test_every_write_declares_both_names_of_the_key(name: str) -> None:
    """Where a key is needed, the contract offers X-Idempotency-Key and Idempotency-Key (PRV-12)."""
    for operation in CONTRACTS[name].operations.values():
        headers = {header.name for header in operation.headers}
        wanted = operation.scope is not None and operation.writes
        wanted = wanted and operation.operation_id not in PLAYS_AGAIN
        assert ({"X-Idempotency-Key", "Idempotency-Key"} <= headers) is wanted
        assert operation.needs_key is wanted


def _broken(wrong: StoreBroken) -> None:
    raise wrong
