"""The contract of a role as the judge reads it: straight from an OpenAPI file (PRV-64).

Its own reading, not that of our servers. Lenient where a right system may differ: what it adds, how
it names things and what it leaves out is not judged here, only what is there and is something else.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import ryaml

from simulator.certify.exchange import Answer, Ask, Exchange
from simulator.wire.files import find

METHODS = frozenset({"get", "post", "put", "patch", "delete"})

FILES = {"wallet": "wallet", "platform": "platform", "rgs": "rgs", "jackpot": "jackpot"}

STRICT = frozenset({"additionalProperties", "unevaluatedProperties"})
"""What forbids further fields: a target may add some."""

TEXTS = frozenset({"pattern", "format", "minLength", "maxLength"})
"""What says of a text more than that it is one: a target may take ids of another form."""

FORM = STRICT | TEXTS | {"required", "enum", "const"}
FORM |= {"not", "if", "then", "else", "dependentRequired", "minProperties", "discriminator"}
"""What goes beyond the kind of value that a field has."""


NAMED = frozenset({"properties", "schemas", "parameters", "paths", "examples", "responses"})
"""Where the keys are names, not keywords."""


def document(role: str, text: bytes | None = None) -> dict[str, Any]:
    """The contract of a role, or another one. Raises ValueError where that is none."""
    if text is None:
        text = find("openapi", f"{FILES[role]}.yaml").read_bytes()
    try:
        found = ryaml.loads(text.decode())
    except (ryaml.InvalidYamlError, UnicodeDecodeError) as wrong:
        raise ValueError(f"is neither JSON nor YAML: {wrong}") from None
    paths = found.get("paths") if isinstance(found, dict) else None
    if not isinstance(paths, dict) or not paths:
        raise ValueError("has no paths: it is no OpenAPI document")
    # As JSON has it: no dates, and nothing shared.
    read: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return read


def lenient(node: Any, without: frozenset[str]) -> Any:
    """The same document without some keywords of its schemas; of several kinds any will do."""
    if isinstance(node, list):
        return [lenient(one, without) for one in node]
    if not isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    for name, value in node.items():
        if name in NAMED and isinstance(value, dict):
            found[name] = {key: lenient(one, without) for key, one in value.items()}
        elif name not in without or not _is_keyword(name, value):
            any_ = name == "oneOf" and "required" in without
            found["anyOf" if any_ else name] = lenient(value, without)
    return found


def _is_keyword(name: str, value: Any) -> bool:
    """`required` of a schema is a list, of a parameter or body a truth."""
    return name != "required" or isinstance(value, list)


class Contract:
    """What the answers of each operation look like."""

    def __init__(self, document: Mapping[str, Any], without: frozenset[str] = FORM) -> None:
        self._root = lenient(document, without)
        self._found: dict[tuple[str, str, int], Any] = {}
        self._paths = [
            (re.compile("^" + re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)) + "$"), path, item)
            for path, item in sorted(self._root["paths"].items(), key=lambda one: "{" in one[0])
        ]

    def wrong(self, exchange: Exchange) -> str:
        """What an answer has that is something else than the contract says; empty: nothing."""
        ask, answer = exchange.ask, exchange.reply
        if not isinstance(answer, Answer) or not answer.body:
            return ""
        place = self._place(ask)
        checked = self._schema(*place, answer.status) if place else None
        if checked is None or "json" not in answer.headers.get("content-type", "json"):
            return ""
        try:
            body = json.loads(answer.body)
        except ValueError:
            return f"the answer of {answer.status} is not JSON"
        first = next(iter(checked.iter_errors(body)), None)
        if first is None:
            return ""
        at = ".".join(str(part) for part in first.instance_path) or "the body"
        return f"in the answer of {answer.status}, {at}: {first.message[:300]}"

    def _place(self, ask: Ask) -> tuple[str, str] | None:
        path = ask.path.partition("?")[0]
        for pattern, template, item in self._paths:
            if pattern.match(path) and ask.method.lower() in item:
                return template, ask.method.lower()
        return None

    def _schema(self, path: str, method: str, status: int) -> Any:
        """A validator; None where the contract says nothing of this answer."""
        known = (path, method, status)
        if known not in self._found:
            responses = self._root["paths"][path][method].get("responses", {})
            response = resolved(
                self._root, responses.get(str(status), responses.get("default", {}))
            )
            schema = response.get("content", {}).get("application/json", {}).get("schema")
            self._found[known] = None
            if schema is not None:
                parts = {"components": self._root.get("components", {})}
                self._found[known] = jsonschema_rs.Draft202012Validator(
                    {**parts, "allOf": [schema]}
                )
        return self._found[known]


def resolved(document: Mapping[str, Any], node: Any) -> dict[str, Any]:
    """A node of the document, or what it refers to; nothing where that is no object."""
    while isinstance(node, dict) and "$ref" in node:
        found: Any = document
        for part in str(node["$ref"]).removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        node = found
    return node if isinstance(node, dict) else {}


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Path, method and node of each."""
    for path, item in document["paths"].items():
        for method, node in item.items():
            if method in METHODS:
                yield path, method, node
