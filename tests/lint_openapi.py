"""The house rules of the OpenAPI files: `python -m tests.lint_openapi [FILE…]`.

openapi-spec-validator says whether a file is OpenAPI; this says whether it is one of ours. Prints
each finding as `file: place: what` and exits 1, or one line that all is well.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import yaml

from simulator.base.errors import OTHER_NAMES, PROBLEMS

FOLDER = Path(__file__).resolve().parents[1] / "openapi"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
IDEMPOTENCY_HEADERS = ("X-Idempotency-Key", "Idempotency-Key")
LITERAL = ("value", "example", "default", "enum", "const")
"""Keys whose values are data, in which a `$ref` or a `schema` means nothing."""

_BASE = "urn:playmoney:lint"

Place = tuple[str, ...]
Found = Iterator[tuple[str, str]]
"""Place and what is wrong there."""


class Document:
    """One file: its nodes, and validators for the schemas in it."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.root: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._registry = jsonschema_rs.Registry([(_BASE, self.root)])

    def follow(self, reference: str) -> Any:
        """What a `$ref` leads to. Raises LookupError where it leads nowhere."""
        node: Any = self.root
        if not reference.startswith("#/"):
            raise LookupError(reference)
        for step in reference[2:].split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            node = node[int(key)] if isinstance(node, list) else node[key]
        return node

    def resolve(self, node: Any) -> Mapping[str, Any]:
        """The node itself or what it refers to; nothing where that is missing (`_refs` tells)."""
        seen: set[str] = set()
        while isinstance(node, dict) and "$ref" in node and node["$ref"] not in seen:
            seen.add(node["$ref"])
            try:
                node = self.follow(node["$ref"])
            except (LookupError, TypeError, ValueError):
                return {}
        return node if isinstance(node, dict) else {}

    def wrong(self, schema: Place, value: Any) -> str | None:
        """What is wrong with a value by the schema at a place; None if nothing is."""
        steps = (step.replace("~", "~0").replace("/", "~1") for step in schema)
        pointer = "/".join(quote(step, safe="~") for step in steps)
        try:
            validator = jsonschema_rs.Draft202012Validator(
                {"$ref": f"{_BASE}#/{pointer}"}, registry=self._registry, validate_formats=True
            )
        except ValueError as broken:
            return f"the schema cannot be read ({str(broken).splitlines()[0]})"
        for error in validator.iter_errors(value):
            where = ".".join(map(str, error.instance_path))
            return f"{where}: {error.message}" if where else error.message
        return None


@dataclass(frozen=True)
class Operation:
    """One operation with what its path shares."""

    method: str
    path: str
    node: Mapping[str, Any]
    item: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.node.get("operationId", f"{self.method.upper()} {self.path}"))


def lint(paths: Iterable[Path]) -> Iterator[str]:
    """Every finding in these files, as `file: place: what`."""
    names: dict[str, str] = {}
    for path in paths:
        document = Document(path)
        for rule in (_error_codes, _refs, _examples, _links):
            yield from (f"{path.name}: {place}: {what}" for place, what in rule(document))
        for operation in _operations(document):
            findings = [
                *_named(document, operation, names),
                *_shown(document, operation),
                *_answered(document, operation),
                *_idempotent(document, operation),
            ]
            yield from (f"{path.name}: {place}: {what}" for place, what in findings)


# The rules of an operation ------------------------------------------------------------------------


def _named(document: Document, operation: Operation, names: dict[str, str]) -> Found:
    """A camelCase name that is unique over all files; summary, description and known tags."""
    name = operation.node.get("operationId")
    if name is None:
        yield operation.name, "has no operationId"
    elif not re.fullmatch(r"[a-z][A-Za-z0-9]*", name):
        yield operation.name, "operationId is not camelCase"
    elif name in names:
        yield operation.name, f"operationId is taken in {names[name]}"
    else:
        names[name] = document.name
    for field in ("summary", "description", "tags"):
        if not operation.node.get(field):
            yield operation.name, f"has no {field}"
    known = {tag.get("name") for tag in document.root.get("tags", [])}
    for tag in operation.node.get("tags", []):
        if tag not in known:
            yield operation.name, f"tag {tag} is not declared"


def _shown(document: Document, operation: Operation) -> Found:
    """An example of every request body and of every success."""
    body = document.resolve(operation.node.get("requestBody", {}))
    for media_type, content in body.get("content", {}).items():
        if not _has_example(content):
            yield operation.name, f"request {media_type} has no example"
    responses = operation.node.get("responses", {})
    successes = {status: node for status, node in responses.items() if str(status)[0] == "2"}
    if not successes:
        yield operation.name, "has no success answer"
    for status, node in successes.items():
        answer = document.resolve(node)
        if str(status) != "204" and not answer.get("content"):
            yield operation.name, f"answer {status} has no content"
        for media_type, content in answer.get("content", {}).items():
            if not _has_example(content):
                yield operation.name, f"answer {status} {media_type} has no example"


def _answered(document: Document, operation: Operation) -> Found:
    """Every refusal that can come is declared, and every answer carries its trace id (PRV-12)."""
    responses = {
        str(s): document.resolve(r) for s, r in operation.node.get("responses", {}).items()
    }
    security = operation.node.get("security", document.root.get("security", []))
    wanted = ["400"]
    if any(security):
        wanted.append("401")
    if any(scopes for requirement in security for scopes in requirement.values()):
        wanted.append("403")
    if "default" not in responses:
        wanted += ["500", "503"]
    for status in wanted:
        if status not in responses:
            yield operation.name, f"does not declare {status}"
    for status, answer in responses.items():
        header = document.resolve(answer.get("headers", {}).get("X-Trace-Id", {}))
        if header.get("required") is not True:
            yield operation.name, f"answer {status} does not declare X-Trace-Id as required"


def _idempotent(document: Document, operation: Operation) -> Found:
    """Every write under `/v1` takes an idempotency key by both of its names (PRV-12)."""
    if operation.method == "get" or not operation.path.startswith("/v1/"):
        return
    parameters = [*operation.item.get("parameters", []), *operation.node.get("parameters", [])]
    declared = {
        found.get("name")
        for found in map(document.resolve, parameters)
        if found.get("in") == "header"
    }
    for name in IDEMPOTENCY_HEADERS:
        if name not in declared:
            yield operation.name, f"is a write and does not declare {name}"


# The rules of a file ------------------------------------------------------------------------------


def _error_codes(document: Document) -> Found:
    """ErrorCode is the error table, no code more or less (PRV-26); one of them may go by the API's
    own name for it."""
    schema = document.root.get("components", {}).get("schemas", {}).get("ErrorCode", {})
    listed = schema.get("enum", [])
    renamed = {
        base.code: name
        for name, kind in OTHER_NAMES.items()
        for base in PROBLEMS.values()
        if issubclass(kind, base)
    }
    names = [renamed[code] if renamed.get(code) in listed else code for code in PROBLEMS]
    for code in names:
        if code not in listed:
            yield "components.schemas.ErrorCode", f"{code} of simulator.base.errors is missing"
    for code in listed:
        if code not in names:
            yield "components.schemas.ErrorCode", f"{code} is not in simulator.base.errors"


def _refs(document: Document) -> Found:
    """Every `$ref` leads somewhere in its own file."""
    for place, node in _walk(document.root, ()):
        reference = node.get("$ref")
        if isinstance(reference, str):
            try:
                document.follow(reference)
            except (LookupError, TypeError, ValueError):
                yield ".".join(place), f"$ref {reference} leads nowhere"


def _links(document: Document) -> Found:
    """Each link leads to an operation of this file, and gives it parameters that it has."""
    there = {operation.name: operation for operation in _operations(document)}
    for name, link in document.root.get("components", {}).get("links", {}).items():
        place, target = f"components.links.{name}", there.get(link.get("operationId"))
        if target is None:
            yield place, f"leads to {link.get('operationId')}, which is not here"
            continue
        given = [*target.item.get("parameters", []), *target.node.get("parameters", [])]
        known = {document.resolve(one).get("name") for one in given}
        for parameter in link.get("parameters", {}).keys() - known:
            yield place, f"gives {parameter}, which {target.name} does not take"


def _examples(document: Document) -> Found:
    """Every example keeps the schema that it is an example of."""
    for place, node in _walk(document.root, ()):
        for name, schema, value in _examples_at(document, place, node):
            wrong = document.wrong(schema, value)
            if wrong is not None:
                yield ".".join(place), f"{name} breaks its schema: {wrong}"


def _examples_at(
    document: Document, place: Place, node: Mapping[str, Any]
) -> Iterator[tuple[str, Place, Any]]:
    """Name, place of the schema and value of each example that stands at a node."""
    examples = node.get("examples")
    if isinstance(examples, list):  # of a schema: JSON Schema keeps them in a list
        for at, value in enumerate(examples):
            yield f"example {at + 1}", place, value
    if "schema" in node:  # a media type, a parameter or a header
        schema = (*place, "schema")
        if isinstance(examples, dict):
            for name, example in examples.items():
                found = document.resolve(example)
                if "value" in found:
                    yield f"example {name}", schema, found["value"]
        if "example" in node:
            yield "the example", schema, node["example"]


# Helpers ------------------------------------------------------------------------------------------


def _has_example(content: Mapping[str, Any]) -> bool:
    return bool(content.get("examples")) or "example" in content


def _operations(document: Document) -> Iterator[Operation]:
    for path, item in document.root.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield Operation(method, path, item[method], item)


def _walk(node: Any, place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Every mapping of a document that is not inside of data, with its place."""
    if isinstance(node, dict):
        yield place, node
        named = place[-1:] in (("properties",), ("examples",))  # there, keys are anyone's names
        for key, below in node.items():
            if named or key not in LITERAL:
                yield from _walk(below, (*place, str(key)))
    elif isinstance(node, list):
        for at, below in enumerate(node):
            yield from _walk(below, (*place, str(at)))


def main(arguments: list[str]) -> int:
    """Lint the files that are named, or all of ours."""
    paths = [Path(name) for name in arguments] or [
        path for path in sorted(FOLDER.glob("*.yaml")) if not path.name.startswith("asyncapi")
    ]
    findings = list(lint(paths))
    for finding in findings:
        print(finding)
    if not findings:
        print(f"ok: {', '.join(path.name for path in paths)} keep the house rules")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
