"""House rules on the contracts: `python -m tests.lint_openapi` prints each breach and exits 1."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from simulator.base.errors import PROBLEMS

FOLDER = Path(__file__).resolve().parent.parent / "openapi"
KEY_HEADERS = {"X-Idempotency-Key", "Idempotency-Key"}


class Lint:
    """One file and what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.root = yaml.safe_load(path.read_bytes())
        self.registry = jsonschema_rs.Registry([("urn:lint", self.root)])

    def resolve(self, node: Any) -> Any:
        """The node behind any number of references."""
        while "$ref" in node:
            found = self.root
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any], list[Any]]]:
        """Path, method, operation and all of its parameters."""
        for path, item in self.root["paths"].items():
            for method in ("get", "post", "put", "patch", "delete"):
                if method in item:
                    node = item[method]
                    declared = [*item.get("parameters", []), *node.get("parameters", [])]
                    yield path, method, node, [self.resolve(entry) for entry in declared]

    def findings(self) -> Iterator[str]:
        """Every breach as `place: what`."""
        codes = self.root["components"]["schemas"]["ErrorCode"]["enum"]
        if codes != list(PROBLEMS):
            yield "components.schemas.ErrorCode: differs from simulator.base.errors.PROBLEMS"
        for path, method, node, parameters in self.operations():
            place = f"{method.upper()} {path}"
            yield from (f"{place}: {what}" for what in self.about(node))
            names = {entry["name"] for entry in parameters}
            if path.startswith("/v1/") and method != "get" and not names >= KEY_HEADERS:
                yield f"{place}: a write declares {', '.join(sorted(KEY_HEADERS))}"
            for status, answer in node["responses"].items():
                yield from (
                    f"{place} {status}: {what}"
                    for what in self.about_answer(str(status), self.resolve(answer))
                )
            if "requestBody" in node:
                for what in self.about_content(self.resolve(node["requestBody"])["content"]):
                    yield f"{place} body: {what}"

    def about(self, node: dict[str, Any]) -> Iterator[str]:
        """What an operation has to say of itself."""
        if not re.fullmatch(r"[a-z][A-Za-z]+", node.get("operationId", "")):
            yield "operationId is missing or not camelCase"
        for field in ("summary", "description", "tags"):
            if not node.get(field):
                yield f"{field} is missing"
        statuses = {str(status) for status in node["responses"]}
        if not statuses & {"default", "500"}:
            yield "neither a default answer nor a 500 is declared"
        secured = any("oauth2" in entry for entry in node.get("security", []))
        if secured and not statuses >= {"400", "401", "403"}:
            yield "a secured operation declares 400, 401 and 403"

    def about_answer(self, status: str, answer: dict[str, Any]) -> Iterator[str]:
        """Headers and examples of an answer."""
        if "X-Trace-Id" not in answer.get("headers", {}):
            yield "the header X-Trace-Id is not declared"
        if status != "204":
            yield from self.about_content(answer.get("content", {}))

    def about_content(self, content: dict[str, Any]) -> Iterator[str]:
        """An example is there, and keeps its schema."""
        for media_type, part in content.items():
            if media_type.endswith("json"):
                examples = [self.resolve(e)["value"] for e in part.get("examples", {}).values()]
                examples += [part["example"]] if "example" in part else []
                if not examples:
                    yield "there is no example"
                validator = jsonschema_rs.Draft202012Validator(
                    {**self._anchored(part["schema"])}, registry=self.registry
                )
                for example in examples:
                    for error in validator.iter_errors(example):
                        yield f"an example breaks its schema: {error.message}"

    def _anchored(self, node: Any) -> Any:
        """A schema whose references name this file."""
        if isinstance(node, dict):
            return {
                key: "urn:lint" + value if key == "$ref" else self._anchored(value)
                for key, value in node.items()
            }
        return [self._anchored(value) for value in node] if isinstance(node, list) else node


def main() -> None:
    """Print each finding; exit 1 if there is one."""
    files = [Lint(path) for path in sorted(FOLDER.glob("*.yaml"))]
    found = [f"{lint.name}: {what}" for lint in files for what in lint.findings()]
    names = [node["operationId"] for lint in files for _, _, node, _ in lint.operations()]
    found += [f"operationId {name} is there twice" for name in set(names) if names.count(name) > 1]
    for line in found:
        print(line)
    if found:
        sys.exit(1)
    print(f"{len(names)} operations in {len(files)} contracts keep the house rules")


if __name__ == "__main__":
    main()
