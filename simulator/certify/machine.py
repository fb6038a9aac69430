"""The stateful check: bets, wins and rollbacks as they come, and the shortest sequence that fails.

Hypothesis draws what is done; each answer, and what the player has after it, has to be one that the
model allows (`model.py`). What fails is played again, shorter and simpler, until nothing more can
be left out; that is what a report shows, and what is saved as a scenario (`saved.py`).
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from simulator.certify.check import Broken
from simulator.certify.drive import Done
from simulator.certify.exchange import PLAIN, Ask, Exchange, Manner
from simulator.certify.hunt import Bits, hunt
from simulator.certify.model import Call, Kind, Model, Result, Seen, State, States, sorted_states
from simulator.certify.money import NotMoney
from simulator.certify.roles.money import Funds, MoneyDrive
from simulator.certify.roles.player import Player

CASH = 1_000
STAKES = ((600, 700), (400, 450))
WINS = ((900, 1_100), (300, 350))
"""Of both bets, as they are and altered. Both stakes are all that a player begins with; altered,
they are more."""

WIDTH = 12
"""Bits of a step."""

KINDS: tuple[Kind, ...] = ("bet", "win", "undo")

SLOW_MS = 5

TRIES = 2
"""How often a call that ended with a 500 is repeated before it counts as one that never ends."""


class Swarm(NamedTuple):
    """What a sequence is made of. One that has everything seldom has enough of anything: a defect
    that needs a bet, its rollback and another rollback of it is met where there is little else
    (swarm testing: Groce et al., ISSTA 2012)."""

    both: bool
    """Both bets, and not the first alone."""
    wins: bool
    altered: bool
    """Altered calls are as frequent as others, and not a fourth of them."""
    odd: bool
    """Some calls are cut off or sent slowly."""
    begun: bool
    """It begins with the first bet: after a rollback or a win before it, little can happen."""

    @classmethod
    def of(cls, bits: Bits) -> "Swarm":
        """All bits down is the plainest sequence: one bet, no wins, nothing odd."""
        both, wins1, wins2, altered, odd, begun = bits[:6]
        return cls(both, wins1 or wins2, altered, odd, begun)


@dataclass(frozen=True, slots=True)
class Step:
    """A call, and how it is sent."""

    call: Call
    manner: Manner = PLAIN

    @classmethod
    def of(cls, bits: Bits, swarm: Swarm, before: "Step | None") -> "Step | None":
        """All bits down is no step at all, and then the plainest: the first bet, as it is. What is
        to be rarer needs two bits. A fourth of the steps do again what was done just before."""
        on1, on2, high, low, other1, other2, key, altered1, altered2, manner1, manner2, cut = bits
        if not (on1 or on2):
            return None
        odd = Manner(hang_up=True) if cut else Manner(slow_ms=SLOW_MS)
        manner = odd if swarm.odd and manner1 and manner2 else PLAIN
        altered = altered1 and (altered2 or swarm.altered)
        # Under the key of what it alters, an altered call says nothing but that keys are compared.
        key = key or (altered and altered2)
        if high and low and before is not None:
            old = before.call
            return cls(call(old.kind, old.slot, old.altered != altered, old.key != key), manner)
        kind = KINDS[(2 * high + low) % len(KINDS)]
        if kind == "win" and not swarm.wins:
            kind = "undo"
        return cls(call(kind, int(swarm.both and other1 and other2), altered, key), manner)


def call(kind: Kind, slot: int, altered: bool, key: bool) -> Call:
    """A call with its amount."""
    amounts = WINS if kind == "win" else STAKES
    return Call(kind, slot, amounts[slot][altered], altered, int(key))


def steps_of(drawn: Sequence[Bits]) -> tuple[Step, ...]:
    """The steps of a drawn sequence, whose first bits say what it is made of."""
    swarm = Swarm.of(drawn[0])
    found = [Step(call("bet", 0, altered=False, key=False))] if swarm.begun else []
    for bits in drawn[1:]:
        step = Step.of(bits, swarm, found[-1] if found else None)
        if step is not None:
            found.append(step)
    return tuple(found)


class Table(Protocol):
    """Where a role plays: a player, in a session where there is one, and the ids of two bets."""

    player: Player

    def ask(self, call: Call) -> Ask:
        """The request of a call; for the same call the same bytes."""
        ...


@dataclass(slots=True)
class Taken:
    """A step that was taken, and what was expected of it."""

    step: Step
    done: Done
    seen: Seen
    may_pass: bool
    may_refuse: bool


@dataclass(slots=True)
class Played:
    """One sequence, from its first step to what was wrong with its last."""

    fresh: bool
    currency: str
    steps: list[Taken] = field(default_factory=list)
    why: str = ""
    """Empty: the rules were kept."""
    allowed: list[Funds] = field(default_factory=list)
    """What the player may have after the last step."""
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def size(self) -> tuple[int, int]:
        """Short first, then plain."""
        odd = [t.step.call.altered + t.step.call.key + (t.step.manner != PLAIN) for t in self.steps]
        return len(self.steps), sum(odd)


SitDown = Callable[[Player], Awaitable[Table]]
"""A player takes a seat: a session where there is one, and fresh ids."""

Save = Callable[[MoneyDrive, Played], str]
"""The scenario of a failure, as text."""


async def machine(
    drive: MoneyDrive,
    sit_down: SitDown,
    *,
    holds: bool,
    examples: int,
    longest: int,
    save: Save,
) -> None:
    """Play `examples` sequences of up to `longest` steps. Raises Broken, Unclear."""
    failed: list[Played] = []
    known: dict[tuple[Step, ...], bool] = {(): True}
    """Sequences that were played: bits that make no difference are not played again."""
    model = Model(drive.profile, holds=holds)

    async def play(drawn: tuple[Bits, ...]) -> bool:
        steps = steps_of(drawn)
        if steps not in known:
            drive.exchanges.clear()
            found = await _Game(drive, model, steps).play(sit_down)
            known[steps] = not found.why
            if found.why:
                found.exchanges = list(drive.exchanges)
                failed.append(found)
        return known[steps]

    seed = drive.names.number("sequences", 2**64)
    await hunt(play, seed=seed, examples=examples, length=1 + longest, width=WIDTH)
    if failed:
        last = min(reversed(failed), key=lambda one: one.size)
        drive.exchanges[:] = last.exchanges
        drive.scenario = save(drive, last)
        raise Broken(told(last))


def told(played: Played) -> str:
    """The steps by number, and what was wrong."""
    lines = [f"{at}. {_step(one)}" for at, one in enumerate(played.steps, 1)]
    count = len(lines)
    what = "after this step" if count == 1 else f"after these {count} steps"
    return "\n".join([f"{what} {played.why}", *lines])


def _step(taken: Taken) -> str:
    call, manner = taken.step.call, taken.step.manner
    ended = taken.done.reply
    how = ", the connection cut before the answer" if manner.hang_up else ""
    how = ", sent slowly" if manner.slow_ms else how
    ask = taken.done.ask
    body = ask.body.decode("utf-8", "replace")
    key = ask.headers.get("X-Idempotency-Key", "")
    status = getattr(ended, "status", 0)
    code = f" {taken.done.code}" if taken.done.code else ""
    answer = f"{status}{code}" if status else "no answer"
    words = {"bet": "bet", "win": "win", "undo": "rollback"}[call.kind]
    altered = ", altered" if call.altered else ""
    return f"{words}{altered}{how}: {ask.method} {ask.path} {body} (key {key}) → {answer}"


class _Game:
    """One sequence under way."""

    def __init__(self, drive: MoneyDrive, model: Model, steps: Sequence[Step]) -> None:
        self._drive = drive
        self._model = model
        self._steps = steps
        self._first: dict[tuple[Kind, int, bool], Done] = {}
        """What a deed was answered when it was accepted first."""
        self._owed = False
        """Whether what the player has was told by an answer, and not asked for since."""

    async def play(self, sit_down: SitDown) -> Played:
        """Until the end, or until something is wrong."""
        drive = self._drive
        player = await drive.player(CASH)
        table = await sit_down(player)
        funds = await drive.funds(player)
        states: States = frozenset({State(funds.available, funds.held)})
        played = Played(player.fresh, player.currency)
        for step in self._steps:
            states = await self._take(played, table, step, states)
            if played.why:
                return played
        if self._owed:
            await self._counted(played, table.player, states)
        return played

    async def _take(self, played: Played, table: Table, step: Step, states: States) -> States:
        """One step: its answer, then what the player has."""
        drive, call = self._drive, step.call
        allowed = self._model.answers(states, call)
        results = {result for result, _ in allowed}
        done = await self._sent(table.ask(call), step.manner)
        seen = _seen(done)
        taken = Taken(step, done, seen, bool(results - {"refused"}), "refused" in results)
        played.steps.append(taken)
        drive.judged += 1
        if done.status == 500:
            played.why = f"there has to be a definite answer, and {done}"
            return states
        after = self._model.after(states, call, seen)
        if not after:
            wanted = "refused" if results == {"refused"} else "accepted"
            played.why = f"the last one has to be {wanted}, and {done}"
            played.allowed = _funds(state for _, state in allowed)
            return states
        self._owed = False
        if seen == "ok":
            played.why = self._told_rightly(call, done, results, states, after)
        if not played.why and not self._owed:
            after = await self._counted(played, table.player, after)
        return after

    async def _sent(self, ask: Ask, manner: Manner) -> Done:
        done = await self._drive.send(ask, manner=manner)
        for _ in range(TRIES):
            if done.status != 500:
                break
            done = await self._drive.again(done)
        return done

    def _told_rightly(
        self, call: Call, done: Done, results: Set[Result], states: States, after: States
    ) -> str:
        """What is wrong with an answer that accepts: its balance, or that it is not the first's."""
        deed = (call.kind, call.slot, call.altered)
        first = self._first.setdefault(deed, done)
        sure = not any(state.pending for state in states)
        if "again" not in results and sure:
            try:
                found = self._drive.read_funds(done)
            except NotMoney as wrong:
                return "" if call.kind == "undo" else f"the answer has to tell the balance: {wrong}"
            fits = any((s.available, s.held) == (found.available, found.held) for s in after)
            self._owed = fits
            return "" if fits else f"the balance in the answer has to be {_or(after)}, and {done}"
        undone = any(state.bets[call.slot].status == "undone" for state in states)
        if first is done or results != {"again"} or undone or not sure:
            return ""
        if self._drive.profile.duplicate_answer != "same_body":
            return ""
        if call.kind == "undo" and first.ask != done.ask:
            return ""  # another rollback of the same bet is another one
        same = (first.status, first.raw) == (done.status, done.raw)
        return "" if same else f"it has to be answered as the first time; first {first}; now {done}"

    async def _counted(self, played: Played, player: Player, states: States) -> States:
        """The states that fit with what the player has now; none is a failure."""
        now = await self._drive.funds(player)
        states = self._model.settled(states)
        fits = frozenset(s for s in states if (s.available, s.held) == (now.available, now.held))
        if not fits:
            played.allowed = _funds(states)
            played.why = (
                f"{player.id} has to have {_or(states)} (minor units of {player.currency}), and "
                f"has {now.available} available and {now.held} held"
            )
        return fits or states


def _seen(done: Done) -> Seen:
    if done.lost or done.status >= 500 or done.status in (425, 429):
        return "unknown"
    if done.ok:
        return "ok"
    return "duplicate" if done.code == "DUPLICATE" else "refused"


def _funds(states: Iterable[State]) -> list[Funds]:
    found: list[Funds] = []
    for state in sorted_states(frozenset(states)):
        if Funds(state.available, state.held) not in found:
            found.append(Funds(state.available, state.held))
    return found


def _or(states: States) -> str:
    return " or ".join(f"{one.available} available and {one.held} held" for one in _funds(states))
