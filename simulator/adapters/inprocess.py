"""The same bytes without a socket: an ASGI application (spec 2.3) as the other side of a wire."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any
from urllib.parse import unquote

from simulator.adapters.transport import ReplyLost
from simulator.wire.calls import Call, Reply

Event = MutableMapping[str, Any]
App = Callable[
    [Event, Callable[[], Awaitable[Event]], Callable[[Event], Awaitable[None]]], Awaitable[None]
]


class InProcessTransport:
    """Calls an application as uvicorn would; `prefix` as in `HttpTransport`.

    `peer` is who the application sees calling. With `timeout_ms` the answer is lost after that time
    while the application goes on, as behind a real socket; without it an application that never
    answers is awaited for ever.
    """

    def __init__(
        self,
        app: App,
        *,
        prefix: str = "",
        timeout_ms: int | None = None,
        peer: tuple[str, int] = ("in-process", 1),
    ) -> None:
        self.prefix = prefix
        self._peer = peer
        self._app = app
        self._timeout_s = None if timeout_ms is None else timeout_ms / 1000
        self._running: set[asyncio.Task[None]] = set()

    async def send(self, call: Call) -> Reply:
        """The whole answer. Raises ReplyLost, also where the application raises or stops midway."""
        exchange = _Exchange(call.body)
        scope = _scope(call, self._peer)
        serving = asyncio.ensure_future(self._app(scope, exchange.receive, exchange.send))
        self._running.add(serving)
        serving.add_done_callback(partial(self._served, exchange))
        late = None
        if self._timeout_s is not None:
            late = asyncio.get_running_loop().call_later(self._timeout_s, exchange.finish)
        try:
            await exchange.until_finished()
            await asyncio.sleep(0)  # the application ends first, as far as it does so at once
        finally:
            if late is not None:
                late.cancel()
            exchange.finish()  # whoever waits for a disconnect gets it now
        if exchange.complete:
            return exchange.reply()
        if not serving.done():
            raise ReplyLost(f"no answer within {self._timeout_s} s")
        raise ReplyLost("the application ended without a whole answer") from serving.exception()

    def _served(self, exchange: "_Exchange", serving: "asyncio.Task[None]") -> None:
        self._running.discard(serving)
        exchange.finish()
        if not serving.cancelled():
            serving.exception()  # it is noted, so that asyncio does not complain about it

    async def close(self) -> None:
        """Stop what still runs behind answers that nobody awaits any more."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class _Exchange:
    """Both ends of one ASGI conversation."""

    __slots__ = ("_body", "_finished", "_headers", "_parts", "_status", "_waiting", "complete")

    def __init__(self, body: bytes) -> None:
        self.complete = False
        self._finished = False
        self._waiting: list[asyncio.Future[None]] = []
        self._body: bytes | None = body
        self._status = 0
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []

    async def receive(self) -> Event:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.until_finished()
        return {"type": "http.disconnect"}

    async def send(self, message: Event) -> None:
        if self._finished:
            return
        if message["type"] == "http.response.start":
            self._status = message["status"]
            for name, value in message.get("headers", ()):
                key, text = name.decode("latin-1").lower(), value.decode("latin-1")
                known = self._headers.get(key)
                self._headers[key] = text if known is None else f"{known}, {text}"
        elif message["type"] == "http.response.body":
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                self.complete = self._whole()
                self.finish()

    def finish(self) -> None:
        """Nothing more is sent, or heard."""
        self._finished = True
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(None)

    async def until_finished(self) -> None:
        """Wait for the end, of an answer or of the patience for it."""
        if not self._finished:
            end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(end)
            await end

    def reply(self) -> Reply:
        return Reply(status=self._status, headers=self._headers, body=b"".join(self._parts))

    def _whole(self) -> bool:
        """A body shorter than its Content-Length is a cut one, as it would be on a socket."""
        declared = self._headers.get("content-length")
        return declared is None or int(declared) == sum(map(len, self._parts))


def _scope(call: Call, peer: tuple[str, int]) -> Event:
    """What uvicorn makes of the same request line and headers."""
    raw_path, _, query = call.target.partition("?")
    headers = [(b"host", b"in-process")]
    headers += [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in call.headers.items()
    ]
    if call.body or call.method not in ("GET", "HEAD"):
        headers.append((b"content-length", b"%d" % len(call.body)))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": call.method,
        "scheme": "http",
        "path": unquote(raw_path),
        "raw_path": raw_path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": headers,
        "server": ("in-process", 80),
        "client": peer,
        "state": {},
    }
