"""The operations that a scenario may call, as the contracts have them: `wallet.authorizeBet`."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from simulator.base.errors import ConfigError
from simulator.wire import json
from simulator.wire.calls import Call
from simulator.wire.files import find
from simulator.wire.openapi import Document

CONTRACTS: Mapping[str, tuple[str, ...]] = {
    "wallet": ("platform", "wallet"),
    "rgs": ("rgs",),
    "play": ("play",),
    "jackpot": ("jackpot",),
    "control": ("control",),
}
"""Party → its files in openapi/; `control` is the sandbox's owner."""

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """What a call of it looks like."""

    name: str
    party: str
    method: str
    path: str
    in_path: frozenset[str]
    in_query: frozenset[str]
    in_body: frozenset[str]
    needs_key: bool
    media_type: str

    @property
    def fields(self) -> list[str]:
        """Everything that may be given."""
        return sorted(self.in_path | self.in_query | self.in_body)

    def field(self, word: str) -> str:
        """The field of a word: `player` is short for `player_id`. Raises ConfigError."""
        for name in (word, f"{word}_id"):
            if name in self.in_body or name in self.in_path or name in self.in_query:
                return name
        fields = self.fields
        words = [*(name.removesuffix("_id") for name in fields), *fields]
        near = difflib.get_close_matches(word, words, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ConfigError(
            f"{self.party}.{self.name} has no field {word!r}, only {', '.join(fields)}{hint}"
        )

    def write(self, values: Mapping[str, Any], prefix: str) -> Call:
        """The call without who sends it. `values` are by field."""
        path = self.path
        for name in self.in_path & values.keys():
            path = path.replace(f"{{{name}}}", quote(str(values[name]), safe=""))
        query = {name: values[name] for name in sorted(self.in_query & values.keys())}
        body = {name: one for name, one in values.items() if name in self.in_body - self.in_path}
        target = f"{prefix}{path}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        sends = self.method != "GET" and (body or self.in_body)
        return Call(
            method=self.method,
            target=target,
            to=self.party,
            body=json.encode(body) if sends else b"",
        )


@cache
def operations(party: str) -> Mapping[str, Operation]:
    """A party's operations by name."""
    return {
        operation.name: operation
        for name in CONTRACTS[party]
        for operation in _read(party, Document(find("openapi", f"{name}.yaml").read_bytes()))
    }


def operation(called: str) -> Operation:
    """`party.operation`. Raises ConfigError with the nearest word."""
    party, _, name = called.partition(".")
    if party not in CONTRACTS:
        raise ConfigError(_no_such("party", party, list(CONTRACTS)))
    known = operations(party)
    if name not in known:
        raise ConfigError(_no_such(f"operation of {party}", name, sorted(known)))
    return known[name]


def _no_such(what: str, word: str, choices: list[str]) -> str:
    near = difflib.get_close_matches(word, choices, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there is {', '.join(choices)}"
    return f"there is no {what} {word!r}{hint}"


def _read(party: str, document: Document) -> Iterator[Operation]:
    media = document.root.get("x-media-type") or "application/json"
    for path, item in document.root["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            node = item[method]
            declared = [
                document.resolve(one, ())[0]
                for one in (*item.get("parameters", ()), *node.get("parameters", ()))
            ]
            body, _ = document.resolve(node.get("requestBody", {}), ())
            schema = body.get("content", {}).get("application/json", {}).get("schema", {})
            yield Operation(
                name=node["operationId"],
                party=party,
                method=method.upper(),
                path=path,
                in_path=frozenset(p["name"] for p in declared if p["in"] == "path"),
                in_query=frozenset(p["name"] for p in declared if p["in"] == "query"),
                in_body=frozenset(_properties(document, schema)),
                needs_key=any(p["name"] == "X-Idempotency-Key" for p in declared),
                media_type=media,
            )


def _properties(document: Document, schema: Mapping[str, Any]) -> Iterator[str]:
    found, _ = document.resolve(schema, ())
    yield from found.get("properties", ())
    for kind in ("allOf", "anyOf", "oneOf"):
        for part in found.get(kind, ()):
            yield from _properties(document, part)
    for kind in ("then", "else"):
        if kind in found:
            yield from _properties(document, found[kind])
