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
from types import CodeType
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


class Walk:
    """One flow on its way, from the first step to its answer.

    While the process lives, each result is fed to the generator once, in the form in which it is
    recorded, so that a flow learns the same with a crash as without. Where the results do not go on
    from those that it was fed — a transaction was taken back and is decided anew, another server
    went ahead — it begins again and is fed all of them.
    """

    __slots__ = ("_fed", "_flow", "_message", "_step", "_steps")

    def __init__(self, flow: Flow, message: Any) -> None:
        self._flow = flow
        self._message = message
        self._steps: Generator[Step, Any, Any] | None = None
        self._step: Step | Done
        self._fed: list[Result] = []

    def next(self, results: list[Result]) -> Step | Done:
        """What the flow does next, given what its steps have given so far.

        A refused decision is raised inside the flow, which may compensate; what it does not catch
        ends it with that refusal.
        """
        fed = len(self._fed)
        steps, self._steps = self._steps, None  # a bug in the flow leaves nothing to go on with
        try:
            if steps is None or self._fed != results[:fed]:
                fed, steps = 0, self._flow(self._message)
                self._step = next(steps)
            for result in results[fed:]:
                if isinstance(self._step, Done):
                    break
                self._step = _feed(steps, self._step, result)
        except StopIteration as end:
            self._step = Done(end.value)
        except Problem as problem:
            self._step = Done(problem)
        self._steps, self._fed = steps, results
        return self._step


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


_ANSWERS: dict[CodeType, Any] = {}
"""By code: a decision that is made anew for each call has one code all the same."""


def _answer_of(decision: Decision) -> Any:
    """The type that a decision says it answers with."""
    code: CodeType = decision.__code__  # every decision is a function
    try:
        return _ANSWERS[code]
    except KeyError:
        answer = _ANSWERS[code] = get_type_hints(decision)["return"]
        return answer
