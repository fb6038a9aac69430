"""Clients that fail together do not come back together."""

from collections import defaultdict
from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.attempt import Attempt
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.pauses import all_pauses
from simulator.certify.clients.watched import Watched

SAMPLES = 6
"""Of the same pause: with a jitter of a tenth, six within 3 % are one chance in 50 000."""
PERCENT = 3
LEAST_MS = 20
"""Shorter ones are a matter of the machine and not of a choice."""


def _judge(watched: Watched) -> Iterator[Case]:
    if watched.duties.jitter == "none":
        return
    nth: defaultdict[int, list[int]] = defaultdict(list)
    shown: list[Attempt] = []
    for intent, own in all_pauses(watched):
        shown += intent.attempts[:2] if len(shown) < 6 else ()
        for at, pause in enumerate(own):
            nth[at].append(pause)
    judged = {
        at: sorted(found)
        for at, found in nth.items()
        if len(found) >= SAMPLES and sorted(found)[len(found) // 2] >= LEAST_MS
    }
    if not judged:
        return
    if any((found[-1] - found[0]) * 100 > found[len(found) // 2] * PERCENT + 200
           for found in judged.values()):  # fmt: skip
        yield kept(*shown)
    else:
        told = ", ".join(
            f"pause {at + 1} of {len(found)} calls {found[0]} to {found[-1]} ms"
            for at, found in judged.items()
        )
        yield broke(f"the pauses are not drawn: {told}; together they come back together", *shown)


CHECK = ClientCheck(
    id="client.backoff.jitter",
    rules=("WAL-75",),
    category=Category.RECOVERY,
    about="The pauses before retries are drawn, so that callers do not come back in step.",
    needs=f"{SAMPLES} calls with a retry after a whole answer without Retry-After, and a profile "
    "that asks for jitter",
    judge=_judge,
)
