"""An event that arrives twice is one event."""

from collections import defaultdict
from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.attempt import Attempt
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.checks.event_acknowledged import arrivals
from simulator.certify.clients.watched import Watched


def _judge(watched: Watched) -> Iterator[Case]:
    for event, attempts, times in arrivals(watched):
        if times < 2 or not event:
            continue
        effects: defaultdict[str, dict[str, Attempt]] = defaultdict(dict)
        for one in watched.writes:
            if one.n > attempts[0].n and _names(one, event):
                effects[one.operation].setdefault(one.key, one)
        for keys in effects.values():
            first, *more = keys.values()
            if more:
                yield broke(
                    f"event {event} arrived {times} times, and {first.operation} was sent "
                    f"for it under {len(keys)} keys",
                    *attempts[:2],
                    first,
                    more[0],
                )
            else:
                yield kept(*attempts[:2], first)


def _names(one: Attempt, event: str) -> bool:
    """Whether a call says that it is because of an event."""
    return event.encode() in one.raw or any(event in value for value in one.headers.values())


CHECK = ClientCheck(
    id="client.event.once",
    rules=("PRV-40",),
    category=Category.IDEMPOTENCY,
    about="What an event brings about is brought about once, however often it arrives.",
    needs="an event that arrived twice, and calls of the client that name it in a header or body",
    judge=_judge,
    blind="effects inside the client, and calls that do not name their event",
)
