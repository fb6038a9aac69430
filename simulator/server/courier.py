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
from simulator.base.errors import InProgress, Problem, Unavailable
from simulator.base.log import Log
from simulator.base.rng import Rng
from simulator.chaos.seam import HEADER
from simulator.server import transactions
from simulator.server.behind import Behind
from simulator.server.routes import Route
from simulator.store.flow import Hear, Result, Walk, record
from simulator.store.hearer import Heard
from simulator.store.recall import Command, Remembered
from simulator.store.rows import Key, Task
from simulator.store.writes import Writes
from simulator.wire import json
from simulator.wire.calls import Call, Reply

UNTIL_ANSWERED = RetryPolicy(attempts=None, first_wait_ms=500, max_wait_ms=60_000)
"""Another party may be down for hours: the pauses grow to a minute and stay there."""

AT_ONCE = 32
"""Tasks of a kind side by side: a long list buries no other, and who is away holds up its own."""

log = Log("courier")


class Outgoing(Protocol):
    """The way to the other parties: one attempt of one call."""

    async def send(self, call: Call) -> Reply:
        """The whole answer. Raises NotSent or ReplyLost."""
        ...


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
        name, walk = transactions.name_of(command), _walk(route, command)
        try:
            begun = await self._writer.submit(
                partial(transactions.begin, walk=walk, command=command)
            )
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
                    tasks = await self._writer.submit(
                        partial(transactions.pending, names=names, after=after)
                    )
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
            async with self._rooms[transactions.kind_of(task)]:
                if task.operation == "send":
                    await self._send(task)
                    return
                route = self._routes[task.operation]
                work = msgspec.msgpack.decode(task.work, type=transactions.Work)
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
        name = transactions.name_of(command)
        self._driven.add(name)
        try:
            attempt = 0
            while not self._writer.closed:
                try:
                    results = await self._writer.submit(partial(transactions.results_of, name=name))
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
        end = partial(
            transactions.end, name=Task.identify(task), call=call, reply=reply, hears=self._hears
        )
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
                partial(transactions.go_on, walk=walk, command=command, results=results)
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


def _walk(route: Route, command: Command) -> Walk:
    if route.flow is None:
        raise RuntimeError(f"{command.operation} is not a flow")
    return Walk(route.flow, command.message)
