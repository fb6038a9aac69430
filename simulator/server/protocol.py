"""The socket's side of uvicorn: what cannot be read as HTTP is refused in the one error model.

Such a request never becomes an ASGI call, so no world and no pipeline sees it (WAL-77, QLT-02).
"""

from http import HTTPStatus
from itertools import count

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator.base.errors import Final, TooLarge, ValidationFailed
from simulator.wire.problem import encode_problem

HEAD_LIMIT = 65_536
"""64 KiB of request line and headers: eight times what most servers take."""

_unread = count(1)


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, with a limit on the head and answers that tell what was wrong."""

    _head_bytes = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:  # still no end of the headers in sight
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT and not self.transport.is_closing():
                self._refuse(_too_large())

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        head = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if head > HEAD_LIMIT:
            raise _too_large()  # the parser stops, and calls `send_400_response`
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head, self._head_bytes = True, 0

    def send_400_response(self, msg: str) -> None:
        head = len(self.url or b"") + sum(len(n) + len(v) + 4 for n, v in self.headers or [])
        self._refuse(_too_large() if head > HEAD_LIMIT else ValidationFailed(f"{msg} (RFC 9112)"))

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


def _too_large() -> TooLarge:
    return TooLarge(f"the request line and headers are larger than {HEAD_LIMIT} bytes")
