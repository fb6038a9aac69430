"""What is not HTTP, or too much of it, is refused on the socket in the one error model (WAL-77)."""

import asyncio
import gc
import json
import socket
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from uvicorn.server import ServerState

from simulator.server.protocol import HEAD_LIMIT, Protocol
from tests.processes import Server, running
from tests.support import sandbox

TRIES = 3


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running("--clock", "frozen") as started:
        started.wait_ready()
        yield started


def say(server: Server, *parts: bytes) -> tuple[int, dict[str, str], Any]:
    """Send bytes as they are; status, headers and body of what comes back."""
    at = urlsplit(server.url)
    with socket.create_connection((str(at.hostname), int(at.port or 0)), timeout=60) as wire:
        answer = b""
        try:
            for part in parts:
                wire.sendall(part)
        except ConnectionError:  # refused before it was all sent; the answer is there to be read
            pass
        while chunk := wire.recv(65_536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, json.loads(body)


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"POST /v1/bets/authorize HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["no request", "negative length", "two lengths", "TLS"],
)
def test_what_is_not_http_is_a_400_of_the_error_model(server: Server, sent: bytes) -> None:
    """Code, message, retryable and trace id, whatever came in (PRV-25, QLT-02)."""
    status, headers, body = say(server, sent)
    assert (status, body["code"], body["retryable"]) == (400, "VALIDATION_FAILED", False)
    assert headers["x-trace-id"] == body["trace_id"]
    assert headers["connection"] == "close"


@pytest.mark.parametrize(
    "sent",
    [
        [b"GET /" + b"a" * HEAD_LIMIT + b" HTTP/1.1\r\nhost: x\r\n\r\n"],
        [b"GET /__admin/health HTTP/1.1\r\nx-long: " + b"a" * HEAD_LIMIT + b"\r\n\r\n"],
        [b"GET /__admin/health HTTP/1.1\r\n", *[b"x-many: " + b"a" * 9_000 + b"\r\n"] * 8],
    ],
    ids=["path", "header", "never ends"],
)
def test_a_head_that_is_too_large_is_a_413(server: Server, sent: list[bytes]) -> None:
    """64 KiB of request line and headers are the limit, ended or not: nothing piles up (WAL-77)."""
    status, headers, body = say(server, *sent)
    assert (status, body["code"]) == (413, "TOO_LARGE")
    assert str(HEAD_LIMIT) in body["message"]
    assert headers["x-trace-id"] == body["trace_id"]


def test_a_head_just_within_the_limit_is_read(server: Server) -> None:
    """The negative control: large is not too large, and a body is no part of the head."""
    filler = b"a" * (HEAD_LIMIT - 400)
    request = b"GET /__admin/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-long: "
    status, _, body = say(server, request + filler + b"\r\n\r\n")
    assert (status, body["status"]) == (200, "ok")
    form = b"a" * 200_000
    post = (
        b"POST /oauth/token HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
    )
    status, _, body = say(server, post % len(form) + form)
    assert (status, body["code"]) == (400, "VALIDATION_FAILED")


def read_answer(wire: socket.socket) -> tuple[bytes, bytes]:
    """One answer that says its length: head and body."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        seen += wire.recv(65_536)
    head, _, body = seen.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += wire.recv(65_536)
    assert len(body) == length, "nothing comes behind an answer that was not asked for"
    return head, body


def test_a_connection_is_kept_and_pipelined_requests_are_answered_in_order(server: Server) -> None:
    """One after the other, each with an answer of its own (RFC 9112 §9.3.2)."""
    at = urlsplit(server.url)
    ask = b"GET %b HTTP/1.1\r\nhost: x\r\n%b\r\n"
    with socket.create_connection((str(at.hostname), int(at.port or 0)), timeout=60) as wire:
        for _ in range(2):
            wire.sendall(ask % (b"/__admin/health", b""))
            assert read_answer(wire)[0].startswith(b"HTTP/1.1 200 OK\r\n")
        paths = (b"/__admin/health", b"/nowhere", b"/__admin/clock")
        last = (b"", b"", b"connection: close\r\n")
        wire.sendall(b"".join(ask % pair for pair in zip(paths, last, strict=True)))
        seen = b""
        while chunk := wire.recv(65_536):
            seen += chunk
    assert [part[:3] for part in seen.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404", b"200"]
    assert seen.lower().count(b"connection: close") == 1


def test_the_answer_to_head_has_no_body(server: Server) -> None:
    """Its length is that of the answer to GET (RFC 9110 §9.3.2), and the connection goes on."""
    at = urlsplit(server.url)
    with socket.create_connection((str(at.hostname), int(at.port or 0)), timeout=60) as wire:
        wire.sendall(b"HEAD /__admin/health HTTP/1.1\r\nhost: x\r\n\r\n")
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += wire.recv(65_536)
        assert b"content-length: " in head
        wire.sendall(b"GET /__admin/health HTTP/1.1\r\nhost: x\r\n\r\n")
        assert read_answer(wire)[0].startswith(b"HTTP/1.1 200 OK\r\n")


class Idle:
    """A connection without a socket, on a clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.closed_s: float | None = None
        self.timers: list[tuple[float, Callable[[], None]]] = []
        config = uvicorn.Config(lambda: None, http=Protocol, lifespan="off", log_config=None)
        config.loaded_app = config.app
        self.protocol = Protocol(config=config, server_state=ServerState(), app_state={})
        self.protocol.loop = self  # type: ignore[assignment]
        self.protocol.transport = self  # type: ignore[assignment]
        self.protocol.flow = self  # type: ignore[assignment]

    def time(self) -> float:
        return self.now_s

    def call_later(self, seconds: float, run: Callable[[], None]) -> object:
        self.timers.append((self.now_s + seconds, run))
        return object()

    def is_closing(self) -> bool:
        return self.closed_s is not None

    def close(self) -> None:
        self.closed_s = self.now_s

    def resume_reading(self) -> None:
        pass

    def advance(self, to_s: float) -> None:
        while self.timers and self.timers[0][0] <= to_s:
            self.now_s, run = self.timers.pop(0)
            run()
        self.now_s = to_s


async def test_a_connection_that_asks_nothing_is_closed_after_its_time() -> None:
    """As many seconds after its last answer as are configured: not sooner because it was busy
    before, and never while a request is being read or answered. One timer serves it all."""
    idle = Idle()
    waits_s = idle.protocol.timeout_keep_alive
    idle.protocol.on_response_complete()
    idle.advance(waits_s - 1)
    idle.protocol.on_response_complete()
    assert len(idle.timers) == 1
    idle.advance(2 * waits_s - 2)
    assert not idle.is_closing()
    idle.protocol._idle_since_s = None  # a request has begun to come in
    idle.advance(10 * waits_s)
    assert not idle.is_closing()
    idle.protocol.on_response_complete()
    idle.advance(20 * waits_s)
    assert idle.closed_s == 11 * waits_s


async def test_a_call_leaves_nothing_for_the_collector() -> None:
    """What a call was made of is let go with its answer: collected later, in a pause, it would make
    the slowest answers of all. Whoever else shares this process may leave something now and then,
    a call would each time."""
    calls = 50
    async with sandbox() as box:
        config = uvicorn.Config(box.app, http=Protocol, lifespan="off", log_config=None)
        config.load()
        make = partial(Protocol, config=config, server_state=ServerState(), app_state={})
        server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())

        async def ask(times: int) -> None:
            for _ in range(times):
                writer.write(b"GET /__admin/clock HTTP/1.1\r\nhost: x\r\n\r\n")
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200 OK\r\n")
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length))

        try:
            await ask(2)
            gc.disable()
            left = calls
            for _ in range(TRIES):
                gc.collect()
                await ask(calls)
                left = min(left, gc.collect())
            assert left < calls
        finally:
            gc.enable()
            writer.close()
            server.close()
