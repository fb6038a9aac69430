"""The pauses that a client chose itself: between a whole transient answer and its retry.

After silence the client's own time-out is in the gap, after Retry-After the server's word;
neither tells of its back-off.
"""

from simulator.certify.clients.attempt import Attempt, End
from simulator.certify.clients.checks.retry_after_honoured import until_ms
from simulator.certify.clients.watched import Intent, Watched

AT_ONCE = {"reset", "lose_request", "cut_body", "malformed_body"}
"""Faults that a client notices at once, without its time-out."""


def is_own(before: Attempt) -> bool:
    """Whether the pause after this attempt is the client's own choice."""
    transient = before.end in (End.UNKNOWN, End.NOT_DONE)
    noticed = before.whole or (bool(before.faults) and set(before.faults) <= AT_ONCE)
    return transient and noticed and not before.doubtful and until_ms(before) is None


def pauses(intent: Intent) -> list[int] | None:
    """The pauses in ms of an intent, up to the first that was not its own choice."""
    found = []
    for before, after in intent.pairs():
        if not is_own(before):
            break
        found.append(after.at_ms - before.at_ms)
    return found or None


def all_pauses(watched: Watched) -> list[tuple[Intent, list[int]]]:
    """Of every intent that has any."""
    return [(one, found) for one in watched.intents if (found := pauses(one))]
