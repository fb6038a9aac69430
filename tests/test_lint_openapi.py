"""The linter of the contracts: quiet about ours, and sure to find what it looks for."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator.base.errors import PROBLEMS
from tests.lint_openapi import FOLDER, lint, main

GOOD = f"""
openapi: 3.1.0
tags: [{{name: Things}}]
paths:
  /v1/things/{{id}}:
    parameters:
      - $ref: '#/components/parameters/Key'
      - {{name: Idempotency-Key, in: header, schema: {{type: string}}, example: k-1}}
      - {{name: id, in: path, required: true, schema: {{type: integer}}, example: 3}}
    put:
      operationId: putThing
      summary: Put a thing
      description: Puts it there.
      tags: [Things]
      security: [oauth2: ['things:write']]
      requestBody:
        content:
          application/json:
            schema: {{$ref: '#/components/schemas/Thing'}}
            examples: {{one: {{$ref: '#/components/examples/One'}}}}
      responses:
        '200':
          headers: &trace {{X-Trace-Id: {{$ref: '#/components/headers/Trace'}}}}
          content:
            application/json:
              schema: {{$ref: '#/components/schemas/Thing'}}
              examples: {{two: {{value: {{name: two, made_at: '2026-01-01T00:00:00Z'}}}}}}
        '400': {{headers: *trace}}
        '401': {{headers: *trace}}
        '403': {{headers: *trace}}
        '500': {{headers: *trace}}
        '503': {{headers: *trace}}
components:
  parameters:
    Key: {{name: X-Idempotency-Key, in: header, schema: {{type: string}}}}
  headers:
    Trace: {{required: true, schema: {{type: string}}}}
  examples:
    One: {{value: {{name: one}}}}
  links:
    Again: {{operationId: putThing, parameters: {{id: $response.body#/value}}}}
  schemas:
    ErrorCode: {{enum: [{", ".join(PROBLEMS)}]}}
    Thing:
      type: object
      required: [name]
      properties:
        name: {{type: string, examples: [a]}}
        made_at: {{type: string, format: date-time}}
        value: {{type: integer, examples: [5]}}
"""

SPOILED = {
    "operationId: putThing": ("summary: x", "PUT /v1/things/{id}: has no operationId"),
    "operationId: putThing ": ("operationId: put_thing", "put_thing: operationId is not camelCase"),
    "summary: Put a thing": ("x-summary: y", "putThing: has no summary"),
    "description: Puts it there.": ("x-description: y", "putThing: has no description"),
    "tags: [Things]": ("tags: []", "putThing: has no tags"),
    "tags: [Things] ": ("tags: [Thongs]", "putThing: tag Thongs is not declared"),
    "examples: {one: {$ref: '#/components/examples/One'}}": (
        "x-examples: {}",
        "putThing: request application/json has no example",
    ),
    "examples: {two:": (
        "x-examples: {two:",
        "putThing: answer 200 application/json has no example",
    ),
    "'200':": ("'302':", "putThing: has no success answer"),
    "'400':": ("'404':", "putThing: does not declare 400"),
    "'401':": ("'404':", "putThing: does not declare 401"),
    "'403':": ("'404':", "putThing: does not declare 403"),
    "'500':": ("'502':", "putThing: does not declare 500"),
    "'503':": ("'504':", "putThing: does not declare 503"),
    "'400': {headers: *trace}": (
        "'400': {description: x}",
        "putThing: answer 400 does not declare X-Trace-Id as required",
    ),
    "Trace: {required: true,": (
        "Trace: {required: false,",
        "putThing: answer 503 does not declare X-Trace-Id as required",
    ),
    "name: X-Idempotency-Key": (
        "name: X-Key",
        "putThing: is a write and does not declare X-Idempotency-Key",
    ),
    "name: Idempotency-Key": (
        "name: Key",
        "putThing: is a write and does not declare Idempotency-Key",
    ),
    "examples/One'": (
        "examples/Other'",
        "content.application/json.examples.one: $ref #/components/examples/Other leads nowhere",
    ),
    "$ref: '#/components/parameters/Key'": (
        "$ref: 'other.yaml#/Key'",
        "paths./v1/things/{id}.parameters.0: $ref other.yaml#/Key leads nowhere",
    ),
    "ErrorCode: {enum: [": (
        "ErrorCode: {enum: [TEAPOT, ",
        "components.schemas.ErrorCode: TEAPOT is not in simulator.base.errors",
    ),
    "RG_BLOCK, ": (
        "",
        "components.schemas.ErrorCode: RG_BLOCK of simulator.base.errors is missing",
    ),
    "Again: {operationId: putThing": (
        "Again: {operationId: pushThing",
        "components.links.Again: leads to pushThing, which is not here",
    ),
    "parameters: {id: $": (
        "parameters: {ib: $",
        "components.links.Again: gives ib, which putThing does not take",
    ),
    "One: {value: {name: one}}": (
        "One: {value: {name: 1}}",
        'application/json: example one breaks its schema: name: 1 is not of type "string"',
    ),
    "One: {value: {name: one}} ": (
        "One: {value: {}}",
        'example one breaks its schema: "name" is a required property',
    ),
    "'2026-01-01T00:00:00Z'": (
        "'2026-01-01'",
        'example two breaks its schema: made_at: "2026-01-01" is not a "date-time"',
    ),
    "example: 3": (
        "example: three",
        'paths./v1/things/{id}.parameters.2: the example breaks its schema: "three" is not of type',
    ),
    "examples: [5]": (
        "examples: [5, x]",
        'Thing.properties.value: example 2 breaks its schema: "x" is not of type',
    ),
}
"""Text → what it is replaced by, and the finding; a space at the end parts two of one text."""


def _lint(folder: Path, *texts: str) -> list[str]:
    paths = [folder / f"{at}.yaml" for at in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return list(lint(paths))


def test_our_contracts_keep_the_house_rules(capsys: pytest.CaptureFixture[str]) -> None:
    """No finding in any OpenAPI file of ours: one line, exit 0 (PRV-64)."""
    assert main([]) == 0
    printed = capsys.readouterr().out
    names = sorted(path.name for path in FOLDER.glob("*.yaml"))
    assert {"platform.yaml", "wallet.yaml", "rgs.yaml", "control.yaml"} <= set(names)
    assert printed == f"ok: {', '.join(names)} keep the house rules\n"


def test_a_good_file_has_no_findings(tmp_path: Path) -> None:
    """The control: the file that is spoiled below is a good one."""
    assert _lint(tmp_path, GOOD) == []


@pytest.mark.parametrize("text", sorted(SPOILED))
def test_each_fault_is_found(tmp_path: Path, text: str) -> None:
    """Negative control of each rule: one change, and the finding names file, place and trouble."""
    new, finding = SPOILED[text]
    assert GOOD.count(text.rstrip()) >= 1
    findings = _lint(tmp_path, GOOD.replace(text.rstrip(), new, 1))
    assert any(found.startswith("0.yaml: ") and finding in found for found in findings), findings


def test_a_name_is_taken_over_all_files(tmp_path: Path) -> None:
    """One operationId stands for one operation, in whatever file."""
    assert "1.yaml: putThing: operationId is taken in 0.yaml" in _lint(tmp_path, GOOD, GOOD)


def test_data_is_not_linted(tmp_path: Path) -> None:
    """A `$ref` inside of an example's value is data."""
    document: Any = yaml.safe_load(GOOD)
    document["components"]["examples"]["One"]["value"]["link"] = {"$ref": "#/nowhere"}
    assert _lint(tmp_path, yaml.safe_dump(document)) == []


def test_findings_are_printed_and_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A finding is a line and exit 1."""
    path = tmp_path / "spoiled.yaml"
    path.write_text(GOOD.replace("summary: Put a thing\n", "\n"))
    assert main([str(path)]) == 1
    assert capsys.readouterr().out == "spoiled.yaml: putThing: has no summary\n"
