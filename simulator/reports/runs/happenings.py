"""What happens in a run of scenarios, as typed events: runners yield them, outputs consume them."""

from typing import Any, Literal

import msgspec

Verdict = Literal["pass", "fail", "could_not_run"]


class Happening(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag=str.lower):
    """Something that happened."""


class RunStarted(Happening, frozen=True, kw_only=True):
    """The run begins."""

    scenarios: int
    run: str
    playmoney: str


class ScenarioStarted(Happening, frozen=True, kw_only=True):
    """A scenario begins."""

    scenario: str
    file: str
    seed: int
    rules: list[str]
    why: str


class StepTaken(Happening, frozen=True, kw_only=True):
    """A step has ended."""

    step: str
    what: str
    took_ms: int
    failures: list[str]


class LawJudged(Happening, frozen=True, kw_only=True):
    """A law was looked at."""

    law: str
    failures: list[str]


class Levels(msgspec.Struct, frozen=True, kw_only=True):
    """How long calls took, in microseconds from when each should have been sent (SBX-14)."""

    calls: int
    errors: dict[str, int]
    """Status or error code → how many."""
    p50_us: int
    p95_us: int
    p99_us: int
    p99_9_us: int
    max_us: int
    plot: list[tuple[int, int]]
    """Percentile in thousandths → microseconds, for a curve."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange as a report shows it."""

    exchange: int
    at_ms: int
    took_us: int
    direction: str
    party: str
    operation: str
    key: str
    status: int
    injected: list[str]
    asked: str
    answered: str


class Funds(msgspec.Struct, frozen=True, kw_only=True):
    """What a player had before and after, as text."""

    player: str
    before: str
    after: str


class Struck(msgspec.Struct, frozen=True, kw_only=True):
    """How often a fault has struck an operation."""

    operation: str
    fault: str
    attempt: int | None
    fired: int


class ScenarioEnded(Happening, frozen=True, kw_only=True):
    """A scenario has ended."""

    scenario: str
    file: str
    seed: int
    verdict: Verdict
    failures: list[str]
    replay: str
    took_ms: int
    """Of real time."""
    journal: str
    """SHA-256 of the journal: the same seed gives the same; empty where time was real."""
    exchanges: list[Shown]
    funds: list[Funds]
    struck: list[Struck]
    levels: Levels | None


class Shrunk(Happening, frozen=True, kw_only=True):
    """A failing scenario was made smaller."""

    scenario: str
    file: str
    steps: tuple[int, int]
    """Before and after."""
    rules: tuple[int, int]
    tries: int


class RunEnded(Happening, frozen=True, kw_only=True):
    """The run is over."""

    passed: int
    failed: int
    could_not_run: int


Anything = RunStarted | ScenarioStarted | StepTaken | LawJudged | ScenarioEnded | Shrunk | RunEnded


def as_json(happening: Any) -> bytes:
    """A line of NDJSON."""
    return msgspec.json.encode(happening)
