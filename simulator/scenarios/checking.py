"""What can be known of a scenario before anything is played: every name in it means something.

A law that counts what there is not would hold for ever, whatever happens.
"""

import difflib
from collections.abc import Collection, Iterator

from simulator.base.blocks import BlockSource
from simulator.base.errors import ConfigError
from simulator.base.source import Path_
from simulator.chaos.table import FAULTS
from simulator.scenarios import surface
from simulator.scenarios.acting import called_by, walk
from simulator.scenarios.document import Scenario
from simulator.scenarios.laws import (
    CallsLaw,
    DeliveredLaw,
    EventsLaw,
    Law,
    MayRestLaw,
    PlayerLaw,
    StruckLaw,
    UnchangedLaw,
)
from simulator.scenarios.steps import (
    Asking,
    Calls,
    CallStep,
    ChaosOffStep,
    ChaosOnStep,
    DeliverStep,
    PlayStep,
    RestoreStep,
    SnapshotStep,
    Step,
)
from simulator.wire.topics import TOPICS

TIMINGS = ("hold_first", "debit_first", "outcome_first")

BY_THE_WAY = ("server", "subscriber")
"""Whom the journal names besides the parties: who gives tokens, and who is told of events."""


def check(scenario: Scenario, source: BlockSource) -> None:
    """Operations, their fields, players, events, faults, and whatever a step or a rule is named.

    Raises ConfigError with the place.
    """
    names = _Names(scenario, source)
    for path, step in walk(scenario.steps):
        names.step(path, step)
    for at, law in enumerate(scenario.then):
        names.law(("then", at), law)


class _Names:
    """What is named in a scenario, and where it is meant."""

    def __init__(self, scenario: Scenario, source: BlockSource) -> None:
        self._world = scenario.world
        self._source = source
        steps = [step for _, step in walk(scenario.steps)]
        self._kept = [step.name for step in steps if isinstance(step, CallStep) and step.name]
        self._snapshots = [step.snapshot for step in steps if isinstance(step, SnapshotStep)]
        written = [step.chaos_on for step in steps if isinstance(step, ChaosOnStep)]
        rules = [*scenario.chaos, *(rule for rule in written if isinstance(rule, dict))]
        self._rules = [str(rule["name"]) for rule in rules if "name" in rule]
        self._unnamed = len(self._rules) < len(rules)

    def step(self, path: Path_, step: Step) -> None:
        if isinstance(step, Asking):
            self._asking(path, step)
        player = getattr(step, "player", None)
        if player is not None:
            self._known((*path, "player"), "player", player, self._world.players)
        match step:
            case DeliverStep(subscriber=str(name)):
                self._known((*path, "subscriber"), "subscriber", name, self._world.subscribers)
            case PlayStep() if step.timing not in TIMINGS:
                raise self._source.wrong((*path, "timing"), f"is one of {', '.join(TIMINGS)}")
            case SnapshotStep() if self._snapshots.count(step.snapshot) > 1:
                said = f"there is more than one snapshot {step.snapshot!r}"
                raise self._source.wrong((*path, "snapshot"), said)
            case RestoreStep():
                self._known((*path, "restore"), "snapshot", step.restore, self._snapshots)
            case ChaosOffStep():
                self._rule((*path, "chaos_off"), step.chaos_off)
            case _:
                pass

    def law(self, path: Path_, law: Law) -> None:
        match law:
            case CallsLaw():
                self._calls((*path, "calls"), law.calls)
            case EventsLaw():
                self._events((*path, "events"), law.events)
            case DeliveredLaw():
                for name, wanted in law.delivered.items():
                    place = (*path, "delivered", name)
                    self._known(place, "subscriber", name, self._world.subscribers)
                    self._events((*place, "events"), wanted.events or ())
            case MayRestLaw():
                for at, name in enumerate(law.may_rest):
                    self._rule((*path, "may_rest", at), name)
            case _:
                self._of_names(path, law)

    def _of_names(self, path: Path_, law: Law) -> None:
        match law:
            case PlayerLaw():
                for name in law.player:
                    self._known((*path, "player", name), "player", name, self._world.players)
            case StruckLaw():
                for name in law.struck:
                    self._known((*path, "struck", name), "fault", name, FAULTS)
            case UnchangedLaw():
                place = (*path, "unchanged_since")
                self._known(place, "snapshot", law.unchanged_since, self._snapshots)
            case _:
                pass

    def _asking(self, path: Path_, step: Asking) -> None:
        key, called = called_by(step)
        operation = self._operation((*path, key), called)
        for word in step.parameters:
            try:
                operation.field(word)
            except ConfigError as wrong:
                raise self._source.wrong((*path, "with", word), str(wrong)) from None
        if step.expect is None:
            return
        if step.expect.same_as is not None:
            place = (*path, "expect", "same_as")
            self._known(place, "answer kept `as`", step.expect.same_as, self._kept)
        self._calls((*path, "expect", "calls"), step.expect.calls or [])

    def _operation(self, path: Path_, called: str) -> surface.Operation:
        try:
            return surface.operation(called)
        except ConfigError as wrong:
            raise self._source.wrong(path, str(wrong)) from None

    def _calls(self, path: Path_, counted: list[Calls]) -> None:
        for at, calls in enumerate(counted):
            if calls.call.partition(".")[0] not in BY_THE_WAY:
                self._operation((*path, at, "call"), calls.call)
            if calls.exactly is calls.at_least is calls.at_most is None:
                said = "say how often: exactly, at_least or at_most"
                raise self._source.wrong((*path, at), said)

    def _events(self, path: Path_, wanted: Collection[str]) -> None:
        for name in wanted:
            self._known((*path, name), "event", name, TOPICS)

    def _rule(self, path: Path_, name: str) -> None:
        if not self._unnamed:  # one without a name is given one that can be seen in a report
            self._known(path, "chaos rule", name, self._rules)

    def _known(self, path: Path_, what: str, name: str, known: Collection[str]) -> None:
        if name not in known:
            said = "".join(_near(name, known))
            raise self._source.wrong(path, f"there is no {what} {name!r}{said}")


def _near(name: str, known: Collection[str]) -> Iterator[str]:
    """The nearest word, or all where there are few."""
    near = difflib.get_close_matches(name, known, n=1)
    if len(known) <= len(FAULTS):
        yield f", only {', '.join(known) or 'none'}"
    if near:
        yield f"; did you mean {near[0]!r}?"
