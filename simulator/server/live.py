"""Server-Sent Events: a read that is asked again after each commit, and answered with what is new
(JP-14; https://html.spec.whatwg.org/multipage/server-sent-events.html).

Nothing is kept for a reader: the id of an event is a position of the store, and `Last-Event-ID`
says from where to go on, after a broken connection or a restart. What changes faster than it can be
sent is told as it is at last.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from simulator.base.clock import NS_PER_S
from simulator.base.errors import Problem
from simulator.base.log import Log
from simulator.chaos.waits import Waits
from simulator.server.exchange import Answer, Receive, Send
from simulator.server.party import Party, Sandbox
from simulator.wire import json
from simulator.wire.live import News

MEDIA_TYPE = b"text/event-stream"
LAST_EVENT_ID = b"last-event-id"

KEEP_ALIVE_NS = 15 * NS_PER_S
"""Of the world's clock: what is between us and a reader closes a connection that says nothing."""

LOOK_AGAIN_NS = NS_PER_S
"""Other servers of one database do not say what they have committed."""

GAP_S = 0.05
"""Real time between two answers: nobody reads more than twenty sizes a second."""

RETRY_MS = 1_000
"""When a reader is to come back whose connection broke off."""

log = Log("live")

Look = Callable[[int | None], Awaitable[News]]
"""Asks for what is new after a position."""


async def follow(sandbox: Sandbox, party: Party, look: Look, after: int | None) -> Answer:
    """The answer that goes on as long as somebody reads it. Raises what the first look does."""
    first = await look(after)
    stream = Stream(sandbox, sandbox.chaos.waits, party, look, first)
    headers = ((b"cache-control", b"no-store"),)
    return Answer(200, b"", headers, MEDIA_TYPE, stream=stream.send)


@dataclass(eq=False)
class Stream:
    """One reader."""

    sandbox: Sandbox
    waits: Waits
    party: Party
    look: Look
    news: News
    sent_ns: int = 0

    async def send(self, send: Send, receive: Receive) -> None:
        """Send news as they come, until the reader has gone or the world or server ends."""
        bell = Bell()
        self.party.listen(self, bell.ring)
        gone = asyncio.ensure_future(_gone(receive))
        gone.add_done_callback(lambda _: bell.ring())
        try:
            await self._part(send, b"retry: %d\n\n" % RETRY_MS)
            await self._tell(send)
            bell.ring()  # something may have come since the first look
            while True:
                rung = await bell.wait(self._wait)
                if gone.done() or self.waits.ended:
                    break
                if rung or self._shared:
                    await asyncio.sleep(GAP_S)
                    self.news = await self.look(self.news.position)
                    await self._tell(send)
                if self._silent_ns() >= KEEP_ALIVE_NS:
                    await self._part(send, b": keep-alive\n\n")
        except Problem as trouble:  # the store is closed or too busy: the reader comes back
            log.info("a reader is let go", reason=trouble.message)
        finally:
            self.party.forget(self)
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
        await send({"type": "http.response.body", "body": b""})

    @property
    def _shared(self) -> bool:
        return self.party.queries.kind == "postgresql"

    def _silent_ns(self) -> int:
        now_ns = self.sandbox.clock.now_ns()
        self.sent_ns = min(self.sent_ns, now_ns)  # the clock may have been set back
        return now_ns - self.sent_ns

    async def _wait(self, until: "asyncio.Future[None]") -> None:
        left_ns = max(1, KEEP_ALIVE_NS - self._silent_ns())
        await self.waits.wait_ns(min(left_ns, LOOK_AGAIN_NS) if self._shared else left_ns, until)

    async def _part(self, send: Send, body: bytes) -> None:
        self.sent_ns = self.sandbox.clock.now_ns()
        await send({"type": "http.response.body", "body": body, "more_body": True})

    async def _tell(self, send: Send) -> None:
        news = self.news
        lines = [
            b"event: %b\nid: %d\ndata: %b\n\n"
            % (news.event.encode(), news.position, json.encode(item))
            for item in news.items
        ]
        if lines:
            await self._part(send, b"".join(lines))


class Bell:
    """Is rung by whoever has news; one waits for it. Rung meanwhile, it is heard at once."""

    def __init__(self) -> None:
        self._rung = asyncio.get_running_loop().create_future()

    def ring(self) -> None:
        """There may be something."""
        if not self._rung.done():
            self._rung.set_result(None)

    async def wait(self, until: Callable[["asyncio.Future[None]"], Awaitable[None]]) -> bool:
        """Wait by a way that ends early once it is rung; True where it was."""
        await until(self._rung)
        rung = self._rung.done()
        if rung:
            self._rung = asyncio.get_running_loop().create_future()
        return rung


async def _gone(receive: Receive) -> None:
    """Ends when the reader has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
