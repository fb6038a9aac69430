"""Once per key: the same key and parameters get the first answer again, and nothing happens twice.

(PRV-30, PRV-31, WAL-06, WAL-74)
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from simulator.base.errors import IdempotencyMismatch, Problem
from simulator.base.ids import digest16_of
from simulator.store.rows import Op, Row
from simulator.store.tx import Again, Tx
from simulator.store.unit import Slot, Unit
from simulator.wire import json
from simulator.wire.calls import Caller
from simulator.wire.problem import encode_problem

M = TypeVar("M")

Decision = Callable[[Tx, Any], Any]
"""`(tx, message) -> message`, or `Again` for an answer that was given before."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One call that may change something: who, what, under which key."""

    caller: Caller
    operation: str
    key: str
    message: Any
    success: int = 200

    @property
    def fingerprint(self) -> bytes:
        """What the key is bound to: operation, brand, region and the canonical typed message."""
        caller = self.caller
        return digest16_of((self.operation, caller.brand, caller.region, json.encode(self.message)))

    @property
    def stable_key(self) -> bytes:
        """K: the same for every repeat of this call, in any order of arrival (D1)."""
        return digest16_of((self.operation, self.caller.client, self.key))


class Remembered(msgspec.Struct, frozen=True):
    """An answer as it is stored, and whether it was given before."""

    status: int
    body: bytes
    replayed: bool = False


class Once(msgspec.Struct, frozen=True):
    """A command with what decides it: work for a writer."""

    command: Command
    decide: Decision

    def __call__(self, unit: Unit) -> Remembered:
        return once(unit, self.command, self.decide)

    def names(self, kinds: Sequence[type[Row]]) -> list[Slot]:
        """The rows that it will ask for, as far as its key and its message name them: a hint, so
        that a writer can read those of a whole batch in one go."""
        command = self.command
        caller, message = command.caller, command.message
        found: list[Slot] = [(Op, (caller.client, command.operation, command.key))]
        message_type: type[msgspec.Struct] = type(message)
        for kind, usual, field in _named(tuple(kinds), message_type):
            name = getattr(message, field)
            if name is not None:
                found.append((kind, (caller.tenant, *usual, name)))
        return found


@lru_cache(maxsize=1024)
def _named(
    kinds: tuple[type[Row], ...], message: type[msgspec.Struct]
) -> list[tuple[type[Row], tuple[str, ...], str]]:
    """The kinds of a tenant's rows whose name is a field of this message, what their name usually
    has before it, and the field."""
    fields = message.__struct_fields__
    return [
        (kind, kind.USUALLY, kind.NAMED_BY[-1])
        for kind in kinds
        if kind.NAMED_BY[:1] == ("tenant",)
        and len(kind.NAMED_BY) == 2 + len(kind.USUALLY)
        and kind.NAMED_BY[-1] in fields
    ]


def once(unit: Unit, command: Command, decide: Decision) -> Remembered:
    """Decide this command, or recall what was decided under its key.

    A definite refusal takes its writes back and is remembered; any other problem is raised and
    leaves nothing behind, so the same key may try again (PRV-30).
    """
    unit.begin(command.caller, command.stable_key, command.key)
    fingerprint = command.fingerprint
    found = recall(unit, command, fingerprint)
    if found is not None:
        return found
    try:
        given = decide(unit, command.message)
    except Problem as problem:
        unit.undo()
        if not problem.remembered:
            raise
        given = problem
    return conclude(unit, command, fingerprint, given)


def recall(unit: Unit, command: Command, fingerprint: bytes) -> Remembered | None:
    """What was answered under this key. Raises IdempotencyMismatch for other parameters."""
    found = unit.get(Op, (command.caller.client, command.operation, command.key))
    if found is None:
        return None
    if found.fingerprint != fingerprint:
        raise IdempotencyMismatch(
            f"this key was used for {command.operation} with other parameters; "
            "a repeat keeps them, a new request takes a new key"
        )
    return Remembered(found.status, found.answer, replayed=True)


def conclude(unit: Unit, command: Command, fingerprint: bytes, given: Any) -> Remembered:
    """Write the answer (a message, an earlier answer or a refusal) with its events."""
    if isinstance(given, Again):
        answer = first_answer(unit, given)
    elif isinstance(given, Problem):
        answer = Remembered(given.status, encode_problem(given, command.caller.trace_id))
    else:
        answer = Remembered(command.success, json.encode(given))
    unit.remember(command.operation, fingerprint, answer.status, answer.body)
    return answer


def first_answer(unit: Unit, again: Again) -> Remembered:
    """What the operation at a position answered."""
    first = unit.at(Op, again.position)
    if first is None:
        raise RuntimeError(f"operation {again.position} is not in the store")
    return Remembered(first.status, first.answer, replayed=True)
