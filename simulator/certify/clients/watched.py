"""Everything that a client did in one watch: its calls, which of them are one intent, its tokens,
and the events that it was sent."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any

from simulator.certify.clients.attempt import Attempt, End, attempt
from simulator.certify.clients.journal import Journal
from simulator.certify.clients.operations import (
    Kind,
    Operation,
    find,
    of_what,
    operation,
    round_of,
)
from simulator.certify.clients.plan import Duties

OWN_PARTIES = ("", "server", "subscriber")
"""Of exchanges that are no call to a party: documents, the control API, deliveries."""

OWN = ("issueToken", "readJwks")
"""Operations that no party answers, though a fault may meet them at its door."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What one key of a client was used for, attempt after attempt."""

    attempts: Sequence[Attempt]

    @property
    def first(self) -> Attempt:
        """The attempt that began it."""
        return self.attempts[0]

    @property
    def last(self) -> Attempt:
        """The newest one."""
        return self.attempts[-1]

    @property
    def what(self) -> Operation:
        """What it is for."""
        return operation(self.first.operation)

    @property
    def transaction(self) -> str:
        """Its own transaction, or empty."""
        return find(self.first.body, self.what.own)

    @property
    def of(self) -> str:
        """The transaction that it is about, or empty."""
        return of_what(self.first.operation, self.first.target, self.first.body)

    @property
    def round(self) -> str:
        """Its round, or empty."""
        return round_of(self.first.operation, self.first.target, self.first.body)

    @property
    def told(self) -> bool:
        """Whether the client has, or may have, a definite answer."""
        return any(one.told for one in self.attempts)

    @property
    def in_doubt(self) -> bool:
        """Whether it may have been done and no answer has told."""
        return not self.told and any(one.in_doubt for one in self.attempts)

    @property
    def failed(self) -> bool:
        """Whether an attempt ended so that it has to be repeated, or may be."""
        return any(one.end in (End.UNKNOWN, End.NOT_DONE) for one in self.attempts)

    def pairs(self) -> Iterator[tuple[Attempt, Attempt]]:
        """Each attempt with the one after it."""
        return pairwise(self.attempts)

    def told_by(self, n: int) -> bool:
        """Whether an attempt before the n-th exchange has, or may have, told."""
        return any(one.n < n and one.told for one in self.attempts)

    def in_doubt_at(self, n: int) -> bool:
        """Whether, when the n-th exchange came, the client could not know what this has done."""
        before = [one for one in self.attempts if one.n < n]
        return any(one.in_doubt for one in before) and not any(one.told for one in before)


class Watched:
    """One watch. `duties` is what the caller's profile says of itself."""

    def __init__(self, journal: Journal, duties: Duties) -> None:
        self.duties = duties
        self.money = duties.money
        coming = [attempt(line) for line in journal.lines if line.direction == "in"]
        self.calls = [one for one in coming if _is_call(one)]
        self.tokens = [one for one in coming if one.operation == "issueToken"]
        self.deliveries = [
            attempt(line)
            for line in journal.lines
            if line.direction == "out" and line.party == "subscriber"
        ]
        every = (*coming, *self.deliveries)
        self.ended_ms = max((one.at_ms for one in every), default=0)
        self._end = max((one.n for one in every), default=0) + 1

    @cached_property
    def writes(self) -> list[Attempt]:
        """Every call that is not a read."""
        return [one for one in self.calls if one.method != "GET"]

    @cached_property
    def intents(self) -> list[Intent]:
        """Keyed writes by client, operation and key, in the order in which they began."""
        found: defaultdict[tuple[str, str, str], list[Attempt]] = defaultdict(list)
        for one in self.writes:
            if one.key:
                found[one.client, one.operation, one.key].append(one)
        return [Intent(attempts) for attempts in found.values()]

    def of_kind(self, *kinds: Kind) -> Iterator[Intent]:
        """The intents that do one of these."""
        return (one for one in self.intents if one.what.kind in kinds)

    def about(self, transaction: str, kind: Kind) -> list[Intent]:
        """The intents of a kind that belong to a transaction."""
        return self._about.get((transaction, kind), [])

    @cached_property
    def _about(self) -> dict[tuple[str, Kind], list[Intent]]:
        found: defaultdict[tuple[str, Kind], list[Intent]] = defaultdict(list)
        for one in self.intents:
            if one.of:
                found[one.of, one.what.kind].append(one)
        return found

    def resolved(self, intent: Intent) -> bool:
        """Whether the client has learnt what became of it: answered, undone for good, or read."""
        if intent.told:
            return True
        undone = intent.what.kind in (Kind.TAKES, Kind.MOVES) and any(
            undo.told for undo in self.about(intent.of, Kind.UNDOES) if intent.of
        )
        return undone or self.read_before(intent, self._end)

    def read_before(self, intent: Intent, n: int) -> bool:
        """Whether a read has told of it after it began and before the n-th exchange: one whose
        answer names its transaction, be it of the bet, a list, the round or the events."""
        name = intent.transaction.encode()
        return bool(name) and any(
            intent.first.n < one.n < n and name in one.answer_raw for one in self._reads
        )

    @cached_property
    def _reads(self) -> list[Attempt]:
        """The reads that were answered."""
        return [one for one in self.calls if one.method == "GET" and one.end is End.DONE]

    def unfinished(self) -> bool:
        """Whether there is something that a client owes another attempt."""
        kinds = set(Kind) - {Kind.OTHER}
        return any(one.failed and not self.resolved(one) for one in self.of_kind(*kinds))

    def still_trying(self, *intents: Intent) -> bool:
        """Whether the newest attempt of these is so young that another may have been to come."""
        newest = max(one.last.at_ms for one in intents)
        return self.ended_ms - newest < self.duties.patience_ms


def _is_call(one: Attempt) -> bool:
    return bool(one.operation) and one.party not in OWN_PARTIES and one.operation not in OWN


def asked(one: Attempt, without: Iterable[str] = ()) -> str:
    """What a call asks, to be compared with another: its path and the meaning of its body; `2.0`
    and `2.00` are one amount (PRV-30)."""
    body = one.body if one.body is not None else one.raw
    return f"{one.method} {one.target} {_plain(body, frozenset(without))}"


def _plain(value: Any, without: frozenset[str]) -> str:
    if isinstance(value, dict):
        kept = sorted((name, part) for name, part in value.items() if name not in without)
        return "{" + ",".join(f"{name}:{_plain(part, without)}" for name, part in kept) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_plain(part, without) for part in value) + "]"
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return repr(value)
    return format(Decimal(value).normalize(), "f") if Decimal(value).is_finite() else repr(value)
