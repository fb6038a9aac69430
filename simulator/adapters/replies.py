"""Reading an answer: a whole one of the contract, a refusal, or something that cannot be believed.

A 2xx that is cut, malformed or about something else counts as lost (WAL-72).
"""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar, cast, get_args

import msgspec

from simulator.adapters.retry import Code, Ending, ending_of
from simulator.adapters.transport import AdapterError, NotSent, ReplyLost, UnknownRefusal
from simulator.base.errors import OTHER_NAMES, Problem
from simulator.wire import json
from simulator.wire.calls import Reply
from simulator.wire.problem import ErrorBody, decode_problem

A = TypeVar("A")

KNOWN_CODES = frozenset(get_args(Code))

_IDS = ("bet_id", "round_id", "session_id", "player_id", "game_id")
_REMEMBERED = (404, 409, 422)
"""Statuses whose refusals a key remembers, whatever their code (PRV-30)."""


@dataclass(frozen=True, slots=True)
class Answered(Generic[A]):
    """A whole answer of the contract."""

    answer: A
    reply: Reply

    @property
    def replayed(self) -> bool:
        """True where this is a repeat of an earlier answer to the same key (PRV-30)."""
        return is_replay(self.reply)


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt without an answer: how it ended, and the error that says why."""

    ending: Ending
    error: Problem | AdapterError
    retry_after_s: int | None = None


def is_whole(reply: Reply) -> bool:
    """True for an answer whose body can be read, or that has none to read."""
    if reply.status == 204:
        return True
    try:
        json.decode(reply.body)
    except json.NotJson:
        return False
    return True


def is_replay(reply: Reply) -> bool:
    """True where the answer says that it was given before (PRV-30)."""
    return reply.headers.get("idempotency-replayed") == "true"


def read(reply: Reply, answer: type[A], asked: msgspec.Struct) -> Answered[A] | Failed:
    """The answer of this type, or what came in its place."""
    failed = judge(reply)
    if failed is not None:
        return failed
    try:
        value = msgspec.convert(json.decode(reply.body), answer)
    except (json.NotJson, msgspec.ValidationError) as wrong:
        return lost(ReplyLost(f"a {reply.status} that cannot be read: {wrong}"))
    for name in _IDS:
        mine, theirs = getattr(asked, name, None), getattr(value, name, None)
        if mine is not None and theirs is not None and mine != theirs:
            return lost(ReplyLost(f"the answer is about {name} {theirs!r}, not {mine!r}"))
    return Answered(value, reply)


def judge(reply: Reply) -> Failed | None:
    """What an answer tells about its key, from its status and error body alone; None: done."""
    if 200 <= reply.status < 300:
        return None
    return refused(read_problem(reply), retry_after_s(reply))


def refused(error: Problem | AdapterError, retry_after_s: int | None = None) -> Failed:
    """What a refusal tells about its key."""
    match error:
        case Problem():
            ending = ending_of(cast(Code, error.code))
        case UnknownRefusal():
            known = error.status in _REMEMBERED
            ending = Ending.DEFINITE if known else Ending.TURNED_AWAY
        case NotSent():
            ending = Ending.NOT_DONE
        case _:
            return lost(error, retry_after_s)
    return Failed(ending, error, retry_after_s)


def lost(error: AdapterError, retry_after_s: int | None = None) -> Failed:
    """Nobody here knows what the attempt did."""
    return Failed(Ending.UNKNOWN, error, retry_after_s)


def read_problem(reply: Reply) -> Problem | AdapterError:
    """The refusal in a non-2xx answer; ReplyLost where it is not of the error model (PRV-25)."""
    problem = decode_problem(reply.body)
    if problem is not None:
        if problem.code in OTHER_NAMES:  # the same refusal, by the name that this API has for it
            common = OTHER_NAMES[problem.code].__bases__[0]
            problem = common(problem.message, details=problem.details)
        if problem.status != reply.status or problem.code not in KNOWN_CODES:
            return ReplyLost(f"a {reply.status} that says {problem.code}, which is contradictory")
        problem.retry_after_s = retry_after_s(reply)
        return problem
    try:
        body = msgspec.convert(json.decode(reply.body), ErrorBody)
    except (json.NotJson, msgspec.ValidationError):
        return ReplyLost(f"a {reply.status} that is not of the error model: {reply.body[:80]!r}")
    if body.retryable or not 400 <= reply.status < 500:
        return ReplyLost(f"{reply.status} {body.code}: {body.message}")
    return UnknownRefusal(reply.status, body.code, body.message)


def retry_after_s(reply: Reply) -> int | None:
    """Seconds of Retry-After (RFC 9110 §10.2.3), a date counted from the answer's own Date."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return int(text[:9])
    try:
        until: Any = parsedate_to_datetime(text)
        since: Any = parsedate_to_datetime(reply.headers.get("date", ""))
        return max(0, int((until - since).total_seconds()))
    except (ValueError, TypeError):
        return None
