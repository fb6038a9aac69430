"""Fault → what a correct client does (SBX-19): data, which the judge uses and docs/faults.md shows.

Every fault of `simulator/chaos/faults/` has a row; a test says so.
"""

from typing import Literal, NamedTuple

Meets = Literal["the answer", "the answer, late", "no answer", "an unreadable answer", "either"]
"""What the client has in hand after it:

- `the answer`: what the journal says was answered; its status decides
- `the answer, late`: the same, unless the client has given up before
- `no answer`, `an unreadable answer`: whatever was done, the outcome is unknown (WAL-72)
- `either`: a client may read it or may not, and both are right
"""


class Row(NamedTuple):
    """One fault."""

    meets: Meets
    does: str
    checks: tuple[str, ...]
    """The checks that see whether it did."""


_REPEATS = (
    "client.unknown.resolved",
    "client.key.same-on-retry",
    "client.win.retried",
    "client.rollback.until-definite",
    "client.round.finished-retried",
)
_LOST = (
    "The outcome is unknown: repeats with the same key until it is definite, or rolls a bet back "
    "until that is; cancels no win, starts no second transaction."
)
_WAITS = (
    "Waits for its own time-out, not less; an answer that comes later counts for nothing, and the "
    "outcome is unknown until a repeat with the same key tells."
)
_STANDS = "Takes the first answer; a copy of a call it has sent is not its business."

TABLE: dict[str, Row] = {
    "latency": Row("the answer, late", _WAITS, ("client.retry.profile",)),
    "throttle": Row("the answer, late", _WAITS, ("client.retry.profile",)),
    "reorder": Row("the answer, late", _WAITS, ("client.retry.profile",)),
    "blackout": Row(
        "the answer",
        "As for a lost answer; keeps on with growing pauses, with jitter, until the party is back.",
        (*_REPEATS, "client.backoff.grows", "client.backoff.jitter"),
    ),
    "refuse": Row(
        "no answer", "Surely nothing was done: repeats with the same key, after a pause.", _REPEATS
    ),
    "reset": Row("no answer", _LOST, _REPEATS),
    "lose_request": Row("no answer", _LOST, _REPEATS),
    "time_out": Row("no answer", f"{_WAITS}", (*_REPEATS, "client.retry.profile")),
    "rate_limit": Row(
        "the answer",
        "Nothing was done: waits for Retry-After, then sends the same key again.",
        ("client.retry-after.honoured", "client.key.same-on-retry", "client.win.retried"),
    ),
    "status": Row(
        "the answer",
        "5xx: as for a lost answer, with growing pauses. 4xx of the error model that is not "
        "retryable: neither retries nor rolls back (WAL-03).",
        (
            *_REPEATS,
            "client.backoff.grows",
            "client.refusal.no-retry",
            "client.refusal.no-rollback",
        ),
    ),
    "expire_token": Row(
        "the answer",
        "Asks for a new token, once, and sends the same key again with it.",
        ("client.token.refreshed", "client.token.not-hammered"),
    ),
    "late_original": Row("no answer", _LOST, _REPEATS),
    "lose_reply": Row("no answer", _LOST, _REPEATS),
    "slow_body": Row("the answer, late", _WAITS, ("client.retry.profile",)),
    "cut_body": Row("an unreadable answer", _LOST, _REPEATS),
    "wrong_content_type": Row(
        "either",
        "Reads it as what it is, or counts it as lost and repeats with the same key.",
        ("client.key.same-on-retry",),
    ),
    "malformed_body": Row("an unreadable answer", _LOST, _REPEATS),
    "duplicate": Row(
        "the answer",
        f"{_STANDS} A subscriber acknowledges the copy of an event and does nothing twice.",
        ("client.event.acknowledged", "client.event.once"),
    ),
    "clock_skew": Row(
        "the answer",
        "Signs each attempt anew with its own time; a 401 that stays is told to people, not "
        "hammered.",
        ("client.sign.timestamp", "client.token.not-hammered"),
    ),
    "corrupt_signature": Row(
        "the answer",
        "Nothing was done: signs anew, with a new nonce, and repeats with the same key, or stops.",
        ("client.sign.nonce", "client.token.not-hammered"),
    ),
    "stale_read": Row(
        "the answer",
        "Believes the answers to its writes, and no read that is older than they are.",
        (),
    ),
}
"""Fault → row, in the order of docs/faults.md."""


WORST: tuple[Meets, ...] = ("no answer", "an unreadable answer", "either", "the answer, late")


def meets(faults: tuple[str, ...]) -> Meets:
    """What the client has in hand after all of these; of several the worst counts."""
    found = {TABLE[name].meets for name in faults if name in TABLE}
    for worst in WORST:
        if worst in found:
            return worst
    return "the answer"
