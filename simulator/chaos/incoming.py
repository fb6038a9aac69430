"""The host at our door: a call that comes in meets its faults here, on the socket it came over.

Without a socket (parties of one process call each other by ASGI alone) an answer that is lost, cut
or reset is an application that ends without a whole answer, which is what `InProcessTransport`
makes a `ReplyLost` of.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from simulator.adapters.http import TIMEOUT_MS
from simulator.adapters.inprocess import Event
from simulator.base.clock import NS_PER_MS
from simulator.chaos.line import LINE, Line
from simulator.chaos.seam import (
    Delivery,
    NoReply,
    Piece,
    Side,
    Silent,
    WasReset,
)
from simulator.chaos.waits import Waits
from simulator.wire.calls import Call

Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Resign = Callable[[Call, int, int], Call]
"""The call signed anew: by how much its time moves, and which copy of it this is."""


class Incoming:
    """One call at our door, with the way back to its caller."""

    side: Side = "incoming"

    def __init__(
        self, scope: Mapping[str, Any], receive: Receive, send: Send, waits: Waits, resign: Resign
    ) -> None:
        make: Callable[[], Line] | None = scope.get("extensions", {}).get(LINE)
        self._line = None if make is None else make()
        self._receive = receive
        self._send = send
        self._waits = waits
        self._resign = resign
        self._copies = 0

    async def wait_ns(self, pause_ns: int, /) -> None:
        """Let the caller wait."""
        await self._waits.wait_ns(pause_ns)

    def behind(self, work: Coroutine[Any, Any, None], /) -> None:
        """Go on behind the caller's back."""
        self._waits.behind(work)

    def resign(self, call: Call, shift_ns: int = 0) -> Call:
        """The call under a new nonce, by the client's own key; unsigned it stays as it is."""
        self._copies += 1
        return self._resign(call, shift_ns, self._copies)

    def let_pass(self, call: Call, /) -> None:
        """Nothing waits for a call here."""

    # The way back ---------------------------------------------------------------------------------

    async def deliver(self, reply: Delivery) -> None:
        """Send an answer in pieces, and perhaps not to its end."""
        length = ("content-length", str(len(reply.body)))
        lines = [(n, v) for n, v in reply.headers.items() if n != "content-length"]
        lines += [length] if reply.status != 204 else []
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines]
        await self._send(
            {"type": "http.response.start", "status": reply.status, "headers": headers}
        )
        sent = 0
        for piece in reply.pieces or (Piece(0, len(reply.body)),):
            await self.wait_ns(piece.wait_ms * NS_PER_MS)
            part = reply.body[sent : min(sent + piece.size, reply.bytes_out)]
            sent += len(part)
            whole = sent == len(reply.body)
            await self._part(part, more=not whole)
            if whole:
                return
            if sent == reply.bytes_out and reply.stops_at is not None:
                break
        if reply.stops_at is None:
            await self._part(reply.body[sent:], more=False)
            return
        await self._end(reply.ends)

    async def break_off(self, why: NoReply) -> None:
        """End the connection without an answer, in the way that is meant."""
        if isinstance(why, Silent):
            await self._hold(why.hold_ms)
        await self._end("reset" if isinstance(why, WasReset) else "close")

    async def _part(self, body: bytes, *, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    async def _hold(self, hold_ms: int) -> None:
        """Until the caller hangs up; who has no socket to hang up waits for a usual time-out."""
        if self._line is None:
            await self.wait_ns(min(hold_ms, TIMEOUT_MS) * NS_PER_MS)
            return
        gone = asyncio.ensure_future(self._gone())
        try:
            await self._waits.wait_ns(hold_ms * NS_PER_MS, gone)
        finally:
            gone.cancel()

    async def _end(self, how: str) -> None:
        if self._line is None:
            return
        if how == "silence":
            await self._hold(TIMEOUT_MS)
        if how == "reset":
            self._line.reset()
        else:
            self._line.close()
        await self._gone()

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
