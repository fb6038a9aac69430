"""A copy of an event has arrived, like the first one."""

from collections import defaultdict
from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.attempt import Attempt
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.watched import Watched

ARRIVES = ("lose_reply", "late_original")
"""Faults after which there is no answer, although the event has arrived."""


LATER = (408, 425, 429)
"""Statuses that say "not now" and not "no"."""


def arrivals(watched: Watched) -> Iterator[tuple[str, list[Attempt], int]]:
    """Each event, its deliveries that have arrived, and how often it did: a fault that repeats one
    leaves one line in the journal."""
    found: defaultdict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for one in watched.deliveries:
        if one.status or set(one.faults) & set(ARRIVES):
            event = one.headers.get("x-event-id", "")
            found[one.headers.get("x-client-id", ""), event].append(one)
    for (_, event), attempts in found.items():
        copies = sum("duplicate" in one.faults for one in attempts)
        yield event, attempts, len(attempts) + copies


def _judge(watched: Watched) -> Iterator[Case]:
    for event, attempts, _ in arrivals(watched):
        taken = False  # or may be: its answer was lost
        for one in attempts:
            fine = 200 <= one.status < 300
            refused = 300 <= one.status < 500 and one.status not in LATER
            if taken and refused and not one.faults:
                yield broke(
                    f"event {event} had arrived, and its copy was answered {one.status}: it would "
                    "be sent for ever",
                    attempts[0],
                    one,
                )
            elif taken and fine:
                yield kept(attempts[0], one)
            taken = taken or fine or not one.status


CHECK = ClientCheck(
    id="client.event.acknowledged",
    rules=("PRV-40",),
    category=Category.IDEMPOTENCY,
    about="A subscriber acknowledges the copy of an event that has arrived.",
    needs="a subscription of the client, and an event that arrived twice",
    judge=_judge,
)
