"""Runs checks against a target, one after another, and tells what happens."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from simulator import __version__
from simulator.certify.check import LEVELS, Broken, Check, Level, Unclear, lacking
from simulator.certify.clauses import CLAUSES
from simulator.certify.credentials import Credentials
from simulator.certify.drive import Drive
from simulator.certify.evidence import seen
from simulator.certify.exchange import Answer, End, NoAnswer
from simulator.certify.roles.table import DRIVES, PROBES
from simulator.certify.target import Target
from simulator.reports.verdicts import happenings as h

SILENT = 3
"""After so many checks in a row that got no answer at all the target counts as gone."""

KNOWN = "IDEMPOTENCY_MISMATCH"
"""What a key is answered that was used for something else."""

UNREADABLE = (AttributeError, LookupError, TypeError, ValueError, ArithmeticError)
"""What reading JSON of another shape than the contract's ends with; the exchanges show it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be judged, and how it is asked for again."""

    role: str
    target: str
    """The base URL, for people and for curl lines."""
    suite: Level
    checks: Sequence[Check]
    replay: str
    """The command without `--only`."""
    accepted: Mapping[str, str] = field(default_factory=dict)
    """Check → the reason for which its failure is accepted."""
    named: bool = False
    """The run's id was given: it may have been used on this target before."""


def chosen(checks: Sequence[Check], role: str, suite: Level, only: Sequence[str]) -> list[Check]:
    """The checks of a suite, or those that are meant by an id, its front, or a rule."""
    own = [check for check in checks if check.role == role]
    if only:
        return [check for check in own if any(_is_meant(check, word) for word in only)]
    levels = LEVELS[: LEVELS.index(suite) + 1]
    return [check for check in own if check.level in levels]


async def run(order: Order, target: Target) -> AsyncIterator[h.Anything]:
    """The events of one suite, the last of which is SuiteEnded."""
    target = target.as_role(order.role)
    credentials = target.credentials()
    wrong = await _probe(order, target, credentials)
    if wrong:
        yield _ended({}, 0, wrong, [])
        return
    yield h.SuiteStarted(
        role=order.role,
        target=order.target,
        profile=target.profile.profile,
        suite=order.suite,
        seed=target.seed,
        run=target.run,
        playmoney=__version__,
        checks=len(order.checks),
    )
    counts = dict.fromkeys(("pass", "fail", "inconclusive"), 0)
    accepted, silent, met = 0, 0, 0
    notes: list[str] = []
    for check in order.checks:
        yield h.CheckStarted(check=check.id)
        if silent >= SILENT:
            ended = _without(order, check, "the target has stopped answering")
        else:
            ended, answered = await _judge(order, target, check, credentials)
            silent = 0 if answered else silent + 1
        if ended.accepted:
            accepted += 1
        else:
            counts[ended.verdict] += 1
        if check.id in order.accepted and ended.verdict == "pass":
            notes.append(f"{check.id} passes now: take it out of the baseline")
        yield ended
        met += ended.verdict != "pass" and any(KNOWN in one.answered for one in ended.exchanges)
    nothing = "" if counts["pass"] or counts["fail"] or accepted else "nothing could be judged"
    notes += [_met_before(target.run)] if order.named and met else []
    if target.makes_no_players:
        notes.append(f"{target.makes_no_players}; players.rich plays instead")
    yield _ended(counts, accepted, nothing, notes)


def _met_before(run: str) -> str:
    return (
        f"the target may have met run {run} before and remembers its keys and ids: then these "
        "verdicts say nothing; leave out --run, or set the target back"
    )


def _is_meant(check: Check, word: str) -> bool:
    return word == check.id or word in check.rules or check.id.startswith(f"{word}.")


async def _probe(order: Order, target: Target, credentials: Credentials) -> str:
    """Why the target cannot be judged at all; empty where it can."""
    check = PROBES[order.role]
    drive = DRIVES[order.role](target, check, credentials)
    try:
        async with asyncio.timeout(check.limit_s):
            await check.drive(drive)
    except (Broken, Unclear) as wrong:
        return str(wrong)
    except TimeoutError:
        return f"{order.target} did not come to an end with a first call within {check.limit_s} s"
    return ""


async def _judge(
    order: Order, target: Target, check: Check, credentials: Credentials
) -> tuple[h.CheckEnded, bool]:
    """The verdict of one check, and whether the target answered anything."""
    missing = lacking(check.needs, target.config)
    if missing:
        return _without(order, check, f"needs {', '.join(missing)} in the configuration"), True
    if check.when is not None and not check.when(target.profile):
        why = f"is not asked under profile {target.profile.profile}"
        return _without(order, check, why), True
    if failed := target.failed(check.needs):
        return _without(order, check, failed), True
    drive = DRIVES[order.role](target, check, credentials)
    started_s = asyncio.get_running_loop().time()
    verdict, why = await _verdict(check, drive)
    took_ms = round((asyncio.get_running_loop().time() - started_s) * 1000)
    return _told(order, check, verdict, why, took_ms=took_ms, drive=drive), _answered(drive)


async def _verdict(check: Check, drive: Drive) -> tuple[h.Verdict, str]:
    try:
        async with asyncio.timeout(check.limit_s):
            await check.drive(drive)
    except Broken as wrong:
        return "fail", str(wrong)
    except Unclear as wrong:
        return "inconclusive", str(wrong)
    except TimeoutError:
        return "inconclusive", f"did not come to an end within {check.limit_s} s"
    except UNREADABLE as wrong:
        return "inconclusive", f"an answer has not the shape that is read: {wrong}"
    if not drive.judged:
        return "inconclusive", "nothing was judged"
    return "pass", ""


def _answered(drive: Drive) -> bool:
    """Whether anything came back; what we hung up on ourselves does not count."""
    ends = [exchange.reply for exchange in drive.exchanges]
    counted = [one for one in ends if not (isinstance(one, NoAnswer) and one.end is End.HUNG_UP)]
    return not counted or any(isinstance(one, Answer) for one in counted)


def _without(order: Order, check: Check, why: str) -> h.CheckEnded:
    return _told(order, check, "inconclusive", why)


def _told(
    order: Order,
    check: Check,
    verdict: h.Verdict,
    why: str,
    *,
    took_ms: int = 0,
    drive: Drive | None = None,
) -> h.CheckEnded:
    return h.CheckEnded(
        check=check.id,
        rules=list(check.rules),
        category=check.category.value,
        about=check.about,
        verdict=verdict,
        why=why,
        accepted=order.accepted.get(check.id, "") if verdict == "fail" else "",
        blind=check.blind,
        clauses=[f"{number} {CLAUSES[number]}" for number in check.clauses],
        took_ms=took_ms,
        replay=f"{order.replay} --only {check.id}",
        exchanges=[seen(one, order.target) for one in drive.exchanges] if drive else [],
        scenario=drive.scenario if drive and verdict == "fail" else "",
    )


def _ended(
    counts: Mapping[str, int], accepted: int, could_not: str, notes: list[str]
) -> h.SuiteEnded:
    return h.SuiteEnded(
        passed=counts.get("pass", 0),
        failed=counts.get("fail", 0),
        accepted=accepted,
        inconclusive=counts.get("inconclusive", 0),
        could_not=could_not,
        notes=notes,
    )
