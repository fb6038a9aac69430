"""One attempt of a client, and how it ended: for the client, not for the server."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from simulator.base.clock import NS_PER_MS, parse_iso
from simulator.certify.clients.faults import meets
from simulator.certify.clients.journal import Half, Line
from simulator.certify.reading import NotJson, parse

LATE_MS = 1_000
"""An answer that took so long may have come after a client's time-out; shorter ones nobody has."""

DEFINITE = (404, 409, 422)
"""Statuses of refusals that a key remembers (PRV-30)."""

BLOCKED = ("RG_BLOCK", "RG_BLOCKED")
"""And the codes of a 403 that is one of them."""


class End(Enum):
    """What an attempt has told its client."""

    DONE = "done"
    REFUSED = "refused for good"
    """Of the error model, not retryable, remembered with the key."""
    TURNED_AWAY = "turned away"
    """Not retryable, not remembered: nothing was done now."""
    UNPROVEN = "401"
    NOT_DONE = "429"
    """Surely nothing was done; may be asked again."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One exchange, as far as judges need it. Header names are in lower case."""

    n: int
    at_ms: int
    took_ms: int
    party: str
    operation: str
    client: str
    key: str
    method: str
    target: str
    headers: Mapping[str, str]
    raw: bytes
    body: Any
    """The parsed JSON; None where there is none."""
    status: int
    answer_headers: Mapping[str, str]
    answer_raw: bytes
    faults: tuple[str, ...]
    end: End
    whole: bool
    """Whether the client has a whole answer in hand, of whatever status."""
    doubtful: bool
    """Whether the client may not have read it: it gave up before, or could not make sense of it."""

    @property
    def in_doubt(self) -> bool:
        """Whether it may have been done, and the client cannot know."""
        return self.end is End.UNKNOWN

    @property
    def told(self) -> bool:
        """Whether the client knows now what its key has done, or may know it."""
        return self.end in (End.DONE, End.REFUSED)


def attempt(line: Line) -> Attempt:
    """An exchange of the journal as its client met it."""
    raw = _bytes(line.request)
    answer = line.answer
    faults = tuple(one.partition(";")[0].strip() for one in line.injected)
    hand = meets(faults)
    took_ms = line.took_us // 1_000
    lost = answer is None or hand in ("no answer", "an unreadable answer")
    late = hand in ("either", "the answer, late") or took_ms >= LATE_MS
    status = answer.status if answer else 0
    answer_raw = _bytes(answer) if answer else b""
    end = End.UNKNOWN if lost else _end(status, answer_raw)
    return Attempt(
        n=line.exchange,
        at_ms=parse_iso(line.at) // NS_PER_MS,
        took_ms=took_ms,
        party=line.party,
        operation=line.operation,
        client=line.client,
        key=line.key,
        method=line.request.method,
        target=line.request.target,
        headers={name.lower(): value for name, value in line.request.headers},
        raw=raw,
        body=_json(raw),
        status=status,
        answer_headers={name.lower(): value for name, value in answer.headers} if answer else {},
        answer_raw=answer_raw,
        faults=faults,
        end=end,
        whole=not lost,
        doubtful=late and not lost,
    )


def _end(status: int, raw: bytes) -> End:
    """What a whole answer says (PRV-25, PRV-30, WAL-72)."""
    body = _json(raw)
    if 200 <= status < 300:
        return End.DONE if body is not None or status == 204 else End.UNKNOWN
    if status == 429:
        return End.NOT_DONE
    if status == 401:
        return End.UNPROVEN
    code = body.get("code") if isinstance(body, dict) else None
    if not isinstance(code, str) or status >= 500 or body.get("retryable") is True:
        return End.UNKNOWN  # a gateway's page tells nothing of the party behind it
    if status in DEFINITE or code in BLOCKED:
        return End.REFUSED
    return End.TURNED_AWAY


def _bytes(half: Half) -> bytes:
    return base64.b64decode(half.body_base64) if half.body_base64 else half.body.encode()


def _json(raw: bytes) -> Any:
    try:
        return parse(raw)
    except NotJson:
        return None
