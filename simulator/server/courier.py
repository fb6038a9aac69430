"""Drives what needs more than one decision: flows, and calls that leave through the outbox.

Everything it has begun is a `Task` row, so a crash between two steps loses nothing: the next start
takes up each pending task where it stopped. A call is repeated, with the same key, until its answer
is definite (WAL-72).
"""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Protocol

import msgspec

from simulator.adapters.replies import is_whole, judge, lost
from simulator.adapters.retry import Ending, RetryPolicy, wait_ns
from simulator.adapters.sleeper import Sleeper
from simulator.adapters.timers import Errand
from simulator.adapters.transport import NotSent, ReplyLost
from simulator.base.errors import InProgress, Problem, Transient, Unavailable
from simulator.base.ids import digest16
from simulator.base.log import Log
from simulator.base.rng import Rng
from simulator.chaos.seam import HEADER
from simulator.server.behind import Behind
from simulator.server.routes import Route
from simulator.store.flow import Decide, Done, Hear, Result, Walk, record
from simulator.store.hearer import Heard, Hearer
from simulator.store.recall import Command, Remembered, conclude, recall
from simulator.store.rows import Key, Task
from simulator.store.tx import Query
from simulator.store.unit import Unit
from simulator.store.writes import Writes
from simulator.wire import json
from simulator.wire.calls import Call, Caller, Reply

UNTIL_ANSWERED = RetryPolicy(attempts=None, first_wait_ms=500, max_wait_ms=60_000)
"""Another party may be down for hours: the pauses grow to a minute and stay there."""

AT_ONCE = 32
"""Tasks of a kind side by side: a long list buries no other, and who is away holds up its own."""

_PAGE = 1_000

IDEMPOTENCY_KEY = "X-Idempotency-Key"

log = Log("courier")


class Outgoing(Protocol):
    """The way to the other parties: one attempt of one call."""

    async def send(self, call: Call) -> Reply:
        """The whole answer. Raises NotSent or ReplyLost."""
        ...


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a flow was asked, as it is stored."""

    caller: Caller
    message: bytes
    success: int


class Courier:
    """One party's tasks, from their first commit to their last."""

    def __init__(
        self,
        own: str,
        writer: Writes,
        routes: Mapping[str, Route],
        out: Outgoing,
        sleep: Sleeper,
        hears: Sequence[Heard],
    ) -> None:
        self._own = own
        self._writer = writer
        self._routes = routes
        self._outgoing = out
        self._sleep = sleep
        self._hears = {heard.__name__: heard for heard in hears}
        self._asked: list[Key] = []  # what the next look is for
        self._all = False
        self._looking = False
        self._driven: set[Key] = set()
        self._behind = Behind()
        self._rooms = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(AT_ONCE))
        writer.asked = self.wake

    async def run_flow(self, route: Route, command: Command) -> Remembered:
        """Answer a command whose decision must hear another party.

        The first decision commits the key as pending; a parallel repeat gets InProgress until the
        answer is remembered. A failure of ours is raised, and the flow goes on behind the caller's
        back, so that a repeat finds its answer.
        """
        name, walk = _name(command), _walk(route, command)
        try:
            begun = await self._writer.submit(partial(_begin, walk=walk, command=command))
        except InProgress:
            if name not in self._driven:  # another server began it, and may have been killed
                self._behind.go(self._again(route, command))
            raise
        if isinstance(begun, Remembered):
            return begun
        self._driven.add(name)
        try:
            return await self._drive(walk, command, begun)
        except Exception:
            self._behind.go(self._again(route, command))
            raise
        finally:
            self._driven.discard(name)

    def wake(self, asked: Sequence[Key] = ()) -> None:
        """Take up the tasks that a commit asked for, by their names: by position one could be
        missed, where several servers draw positions and commit in another order. Without names, as
        at the start, everything that is pending."""
        self._asked += asked
        if not asked:
            self._all = True
        if not self._looking:
            self._looking = True
            self._behind.go(self._look())

    @property
    def errands(self) -> Collection[Errand]:
        """What it drives behind everybody's back."""
        return self._behind.errands

    async def close(self) -> None:
        """Stop driving. What is pending stays so, for the next start."""
        await self._behind.close()

    # What goes on behind --------------------------------------------------------------------------

    async def _look(self) -> None:
        attempt = 0
        after: int | None = None  # how far it has come, where all of them are wanted
        try:
            while not self._writer.closed:
                if self._all:
                    self._all, after = False, 0
                names, self._asked = self._asked, []
                if not names and after is None:
                    return
                try:
                    tasks = await self._writer.submit(partial(_pending, names=names, after=after))
                except Problem as trouble:
                    self._asked = [*names, *self._asked]
                    attempt += 1
                    log.info("tasks stay pending for now", reason=trouble.message)
                    await self._pause(attempt, None, "look")
                    continue
                if after is not None:
                    after = tasks[-1].n if tasks else None
                for task in tasks:
                    name = Task.identify(task)
                    if name not in self._driven:
                        self._driven.add(name)
                        self._behind.go(self._finish(task))
        finally:
            self._looking = False

    async def _finish(self, task: Task) -> None:
        """Drive one task that was found pending, however often it takes."""
        try:
            async with self._rooms[_kind(task)]:
                if task.operation == "send":
                    await self._send(task)
                    return
                route = self._routes[task.operation]
                work = msgspec.msgpack.decode(task.work, type=Work)
                command = Command(
                    caller=work.caller,
                    operation=task.operation,
                    key=task.key,
                    message=msgspec.convert(json.decode(work.message), route.message),
                    success=work.success,
                )
                await self._again(route, command)
        finally:
            self._driven.discard(Task.identify(task))

    async def _again(self, route: Route, command: Command) -> None:
        """Take a flow up from what is stored of it, until it has ended."""
        name = _name(command)
        self._driven.add(name)
        try:
            attempt = 0
            while not self._writer.closed:
                try:
                    results = await self._writer.submit(partial(_results, name=name))
                    if results is not None:
                        await self._drive(_walk(route, command), command, results, in_doubt=True)
                    return
                except Exception as bad:
                    attempt += 1
                    log.warning("flow goes on later", key=command.key, error=repr(bad))
                    await self._pause(attempt, None, *name)
        finally:
            self._driven.discard(name)

    async def _send(self, task: Task) -> None:
        """Send a call of the outbox until it is answered, then end it. What chaos answers in
        our own name is no answer of ours (WAL-97)."""
        call = msgspec.msgpack.decode(task.work, type=Call)
        for attempt in itertools.count(1):
            reply = await self._hear(call, task.key, readable=bool(task.results))
            if judge(reply) is None or call.to != self._own or HEADER not in reply.headers:
                break
            await self._pause(attempt, None, call.to, task.key)
        if judge(reply) is not None:
            log.error("refused for good", to=call.to, target=call.target, status=reply.status)
        end = partial(_end, name=Task.identify(task), call=call, reply=reply, hears=self._hears)
        await self._writer.submit(end)

    # One flow, one call ---------------------------------------------------------------------------

    async def _drive(
        self, walk: Walk, command: Command, results: list[Result], *, in_doubt: bool = False
    ) -> Remembered:
        """Go from step to step until the flow has ended and its answer is committed; `in_doubt`
        if its next call may have been sent before."""
        while True:
            step = walk.next(results)
            if isinstance(step, Hear):
                reply = await self._hear(step.call, command.key, in_doubt=in_doubt, readable=True)
                results, in_doubt = [*results, record(reply)], False
                continue
            outcome = await self._writer.submit(
                partial(_step, walk=walk, command=command, results=results)
            )
            if isinstance(outcome, Remembered):
                return outcome
            results, in_doubt = outcome, False

    async def _hear(
        self, call: Call, key: str, *, in_doubt: bool = False, readable: bool = False
    ) -> Reply:
        """The definite reply to a call: an unknown outcome is asked for again, with the same key.

        Where a flow has to read it, a success that is no JSON counts as lost (WAL-72). While an
        attempt may have been done, being turned away at the door tells nothing of it.
        """
        attempt = 0
        while not self._writer.closed:
            attempt += 1
            retry_after_s = None
            try:
                reply = await self._outgoing.send(call)
            except (NotSent, ReplyLost) as wrong:
                in_doubt = in_doubt or isinstance(wrong, ReplyLost)
                log.warning("no answer, asking again", to=call.to, error=str(wrong))
            else:
                judged = judge(reply)
                if judged is None and readable and not is_whole(reply):
                    judged = lost(ReplyLost(f"a {reply.status} that is not JSON"))
                if judged is None or judged.ending is Ending.DEFINITE:
                    return reply
                if judged.ending is Ending.TURNED_AWAY and not in_doubt:
                    return reply
                in_doubt = in_doubt or judged.ending is Ending.UNKNOWN
                retry_after_s = judged.retry_after_s
                log.warning("no definite answer, asking again", to=call.to, error=str(judged.error))
            await self._pause(attempt, retry_after_s, call.to, key)
        raise Unavailable("the store is closed; repeat with the same key", retry_after_s=1)

    async def _pause(self, attempt: int, retry_after_s: int | None, *key: str) -> None:
        rng: Rng = self._writer.unit.rng
        await self._sleep(wait_ns(UNTIL_ANSWERED, attempt, retry_after_s, rng, "courier", *key))


# The transactions of a flow ----------------------------------------------------------------------


def _begin(unit: Unit, walk: Walk, command: Command) -> Remembered | list[Result]:
    unit.begin(command.caller, command.stable_key, command.key)
    found = recall(unit, command, command.fingerprint)
    if found is not None:
        return found
    if unit.get(Task, _name(command)) is not None:
        raise InProgress("the first call with this key is still under way", retry_after_s=1)
    return _step(unit, walk, command, [])


def _step(
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
    _mark_done(unit, _name(command))
    return conclude(unit, command, command.fingerprint, step.answer)


def _ahead(unit: Unit, command: Command, results: list[Result]) -> Remembered | list[Result] | None:
    """How far another server on the same database has come with this task, if it is farther."""
    task = unit.lock(Task, _name(command))
    if task is None:
        if results:  # another server has made the world anew, and nothing of this is in it
            raise Unavailable("the world has begun anew; repeat with another key", retry_after_s=1)
        return None
    if task.state == "done":
        return recall(unit, command, command.fingerprint)
    kept: list[Result] = msgspec.msgpack.decode(task.results or b"\x90", type=list[Result])
    return kept if len(kept) > len(results) else None


def _walk(route: Route, command: Command) -> Walk:
    if route.flow is None:
        raise RuntimeError(f"{command.operation} is not a flow")
    return Walk(route.flow, command.message)


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


def _end(unit: Unit, name: Key, call: Call, reply: Reply, hears: Mapping[str, Heard]) -> None:
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


def _pending(unit: Unit, names: Sequence[Key], after: int | None) -> list[Task]:
    """Those of some tasks that are pending; then, where a position is given, the next ones of all
    that are."""
    named = [unit.get(Task, name) for name in dict.fromkeys(names)]
    found = [task for task in named if task is not None and task.state == "pending"]
    if after is not None:
        rows = unit.page(Query(Task, (("state", "=", "pending"),)), after, _PAGE)
        found += [row for row in rows if isinstance(row, Task)]
    return found


def _results(unit: Unit, name: Key) -> list[Result] | None:
    """What the steps of a flow have given so far; None where it has ended."""
    task = unit.get(Task, name)
    if task is None or task.state == "done":
        return None
    return msgspec.msgpack.decode(task.results, type=list[Result]) if task.results else []


def _kind(task: Task) -> str:
    """A flow's name, or a party and the kind of thing that it is asked: its path, without the ids
    in the middle of it."""
    if task.operation != "send":
        return task.operation
    call = msgspec.msgpack.decode(task.work, type=Call)
    _, *path = call.target.partition("?")[0].split("/")
    return "/".join((call.to, *path[:2], path[-1]))


def _name(command: Command) -> Key:
    return command.caller.client, command.operation, command.key
