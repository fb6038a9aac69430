"""Real sockets, real breakage: what a transport says when the other side misbehaves."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.adapters.connection import Connection, encode
from simulator.adapters.http import HttpTransport
from simulator.adapters.transport import NotSent, ReplyLost
from simulator.base.errors import ConfigError
from simulator.wire.calls import Call, Reply

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter, bytes], Awaitable[None]]

CALL = Call(method="POST", target="/v1/x?a=%20", headers={"X-Trace-Id": "tr_1"}, body=b'{"a":1}')
TIMEOUT_MS = 400
"""For a server that never ends its answer, which is what is waited for."""

PATIENT_MS = 20_000
"""For one that does, on a machine that others use too."""

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nX-A: 1\r\nx-a: 2\r\n\r\n" + b'{"b":2}'


@asynccontextmanager
async def server(
    answer: Answer, timeout_ms: int = PATIENT_MS
) -> AsyncIterator[tuple[HttpTransport, list[bytes]]]:
    """A server that reads whole requests and answers each in this way; what it read."""
    seen: list[bytes] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
                seen.append(head + await reader.readexactly(size))
                await answer(reader, writer, seen[-1])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    transport = HttpTransport(f"http://127.0.0.1:{port}", timeout_ms=timeout_ms)
    try:
        yield transport, seen
    finally:
        await transport.close()
        listening.close()
        for writer in writers:
            writer.close()
        await asyncio.sleep(0.01)


def says(*parts: bytes, close: bool = False) -> Answer:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: bytes) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        if close:
            writer.close()

    return answer


async def resets(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: bytes) -> None:
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_the_bytes_of_a_call_go_out_as_they_are() -> None:
    """Target, headers and body are the caller's; Host and Content-Length are the framing."""
    async with server(says(WHOLE)) as (transport, seen):
        reply = await transport.send(CALL)
    assert reply == Reply(
        status=200, headers={"content-length": "7", "x-a": "1, 2"}, body=b'{"b":2}'
    )
    head, _, body = seen[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /v1/x?a=%20 HTTP/1.1"
    assert lines[2:] == [b"X-Trace-Id: tr_1", b"content-length: 7"]
    assert body == CALL.body


async def test_connections_are_used_again() -> None:
    """Ten calls in a row need one connection; ten at once need ten."""
    ports = set()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: bytes) -> None:
        ports.add(writer.get_extra_info("peername"))
        await asyncio.sleep(0.01)
        writer.write(WHOLE)

    async with server(answer) as (transport, _):
        for _ in range(10):
            await transport.send(CALL)
        assert len(ports) == 1
        await asyncio.gather(*(transport.send(CALL) for _ in range(10)))
        assert len(ports) == 10


async def test_a_refused_connection_was_never_sent() -> None:
    """Nobody listens: surely not processed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]  # it stays ours, so nobody else comes to listen there
        with pytest.raises(NotSent):
            await HttpTransport(f"http://127.0.0.1:{port}").send(CALL)


async def test_a_host_that_does_not_exist_was_never_sent_to() -> None:
    """No address: surely not processed."""
    with pytest.raises(NotSent):
        await HttpTransport("http://nowhere.invalid").send(CALL)


async def test_plain_text_on_a_tls_port_was_never_sent() -> None:
    """A failed handshake comes before the request."""
    async with server(says(WHOLE)) as (transport, _):
        url = "https://" + transport._host
        with pytest.raises(NotSent):
            await HttpTransport(url, timeout_ms=TIMEOUT_MS).send(CALL)


SILENT = says()
STALLS = says(WHOLE[:-3])
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(resets, id="reset"),
        pytest.param(says(close=True), id="closed without a word"),
        pytest.param(SILENT, id="slow"),
        pytest.param(STALLS, id="stalls in the body"),
        pytest.param(says(WHOLE[:-3], close=True), id="cut in the body"),
        pytest.param(says(WHOLE[:30], close=True), id="cut in the headers"),
        pytest.param(says(CHUNKED, close=True), id="cut between chunks"),
        pytest.param(says(WHOLE.replace(b": 7", b": 9"), close=True), id="length too large"),
        pytest.param(says(WHOLE.replace(b": 7", b": -1")), id="length is nonsense"),
        pytest.param(says(b"SSH-2.0-OpenSSH_9\r\n\r\n"), id="not HTTP"),
        pytest.param(says(b"HTTP/1.1 101 OK\r\nUpgrade: x\r\n\r\n", close=True), id="upgrade"),
        pytest.param(
            says(b"HTTP/1.1 200 OK\r\nContent-Length: 17000000\r\n\r\n" + b"x" * 17_000_000),
            id="endless",
        ),
    ],
)
async def test_what_went_out_and_was_not_answered_whole_is_lost(answer: Answer) -> None:
    """After the request is out, nothing but a whole answer says what happened (WAL-72), and the
    connection is not used again."""
    waits_ms = TIMEOUT_MS if answer in (SILENT, STALLS) else PATIENT_MS
    async with server(answer, waits_ms) as (transport, seen):
        with pytest.raises(ReplyLost):
            await transport.send(CALL)
        assert len(seen) == 1
        assert transport._idle == []


async def test_a_length_too_small_cuts_the_answer() -> None:
    """The body is what Content-Length says; the bytes after it poison the connection."""
    async with server(says(WHOLE.replace(b": 7", b": 3"))) as (transport, _):
        assert (await transport.send(CALL)).body == b'{"b'
        await asyncio.sleep(0.01)
        assert transport._take(0.0) is None


async def test_bytes_nobody_asked_for_answer_no_later_call() -> None:
    """A second answer to one request is never taken for the answer to the next."""
    late = WHOLE.replace(b'"b":2', b'"b":3')
    async with server(says(WHOLE + late, late)) as (transport, _):
        assert (await transport.send(CALL)).body == b'{"b":2}'
        await asyncio.sleep(0.02)
        reply = await transport.send(CALL)
        assert reply.headers["x-a"] == "1, 2"
        assert reply.body == b'{"b":2}'


async def test_an_interim_answer_is_passed_over() -> None:
    """100 Continue is not the answer (RFC 9110 §15.2)."""
    async with server(says(b"HTTP/1.1 100 Continue\r\n\r\n", WHOLE)) as (transport, _):
        assert (await transport.send(CALL)).body == b'{"b":2}'


async def test_a_body_without_a_length_ends_with_the_connection() -> None:
    """RFC 9112 §6.3: whether it was cut is for its reader to see."""
    async with server(says(b"HTTP/1.1 200 OK\r\n\r\n{}", close=True)) as (transport, _):
        assert (await transport.send(CALL)).body == b"{}"


async def test_an_idle_connection_that_was_closed_is_not_used() -> None:
    """The other side may close what is idle; the next call takes a new connection."""
    async with server(says(WHOLE, close=True)) as (transport, seen):
        for _ in range(3):
            await transport.send(CALL)
            while any(connection.usable for connection in transport._idle):
                await asyncio.sleep(0)  # until its close has come
        assert len(seen) == 3


async def test_a_cancelled_call_takes_its_connection_along() -> None:
    """An answer to a call that nobody awaits any more cannot reach the next one."""
    async with server(SILENT) as (transport, seen):
        task = asyncio.ensure_future(transport.send(CALL))
        while not seen:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert transport._idle == []


@settings(max_examples=60)
@given(st.lists(st.integers(1, len(CHUNKED) + 10), max_size=6))
async def test_an_answer_may_come_in_any_pieces(cuts: list[int]) -> None:
    """However the network cuts the bytes, the answer is the same."""
    raw = CHUNKED + b"2\r\n{}\r\n0\r\n\r\n"
    bounds = sorted({0, *cuts, len(raw)} - set(range(len(raw) + 1, 999)))
    connection = Connection()
    connection._transport = _Sink()  # type: ignore[assignment]
    asking = asyncio.ensure_future(connection.ask(b""))
    await asyncio.sleep(0)
    for start, end in pairwise(bounds):
        connection.data_received(raw[start:end])
    assert (await asking).body == b"hello{}"
    assert connection.usable


class _Sink:
    def write(self, data: bytes) -> None: ...


@pytest.mark.parametrize(
    "call",
    [
        Call(method="GET", target="/a\r\nX: 1"),
        Call(method="GET", target="/a b"),
        Call(method="GET", target="/ä"),
        Call(method="GET", target="/", headers={"X": "1\n2"}),
        Call(method="GET", target="/", headers={"X": "1\x00"}),
        Call(method="GET", target="/", headers={"Content-Length": "1"}),
    ],
)
def test_what_would_break_the_framing_is_not_sent(call: Call) -> None:
    """No header or target can smuggle a second request."""
    with pytest.raises(ValueError, match=r"."):
        encode(call, "h")


@pytest.mark.parametrize(
    "url", ["localhost:8080", "ftp://x", "http://", "http://a:b@c", "http://x/?y", "http://x:p"]
)
def test_a_base_url_is_scheme_host_port_and_path(url: str) -> None:
    """A wrong base URL is refused in one line."""
    with pytest.raises(ConfigError, match="http"):
        HttpTransport(url)


def test_a_base_url_may_have_a_prefix() -> None:
    """`/s/<sandbox>` is the prefix of every target."""
    assert HttpTransport("http://127.0.0.1:80/s/ci-1/").prefix == "/s/ci-1"
