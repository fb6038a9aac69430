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

    _in_head = True
    _fed_bytes = 0
    """Since the end of the last message: at least as much as there is of this one's head."""

    def data_received(self, data: bytes) -> None:
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

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head, self._fed_bytes = True, 0

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


def _too_large() -> TooLarge:
    return TooLarge(f"the request line and headers are larger than {HEAD_LIMIT} bytes")
