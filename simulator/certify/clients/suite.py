"""Asks every check about a journal, and tells what it found, as events for `reports/verdicts/`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from simulator import __version__
from simulator.certify.clients.attempt import Attempt
from simulator.certify.clients.check import Case, ClientCheck
from simulator.certify.clients.journal import Journal
from simulator.certify.clients.plan import Plan
from simulator.certify.clients.watched import Watched
from simulator.certify.evidence import seen
from simulator.certify.exchange import Answer, Ask, End, Exchange, NoAnswer
from simulator.reports.verdicts import happenings as h

SHOWN = 3
"""Cases of a check that a report shows: the first that broke the rule, or that kept it."""
EXCHANGES = 8
"""Of each."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be judged, and how it is asked for again."""

    plan: Plan
    checks: Sequence[ClientCheck]
    target: str
    """Where the client called, for people and for curl lines."""
    replay: str
    """The command without `--only`."""


def judge(order: Order, journal: Journal) -> Iterator[h.Anything]:
    """The events of one judgement, the last of which is SuiteEnded."""
    watched = Watched(journal, order.plan.duties)
    yield h.SuiteStarted(
        role="client",
        target=order.target,
        profile=order.plan.profile,
        suite=order.plan.plan,
        seed=journal.start.seed,
        run=f"{watched.calls[0].at_ms:x}" if watched.calls else "",
        playmoney=__version__,
        checks=len(order.checks),
    )
    counts = dict.fromkeys(("pass", "fail", "inconclusive"), 0)
    for check in order.checks if watched.calls else ():
        yield h.CheckStarted(check=check.id)
        ended = _ended(order, check, list(check.judge(watched)))
        counts[ended.verdict] += 1
        yield ended
    yield h.SuiteEnded(
        passed=counts["pass"],
        failed=counts["fail"],
        accepted=0,
        inconclusive=counts["inconclusive"],
        could_not=_could_not(watched, counts),
        notes=_notes(journal, watched),
    )


def _could_not(watched: Watched, counts: dict[str, int]) -> str:
    if not watched.calls:
        return "no client has called"
    return "" if counts["pass"] or counts["fail"] else "nothing could be judged"


def _notes(journal: Journal, watched: Watched) -> list[str]:
    notes = []
    if journal.start.dropped:
        notes.append(
            f"{journal.start.dropped} older exchanges were dropped from the journal: what began "
            "with them may be misjudged"
        )
    if watched.calls and not any(one.faults for one in watched.calls):
        notes.append("no fault has struck: what a client does then was not seen")
    return notes


def _ended(order: Order, check: ClientCheck, cases: list[Case]) -> h.CheckEnded:
    broken = [case for case in cases if case.why]
    why, shown = "", cases[:SHOWN]
    verdict: h.Verdict = "pass"
    if broken:
        verdict, shown = "fail", broken[:SHOWN]
        more = f" ({len(broken)} of {len(cases)} cases)" if len(cases) > 1 else ""
        why = f"{broken[0].why}{more}"
    elif not cases:
        verdict, why = "inconclusive", f"it never came to it: needs {check.needs}"
    attempts = {one.n: one for case in shown for one in case.attempts[:EXCHANGES]}
    return h.CheckEnded(
        check=check.id,
        rules=list(check.rules),
        category=check.category.value,
        about=check.about,
        verdict=verdict,
        why=why,
        accepted="",
        blind=check.blind,
        clauses=[],
        took_ms=0,
        replay=f"{order.replay} --only {check.id}",
        exchanges=[_shown(attempts[n], order.target) for n in sorted(attempts)],
    )


def _shown(one: Attempt, target: str) -> h.Seen:
    """An attempt as evidence: what the client sent, when, and what it had in hand afterwards."""
    ask = Ask(one.method, one.target, one.headers, one.raw)
    reply: Answer | NoAnswer = NoAnswer(End.RESET, _why(one), one.took_ms)
    if one.whole:
        reply = Answer(one.status, one.answer_headers, one.answer_raw, one.took_ms)
    found = seen(Exchange(ask, reply), target)
    first, _, rest = found.asked.partition("\n")
    met = f", met {', '.join(one.faults)}" if one.faults else ""
    at = f"# exchange {one.n} at {one.at_ms} ms{met}"
    return replace(found, asked=f"{first}\n{at}\n{rest}")


def _why(one: Attempt) -> str:
    what = "an answer that cannot be read" if one.status else "no answer"
    return f"the client got {what}"
