"""Operations that must hear another party: a generator of decisions and calls.

    def spin(ask):
        bet = yield Decide(reserve_spin, ask)             # its own transaction
        reply = yield Hear(Call(to="wallet", ...))        # over the wire, until it is definite
        return (yield Decide(finish_spin, FinishSpin(ask, bet, reply)))

Each decision is a transaction; the first commits the key as pending. Results are recorded as they
come, so that after a crash the courier makes the generator again, feeds it what it had, and goes on
where it stopped. A flow is therefore deterministic: everything it learns comes out of a `yield`.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

import msgspec

from simulator.base.errors import PROBLEMS, Problem
from simulator.store.recall import Decision
from simulator.wire import json
from simulator.wire.calls import Call, Reply


@dataclass(frozen=True, slots=True)
class Decide:
    """Run a decision in a transaction of its own; the flow is given its result."""

    decision: Decision
    message: Any


@dataclass(frozen=True, slots=True)
class Hear:
    """Send a call until its answer is definite; the flow is given the reply."""

    call: Call


@dataclass(frozen=True, slots=True)
class Done:
    """The flow has ended with this answer, or refusal."""

    answer: Any


Step = Decide | Hear
Flow = Callable[[Any], Generator[Step, Any, Any]]


class Result(msgspec.Struct, frozen=True, array_like=True):
    """What one step gave: `kind` is `message`, `reply` or a problem's code."""

    kind: str
    body: bytes


def advance(flow: Flow, message: Any, results: list[Result]) -> Step | Done:
    """What a flow does next, given what its steps have given so far.

    A refused decision is raised inside the flow, which may compensate; what it does not catch ends
    it with that refusal.
    """
    steps = flow(message)
    try:
        step = next(steps)
        for result in results:
            step = _feed(steps, step, result)
    except StopIteration as end:
        return Done(end.value)
    except Problem as problem:
        return Done(problem)
    return step


def record(given: Any) -> Result:
    """A step's result as it is stored."""
    if isinstance(given, Problem):
        return Result(given.code, json.encode([given.message, given.details]))
    if isinstance(given, Reply):
        return Result("reply", msgspec.msgpack.encode(given))
    return Result("message", json.encode(given))


def _feed(steps: Generator[Step, Any, Any], step: Step, result: Result) -> Step:
    if result.kind in PROBLEMS:
        message, details = json.decode(result.body)
        return steps.throw(PROBLEMS[result.kind](message, details=details))
    if isinstance(step, Hear):
        return steps.send(msgspec.msgpack.decode(result.body, type=Reply))
    return steps.send(msgspec.convert(json.decode(result.body), _answer_of(step.decision)))


@cache
def _answer_of(decision: Decision) -> Any:
    """The type that a decision says it answers with."""
    return get_type_hints(decision)["return"]
