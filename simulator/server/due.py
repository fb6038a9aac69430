"""What falls due when time passes: one mechanism for every party (SBX-03).

Two kinds. A `Sleeper` waits in memory (`adapters/timers.py`: a courier's retry, a held call). What
is due by a party's rows is a `Due` of its `PartyKind`: read from the rows each time, so it is the
same after a restart, a restore and in a fork, and nobody has to remember it. An advance goes from
one due time to the next and lets each thing happen at its own time, the earliest first.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from simulator.base.clock import forward, iso
from simulator.base.errors import NotFound
from simulator.server.clients import BRANDS
from simulator.server.owner import as_owner, owner
from simulator.store.recall import Decision
from simulator.store.tx import Reads
from simulator.wire.control import Fired
from simulator.wire.messages import Message

if TYPE_CHECKING:
    from simulator.server.party import Party, Sandbox

T = TypeVar("T")

TOLD = 200
"""How many things that fell due an answer names, the earliest ones."""

STOPS = 1_000
"""Due times of one advance, about three seconds of real time: draws of a hundred years are not for
one call."""

Item = tuple[int, str]
"""When, and the id of what fell due."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that has to be done when its time has come."""

    name: str
    next_ns: Callable[[Reads], int | None]
    """When the next one is due, in the past as well; None where nothing waits."""
    find: Callable[[Reads], Sequence[tuple[str, str, Message]]]
    """Brand, id and command of some that are due at `tx.now_ns`, the earliest first."""
    decide: Decision
    """What does it, as an operation of the owner's; NotFound where it was done meanwhile."""
    by_itself: bool = False
    """True for what a clock that runs does not let wait for an advance (`watch.py`)."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is so from its time on without anything being done: told, for people."""

    name: str
    between: "Between"
    """What came due after one time and not after another, the earliest first."""


class Between(Protocol):
    """Looks at a stretch of time."""

    def __call__(self, tx: Reads, *, after_ns: int, until_ns: int) -> Sequence[Item]: ...


async def advance(sandbox: "Sandbox", by_ns: int, trace_id: str) -> tuple[list[Fired], bool]:
    """Move a world's clock ahead, and let happen on the way what falls due.

    True with it where it came to its last stop before the end. Raises ValueError for a step back or
    beyond the last year; nothing has happened then.
    """
    async with sandbox.advancing:
        clock = sandbox.clock
        start_ns = clock.now_ns()
        forward(start_ns, by_ns)
        until_ns = start_ns + by_ns
        fired: list[Fired] = []
        done: set[tuple[str, str]] = set()
        for _ in range(STOPS):
            await at_rest(sandbox)
            at_ns = await _next_ns(sandbox, done)
            if at_ns is None or at_ns > until_ns:
                break
            sandbox.clock.advance(max(0, at_ns - sandbox.clock.now_ns()))
            fired += await _fire(sandbox, trace_id, done)
        else:
            until_ns = sandbox.clock.now_ns()
        sandbox.clock.advance(max(0, until_ns - sandbox.clock.now_ns()))
        fired += await _notes(sandbox, start_ns, until_ns)
    return sorted(fired, key=lambda one: one.at)[:TOLD], until_ns < start_ns + by_ns


async def at_rest(sandbox: "Sandbox") -> None:
    """Wait until what the parties have begun of themselves is done, or waits for time to pass."""
    couriers = [party.courier for party in sandbox.parties.values()]
    await sandbox.timers.at_rest(lambda: [one for c in couriers for one in c.errands])


async def fire_due(sandbox: "Sandbox", trace_id: str) -> list[Fired]:
    """Let happen what is due by now: the clock was set, or somebody looks."""
    async with sandbox.advancing:
        return await _fire(sandbox, trace_id, set())


async def fire_by_itself(sandbox: "Sandbox") -> list[Fired]:
    """Let happen what is due by now and waits for nobody."""
    async with sandbox.advancing:
        return await _do(sandbox, "tr_due", set(), lambda due: due.by_itself)


async def _next_ns(sandbox: "Sandbox", done: set[tuple[str, str]]) -> int | None:
    """When the next thing is due that this advance has not tried."""
    found = [sandbox.timers.next_ns]
    for party, due in _dues(sandbox):
        if (due.name, "") not in done:
            found.append(await _read(party, due.next_ns))
    return min((at_ns for at_ns in found if at_ns is not None), default=None)


async def _fire(sandbox: "Sandbox", trace_id: str, done: set[tuple[str, str]]) -> list[Fired]:
    """Do what is due by now, the sleepers first: what they do may be what the rest waits for.

    What was tried is put into `done`; a kind of which everything was tried before is left alone, so
    that what stays due for ever is not asked for ever.
    """
    fired: list[Fired] = []
    now = iso(sandbox.clock.now_ns())
    fired += [Fired(now, "wait", "") for _ in range(await sandbox.timers.wake_due())]
    return fired + await _do(sandbox, trace_id, done, lambda _: True)


async def _do(
    sandbox: "Sandbox", trace_id: str, done: set[tuple[str, str]], wanted: Callable[[Due], bool]
) -> list[Fired]:
    fired: list[Fired] = []
    now = iso(sandbox.clock.now_ns())
    for party, due in _dues(sandbox):
        while wanted(due):
            found = await _read(party, due.find)
            fresh = [one for one in found if (due.name, one[1]) not in done]
            if not fresh:
                if found:
                    done.add((due.name, ""))
                break
            for brand_id, name, message in fresh:
                done.add((due.name, name))
                caller = owner(BRANDS[brand_id], trace_id)
                work = partial(as_owner, caller=caller, decide=due.decide, message=message)
                with suppress(NotFound):
                    await party.writer.submit(work)
                    fired.append(Fired(now, due.name, name))
    return fired


async def _notes(sandbox: "Sandbox", after_ns: int, until_ns: int) -> list[Fired]:
    """What has come true on the way by itself."""
    told: list[Fired] = []
    for party in sandbox.parties.values():
        for note in party.notes:
            between = partial(note.between, after_ns=after_ns, until_ns=until_ns)
            told += [
                Fired(iso(at_ns), note.name, name) for at_ns, name in await _read(party, between)
            ]
    return told


def _dues(sandbox: "Sandbox") -> Iterator[tuple["Party", Due]]:
    for party in sandbox.parties.values():
        for due in party.dues:
            yield party, due


async def _read(party: "Party", look: Callable[[Reads], T]) -> T:
    return await party.read(owner(next(iter(BRANDS.values())), "tr_due"), look, pages=True)
