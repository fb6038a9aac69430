"""The socket's side of uvicorn: what cannot be read as HTTP is refused in the one error model.

Such a request never becomes an ASGI call, so no world and no pipeline sees it (WAL-77, QLT-02).

An answer that is ready as a whole may go out as a whole, by the ASGI extension `WHOLE_ANSWER`:
`send` looks for a transfer encoding, matches each header against two patterns and writes twice,
which the answers of a contract do not need (measured: a tenth of a durable call at 64 connections).
"""

import asyncio
import socket
import struct
from functools import partial
from http import HTTPStatus
from itertools import count
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from simulator.base.errors import Final, TooLarge, ValidationFailed
from simulator.chaos.line import LINE
from simulator.server.exchange import WHOLE_ANSWER
from simulator.wire.problem import encode_problem

HEAD_LIMIT = 65_536
"""64 KiB of request line and headers: eight times what most servers take."""

_unread = count(1)


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, with a limit on the head and answers that tell what was wrong."""

    _in_head = True
    _fed_bytes = 0
    """Since the end of the last message: at least as much as there is of this one's head."""
    _idle_since_s: float | None = None
    """By the loop's clock; None while a request comes in or is answered."""

    def data_received(self, data: bytes) -> None:
        self._idle_since_s = None
        if self._in_head:
            self._fed_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._fed_bytes > HEAD_LIMIT and not self.transport.is_closing():
            self._refuse(_too_large())  # still no end of the headers in sight

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self._fed_bytes > HEAD_LIMIT and self._head_size() > HEAD_LIMIT:
            raise _too_large()  # the parser stops, and calls `send_400_response`
        super().on_headers_complete()
        extensions: dict[str, Any] = {
            WHOLE_ANSWER: partial(_answer, self.cycle),
            LINE: self.line,
        }
        self.scope["extensions"] = extensions

    def line(self) -> "SocketLine":
        """What is below the calls of this connection."""
        return SocketLine(self.transport)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head, self._fed_bytes = True, 0

    def on_response_complete(self) -> None:
        """The next request of this connection, or the wait for one."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._idle_since_s = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_in(self.timeout_keep_alive)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()

    def _unset_keepalive_if_required(self) -> None:
        """Nothing: the timer runs on and looks. uvicorn takes it back with each request and sets
        another with each answer."""

    def _look_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """Close a connection that has waited its time for a request."""
        waits_s: float = self.timeout_keep_alive
        if self._idle_since_s is not None:
            waits_s -= self.loop.time() - self._idle_since_s
        if waits_s > 0:
            self._look_in(waits_s)
        elif not self.transport.is_closing():
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        too_large = self._head_size() > HEAD_LIMIT
        self._refuse(_too_large() if too_large else ValidationFailed(f"{msg} (RFC 9112)"))

    def _head_size(self) -> int:
        fields = self.headers or []
        return len(self.url or b"") + sum(len(name) + len(value) + 4 for name, value in fields)

    def _refuse(self, problem: Final) -> None:
        trace_id = f"tr_unread_{next(_unread)}"
        body = encode_problem(problem, trace_id)
        status = HTTPStatus(problem.status)
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nx-trace-id: {trace_id}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


class SocketLine:
    """The connection below a call, which chaos may end (`simulator.chaos.line`)."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def close(self) -> None:
        """A FIN, after what was written."""
        self._transport.close()

    def reset(self) -> None:
        """An RST (RFC 9293 §3.10.5): a socket that lingers for no time is aborted by its close."""
        sock: socket.socket | None = self._transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


def _answer(cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> bool:
    """What `RequestResponseCycle.send` does for a start and a body, in one write."""
    if cycle.flow.write_paused or cycle.response_started:
        return False
    # Each knows the other: let go, so that a call leaves nothing for the collector, whose pauses
    # were the slowest answers (measured: 20 to 150 ms once in a thousand calls).
    cycle.scope["extensions"].pop(WHOLE_ANSWER, None)
    if not cycle.disconnected:
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        cycle.transport.write(b"".join((STATUS_LINE[status], head, close, b"\r\n", body)))
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
    return True


def _too_large() -> TooLarge:
    return TooLarge(f"the request line and headers are larger than {HEAD_LIMIT} bytes")
