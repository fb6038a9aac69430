"""One scenario, played in a sandbox of its own: typed events on the way, a result at the end."""

import hashlib
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.base.blocks import BlockSource
from simulator.base.clock import NS_PER_MS, NS_PER_S, parse_iso, stopwatch_ns
from simulator.base.errors import ConfigError, PlaymoneyError
from simulator.reports.runs import happenings as h
from simulator.scenarios import judging
from simulator.scenarios.acting import Actor, name_of
from simulator.scenarios.checking import check
from simulator.scenarios.delivered import pages
from simulator.scenarios.document import Scenario
from simulator.scenarios.host import Host
from simulator.scenarios.stage import Stage
from simulator.scenarios.values import NoValue

Tell = Callable[[h.Happening], None]

AFTERWARDS_NS = 60 * NS_PER_S
"""So long passes before the laws are judged: what was held back arrives, what has to be recovered
is. Longer than any fault holds a call by default."""

ENOUGH = 20
"""After so many failures no further step is taken."""

SAYS_ENOUGH = frozenset({"law book", "law money", "rested", "could_not_run"})
"""What fails for a reason whatever else was left out; of others, the text belongs to it."""

_SHOWN = 2_000
_LABEL = 60


@dataclass
class Result:
    """What came of a scenario."""

    scenario: Scenario
    seed: int
    verdict: h.Verdict = "pass"
    failures: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    """What kind of thing failed, to tell one failure from another."""
    journal: str = ""

    def fail(self, label: str, place: str, texts: list[str]) -> list[str]:
        """Take note of failures; they are given back as they are told."""
        told = [f"{place}: {text}" for text in texts]
        if texts:
            self.verdict = "fail"
            exact = label not in SAYS_ENOUGH
            self.labels |= {f"{label}: {text[:_LABEL]}" if exact else label for text in texts}
            self.failures += told
        return told

    def could_not_run(self, *texts: str) -> None:
        """There is no verdict, and why."""
        self.verdict = "could_not_run"
        self.failures += texts
        self.labels.add("could_not_run")


@dataclass(frozen=True, slots=True)
class Piece:
    """A scenario and where it stands."""

    scenario: Scenario
    source: BlockSource
    seed: int
    replay: str
    """The command that plays it again."""


async def play(piece: Piece, host: Host, run: str, tell: Tell, *, brief: bool = False) -> Result:
    """Play one. Never raises what a scenario can bring about: that is its verdict.

    A brief one tells of no exchanges where it passes.
    """
    scenario = piece.scenario
    result = Result(scenario, piece.seed)
    began_ns = stopwatch_ns()
    tell(started(piece))
    more: dict[str, Any] = {}
    try:
        check(scenario, piece.source)
        async with host.open(scenario, piece.seed) as sandbox:
            stage = Stage(scenario, piece.source, sandbox, host, piece.seed, run)
            await stage.build()
            await _steps(stage, result, tell)
            await judging.take_stock(stage)
            if sandbox.virtual:
                await sandbox.advance(AFTERWARDS_NS)
            await stage.ask("control.clearChaosRules", {}, "clear")
            await _laws(stage, result, tell)
            if not brief or result.verdict != "pass":
                more = await _told(stage, result)
    except (PlaymoneyError, NoValue) as wrong:
        result.could_not_run(str(wrong))
    except Exception as bug:
        result.could_not_run(f"our own error: {bug!r}", traceback.format_exc())
    tell(ended(piece, result, (stopwatch_ns() - began_ns) // NS_PER_MS, **more))
    return result


def started(piece: Piece) -> h.ScenarioStarted:
    """A scenario begins."""
    scenario = piece.scenario
    return h.ScenarioStarted(
        scenario=scenario.scenario,
        file=piece.source.name,
        seed=piece.seed,
        rules=list(scenario.rules),
        why=scenario.why,
    )


def ended(piece: Piece, result: Result, took_ms: int, **more: Any) -> h.ScenarioEnded:
    """A scenario has ended; `more` is what a report shows of it."""
    shown = {"exchanges": [], "funds": [], "struck": [], "levels": None, **more}
    return h.ScenarioEnded(
        scenario=piece.scenario.scenario,
        file=piece.source.name,
        seed=piece.seed,
        verdict=result.verdict,
        failures=result.failures,
        replay=piece.replay,
        took_ms=took_ms,
        journal=result.journal,
        **shown,
    )


async def _steps(stage: Stage, result: Result, tell: Tell) -> None:
    actor = Actor(stage)
    for at, step in enumerate(stage.scenario.steps):
        began_ns = stage.sandbox.elapsed_ns()
        path = ("steps", at)
        place = stage.source.place(path)
        try:
            texts = await actor.take(step, path)
        except NoValue as wrong:
            if not result.failures:
                raise stage.source.wrong(path, str(wrong)) from None
            result.failures.append(f"{place}: not taken, for what failed before: {wrong}")
            return
        except ConfigError as wrong:
            if str(wrong).startswith(stage.source.name):
                raise
            texts = [str(wrong)]
        failures = result.fail(f"step {name_of(step)}", f"{place}: {name_of(step)}", texts)
        took_ms = (stage.sandbox.elapsed_ns() - began_ns) // NS_PER_MS
        tell(h.StepTaken(step=f"{at + 1}", what=name_of(step), took_ms=took_ms, failures=failures))
        if len(result.failures) >= ENOUGH:
            return


async def _laws(stage: Stage, result: Result, tell: Tell) -> None:
    for at, law in enumerate(stage.scenario.then):
        name = judging.name_of(law)
        place = stage.source.place(("then", at))
        try:
            texts = await judging.judge(stage, law, f"then-{at}")
        except (NoValue, ConfigError) as wrong:
            raise ConfigError(f"{place}: {name}: {wrong}") from None
        failures = result.fail(f"law {name}", f"{place}: {name}", texts)
        tell(h.LawJudged(law=name, failures=failures))
    rested = await judging.rules_that_rested(stage)
    result.fail("rested", stage.source.name, rested)


# What a report shows ------------------------------------------------------------------------------


async def _told(stage: Stage, result: Result) -> dict[str, Any]:
    funds = [
        h.Funds(
            player=name,
            before=stage.show(name, pair),
            after=stage.show(name, await stage.funds(name)),
        )
        for name, pair in stage.before.items()
    ]
    exchanges = await _exchanges(stage)
    if stage.sandbox.virtual:
        result.journal = await _digest(stage)
    measured = stage.storms if len(stage.storms) else stage.all_calls
    return {
        "exchanges": exchanges,
        "funds": funds,
        "struck": [
            h.Struck(
                operation=row["operation"],
                fault=row["fault"],
                attempt=row.get("attempt"),
                fired=row["fired"],
            )
            for row in stage.coverage
        ],
        "levels": measured.levels() if len(measured) else None,
    }


async def _digest(stage: Stage) -> str:
    """SHA-256 over the whole journal without what real time it took (D3)."""
    given = {"format": "ndjson", "timing": "false"}
    heard = await stage.ask("control.exportJournal", given, "export")
    if heard.reply is None or heard.status != 200:
        raise ConfigError(f"the journal cannot be exported: {heard.lost or heard.status}")
    return hashlib.sha256(heard.reply.body).hexdigest()


async def _exchanges(stage: Stage) -> list[h.Shown]:
    """What was called, in its order; the first call is at 0 ms."""
    found = await pages(stage, "control.searchJournal", {}, "journal")
    called = [entry for entry in found if entry["party"] != "server"]
    times_ns = [parse_iso(entry["at"]) for entry in called]
    return [
        _shown(entry, (at_ns - times_ns[0]) // NS_PER_MS)
        for entry, at_ns in zip(called, times_ns, strict=True)
    ]


def _shown(entry: Mapping[str, Any], at_ms: int) -> h.Shown:
    answer = entry.get("answer")
    return h.Shown(
        exchange=entry["exchange"],
        at_ms=at_ms,
        took_us=entry.get("took_us", 0),
        direction=entry["direction"],
        party=entry["party"],
        operation=entry["operation"],
        key=entry.get("key", ""),
        status=answer["status"] if answer else 0,
        injected=entry.get("injected", []),
        asked=entry["request"].get("body", "")[:_SHOWN],
        answered=(answer.get("body", "") if answer else entry.get("lost", ""))[:_SHOWN],
    )
