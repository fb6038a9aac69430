"""A key is bound to its parameters."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.watched import Watched, asked


def _judge(watched: Watched) -> Iterator[Case]:
    for intent in watched.intents:
        for before, after in intent.pairs():
            if asked(before) == asked(after):
                yield kept(before, after)
            else:
                yield broke(
                    f"key {after.key} was sent before with another body: a retry asks the same",
                    before,
                    after,
                )


CHECK = ClientCheck(
    id="client.key.same-body",
    rules=("PRV-31",),
    category=Category.IDEMPOTENCY,
    about="All attempts with a key ask the same.",
    needs="a write that was sent again",
    judge=_judge,
)
