"""A retry is the same call."""

from collections import defaultdict
from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.attempt import End
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.operations import Kind
from simulator.certify.clients.watched import Intent, Watched, asked


def _judge(watched: Watched) -> Iterator[Case]:
    same: defaultdict[tuple[str, str, str], list[Intent]] = defaultdict(list)
    for intent in watched.intents:
        for pair in intent.pairs():
            yield kept(*pair)
        name = intent.transaction or asked(intent.first)
        same[intent.first.client, intent.first.operation, name].append(intent)
    for intents in same.values():
        for at, intent in enumerate(intents[1:], 1):
            before = intents[at - 1]
            if _again(before, intent):
                yield broke(
                    f"{intent.first.operation} was sent again under another key: "
                    f"{intent.first.key} after {before.first.key}; a retry has the key of the "
                    "first attempt",
                    before.last,
                    intent.first,
                )


def _again(before: Intent, later: Intent) -> bool:
    """Whether the later one is the earlier one under another key. The end of a round has no
    transaction of its own, and may be told anew once it has ended; a refusal is another check's."""
    ends = {one.end for one in before.attempts if one.n < later.first.n}
    if ends & {End.REFUSED, End.TURNED_AWAY}:
        return False
    return bool(later.transaction) or (later.what.kind is Kind.ENDS and not before.told)


CHECK = ClientCheck(
    id="client.key.same-on-retry",
    rules=("PRV-30", "WAL-72", "WAL-73"),
    category=Category.IDEMPOTENCY,
    about="Every retry carries the key of the first attempt; no intent has two keys.",
    needs="a write that was sent again",
    judge=_judge,
    blind="calls without an id of their own, such as new sessions: another key may be another one",
)
