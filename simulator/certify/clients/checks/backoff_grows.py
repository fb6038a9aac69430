"""Each further retry waits longer."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.pauses import all_pauses
from simulator.certify.clients.watched import Watched

PAUSES = 3
"""From the first pause to the third: doubling has fourfold by then, jitter or not."""
INTENTS = 4
"""Over so many calls chance evens out: with full jitter fewer than 1 in 1 000 sums of four fall
below what is asked, and a constant pause never exceeds it."""
PERCENT = 120


def _judge(watched: Watched) -> Iterator[Case]:
    if watched.duties.backoff == "constant":
        return
    found = [(one, own) for one, own in all_pauses(watched) if len(own) >= PAUSES]
    if len(found) < INTENTS:
        return
    first = sum(own[0] for _, own in found)
    third = sum(own[PAUSES - 1] for _, own in found)
    shown = found[0][0].attempts[: PAUSES + 1]
    if third * 100 >= first * PERCENT and third:
        yield kept(*shown)
    else:
        pauses = ", ".join(f"{own[:PAUSES]}" for _, own in found[:INTENTS])
        yield broke(
            f"the pauses do not grow: over {len(found)} calls the third is "
            f"{third // len(found)} ms on the whole, the first {first // len(found)} ms "
            f"(such as {pauses})",
            *shown,
        )


CHECK = ClientCheck(
    id="client.backoff.grows",
    rules=("WAL-75",),
    category=Category.RECOVERY,
    about="The pauses before the retries of a call grow.",
    needs=f"{INTENTS} calls with {PAUSES} retries after whole answers without Retry-After, and a "
    "profile that does not say constant",
    judge=_judge,
)
