"""An attempt is signed when it is sent."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.watched import Watched

APART_MS = 2_000
"""Attempts so far apart have different times even where times are whole seconds."""


def _judge(watched: Watched) -> Iterator[Case]:
    for intent in watched.intents:
        for before, after in intent.pairs():
            first, then = (one.headers.get("x-timestamp", "") for one in (before, after))
            gap_ms = after.at_ms - before.at_ms
            if not (first and then) or gap_ms < APART_MS:
                continue
            if first == then:
                yield broke(
                    f"{gap_ms} ms after {first} the retry has the same timestamp: each attempt is "
                    "signed anew",
                    before,
                    after,
                )
            else:
                yield kept(before, after)


CHECK = ClientCheck(
    id="client.sign.timestamp",
    rules=("WAL-71", "PRV-10"),
    category=Category.SECURITY,
    about="Every attempt has the timestamp of its own time.",
    needs=f"a signed call that was sent again {APART_MS} ms later or more",
    judge=_judge,
)
