"""What happens in a contract suite, as typed events: suites yield them, outputs consume them."""

from typing import Literal

import msgspec

Verdict = Literal["pass", "fail", "inconclusive"]


class Happening(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag=str.lower):
    """Something that happened."""


class SuiteStarted(Happening, frozen=True, kw_only=True):
    """The target has answered; the checks begin."""

    role: str
    target: str
    profile: str
    suite: str
    seed: int
    run: str
    playmoney: str
    checks: int

    @property
    def title(self) -> str:
        """The command whose report it is."""
        return "playmoney watch" if self.role == "client" else f"playmoney certify {self.role}"


class CheckStarted(Happening, frozen=True, kw_only=True):
    """A check begins."""

    check: str


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange as evidence: secrets are masked, long bodies cut."""

    asked: str
    """Request line, headers, an empty line, the body."""
    answered: str
    """The same of the answer; empty where none came."""
    status: int
    """0 where no answer came."""
    ended: str
    """How it ended where no answer came."""
    took_ms: int
    curl: str
    """A line that sends it again; `$TOKEN` stands for what was masked."""


class CheckEnded(Happening, frozen=True, kw_only=True):
    """A check has ended."""

    check: str
    rules: list[str]
    category: str
    about: str
    verdict: Verdict
    why: str
    """Of a failure: what should be and what was. Of no verdict: the reason. Else empty."""
    accepted: str
    """The reason for which the baseline accepts this failure; empty where it does not."""
    blind: str
    """What the check cannot see although the rule speaks of it."""
    clauses: list[str]
    """Of GLI-19 v3.0 (2020), each by number and heading: a pass is evidence, no certification."""
    took_ms: int
    replay: str
    """The command that asks this question again, with the same bytes."""
    exchanges: list[Seen]
    scenario: str = ""
    """What failed as a scenario for `playmoney run`; empty where there is none."""


class SuiteEnded(Happening, frozen=True, kw_only=True):
    """The suite is over."""

    passed: int
    failed: int
    accepted: int
    """Failures that the baseline accepts; they are not in `failed`."""
    inconclusive: int
    could_not: str
    """Why the suite could not do its job; empty where it did."""
    notes: list[str]
    """Such as a baseline's entry that is not needed any more."""


Anything = SuiteStarted | CheckStarted | CheckEnded | SuiteEnded
