"""The loaded contract: which operation, which parameters, which field is wrong."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.errors import ConfigError, MethodNotAllowed, NotFound, ValidationFailed
from simulator.wire.contract import METHODS, Contract, broken, read_parameters
from simulator.wire.files import find
from tests.server.tools import document

PLATFORM = Contract(find("openapi", "platform.yaml"))
CONTROL = Contract(find("openapi", "control.yaml"))
CONTRACTS = {"platform": PLATFORM, "control": CONTROL}


def _declared(name: str) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """operationId → method, path and node, read from the file without our code."""
    return {
        node["operationId"]: (method.upper(), path, node)
        for path, item in document(name)["paths"].items()
        for method, node in item.items()
        if method in METHODS
    }


DECLARED = {name: _declared(name) for name in CONTRACTS}
ALL = [(name, operation) for name in CONTRACTS for operation in DECLARED[name]]


# Loading ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_every_operation_of_the_file_is_loaded(name: str) -> None:
    """None is lost and none is made up: the file is the source."""
    assert set(CONTRACTS[name].operations) == set(DECLARED[name])
    assert len(DECLARED[name]) > 10
    assert CONTRACTS[name].name == name
    assert CONTRACTS[name].source == find("openapi", f"{name}.yaml").read_bytes()


@pytest.mark.parametrize(("name", "operation_id"), ALL)
def test_an_operation_is_what_the_file_says(name: str, operation_id: str) -> None:
    """Method, path, scope, success status, body and answers of each operation are the file's."""
    method, path, node = DECLARED[name][operation_id]
    operation = CONTRACTS[name].operations[operation_id]
    assert (operation.method, operation.path) == (method, path)
    assert operation.writes == (method != "GET")
    successes = [int(status) for status in node["responses"] if status.startswith("2")]
    assert [operation.success] == successes
    scopes = [s for entry in node.get("security", []) for s in entry.get("oauth2", [])]
    assert [operation.scope] == (scopes or [None])
    assert operation.body_required == node.get("requestBody", {}).get("required", False)
    assert operation.media_types == tuple(node.get("requestBody", {}).get("content", {}))


@pytest.mark.parametrize(("name", "operation_id"), ALL)
def test_every_declared_answer_can_be_checked(name: str, operation_id: str) -> None:
    """The schema of each answer compiles and refuses what is no object; nothing fails later than
    here, although a server compiles them only when it is strict."""
    operation = CONTRACTS[name].operations[operation_id]
    for status in DECLARED[name][operation_id][2]["responses"]:
        if status not in ("204", "default"):
            wrong = operation.check_answer(int(status), [])
            assert wrong is not None
            assert wrong.startswith(f"{operation_id} {status} body: ")
    assert "body: " in (operation.check_answer(599, []) or ""), "there is no default"


@pytest.mark.parametrize(("name", "operation_id"), ALL)
def test_an_operation_is_found_at_its_path(name: str, operation_id: str) -> None:
    """Each operation answers where the file puts it, with each path parameter's own value."""
    method, path, _ = DECLARED[name][operation_id]
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    filled = path
    for at, parameter in enumerate(names):
        filled = filled.replace(f"{{{parameter}}}", f"value-{at}")
    operation, values = CONTRACTS[name].match(method, filled)
    assert operation.operation_id == operation_id
    assert values == {parameter: f"value-{at}" for at, parameter in enumerate(names)}


def test_writes_of_the_platform_need_a_key_and_reads_do_not() -> None:
    """Every `/v1` operation that may change something is idempotent by key, and only those are
    (PRV-12, PRV-30)."""
    for operation in PLATFORM.operations.values():
        assert operation.needs_key == (operation.writes and operation.path.startswith("/v1/"))
    assert not any(operation.needs_key for operation in CONTROL.operations.values())


def test_every_v1_operation_is_secured_by_a_scope() -> None:
    """Nothing under `/v1` is open, and each operation names the one scope it takes (PRV-11)."""
    for operation in PLATFORM.operations.values():
        under_v1 = operation.path.startswith("/v1/")
        assert operation.secured == (operation.scope is not None) == under_v1


def test_every_v1_operation_declares_the_headers_of_prv_12() -> None:
    """X-Trace-Id, X-Brand-Id, X-Region and X-Provider-Id are required on every call (PRV-12)."""
    wanted = {"X-Trace-Id", "X-Brand-Id", "X-Region", "X-Provider-Id"}
    for operation in PLATFORM.operations.values():
        if operation.path.startswith("/v1/"):
            assert {header.name for header in operation.headers if header.required} == wanted


SMALL = """
openapi: 3.1.0
paths:
  /things/{id}:
    get: &read
      operationId: readThing
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {$ref: '#/components/responses/Thing'}}
components:
  responses:
    Thing:
      content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
  schemas:
    Thing: {type: object, required: [id], properties: {id: {type: string}}}
"""


def _contract(folder: Path, text: str) -> Contract:
    path = folder / "small.yaml"
    path.write_text(text)
    return Contract(path)


def test_a_small_contract_loads(tmp_path: Path) -> None:
    """The file that the tests below spoil is a good one to begin with."""
    contract = _contract(tmp_path, SMALL)
    operation, values = contract.match("GET", "/things/a")
    assert (operation.operation_id, values) == ("readThing", {"id": "a"})
    assert operation.check_answer(200, {"id": "a"}) is None
    assert operation.check_answer(200, {}) is not None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("responses/Thing'", "responses/Thong'", "responses/Thong leads nowhere"),
        ("schemas/Thing'", "schemas/Thong'", "schemas/Thong"),
        ("operationId: readThing", "summary: nameless", "operationId"),
        ("paths:", "routes:", "paths"),
        ("openapi: 3.1.0", "openapi: [", "parsing"),
        ("'200'", "'404'", "small.yaml"),
    ],
)
def test_a_contract_that_cannot_be_kept_stops_the_start(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    """A `$ref` that leads nowhere, a missing name or broken YAML is one clear ConfigError that
    names the file and the trouble, not a failure at the first call."""
    assert SMALL.count(old) == 1
    with pytest.raises(ConfigError) as refused:
        _contract(tmp_path, SMALL.replace(old, new))
    assert "small.yaml" in str(refused.value)
    assert says in str(refused.value)


def test_two_operations_of_one_name_stop_the_start(tmp_path: Path) -> None:
    """A handler is found by operationId, so a name stands for one operation only."""
    twice = SMALL.replace("components:\n", "  /others:\n    get: *read\ncomponents:\n", 1)
    with pytest.raises(ConfigError, match=r"small\.yaml: two operations are 'readThing'"):
        _contract(tmp_path, twice)


def test_a_missing_file_stops_the_start(tmp_path: Path) -> None:
    """No file, no contract: a ConfigError with its name."""
    with pytest.raises(ConfigError, match=r"none\.yaml is not a contract"):
        Contract(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match=r"openapi/none\.yaml is missing"):
        find("openapi", "none.yaml")


# Matching -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/v1",
        "/v1/",
        "/v2/bets",
        "/v1/bet",
        "/V1/bets",
        "v1/bets",
        "//v1/bets",
        "/v1//bets",
        "/v1/bets/",
        "/v1/bets/b_1/",
        "/v1/bets/b_1/settle",
        "/v1/sessions//end",
        "/v1/sessions/s_1/end/",
        "/v1/bets%2Fb_1",
    ],
)
def test_an_unknown_path_is_not_found(path: str) -> None:
    """A path is the file's, byte for byte: a slash more, another case or an empty id is another
    path, and there is none (404)."""
    for method in ("GET", "POST"):
        with pytest.raises(NotFound) as refused:
            PLATFORM.match(method, path)
        assert path in refused.value.message


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/bets/settle", ["POST"]),
        ("POST", "/v1/bets", ["GET"]),
        ("POST", "/v1/bets/b_1", ["GET"]),
        ("DELETE", "/v1/sessions/s_1", ["GET"]),
        ("HEAD", "/v1/events", ["GET"]),
        ("get", "/v1/events", ["GET"]),
        ("BREW", "/v1/events", ["GET"]),
    ],
)
def test_a_wrong_method_says_which_are_right(method: str, path: str, allow: list[str]) -> None:
    """The path exists and the method does not: 405 with the methods that do (PRV-26)."""
    with pytest.raises(MethodNotAllowed) as refused:
        PLATFORM.match(method, path)
    assert refused.value.details == {"allow": allow}
    assert refused.value.message == f"{path} does not take {method}, only {', '.join(allow)}"


def test_a_path_with_two_methods_allows_both() -> None:
    """The allow list is everything that the path has, sorted."""
    with pytest.raises(MethodNotAllowed) as refused:
        CONTROL.match("DELETE", "/__admin/clock")
    assert refused.value.details == {"allow": ["GET", "PUT"]}


def test_a_fixed_path_comes_before_a_template() -> None:
    """`/v1/bets/authorize` is the operation of that name and never a bet called authorize."""
    assert PLATFORM.match("POST", "/v1/bets/authorize")[0].operation_id == "authorizeBet"
    with pytest.raises(MethodNotAllowed):
        PLATFORM.match("GET", "/v1/bets/authorize")


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("b_1", "b_1"),
        ("studio%3Aslot", "studio:slot"),
        ("a%2Fb", "a/b"),
        ("a%20b", "a b"),
        ("a+b", "a+b"),
        ("%C3%A4", "ä"),
        ("%2525", "%25"),
        ("{bet_id}", "{bet_id}"),
    ],
)
def test_path_values_are_decoded_once(sent: str, meant: str) -> None:
    """A percent-encoded value is what it stands for; an encoded slash does not cut the path, and a
    plus is a plus."""
    operation, values = PLATFORM.match("GET", f"/v1/bets/{sent}")
    assert (operation.operation_id, values) == ("readBet", {"bet_id": meant})


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.sampled_from(["GET", "POST", "PUT"]))
def test_any_path_is_an_operation_or_a_refusal(rest: str, method: str) -> None:
    """No path gets another exception out of the matcher, and no value is empty (WAL-77)."""
    try:
        _, values = PLATFORM.match(method, f"/v1/{rest}")
    except (NotFound, MethodNotAllowed):
        return
    assert all(values.values())


def test_a_long_path_is_not_repeated_in_full() -> None:
    """A refusal does not grow with what it refuses."""
    with pytest.raises(NotFound) as refused:
        PLATFORM.match("GET", "/" + "x" * 10_000)
    assert len(refused.value.message) < 300


# Parameters ---------------------------------------------------------------------------------------


def test_parameters_have_their_types() -> None:
    """Integers become integers, texts stay texts, and what is not declared is ignored (PRV-60)."""
    query = {"limit": "20", "status": "settled", "cursor": "1f", "player_id": "12", "debug": "1"}
    assert read_parameters(PLATFORM.operations["listBets"], {}, query) == {
        "limit": 20,
        "status": "settled",
        "cursor": "1f",
        "player_id": "12",
    }


def test_absent_parameters_stay_absent() -> None:
    """A query parameter that nobody sent is no parameter: defaults are the message's."""
    assert read_parameters(PLATFORM.operations["listBets"], {}, {}) == {}


def test_booleans_are_two_words(tmp_path: Path) -> None:
    """`true` and `false` are booleans; 1, yes and TRUE are not (WAL-77)."""
    text = SMALL.replace(
        "[{name: id,", "[{name: deep, in: query, schema: {type: boolean}}, {name: id,"
    )
    operation = _contract(tmp_path, text).operations["readThing"]
    assert read_parameters(operation, {"id": "a"}, {"deep": "true"}) == {"id": "a", "deep": True}
    assert read_parameters(operation, {"id": "a"}, {"deep": "false"}) == {"id": "a", "deep": False}
    for word in ("1", "yes", "TRUE", ""):
        with pytest.raises(ValidationFailed, match=r'deep: ".*" is not of type "boolean"'):
            read_parameters(operation, {"id": "a"}, {"deep": word})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("limit", "0", "less than the minimum of 1"),
        ("limit", "201", "greater than the maximum of 200"),
        ("limit", "2.0", "is not of type"),
        ("limit", "", "is not of type"),
        ("limit", "٣", "is not of type"),
        ("limit", " 5", "is not of type"),
        ("limit", "1" * 5_000, "is not of type"),
        ("order", "up", "is not one of"),
        ("status", "won", "is not one of"),
        ("cursor", "a b", "does not match"),
        ("player_id", "x" * 129, "does not match"),
        ("player_id", "", "does not match"),
        ("occurred_at_from", "yesterday", "does not match"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(name: str, value: str, says: str) -> None:
    """The refusal names the parameter and what is wrong with it, in a few words (WAL-77)."""
    with pytest.raises(ValidationFailed) as refused:
        read_parameters(PLATFORM.operations["listBets"], {}, {name: value})
    (error,) = refused.value.details["errors"]
    assert error["field"] == name
    assert says in error["message"]
    assert refused.value.message == f"{name}: {error['message']}"
    assert len(refused.value.message) < 400


def test_a_missing_parameter_is_refused_by_name(tmp_path: Path) -> None:
    """What is required and not there is said to be missing."""
    text = SMALL.replace(
        "[{name: id,", "[{name: day, in: query, required: true, schema: {type: string}}, {name: id,"
    )
    operation = _contract(tmp_path, text).operations["readThing"]
    with pytest.raises(ValidationFailed, match="day: is missing"):
        read_parameters(operation, {"id": "a"}, {})


# Bodies and answers -------------------------------------------------------------------------------

BET = {
    "session_id": "s_1",
    "bet_id": "b_1",
    "round_id": "r_1",
    "amount": {"amount": Decimal("2.00"), "currency": "EUR"},
}


def _fields(value: Any) -> list[str]:
    with pytest.raises(ValidationFailed) as refused:
        PLATFORM.operations["authorizeBet"].check_body(value)
    return sorted(error["field"] for error in refused.value.details["errors"])


def _money(**change: Any) -> dict[str, Any]:
    return {**BET, "amount": {"amount": 2, "currency": "EUR", **change}}


def test_a_good_body_passes() -> None:
    """What keeps the schema is not refused, unknown fields included (WAL-17)."""
    PLATFORM.operations["authorizeBet"].check_body({**BET, "colour": "red"})


@pytest.mark.parametrize("missing", sorted(BET))
def test_a_missing_field_is_named(missing: str) -> None:
    """A field that is not there is named itself, not the object that lacks it (WAL-77)."""
    assert _fields({name: value for name, value in BET.items() if name != missing}) == [missing]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["amount", "bet_id", "round_id", "session_id"]),
        ([], ["body"]),
        (None, ["body"]),
        ("text", ["body"]),
        ({**BET, "bet_id": 5}, ["bet_id"]),
        ({**BET, "bet_id": ""}, ["bet_id"]),
        ({**BET, "bet_id": "b\n"}, ["bet_id"]),
        ({**BET, "amount": {}}, ["amount.amount", "amount.currency"]),
        ({**BET, "amount": "2.00"}, ["amount"]),
        (_money(amount="2.00"), ["amount.amount"]),
        (_money(amount=None), ["amount.amount"]),
        (_money(amount=True), ["amount.amount"]),
        (_money(amount=Decimal("-0.01")), ["amount.amount"]),
        (_money(amount=Decimal("1E+400")), ["amount.amount"]),
        (_money(amount=Decimal("1E+999999999")), ["amount.amount"]),
        (_money(amount=int("9" * 30)), ["amount.amount"]),
        (_money(amount=int("9" * 400)), ["amount.amount"]),
        (_money(currency="euro"), ["amount.currency"]),
        ({**BET, "bet_id": 5, "round_id": None}, ["bet_id", "round_id"]),
    ],
)
def test_each_wrong_field_is_named(body: Any, fields: list[str]) -> None:
    """Every field that breaks the schema is listed by its path, and no other (PRV-25, WAL-77)."""
    assert _fields(body) == fields


def test_the_message_names_the_first_field_and_counts_the_rest() -> None:
    """One line is enough to begin with: the first field, and how many more there are."""
    with pytest.raises(ValidationFailed) as refused:
        PLATFORM.operations["authorizeBet"].check_body({**BET, "bet_id": 5, "round_id": 6})
    first = refused.value.details["errors"][0]
    assert refused.value.message == f"{first['field']}: {first['message']} (and 1 more)"


def test_a_refusal_does_not_grow_with_the_body() -> None:
    """A thousand wrong items are not a thousand errors, nor is a long value repeated in full."""
    many = jsonschema_rs.Draft202012Validator({"items": {"type": "string"}})
    refused = broken(many, list(range(1_000)))
    assert len(refused.details["errors"]) == 20
    assert refused.details["errors"][3]["field"] == "3"
    long = broken(jsonschema_rs.Draft202012Validator({"type": "integer"}), "x" * 100_000)
    assert len(long.message) < 400


def test_a_good_answer_keeps_the_contract() -> None:
    """What the file allows is not complained about: the success, a refusal, one of `default`."""
    operation = PLATFORM.operations["readPlayer"]
    money = {"amount": Decimal("1.00"), "currency": "EUR"}
    player = {
        "player_id": "p_1",
        "brand_id": "brand-42",
        "region": "EU",
        "country": "DE",
        "currency": "EUR",
        "status": "active",
        "rg": {"self_excluded": False},
        "available": money,
        "held": money,
    }
    error = {"code": "NOT_FOUND", "message": "m", "retryable": False, "trace_id": "tr_1"}
    assert operation.check_answer(200, player) is None
    assert operation.check_answer(404, error) is None
    assert operation.check_answer(405, {**error, "code": "METHOD_NOT_ALLOWED"}) is None
    wrong = operation.check_answer(200, {**player, "status": "asleep"})
    assert wrong is not None
    assert wrong.startswith("readPlayer 200 status: ")
    wrong = operation.check_answer(200, {**player, "held": {"amount": "1.00", "currency": "EUR"}})
    assert wrong is not None
    assert "held.amount" in wrong


@pytest.mark.parametrize(
    ("status", "value", "says"),
    [
        (200, {}, "readPlayer 200 player_id: "),
        (404, {}, "readPlayer 404 code: "),
        (
            418,
            {"code": "TEAPOT", "message": "m", "retryable": False, "trace_id": "t"},
            "418 code: ",
        ),
        (200, None, "readPlayer 200 body: "),
    ],
)
def test_a_bad_answer_is_told(status: int, value: Any, says: str) -> None:
    """An answer that breaks the contract is named by operation, status and field."""
    wrong = PLATFORM.operations["readPlayer"].check_answer(status, value)
    assert wrong is not None
    assert says in wrong


def test_an_undeclared_status_is_told(tmp_path: Path) -> None:
    """Where the file has no `default`, a status that it does not list breaks the contract."""
    operation = _contract(tmp_path, SMALL).operations["readThing"]
    assert operation.check_answer(500, {}) == "readThing declares no answer 500"
