"""Which faults have struck which operation at which attempt, and which that were asked for never
did (SBX-06)."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from simulator.chaos.rule import Rule
from simulator.chaos.seam import Injection


class Covered(NamedTuple):
    """One row: an operation, a fault, an attempt. `fired` 0: asked for, and never struck.

    Without `attempt` no rule named one, and none of this fault has struck there yet.
    """

    operation: str
    fault: str
    fired: int
    attempt: int | None = None


class Coverage:
    """What was asked for since the world's start, by rules that are gone too, and what struck."""

    def __init__(self) -> None:
        self._asked: set[tuple[str, str, int]] = set()
        self._fired: Counter[tuple[str, str, int]] = Counter()

    def copy(self) -> "Coverage":
        """The same table, to go on from elsewhere."""
        other = Coverage()
        other._asked, other._fired = self._asked.copy(), self._fired.copy()
        return other

    def ask(self, rule: Rule) -> None:
        """A rule was added."""
        for place in rule.places:
            for attempt in rule.when.attempts or (0,):
                self._asked.add((place.name, rule.fault_name, attempt))

    def count(self, injection: Injection) -> None:
        """A fault has struck."""
        self._fired[injection.operation, injection.fault, injection.attempt] += 1

    def rows(self) -> Iterator[Covered]:
        """Sorted by operation, fault and attempt."""
        struck = {(operation, fault) for operation, fault, _ in self._fired}
        for operation, fault, attempt in sorted(self._asked | set(self._fired)):
            if attempt:
                fired = self._fired[operation, fault, attempt]
                yield Covered(operation, fault, fired, attempt)
            elif (operation, fault) not in struck:
                yield Covered(operation, fault, 0)
