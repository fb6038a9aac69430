"""What a check of a client is: it names every case in which its rule was tried, kept or broken."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simulator.certify.check import Category
from simulator.certify.clients.attempt import Attempt
from simulator.certify.clients.watched import Watched


@dataclass(frozen=True, slots=True)
class Case:
    """Once, the rule was tried. `why` is empty where it was kept."""

    attempts: tuple[Attempt, ...]
    why: str = ""


def kept(*attempts: Attempt) -> Case:
    """The client did what it should."""
    return Case(attempts)


def broke(why: str, *attempts: Attempt) -> Case:
    """It did not: what should be, and what was."""
    return Case(attempts, why)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCheck:
    """One question to a journal.

    `judge` yields a case each time the situation arose. Where it never did, the verdict is
    INCONCLUSIVE, and `needs` says what was missing. `blind` is what no journal shows of the rule.
    """

    id: str
    rules: tuple[str, ...]
    category: Category
    about: str
    needs: str
    judge: Callable[[Watched], Iterator[Case]]
    blind: str = ""
