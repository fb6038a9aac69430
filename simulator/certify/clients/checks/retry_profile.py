"""As often, and as far apart, as its profile says."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.attempt import Attempt, End
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.operations import Kind
from simulator.certify.clients.pauses import is_own
from simulator.certify.clients.watched import Intent, Watched

HELD = ("time_out",)
"""Faults that let a call wait for the client's own time-out."""


def _judge(watched: Watched) -> Iterator[Case]:
    duties = watched.duties
    most = {
        Kind.TAKES: duties.bet_attempts,
        Kind.PAYS: duties.win_attempts,
        Kind.UNDOES: duties.rollback_attempts,
    }
    for intent in watched.of_kind(*most):
        limit = most[intent.what.kind]
        if limit is not None and intent.failed:
            yield _count(watched, intent, limit)
        for before, after in intent.pairs():
            yield from _spacing(watched, before, after)


def _count(watched: Watched, intent: Intent, limit: int) -> Case:
    many = sum(one.end is not End.UNPROVEN for one in intent.attempts)
    name = f"{intent.first.operation} with key {intent.first.key}"
    if many > limit:
        return broke(f"{name} was sent {many} times; its profile says {limit}", *intent.attempts)
    early = many < limit and not intent.told and not watched.still_trying(intent)
    if early and intent.last.end in (End.UNKNOWN, End.NOT_DONE):
        return broke(
            f"{name} was given up after {many} attempts; its profile says {limit}",
            *intent.attempts,
        )
    return kept(*intent.attempts)


def _spacing(watched: Watched, before: Attempt, after: Attempt) -> Iterator[Case]:
    duties, gap_ms = watched.duties, after.at_ms - before.at_ms
    time_out_ms, least_ms, most_ms = (
        duties.bet_time_out_ms,
        duties.least_wait_ms,
        duties.most_wait_ms,
    )
    if time_out_ms is not None and set(HELD) & set(before.faults):
        said = f"no answer came, and the retry after {gap_ms} ms; its time-out is {time_out_ms} ms"
        yield _case(said, before, after, holds=gap_ms * 100 >= time_out_ms * 95)
    if not is_own(before):
        return
    if least_ms is not None:
        said = f"the retry came after {gap_ms} ms; its profile says {least_ms} at least"
        yield _case(said, before, after, holds=gap_ms * 100 >= least_ms * 95)
    if most_ms is not None:
        said = f"the retry came after {gap_ms} ms; its profile says {most_ms} at most"
        yield _case(said, before, after, holds=gap_ms <= most_ms + most_ms // 5 + 500)


def _case(said: str, before: Attempt, after: Attempt, *, holds: bool) -> Case:
    return kept(before, after) if holds else broke(said, before, after)


CHECK = ClientCheck(
    id="client.retry.profile",
    rules=("WAL-75",),
    category=Category.RECOVERY,
    about="Number and spacing of retries, and the time-out, are those of the caller's profile.",
    needs="`duties` in the plan that say how often and how far apart, and a failed call",
    judge=_judge,
)
