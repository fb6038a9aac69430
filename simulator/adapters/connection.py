"""One HTTP/1.1 connection of the caller's side: writes a request, reads one whole answer.

Framing is read by llhttp (through `httptools`), which refuses what RFC 9112 forbids.
"""

import asyncio
from collections.abc import Mapping
from typing import cast

import httptools

from simulator.adapters.transport import ReplyLost
from simulator.wire.calls import Call, Reply

REPLY_LIMIT = 16 * 1_048_576
"""16 MiB: a hundred times the largest page of events; more is not an answer of ours."""


class Connection(asyncio.Protocol):
    """At most one call at a time. `usable` says whether another may follow."""

    def __init__(self) -> None:
        self.usable = False
        self.idle_since_s = 0.0
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Reply] | None = None

    async def ask(self, request: bytes) -> Reply:
        """Send the bytes and await the answer to them. Raises ReplyLost."""
        if self._transport is None:
            raise RuntimeError("a connection is made before it is used")
        self.usable = False
        self._waiting = asyncio.get_running_loop().create_future()
        self._start_reply()
        self._transport.write(request)
        return await self._waiting

    def drop(self) -> None:
        """Close at once, whatever is under way."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol -----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's streams are no subclass of asyncio's; over TCP and TLS both are streams.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            self.drop()  # nobody asked: what follows on this connection cannot be trusted
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as wrong:
            self._lose(f"the answer is not HTTP/1.1: {wrong}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.usable = False
        if exc is None and self._headers_done and not self._framed:
            self._finish()  # RFC 9112 §6.3: without a length, the end of the stream is the end
        else:
            self._lose(f"the connection broke off ({exc or 'closed'})")

    # httptools ------------------------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header line; repeated ones are joined as RFC 9110 §5.3 says."""
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        """From here on the framing of the body is known."""
        self._headers_done = True
        self._framed = not self._headers.keys().isdisjoint(("content-length", "transfer-encoding"))

    def on_body(self, part: bytes) -> None:
        """A part of the body."""
        self._size += len(part)
        if self._size > REPLY_LIMIT:
            self._lose(f"the answer is larger than {REPLY_LIMIT} bytes")
            return
        self._parts.append(part)

    def on_message_complete(self) -> None:
        """The whole answer is there; an interim one (1xx) is dropped."""
        if self._parser.get_status_code() < 200:
            self._start_reply(anew=False)
            return
        keep = self._parser.should_keep_alive()
        if self._waiting is not None and self._waiting.done():
            self.drop()  # a second answer to one request
            return
        self._finish()
        self.usable = keep

    # ----------------------------------------------------------------------------------------------

    def _start_reply(self, *, anew: bool = True) -> None:
        if anew:
            self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._headers_done = False
        self._framed = False
        self._parts: list[bytes] = []
        self._size = 0

    def _finish(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            status = self._parser.get_status_code()
            body = b"".join(self._parts)
            self._waiting.set_result(Reply(status=status, headers=self._headers, body=body))
            self._start_reply(anew=False)

    def _lose(self, why: str) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ReplyLost(why))
        self.drop()


def encode(call: Call, host: str) -> bytes:
    """The bytes of a request: `Call` as it is, plus Host and Content-Length.

    Raises ValueError for what would break the framing.
    """
    lines = [f"{call.method} {call.target} HTTP/1.1", f"host: {host}"]
    lines += _lines(call.headers)
    if call.body or call.method not in ("GET", "HEAD"):
        lines.append(f"content-length: {len(call.body)}")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1 or "\0" in head:
        raise ValueError("a line break or NUL in the target or a header")
    if " " in call.target or not call.target.isascii():
        raise ValueError(f"{call.target!r} is not percent-encoded")
    return head.encode("latin-1") + b"\r\n\r\n" + call.body


def _lines(headers: Mapping[str, str]) -> list[str]:
    for name in headers:
        if name.lower() in ("host", "content-length", "transfer-encoding"):
            raise ValueError(f"{name} is the transport's own")
    return [f"{name}: {value}" for name, value in headers.items()]
