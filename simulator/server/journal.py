"""A journal of every exchange, in and out (SBX-10): kept by reference, told when somebody asks.

To record an exchange is to append what is there anyway; masks, texts and JSON are made by
`journal_view.py` when the journal is read. It lives in memory and is bounded: the newest
`keep_exchanges` of a world, in at most `keep_bytes`, and all worlds together in `Room`; the oldest
go first, and how many went is told.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

import msgspec

from simulator.base.clock import stopwatch_ns
from simulator.server.exchange import Answer, Exchange
from simulator.settings import ClockSetting
from simulator.wire.calls import Call, Reply

KEEP_EXCHANGES = 10_000
"""Ten times what the demo's 1 000 rounds need for their own checks at a time; 30 MB at most."""

KEEP_BYTES = 32 * 1_048_576

ALL_WORLDS_BYTES = 256 * 1_048_576
"""For all worlds of a process: a thousand sandboxes do not take a thousand times 32 MiB."""

OVERHEAD_BYTES = 2_000
"""What an exchange takes beside its bodies: a dozen headers as byte strings, measured 1.8 kB."""

OWN = ("/__admin/journal", "/__admin/metrics", "/__admin/jackpot/status")

SHED_PART = 64
"""One in so many goes at once when there are too many."""

Headers = Sequence[tuple[bytes, bytes]]


class Kept(msgspec.Struct, frozen=True, gc=False):
    """One exchange as it was, by reference. Nothing in it refers back, so no collection has to walk
    it."""

    n: int
    at_ns: int
    """The world's time at which it came."""
    took_ns: int
    direction: str
    party: str
    operation: str
    trace_id: str
    method: str
    target: str
    headers: Headers
    body: bytes
    answer: Answer | None
    answer_headers: Headers
    injected: tuple[str, ...]
    lost: str = ""
    """Why a call to a party outside was not answered."""


class Room:
    """How much all journals of a process take together."""

    __slots__ = ("limit", "used")

    def __init__(self, limit: int = ALL_WORLDS_BYTES) -> None:
        self.limit = limit
        self.used = 0


class Beginning(NamedTuple):
    """What a world was before its first exchange: a replay begins there.

    `old` says why the world is older than its journal, empty where it is not.
    """

    seed: int
    clock: ClockSetting
    old: str = ""


class Journal:
    """The exchanges of one world, in the order in which they ended; `n` is that of arrival."""

    def __init__(
        self, beginning: Beginning, room: Room, keep_exchanges: int = KEEP_EXCHANGES
    ) -> None:
        self.beginning = beginning
        self.recording = keep_exchanges > 0
        self.keep_exchanges = keep_exchanges or KEEP_EXCHANGES
        self.keep_bytes = KEEP_BYTES
        self.bytes = 0
        self.dropped = 0
        self.why_not = beginning.old
        """Why a replay could not come to the same answers; empty where it can."""
        self._arrived = 0
        self._room = room
        self._kept: deque[Kept] = deque()
        if not self.recording:
            self.why_not = "it was switched off when the world was made"

    # Recording ------------------------------------------------------------------------------------

    def arrive(self, exchange: Exchange, now_ns: int) -> None:
        """Take note of when an exchange came, and in which order; what is asked of the journal
        itself has no number and is not kept."""
        if exchange.path.startswith(OWN):
            return
        self._arrived = exchange.n = self._arrived + 1
        exchange.at_ns = now_ns
        exchange.began_ns = stopwatch_ns()

    def keep(self, exchange: Exchange, answer: Answer | None, date: bytes = b"") -> None:
        """Record an exchange that has arrived and was answered (None: it was not)."""
        size = OVERHEAD_BYTES + len(exchange.body)
        if answer is not None:
            size += len(answer.body)
        self._append(
            Kept(
                exchange.n,
                exchange.at_ns,
                stopwatch_ns() - exchange.began_ns,
                exchange.direction,
                exchange.party,
                exchange.operation,
                exchange.trace_id,
                exchange.method,
                exchange.target,
                exchange.sent,
                exchange.body,
                answer,
                ((b"date", date),),
                exchange.injected,
            ),
            size,
        )

    def keep_sent(
        self,
        call: Call,
        reply: Reply | None,
        now_ns: int,
        began_ns: int,
        lost: str,
        injected: tuple[str, ...],
        *,
        operation: str = "",
        outside: bool = True,
    ) -> None:
        """Record an attempt of a call to a party outside; `lost` says why nothing came back, and
        `injected` which faults it met on its way."""
        self._arrived += 1
        answer, headers = None, []
        if reply is not None:
            headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in reply.headers.items()]
            answer = Answer(reply.status, reply.body)
        sent = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in call.headers.items()]
        trace_id = next((v for n, v in call.headers.items() if n.lower() == "x-trace-id"), "")
        kept = Kept(
            self._arrived,
            now_ns,
            stopwatch_ns() - began_ns,
            "out",
            call.to,
            operation,
            trace_id,
            call.method,
            call.target,
            sent,
            call.body,
            answer,
            headers,
            injected,
            lost,
        )
        self._append(kept, OVERHEAD_BYTES + len(call.body) + len(answer.body if answer else b""))
        if outside:
            self.why_not = self.why_not or "a party outside was called, whose answers are not ours"

    def _append(self, kept: Kept, size: int) -> None:
        self._kept.append(kept)
        self.bytes += size
        self._room.used += size
        if (
            len(self._kept) > self.keep_exchanges
            or self.bytes > self.keep_bytes
            or self._room.used > self._room.limit
        ):
            self._shed()

    def _shed(self) -> None:
        """Let the oldest go until the rest fits; the newest always stays. By number a few more go
        than have to, so that it need not be done again with the next exchange."""
        kept, room = self._kept, self._room
        many = len(kept) - self.keep_exchanges
        if many > 0:
            many += self.keep_exchanges // SHED_PART
            self._drop(many)
        while len(kept) > 1 and (self.bytes > self.keep_bytes or room.used > room.limit):
            self._drop(1)
        self.why_not = "its oldest exchanges were dropped to keep it within its bounds"

    def _drop(self, many: int) -> None:
        """Let go of the oldest, and give their room back."""
        oldest = self._kept.popleft
        freed = many * OVERHEAD_BYTES
        for _ in range(many):
            kept = oldest()
            freed += len(kept.body)
            if kept.answer is not None:
                freed += len(kept.answer.body)
        self.dropped += many
        self.bytes -= freed
        self._room.used -= freed

    def begins_here(self) -> None:
        """The world is new, although its rows are copies."""
        self.beginning = self.beginning._replace(old="")
        self.why_not = "" if self.recording else self.why_not

    def cannot_repeat(self, why: str) -> None:
        """From now on a replay could come to other answers; the first reason counts."""
        self.why_not = self.why_not or why

    # Switches -------------------------------------------------------------------------------------

    def record(self, recording: bool) -> None:
        """Go on or pause; what happens in a pause is missing from then on."""
        if not recording:
            self.why_not = self.why_not or "it was switched off for a while"
        self.recording = recording

    def bound(self, keep_exchanges: int, keep_bytes: int) -> None:
        """Keep more or less from now on."""
        self.keep_exchanges, self.keep_bytes = keep_exchanges, keep_bytes
        if len(self._kept) > keep_exchanges or self.bytes > keep_bytes:
            self._shed()

    def clear(self) -> None:
        """Forget what is there."""
        if self._kept:
            self.why_not = "it was cleared after the world had begun"
        self._empty()

    def end(self) -> None:
        """Give the room back, and record no more: the world has ended."""
        self.recording = False
        self._empty()

    def _empty(self) -> None:
        self._kept.clear()
        self._room.used -= self.bytes
        self.bytes = 0

    def take_up(self, other: "Journal") -> None:
        """Go on from the history of another one, in the place of one's own."""
        self._empty()
        self._kept = other._kept.copy()
        self.beginning, self.recording = other.beginning, other.recording
        self.keep_exchanges, self.keep_bytes = other.keep_exchanges, other.keep_bytes
        self.dropped, self.why_not, self._arrived = other.dropped, other.why_not, other._arrived
        self.bytes = other.bytes
        self._room.used += other.bytes

    def copy(self) -> "Journal":
        """The same history, to go on from in another world."""
        other = Journal(self.beginning, self._room, self.keep_exchanges)
        other.take_up(self)
        return other

    # Reading --------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def arrived(self) -> int:
        """The number of the exchange that came last."""
        return self._arrived

    def since(self, n: int) -> list[Kept]:
        """What came after the n-th, where all that came before it has ended."""
        found = list(takewhile(lambda kept: kept.n > n, reversed(self._kept)))
        return sorted(found, key=lambda kept: kept.n)

    def __iter__(self) -> Iterator[Kept]:
        """In the order of arrival."""
        return iter(sorted(self._kept, key=lambda kept: kept.n))
