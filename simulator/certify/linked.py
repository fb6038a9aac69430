"""Requests that follow from one another along the links of a contract, drawn by Schemathesis.

An answer gives an id, and a link says which operation takes it: debit → rollback → read. So an
operation is met in states that no single request brings about. Where a contract has links, they are
followed; where it has none, Schemathesis infers them. (PRV-64, WAL-77; OpenAPI 3.1 §4.8.20)
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema_rs

from simulator.certify.check import Broken
from simulator.certify.conformity import Conformity, Found, described, is_asked, response
from simulator.certify.contract import METHODS, operations, resolved
from simulator.certify.drive import Done, Drive
from simulator.certify.exchange import Answer
from simulator.certify.hunt import Loop, extra, wander

SIMPLER = 200
"""Sequences that are tried for a simpler one than the first that failed."""

MADE_BY_THE_CALLER = ("_id", "idempotency_key")
"""How names end of what a caller makes up, once for each thing."""

MADE_UP = "made up by the caller"
"""Stands for such a name until the request goes out."""

LATER_S = (0.05, 0.25)
"""After which waits a read that did not find what was just made is asked again."""


async def links(drive: Drive, *, examples: int, steps: int) -> None:
    """So many sequences of up to so many steps. Raises Broken with the shortest that failed,
    Unclear without Schemathesis or a document."""
    text = await described(drive)
    schemathesis = extra("schemathesis")
    walks = _Walks(drive, Conformity(drive, text))
    narrowed = Narrowed(text, await drive.at_hand(), drive.names.new("id"))
    schema = schemathesis.openapi.from_dict(narrowed.document)
    if any(_has_links(node) for _, _, node in operations(text)):
        schema.config.phases.stateful.inference.algorithms = []
    schema.config.generation.modes = [schemathesis.GenerationMode.POSITIVE]
    seed = drive.names.number("sequences", 2**64)
    await wander(
        lambda loop: _machine(schema, loop, walks),
        seed=seed,
        examples=examples,
        steps=steps,
        simpler=SIMPLER,
    )
    walks.tell()


class Narrowed:
    """A contract that asks for what leads somewhere: what is at hand under a name stands there, ids
    that a caller makes up are made up anew, and what may be left out is left to the links."""

    def __init__(
        self, document: dict[str, Any], at_hand: Mapping[str, Sequence[Any]], sample: str
    ) -> None:
        self._root = document
        self._at_hand = at_hand
        self._sample = sample
        """An id as we make them up."""
        self.document: dict[str, Any] = self._narrow(document)
        for item in self.document["paths"].values():
            for method in METHODS & item.keys():
                if not is_asked(item[method]):
                    del item[method]

    def _narrow(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self._narrow(one) for one in node]
        if not isinstance(node, dict):
            return node
        found = {name: self._narrow(value) for name, value in node.items()}
        if isinstance(node.get("properties"), dict):
            found["properties"] = {
                name: self._field(name, value)
                for name, value in node["properties"].items()
                if name in self._at_hand or name in node.get("required", ())
            }
        if isinstance(node.get("parameters"), list):
            found["parameters"] = [
                self._narrow(one) for one in node["parameters"] if self._is_needed(one)
            ]
        if "in" in node and node.get("name") in self._at_hand:
            found["schema"] = self._field(node["name"], node.get("schema"))
        return found

    def _is_needed(self, parameter: Any) -> bool:
        return bool(resolved(self._root, parameter).get("required"))

    def _field(self, name: str, schema: Any) -> Any:
        # Money has an amount, which has an amount: only the one that is a value is at hand.
        if name in self._at_hand and "properties" not in resolved(self._root, schema):
            return {"enum": list(self._at_hand[name])}
        if name.endswith(MADE_BY_THE_CALLER) and self._takes(schema):
            return {"const": MADE_UP}
        return self._narrow(schema)

    def _takes(self, schema: Any) -> bool:
        """Whether an id of ours will do."""
        parts = {"components": self._root.get("components", {})}
        return jsonschema_rs.is_valid({**parts, "allOf": [schema]}, self._sample)


def _has_links(node: Mapping[str, Any]) -> bool:
    responses = node.get("responses", {}).values()
    return any(isinstance(one, dict) and one.get("links") for one in responses)


def _machine(schema: Any, loop: Loop, walks: "_Walks") -> Any:
    """Schemathesis' state machine, whose calls are the suite's."""

    class Walk(schema.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            loop.begin()
            walks.begin()

        def step(self, input: Any) -> Any:  # noqa: A002  its name in Schemathesis
            answer = loop.wait(walks.take, input)
            if answer is None:
                return None
            loop.kept(not walks.why)
            output = extra("schemathesis.generation.stateful.state_machine").StepOutput
            got = response(answer)
            self.after_call(got, input.case)
            return output(got, input.case)

    return Walk


class _Walks:
    """What was walked, and the shortest way that failed."""

    def __init__(self, drive: Drive, conformity: Conformity) -> None:
        self._drive = drive
        self._conformity = conformity
        self._there: set[str] = set()
        """Operations that the target has: they have found something once."""
        self._way: list[Done] = []
        self._failed: list[tuple[list[Done], Found]] = []
        self.why = ""
        """What was wrong with the last step; empty: nothing."""

    def begin(self) -> None:
        """Another walk."""
        self._way = []
        self.why = ""

    async def take(self, step: Any) -> Answer | None:
        """One request and its answer; None where no client could send it."""
        case = step.case
        case.body = self._named(case.body)
        ask = self._conformity.ask(case)
        if ask is None:
            return None
        done = await self._conformity.send(ask)
        lost = _reads_what_was_made(step) and case.operation.label in self._there
        for wait_s in LATER_S if lost else ():
            if done.status != 404:
                break
            await asyncio.sleep(wait_s)
            done = await self._conformity.send(ask)
        self._way.append(done)
        self.why = self._conformity.wrong(case, done)
        if not self.why and lost and done.status == 404:
            self.why = "what was just made has to be found"
        if done.ok:
            self._there.add(case.operation.label)
        if self.why:
            self._failed.append((self._way, Found(self.why, done)))
        return done.reply if isinstance(done.reply, Answer) else None

    def tell(self) -> None:
        """Raises Broken with the shortest way that failed."""
        if not self._failed:
            return
        way, found = min(reversed(self._failed), key=lambda one: len(one[0]))
        replies = [done.reply for done in way]
        self._drive.exchanges[:] = [
            one for one in self._drive.target.met if any(one.reply is reply for reply in replies)
        ]
        steps = [f"{at}. {_step(done)}" for at, done in enumerate(way, 1)]
        raise Broken("\n".join([f"after {len(way)} steps: {found}", *steps]))

    def _named(self, body: Any, name: str = "") -> Any:
        """The same body with a fresh id wherever the caller makes one up and no link gave one."""
        if isinstance(body, Mapping):
            return {key: self._named(value, key) for key, value in body.items()}
        if isinstance(body, list):
            return [self._named(one, name) for one in body]
        return self._drive.names.new(name.removesuffix("_id")[:12]) if body == MADE_UP else body


def _reads_what_was_made(step: Any) -> bool:
    """Whether a GET has all parts of its path from an answer that accepted."""
    case = step.case
    given = {name for where, name in step.applied_parameters if where.value == "path"}
    return case.method == "GET" and bool(given) and given >= {*case.path_parameters}


def _step(done: Done) -> str:
    body = done.ask.body[:300].decode("utf-8", "replace")
    code = f" {done.code}" if done.code else ""
    return f"{done.ask.method} {done.ask.path} {body} → {done.status or 'no answer'}{code}"
