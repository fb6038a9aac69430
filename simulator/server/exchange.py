"""One request and its answer, as the pipeline sees them."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from simulator.base.errors import TooLarge, ValidationFailed

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
WholeAnswer = Callable[[int, bytes, bytes], bool]

WHOLE_ANSWER = "playmoney.whole_answer"
"""An extension of ASGI that our server has: one call for a whole answer. Its value takes the
status, the lines of the head (`content-length` among them, each with its CRLF) and the body. It
answers False, and has done nothing, where the answer has to go by `send`."""

BODY_LIMIT = 1_048_576
"""1 MiB: thousands of times the largest body of the contract (WAL-77)."""

DRAIN_LIMIT = 16 * BODY_LIMIT
"""How much of a body that is too large is read and dropped, so that its sender can read why."""

PARTY_PEER = ("party", 1)
"""The `client` of a scope in which a party of this world calls another."""

_HEAD = b"content-type: %b\r\ncontent-length: %d\r\nx-trace-id: %b\r\ndate: %b\r\n"

_SINGLE = frozenset({b"authorization", b"content-type", b"idempotency-key"})


class Exchange:
    """A request. Header names are lower-case bytes; `target` is path and query exactly as sent.

    `injected` says which faults it met, a short text each; `n`, `at_ns` and `began_ns` are the
    journal's (SBX-10).
    """

    __slots__ = (
        "at_ns",
        "began_ns",
        "body",
        "direction",
        "headers",
        "injected",
        "method",
        "n",
        "operation",
        "party",
        "path",
        "query",
        "sent",
        "target",
        "trace_id",
    )

    def __init__(self, scope: Scope, path: str) -> None:
        self.method: str = scope["method"]
        self.path = path
        self.query: bytes = scope["query_string"]
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        self.target = (raw + b"?" + self.query if self.query else raw).decode("latin-1")
        self.sent: list[tuple[bytes, bytes]] = scope["headers"]
        self.headers: dict[bytes, bytes] = dict(self.sent)
        self.body = b""
        self.trace_id = ""
        self.operation = self.party = ""
        self.direction = "inside" if scope.get("client") == PARTY_PEER else "in"
        self.injected: tuple[str, ...] = ()
        self.n = self.at_ns = self.began_ns = 0

    def header(self, name: bytes) -> str | None:
        """A header's value, if it was sent."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    def require_single_headers(self) -> None:
        """Refuse a header of ours that was sent twice with different values: which one counts?

        Raises ValidationFailed. Other headers may be lists (RFC 9110 §5.3).
        """
        if len(self.headers) == len(self.sent):
            return
        for name, value in self.sent:
            ours = name.startswith(b"x-") or name in _SINGLE
            if ours and self.headers[name] != value:
                shown = name.decode("latin-1")
                raise ValidationFailed(
                    f"the header {shown} was sent twice, with different values",
                    details={"errors": [{"field": shown, "message": "was sent twice"}]},
                )

    async def receive_body(self, receive: Receive) -> None:
        """Read the raw body. Raises TooLarge beyond `BODY_LIMIT`, and drops what is left of it."""
        declared = self.headers.get(b"content-length", b"0")
        if not declared.isdigit():
            raise ValidationFailed("Content-Length is not a number")
        size = 0
        parts = []
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ValidationFailed("the body was cut off before its end")
            part = message.get("body", b"")
            more = message.get("more_body", False)
            size += len(part)
            if size <= BODY_LIMIT:
                parts.append(part)
            elif size > DRAIN_LIMIT:
                break
        if size > BODY_LIMIT:
            raise TooLarge(f"the body is larger than {BODY_LIMIT} bytes")
        self.body = parts[0] if len(parts) == 1 else b"".join(parts)


class Answer(NamedTuple):
    """An answer, before the headers that every answer has."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    media_type: bytes = b"application/json"
    stream: "Callable[[Send, Receive], Awaitable[None]] | None" = None
    """Sends a body that goes on, for an answer that has none of its own."""


async def finish(
    scope: Scope, receive: Receive, send: Send, answer: Answer, trace_id: str, date: bytes
) -> None:
    """Put an answer on the wire: whole, or its head and then what comes."""
    if answer.stream is None:
        await send_answer(scope, send, answer, trace_id, date)
        return
    headers = [
        (b"content-type", answer.media_type),
        (b"x-trace-id", trace_id.encode("latin-1")),
        (b"date", date),
        *answer.headers,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await answer.stream(send, receive)


async def send_answer(scope: Scope, send: Send, answer: Answer, trace_id: str, date: bytes) -> None:
    """Put an answer on the wire, with its trace id and the world's date (PRV-12, QLT-02)."""
    status, whole_body, own, media_type = answer[:4]
    traced = trace_id.encode("latin-1")
    body = b"" if scope["method"] == "HEAD" else whole_body
    whole: WholeAnswer | None = scope.get("extensions", {}).get(WHOLE_ANSWER)
    if whole is not None and status != 204:
        head = _HEAD % (media_type, len(whole_body), traced, date)
        if own:
            head += b"".join([b"%b: %b\r\n" % field for field in own])
        if whole(status, head, body):
            return
    headers = [
        (b"content-type", media_type),
        (b"content-length", b"%d" % len(whole_body)),
        (b"x-trace-id", traced),
        (b"date", date),
        *own,
    ]
    if status == 204:
        headers = headers[2:]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
