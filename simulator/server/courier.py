"""Drives what needs more than one decision: flows, and calls that leave through the outbox.

Everything it has begun is a `Task` row, so a crash between two steps loses nothing: `resume` takes
up each pending task where it stopped.
"""

import asyncio
from functools import partial
from typing import Any

import msgspec
import structlog

from simulator.base.errors import Final, InProgress, Problem
from simulator.server.party import Party, Route
from simulator.store.flow import Decide, Done, Hear, Result, advance, record
from simulator.store.recall import Command, Remembered, conclude, recall
from simulator.store.rows import Task
from simulator.store.tx import Query
from simulator.store.unit import Unit
from simulator.wire import json
from simulator.wire.calls import Call, Caller, Reply

LONGEST_WAIT_S = 60
"""Growing pauses between two attempts of the same call end here."""

log = structlog.get_logger("courier")


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a task was asked, as it is stored."""

    caller: Caller
    message: bytes
    success: int


async def run_flow(party: Party, route: Route, command: Command) -> Remembered:
    """Answer a command whose decision must hear another party.

    The first decision commits the key as pending; a parallel repeat gets InProgress until the
    answer is remembered.
    """
    begun = await party.writer.submit(lambda unit: _begin(unit, route, command))
    return begun if isinstance(begun, Remembered) else await _drive(party, route, command, begun)


async def resume(party: Party) -> int:
    """Take up everything that was begun and not finished; the answer is how many tasks."""
    tasks = await party.writer.submit(_pending)
    for task in tasks:
        if task.operation == "send":
            await send(party, task)
            continue
        route = party.routes[task.operation]
        work = msgspec.msgpack.decode(task.work, type=Work)
        command = Command(
            caller=work.caller,
            operation=task.operation,
            key=task.key,
            message=msgspec.convert(json.decode(work.message), route.message),
            success=work.success,
        )
        await _drive(party, route, command, _results(task))
    return len(tasks)


async def send(party: Party, task: Task) -> None:
    """Send a call of the outbox until it is answered, then mark it done."""
    call = msgspec.msgpack.decode(task.work, type=Call)
    await _heard(party, call)
    await party.writer.submit(lambda unit: _mark_done(unit, task.key))


async def _drive(party: Party, route: Route, command: Command, results: list[Result]) -> Remembered:
    """Go from step to step until the flow has ended and its answer is committed."""
    while True:
        step = _next_step(route, command, results)
        if isinstance(step, Hear):
            results = [*results, record(await _heard(party, step.call))]
            continue
        outcome = await party.writer.submit(
            partial(_step, route=route, command=command, results=results)
        )
        if isinstance(outcome, Remembered):
            return outcome
        results = outcome


def _begin(unit: Unit, route: Route, command: Command) -> Remembered | list[Result]:
    unit.begin(command.caller, command.stable_key, command.key)
    found = recall(unit, command, command.fingerprint)
    if found is not None:
        return found
    if unit.get(Task, _name(command)) is not None:
        raise InProgress("the first call with this key is still under way", retry_after_s=1)
    return _step(unit, route, command, [])


def _step(
    unit: Unit, route: Route, command: Command, results: list[Result]
) -> Remembered | list[Result]:
    """One transaction: run the decision that is due, record its result, end the flow if it ends."""
    unit.begin(command.caller, command.stable_key, command.key)
    step = _next_step(route, command, results)
    if isinstance(step, Decide):
        try:
            given = step.decision(unit, step.message)
        except Problem as problem:
            unit.undo()
            if not results and not problem.remembered:
                raise  # nothing was begun, so nothing has to be remembered
            given = problem
        results = [*results, record(given)]
        step = _next_step(route, command, results)
    if not isinstance(step, Done):
        _keep(unit, command, results)
        return results
    if unit.get(Task, _name(command)) is not None:
        _mark_done(unit, command.key, command)
    return conclude(unit, command, command.fingerprint, step.answer)


def _next_step(route: Route, command: Command, results: list[Result]) -> Any:
    if route.flow is None:
        raise RuntimeError(f"{command.operation} is not a flow")
    return advance(route.flow, command.message, results)


def _keep(unit: Unit, command: Command, results: list[Result]) -> None:
    """Write down how far the flow has come."""
    task = unit.lock(Task, _name(command))
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
            work=msgspec.msgpack.encode(work),
            results=kept,
            due_ns=unit.now_ns,
        )
    )


def _mark_done(unit: Unit, key: str, command: Command | None = None) -> None:
    name = _name(command) if command else ("outbox", "send", key)
    task = unit.lock(Task, name)
    if task is not None:
        unit.put(task.but(state="done"))


def _pending(unit: Unit) -> list[Task]:
    unit.spill()
    query = Query(Task, (("state", "=", "pending"),))
    rows = unit.database.fetch_page(unit.database.writer, query, None, 10_000)
    return [row for row in rows if isinstance(row, Task)]


def _results(task: Task) -> list[Result]:
    return msgspec.msgpack.decode(task.results, type=list[Result]) if task.results else []


def _name(command: Command) -> tuple[str, str, str]:
    return command.caller.client, command.operation, command.key


async def _heard(party: Party, call: Call) -> Reply:
    """The definite reply to a call: unknown outcomes are asked again with the same key."""
    wait_s = 1
    while True:
        try:
            return await party.outgoing(call)
        except Final:
            raise
        except (Problem, OSError, TimeoutError) as wrong:
            log.warning("no answer, asking again", to=call.to, error=str(wrong), wait_s=wait_s)
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)
