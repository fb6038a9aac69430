"""What goes out and what comes back: one call, and how it ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class End(StrEnum):
    """How a call without a whole answer ended."""

    REFUSED = "refused"  # no connection: surely never processed
    TIMED_OUT = "timed_out"  # nothing, or not everything, within the time
    RESET = "reset"  # the connection ended before a whole answer
    GARBLED = "garbled"  # what came is not HTTP, or lies about its length
    TOO_LARGE = "too_large"  # more than is read of any answer
    HUNG_UP = "hung_up"  # we went away on purpose before the answer


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as it goes out. `path` has the query; `prefix` of the base URL is the wire's."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def _never(_body: bytes) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Manner:
    """How a request is sent, where not as usual."""

    hang_up: bool = False
    """Close the connection when everything is sent, before the answer."""
    slow_ms: int = 0
    """Send the body in ten pieces over this time."""
    listen_ms: int = 0
    """Of an answer that goes on and on, take what has come after this time for the whole of it."""
    heard: Callable[[bytes], bool] = _never
    """Of such an answer: whether what has come is enough."""


PLAIN = Manner()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    took_ms: int


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """There is none; unless `end` is REFUSED, what was asked may have been done."""

    end: End
    why: str
    took_ms: int


Reply = Answer | NoAnswer


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call and its end, as evidence."""

    ask: Ask
    reply: Reply
