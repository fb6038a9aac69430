"""The transactions of what takes several: steps of a flow, and the end of a call of the outbox.

Each is work for a writer: run again from its beginning where the store asks for that.
"""

from collections.abc import Mapping, Sequence

import msgspec

from simulator.base.errors import InProgress, Problem, Transient, Unavailable
from simulator.base.ids import digest16
from simulator.store.flow import Decide, Done, Result, Walk, record
from simulator.store.hearer import Heard, Hearer
from simulator.store.recall import Command, Remembered, conclude, recall
from simulator.store.rows import Key, Task
from simulator.store.tx import Query
from simulator.store.unit import Unit
from simulator.wire import json
from simulator.wire.calls import Call, Caller, Reply

_PAGE = 1_000

IDEMPOTENCY_KEY = "X-Idempotency-Key"


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a flow was asked, as it is stored."""

    caller: Caller
    message: bytes
    success: int


def begin(unit: Unit, walk: Walk, command: Command) -> Remembered | list[Result]:
    """The first step of a flow, or what was answered under its key. Raises InProgress."""
    unit.begin(command.caller, command.stable_key, command.key)
    found = recall(unit, command, command.fingerprint)
    if found is not None:
        return found
    if unit.get(Task, name_of(command)) is not None:
        raise InProgress("the first call with this key is still under way", retry_after_s=1)
    return go_on(unit, walk, command, [])


def go_on(
    unit: Unit, walk: Walk, command: Command, results: list[Result]
) -> Remembered | list[Result]:
    """One transaction: run the decision that is due, record its result, end the flow if it ends."""
    # Each step mints ids of its own, and the same ones when it is taken up again.
    stable_key = digest16(command.stable_key, len(results)) if results else command.stable_key
    unit.begin(command.caller, stable_key, command.key)
    ahead = _ahead(unit, command, results)
    if ahead is not None:
        return ahead
    step = walk.next(results)
    if isinstance(step, Decide):
        try:
            given = step.decision(unit, step.message)
        except Problem as problem:
            unit.undo()
            if isinstance(problem, Transient) or not (results or problem.remembered):
                raise  # asked again it may succeed; or nothing was begun that had to be remembered
            given = problem
        results = [*results, record(given)]
        step = walk.next(results)
    if not isinstance(step, Done):
        unit.pass_on(command.operation)
        _keep(unit, command, results)
        return results
    _mark_done(unit, name_of(command))
    return conclude(unit, command, command.fingerprint, step.answer)


def _ahead(unit: Unit, command: Command, results: list[Result]) -> Remembered | list[Result] | None:
    """How far another server on the same database has come with this task, if it is farther."""
    task = unit.lock(Task, name_of(command))
    if task is None:
        if results:  # another server has made the world anew, and nothing of this is in it
            raise Unavailable("the world has begun anew; repeat with another key", retry_after_s=1)
        return None
    if task.state == "done":
        return recall(unit, command, command.fingerprint)
    kept: list[Result] = msgspec.msgpack.decode(task.results or b"\x90", type=list[Result])
    return kept if len(kept) > len(results) else None


def _keep(unit: Unit, command: Command, results: list[Result]) -> None:
    """Write down how far the flow has come."""
    task = unit.lock(Task, name_of(command))
    kept = msgspec.msgpack.encode(results)
    if task is not None:
        unit.put(task.but(results=kept))
        return
    work = Work(
        caller=command.caller, message=json.encode(command.message), success=command.success
    )
    unit.put(
        Task(
            client=command.caller.client,
            operation=command.operation,
            key=command.key,
            # The caller's scopes are a set: sorted, so that the audit chain does not hang on how a
            # process hashes (SBX-02).
            work=msgspec.msgpack.encode(work, order="deterministic"),
            results=kept,
            due_ns=unit.now_ns,
        )
    )


def _mark_done(unit: Unit, name: Key) -> None:
    task = unit.lock(Task, name)
    if task is not None and task.state != "done":
        unit.put(task.but(state="done"))


def end(unit: Unit, name: Key, call: Call, reply: Reply, hears: Mapping[str, Heard]) -> None:
    """A call of the outbox is answered; whoever wants to hear it makes an event of that, once."""
    task = unit.lock(Task, name)
    if task is None or task.state == "done":
        return
    if task.results:
        hearer = Hearer.unpacked(task.results)
        unit.begin(hearer.caller, digest16("heard", task.key), call.headers.get(IDEMPOTENCY_KEY))
        unit.lock(Task, name)
        event = hears[hearer.then](call, reply)
        if event is not None:
            unit.emit(event)
            unit.pass_on(hearer.then)
    unit.put(task.but(state="done"))


def pending(unit: Unit, names: Sequence[Key], after: int | None) -> list[Task]:
    """Those of some tasks that are pending; then, where a position is given, the next ones of all
    that are."""
    named = [unit.get(Task, name) for name in dict.fromkeys(names)]
    found = [task for task in named if task is not None and task.state == "pending"]
    if after is not None:
        rows = unit.page(Query(Task, (("state", "=", "pending"),)), after, _PAGE)
        found += [row for row in rows if isinstance(row, Task)]
    return found


def results_of(unit: Unit, name: Key) -> list[Result] | None:
    """What the steps of a flow have given so far; None where it has ended."""
    task = unit.get(Task, name)
    if task is None or task.state == "done":
        return None
    return msgspec.msgpack.decode(task.results, type=list[Result]) if task.results else []


def kind_of(task: Task) -> str:
    """A flow's name, or a party and the kind of thing that it is asked: its path, without the ids
    in the middle of it."""
    if task.operation != "send":
        return task.operation
    call = msgspec.msgpack.decode(task.work, type=Call)
    _, *path = call.target.partition("?")[0].split("/")
    return "/".join((call.to, *path[:2], path[-1]))


def name_of(command: Command) -> Key:
    """The name of its task."""
    return command.caller.client, command.operation, command.key
