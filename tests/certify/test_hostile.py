"""Targets that behave badly get a clear verdict within the time limit: no traceback, no pass."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from simulator.certify.check import ROLES
from simulator.certify.checks.table import CHECKS
from simulator.certify.config import TEST_WORLD
from simulator.certify.exchange import Answer, Ask, End, NoAnswer, Reply
from simulator.certify.profile import Profile
from simulator.certify.suite import Order, chosen, run
from simulator.certify.target import Target
from simulator.certify.wires.sockets import SocketWire
from simulator.reports.verdicts import happenings as h

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

TIMEOUT_MS = 400
"""For a target that never ends its answer, which is what is waited for."""

PATIENT_MS = 20_000
"""For one that does, on a machine that others use too."""

WITHIN_S = 60
"""Far below what a target could keep anybody waiting for that was given no limit."""


def says(text: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        writer.write(text)
        await writer.drain()

    return serve


def answer(body: bytes, *, status: bytes = b"200 OK", kind: bytes = b"application/json") -> bytes:
    head = b"HTTP/1.1 " + status + b"\r\nContent-Type: " + kind
    return head + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body


async def hangs(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(65_536)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(10)
    writer.transport.abort()


async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(65_536)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
    piece = b"x" * 65_536
    for _ in range(1_600):
        writer.write(piece)
        await writer.drain()


TARGETS: dict[str, tuple[Serve, str]] = {
    "html": (says(answer(b"<html>hello</html>", kind=b"text/html")), "gave no token"),
    "hangs": (hangs, "no whole answer within"),
    "drips": (drips, "no whole answer within"),
    "resets": (resets, "the connection ended"),
    "500": (says(answer(b"{}", status=b"500 Internal Server Error")), "500"),
    "redirects": (
        says(answer(b"", status=b"302 Found\r\nLocation: http://127.0.0.1/elsewhere")),
        "302",
    ),
    "100MB": (floods, "larger than"),
    "short": (
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"),
        "ended before a whole answer",
    ),
    "long": (says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{}{}{}"), "gave no token"),
    "two-lengths": (
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 7\r\n\r\n{}"),
        "not a whole answer",
    ),
    "not-http": (says(b"220 smtp.example ESMTP\r\n"), "ended before a whole answer"),
    "token-of-numbers": (says(answer(b'{"access_token": 7}')), "gave no token"),
    "null": (says(answer(b"null")), "gave no token"),
}


def patience_ms(serve: Serve) -> int:
    return TIMEOUT_MS if serve in (hangs, drips) else PATIENT_MS


async def ended_of(
    wire: SocketWire, url: str, role: str = "wallet", **over: Any
) -> tuple[list[h.CheckEnded], h.SuiteEnded]:
    config = msgspec.structs.replace(TEST_WORLD, timeout_ms=TIMEOUT_MS, **over)
    target = Target(wire, config, Profile(), 7, "hostile")
    checks = chosen(CHECKS, role, "smoke", ())
    order = Order(role=role, target=url, suite="smoke", checks=checks, replay="again")
    found: list[h.CheckEnded] = []
    async for happening in run(order, target):
        if isinstance(happening, h.CheckEnded):
            found.append(happening)
        if isinstance(happening, h.SuiteEnded):
            ended = happening
    await wire.close()
    return found, ended


async def serving(serve: Serve) -> tuple[asyncio.Server, str]:
    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("name", TARGETS)
async def test_a_target_that_cannot_be_judged_is_said_to_be_so(name: str) -> None:
    """SBX-08: nothing passes, the reason is named, and it takes no longer than it may."""
    serve, why = TARGETS[name]
    server, url = await serving(serve)
    started = time.monotonic()
    async with server:
        wire = SocketWire(url, timeout_ms=patience_ms(serve))
        found, ended = await ended_of(wire, url)
    assert why in ended.could_not
    assert (ended.passed, found) == (0, [])
    assert time.monotonic() - started < WITHIN_S


FIRST_CALL = {
    "html": "was answered 200 <html>",
    "hangs": "no whole answer within",
    "resets": "the connection ended",
    "500": "was answered 500",
    "redirects": "was answered 302",
    "100MB": "larger than",
    "short": "ended before a whole answer",
    "two-lengths": "not a whole answer",
    "null": "was answered 200 null",
}
"""What is said where no token stands before the role's own first call."""


@pytest.mark.parametrize("role", ROLES)
async def test_no_role_passes_on_a_target_that_cannot_be_judged(role: str) -> None:
    """SBX-08: of wallet, platform, game server and jackpots alike, the first call decides: nothing
    is asked of a target that gives no sense, and the reason is named in time."""
    started = time.monotonic()
    for name, why in FIRST_CALL.items():
        serve, _ = TARGETS[name]
        server, url = await serving(serve)
        async with server:
            wire = SocketWire(url, timeout_ms=patience_ms(serve))
            found, ended = await ended_of(wire, url, role, auth="headers", roles={})
        assert why in ended.could_not, (name, ended.could_not)
        assert (ended.passed, found) == (0, []), name
    assert time.monotonic() - started < WITHIN_S


@pytest.mark.parametrize("role", ROLES)
async def test_a_target_that_is_down_is_said_to_be_so(role: str) -> None:
    """A refused connection is a reason, not an exception."""
    with socket.socket() as taken:  # nobody listens there, and nobody else can meanwhile
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        _, ended = await ended_of(SocketWire(url, timeout_ms=PATIENT_MS), url, role)
    assert "no connection to" in ended.could_not


async def test_a_target_that_goes_silent_halfway_is_not_asked_on_and_on() -> None:
    """After three checks without any answer the rest is inconclusive at once."""
    calls = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                ),
                0,
            )
            await reader.readexactly(length)
            calls += 1
            if calls == 1:
                writer.write(answer(b'{"access_token": "t"}'))
            elif calls == 2:
                money = b'{"amount": 1.00, "currency": "EUR"}'
                wire._timeout_s = TIMEOUT_MS / 1000  # from now on it is what is waited for
                writer.write(answer(b'{"balance": {"available": ' + money + b"}}"))
            else:
                await reader.read()

    server, url = await serving(serve)
    wire = SocketWire(url, timeout_ms=PATIENT_MS)
    async with server:
        found, ended = await ended_of(wire, url)
    assert ended.passed == 0
    assert "nothing could be judged" in ended.could_not
    assert sum("stopped answering" in one.why for one in found) == len(found) - 3


async def reply_of(serve: Serve, *, max_body: int = 1_000) -> Reply:
    server, url = await serving(serve)
    async with server:
        wire = SocketWire(url, timeout_ms=patience_ms(serve), max_body=max_body)
        reply = await wire.send(Ask("GET", "/"))
        await wire.close()
    return reply


@pytest.mark.parametrize(
    ("serve", "end"),
    [
        (hangs, End.TIMED_OUT),
        (drips, End.TIMED_OUT),
        (resets, End.RESET),
        (floods, End.TOO_LARGE),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"), End.RESET),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"), End.GARBLED),
        (says(b"HELLO\r\n\r\n"), End.GARBLED),
    ],
)
async def test_how_a_call_ended_is_told_apart(serve: Serve, end: End) -> None:
    """WAL-72: a cut, late, garbled or endless answer is no answer, and says which it was."""
    reply = await reply_of(serve)
    assert isinstance(reply, NoAnswer)
    assert reply.end is end


async def test_a_chunked_answer_is_read_whole() -> None:
    """What HTTP allows is an answer: the negative control of the ends above."""
    reply = await reply_of(
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
    )
    assert isinstance(reply, Answer)
    assert reply.body == b"{}"
