"""Come back when you were told to."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from simulator.certify.check import Category
from simulator.certify.clients.attempt import Attempt
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.watched import Watched

SLACK_MS = 20
"""Two clocks, and times in whole milliseconds: a sleep may end that much early."""


def until_ms(one: Attempt) -> int | None:
    """When an answer allows the next attempt, by the sandbox's clock; None where it does not say.

    Counted from the arrival, which is before the answer: never later than the client may count.
    """
    if one.status not in (425, 429, 503):
        return None
    text = one.answer_headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return one.at_ms + int(text[:9]) * 1_000
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return int(date.timestamp()) * 1_000 if date.tzinfo is not None else None


def _judge(watched: Watched) -> Iterator[Case]:
    for intent in watched.intents:
        for before, after in intent.pairs():
            until = until_ms(before)
            if until is None or before.doubtful:
                continue
            early_ms = until - after.at_ms
            if early_ms <= SLACK_MS:
                yield kept(before, after)
            else:
                said = before.answer_headers.get("retry-after")
                yield broke(
                    f"{before.status} said Retry-After: {said}, and the retry came {early_ms} ms "
                    f"early, after {after.at_ms - before.at_ms} ms",
                    before,
                    after,
                )


CHECK = ClientCheck(
    id="client.retry-after.honoured",
    rules=("WAL-73", "PRV-62"),
    category=Category.RECOVERY,
    about="After 425, 429 or 503 with Retry-After no retry comes sooner.",
    needs="a retry after an answer with Retry-After",
    judge=_judge,
)
