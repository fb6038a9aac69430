"""The loaded contract: an OpenAPI 3.1 file as routes, validators and scopes.

The file is the source. Nothing here knows an operation by name; what a server may answer, need and
refuse is what the file says.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import jsonschema_rs

from simulator.base.errors import ConfigError, MethodNotAllowed, NotFound, ValidationFailed
from simulator.wire.openapi import Answers, Document, Place, Schema, Unreadable

METHODS = ("get", "post", "put", "patch", "delete")
_SHOWN = 120
"""Longest part of a wrong value that an error message repeats."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared header, path or query parameter."""

    name: str
    wire_name: bytes
    place: str
    required: bool
    kind: str
    pattern: re.Pattern[str] | None
    schema: Schema


class MinorVersions(NamedTuple):
    """What `Accept` may ask an API for beside plain JSON."""

    media_type: str
    """It takes the parameter `version`."""

    served: tuple[str, ...]
    """The newest last."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract."""

    operation_id: str
    method: str
    path: str
    scope: str | None
    secured: bool
    needs_key: bool
    success: int
    headers: tuple[Parameter, ...]
    parameters: tuple[Parameter, ...]
    body: Schema | None = None
    body_required: bool = False
    media_types: tuple[str, ...] = ()
    answers: Answers | None = None
    media_type: str | None = None
    """The API's own name for its JSON, version included (RGS-08); None where it has none."""

    minor: MinorVersions | None = None
    """How a minor version is asked for (PRV-50); None where there is one version only."""

    streams: bool = False
    """True where the answer goes on: Server-Sent Events."""

    @property
    def writes(self) -> bool:
        """True where a call may change something."""
        return self.method != "GET"

    def check_body(self, value: Any) -> None:
        """Refuse a body that breaks the schema, naming each field (WAL-77)."""
        if self.body is not None and not self.body.validator.is_valid(value):
            raise broken(self.body.validator, value)

    def check_answer(self, status: int, value: Any) -> str | None:
        """What is wrong with our own answer; None when it keeps the contract."""
        schema = self.answers.of(str(status)) if self.answers else None
        if schema is None:
            return f"{self.operation_id} declares no answer {status}"
        for error in schema.validator.iter_errors(value):
            return f"{self.operation_id} {status} {_place(error)}: {error.message}"
        return None


@dataclass(frozen=True, slots=True)
class _Template:
    """A path with parameters: where it has which part, and where which parameter."""

    fixed: tuple[tuple[int, str], ...]
    names: tuple[tuple[int, str], ...]
    path: str

    def fits(self, parts: list[str]) -> bool:
        """Whether a path of as many parts is one of these. No parameter may be empty."""
        for at, part in self.fixed:
            if parts[at] != part:
                return False
        return all(parts[at] for at, _ in self.names)


class Contract:
    """All operations of one OpenAPI file, found by method and path.

    Raises ConfigError where the file cannot be read, a `$ref` leads nowhere or two operations share
    a name.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        try:
            self.source = path.read_bytes()
            operations = list(_operations(Document(self.source)))
        except (OSError, Unreadable, LookupError, TypeError, ValueError) as wrong:
            raise ConfigError(f"{path.name} is not a contract: {wrong}") from wrong
        self.operations: dict[str, Operation] = {}
        self._fixed: dict[str, dict[str, Operation]] = {}
        self._templated: dict[int, list[_Template]] = {}
        for operation in operations:
            if operation.operation_id in self.operations:
                raise ConfigError(f"{path.name}: two operations are {operation.operation_id!r}")
            self.operations[operation.operation_id] = operation
            self._add(operation)

    def _add(self, operation: Operation) -> None:
        methods = self._fixed.setdefault(operation.path, {})
        if "{" in operation.path and not methods:
            parts = operation.path.split("/")
            # The end tells paths apart: all of them begin alike.
            fixed = tuple((at, part) for at, part in enumerate(parts) if part[:1] != "{")[::-1]
            names = tuple((at, part[1:-1]) for at, part in enumerate(parts) if part[:1] == "{")
            template = _Template(fixed, names, operation.path)
            self._templated.setdefault(len(parts), []).append(template)
        methods[operation.method] = operation

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """The operation at a path, with its path parameters decoded.

        Raises NotFound for an unknown path and MethodNotAllowed (`details.allow`) for a known one.
        """
        found = self.find(method, path)
        if found is None:
            raise nothing_at(path)
        return found

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The same; None for a path that this contract does not have."""
        methods = self._fixed.get(path)
        if methods is not None and "{" not in path:
            return _by_method(methods, method, path), {}
        parts = path.split("/")
        for template in self._templated.get(len(parts), ()):
            if template.fits(parts):
                found = _by_method(self._fixed[template.path], method, path)
                return found, {name: unquote(parts[at]) for at, name in template.names}
        return None


def nothing_at(path: str) -> NotFound:
    """The refusal of a path that no contract has."""
    return NotFound(f"there is no {path[:_SHOWN]}; the API is described at /docs")


def read_parameters(
    operation: Operation, values: Mapping[str, str], query: Mapping[str, str]
) -> dict[str, Any]:
    """Path and query parameters by their declared types; the rest of the query is ignored.

    Raises ValidationFailed naming the parameter.
    """
    found: dict[str, Any] = {}
    for parameter in operation.parameters:
        text = (values if parameter.place == "path" else query).get(parameter.name)
        if text is None:
            if parameter.required:
                raise _refused(parameter.name, "is missing")
            continue
        value = _typed(parameter, text)
        for error in parameter.schema.validator.iter_errors(value):
            raise _refused(parameter.name, _shorten(error.message))
        found[parameter.name] = value
    return found


def broken(validator: Any, value: Any) -> ValidationFailed:
    """The refusal that lists every field at which a value breaks its schema."""
    errors = [
        {"field": _place(error), "message": _shorten(error.message)}
        for error in validator.iter_errors(value)
    ][:20]
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return ValidationFailed(
        f"{first['field']}: {first['message']}{more}", details={"errors": errors}
    )


def _by_method(methods: Mapping[str, Operation], method: str, path: str) -> Operation:
    try:
        return methods[method]
    except KeyError:
        allow = sorted(methods)
        raise MethodNotAllowed(
            f"{path[:_SHOWN]} does not take {method}, only {', '.join(allow)}",
            details={"allow": allow},
        ) from None


def _typed(parameter: Parameter, text: str) -> Any:
    if parameter.kind == "integer" and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    if parameter.kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _place(error: Any) -> str:
    steps = [str(step) for step in error.instance_path]
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
        steps.append(error.kind.property)  # the field that is missing, not the object around it
    return ".".join(steps) or "body"


def _shorten(message: str) -> str:
    return message if len(message) <= 2 * _SHOWN else message[:_SHOWN] + " … " + message[-_SHOWN:]


def _refused(name: str, message: str) -> ValidationFailed:
    errors = [{"field": name, "message": message}]
    return ValidationFailed(f"{name}: {message}", details={"errors": errors})


def _operations(document: Document) -> Iterator[Operation]:
    for path, item in document.root["paths"].items():
        for method in METHODS:
            if method in item:
                yield _operation(document, path, method)


def _operation(document: Document, path: str, method: str) -> Operation:
    item = document.root["paths"][path]
    node, place = item[method], ("paths", path, method)
    security = node.get("security", document.root.get("security", []))
    declared = [
        _parameter(document, parameter, (*where, str(i)))
        for where, parameters in (
            (("paths", path, "parameters"), item.get("parameters", [])),
            ((*place, "parameters"), node.get("parameters", [])),
        )
        for i, parameter in enumerate(parameters)
    ]
    body, body_place = document.resolve(node.get("requestBody", {}), (*place, "requestBody"))
    content = body.get("content", {})
    json_body = (*body_place, "content", "application/json", "schema")
    answers = Answers(document)
    for status, answer in node["responses"].items():
        found, where = document.resolve(answer, (*place, "responses", str(status)))
        if "application/json" in found.get("content", {}):
            answers.places[str(status)] = (*where, "content", "application/json", "schema")
    success = min(int(status) for status in node["responses"] if str(status).startswith("2"))
    return Operation(
        operation_id=node["operationId"],
        method=method.upper(),
        path=path,
        scope=next((s for entry in security for s in entry.get("oauth2", [])), None),
        secured=any(security),
        needs_key=any(p.name == "X-Idempotency-Key" for p in declared),
        success=success,
        headers=tuple(p for p in declared if p.place == "header"),
        parameters=tuple(p for p in declared if p.place != "header"),
        body=document.schema(json_body) if "application/json" in content else None,
        body_required=body.get("required", False),
        media_types=tuple(content),
        answers=answers,
        media_type=document.root.get("x-media-type"),
        minor=_minor_versions(document.root),
        streams="text/event-stream" in node["responses"][str(success)].get("content", {}),
    )


def _minor_versions(root: Mapping[str, Any]) -> MinorVersions | None:
    told = root.get("x-minor-versions")
    return told and MinorVersions(told["media_type"], tuple(told["served"]))


def _parameter(document: Document, node: Mapping[str, Any], place: Place) -> Parameter:
    node, place = document.resolve(node, place)
    schema, _ = document.resolve(node.get("schema", {}), place)
    pattern = schema.get("pattern")
    return Parameter(
        name=node["name"],
        wire_name=node["name"].lower().encode(),
        place=node["in"],
        required=node.get("required", False),
        kind=schema.get("type", "string"),
        pattern=re.compile(pattern) if pattern else None,
        schema=document.schema((*place, "schema")),
    )
