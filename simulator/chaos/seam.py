"""What a fault sees of a call, what it may do with it, and how a call can end without an answer.

NoReply                the call ends here
├── Refused            nothing took the connection: surely never processed
├── WasReset           the connection broke off with an RST
├── Closed             it was closed in good order, without a byte of an answer
└── Silent             nothing comes, until the caller's time-out
"""

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import msgspec

from simulator.base.clock import NS_PER_MS
from simulator.base.rng import Rng
from simulator.wire.calls import Call, Reply

Side = Literal["incoming", "outgoing", "delivery"]
"""Our door, our way to another party, or the way of an event to a subscriber."""

HEADER = "x-chaos-injected"
"""On every answer that a fault had a hand in: `latency;rule=slow;attempt=1`, by commas."""


class NoReply(Exception):
    """The call ends here, without an answer. Each host makes it look like the real thing."""


class Refused(NoReply):
    """Nothing took the connection: surely never processed."""


class WasReset(NoReply):
    """The connection broke off with an RST."""


class Closed(NoReply):
    """The connection was closed in good order, without a byte of an answer."""


class Silent(NoReply):
    """Nothing comes. A socket is held until the caller hangs up, at most `hold_ms`."""

    def __init__(self, hold_ms: int) -> None:
        super().__init__(f"silent for {hold_ms} ms")
        self.hold_ms = hold_ms


class Piece(msgspec.Struct, frozen=True):
    """A part of a body: so long after the one before, so many bytes."""

    wait_ms: int
    size: int


class Delivery(Reply, frozen=True, kw_only=True):
    """A reply that does not go out at once and whole.

    `pieces` are how its body is paced (nothing: at once). It ends after `stops_at` bytes of the
    body, if that is set, by a FIN (`close`), an RST (`reset`), or with nothing more at all.
    """

    pieces: tuple[Piece, ...] = ()
    stops_at: int | None = None
    ends: Literal["close", "reset", "silence"] = "close"

    @property
    def bytes_out(self) -> int:
        """How many bytes of the body go out."""
        size = len(self.body)
        return size if self.stops_at is None else min(size, self.stops_at)


def deliver(reply: Reply, **manner: Any) -> Delivery:
    """A reply with a manner of delivery, on top of the one it has."""
    return msgspec.convert({**msgspec.structs.asdict(reply), **manner}, Delivery)


@dataclass(frozen=True, slots=True)
class Injection:
    """One fault that struck one call: what the journal keeps of it (SBX-06)."""

    rule: str
    fault: str
    side: Side
    operation: str
    attempt: int
    key: str
    """K of the call, in hex: the same for every attempt."""
    detail: dict[str, str | int] = field(default_factory=dict)
    """What the fault drew or did, such as `{"wait_ms": 203}`."""

    def shown(self) -> str:
        """As `X-Chaos-Injected` tells of it."""
        more = "".join(f";{name}={value}" for name, value in self.detail.items())
        return f"{self.fault};rule={self.rule};attempt={self.attempt}{more}"


class Host(Protocol):
    """Where a call is met: our door, or our way out."""

    side: Side

    async def wait_ns(self, pause_ns: int, /) -> None:
        """Let the caller wait, by the world's sleeper; ends early when the world ends."""
        ...

    def behind(self, work: Coroutine[Any, Any, None], /) -> None:
        """Go on with something behind the caller's back."""
        ...

    def resign(self, call: Call, shift_ns: int = 0) -> Call:
        """The call as its client would send it once more: a new nonce and signature, and a
        timestamp moved by so much. Without a signature it stays as it is."""
        ...

    def let_pass(self, call: Call, /) -> None:
        """What has to wait for this call need not do so any longer; calls wait for none."""
        ...


class Later(Protocol):
    """What comes after a call."""

    async def passed(self, calls: int, within_ns: int, same_key: bytes | None = None) -> bool:
        """Wait until so many later calls have ended (of one key, if it is given); False where the
        time was over first."""
        ...


class Forward(Protocol):
    """The rest of the way: other faults, then whoever answers."""

    async def __call__(self, call: Call | None = None, /) -> Reply:
        """The reply to the call as it stands, or to another in its place. Raises NoReply."""
        ...


@dataclass(frozen=True, slots=True)
class Seam:
    """One call at the place where a fault strikes it.

    What a fault draws is named, and keyed by rule, call and attempt: never by order of arrival.
    """

    operation: str
    """`wallet.authorizeBet`"""
    writes: bool
    call: Call
    key: bytes
    attempt: int
    rule: str
    rng: Rng
    host: Host
    later: Later
    memory: dict[bytes, Reply]
    """What the rule's fault remembers of earlier calls, by K (`stale_read`)."""
    now_ns: int
    injection: Injection

    @property
    def trace_id(self) -> str:
        """The call's own, for the error model."""
        return header(self.call, "x-trace-id") or "tr_chaos"

    def below(self, bound: int, name: str) -> int:
        """An unbiased integer in [0, bound), drawn for this strike."""
        return self.rng.below(bound, "chaos", self.rule, self.key, self.attempt, name)

    async def wait_ms(self, pause_ms: int) -> None:
        """Let the caller wait."""
        await self.host.wait_ns(pause_ms * NS_PER_MS)

    def note(self, **detail: str | int) -> None:
        """Keep what was drawn or done, for journal and header."""
        self.injection.detail.update(detail)


def header(call: Call, name: str) -> str | None:
    """A header's value, whatever its name's case; `name` in lower case."""
    for known, value in call.headers.items():
        if known.lower() == name:
            return value
    return None


def with_header(call: Call, name: str, value: str) -> Call:
    """The call with a header in place of those of this name; `name` in lower case."""
    kept = {known: text for known, text in call.headers.items() if known.lower() != name}
    return msgspec.structs.replace(call, headers={**kept, name: value})


def reply_with(reply: Reply, headers: Mapping[str, str]) -> Reply:
    """The reply with more headers."""
    return msgspec.structs.replace(reply, headers={**reply.headers, **headers})


def told(reply: Reply, injections: Sequence[Injection]) -> Reply:
    """The reply with the header that says what was done to it (SBX-06)."""
    if not injections:
        return reply
    return reply_with(reply, {HEADER: ", ".join(one.shown() for one in injections)})
