"""What is not HTTP, or too much of it, is refused on the socket in the one error model (WAL-77)."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from simulator.server.protocol import HEAD_LIMIT
from tests.processes import Server, running


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running("--clock", "frozen") as started:
        started.wait_ready()
        yield started


def say(server: Server, *parts: bytes) -> tuple[int, dict[str, str], Any]:
    """Send bytes as they are; status, headers and body of what comes back."""
    at = urlsplit(server.url)
    with socket.create_connection((str(at.hostname), int(at.port or 0)), timeout=10) as wire:
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
