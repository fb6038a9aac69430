"""The one seam between a client and the wire, and every way in which a call can end badly.

PlaymoneyError
└── AdapterError
    ├── TransportError       one attempt did not end in a whole answer
    │   ├── NotSent          surely never processed: connection refused, no such host, no token
    │   └── ReplyLost        perhaps processed: time-out, reset, cut or unreadable answer (WAL-72)
    ├── OutcomeUnknown       the policy gave up, and an attempt may have been processed
    └── UnknownRefusal       a definite refusal whose code this version does not know (PRV-53)

What the other side refused in its error model is raised as the `Problem` that it is.
"""

from typing import Protocol

from simulator.base.errors import PlaymoneyError
from simulator.wire.calls import Call, Reply


class AdapterError(PlaymoneyError):
    """Something between us and the other side."""


class TransportError(AdapterError):
    """One attempt did not end in a whole answer."""


class NotSent(TransportError):
    """The call never reached anybody who could process it; to send it again is always safe."""

    def __init__(self, message: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ReplyLost(TransportError):
    """The call went out and no whole answer came back: nobody here knows what it did."""


class OutcomeUnknown(AdapterError):
    """No attempt was answered definitely, and at least one may have been processed.

    `call` is what was sent (before it was signed), `key` its idempotency key: repeat both, never
    with a new key (WAL-72). `__cause__` is how the last attempt ended.
    """

    def __init__(self, operation: str, key: str, call: Call, attempts: int) -> None:
        super().__init__(
            f"the outcome of {operation} with key {key!r} is unknown after {attempts} attempt(s); "
            "repeat it with the same key"
        )
        self.operation = operation
        self.key = key
        self.call = call
        self.attempts = attempts


class UnknownRefusal(AdapterError):
    """The error model says that asking again changes nothing, under a code that is new to us."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code


class Transport(Protocol):
    """Sends one call, once. Never retries, follows no redirect, adds nothing but framing."""

    @property
    def prefix(self) -> str:
        """Path of the base URL, such as `/s/ci-1`; the front of every `Call.target` sent here."""
        ...

    async def send(self, call: Call) -> Reply:
        """The whole answer. Raises NotSent or ReplyLost, nothing else."""
        ...

    async def close(self) -> None:
        """Let go of connections. Sending afterwards is an error of the caller's."""
        ...
