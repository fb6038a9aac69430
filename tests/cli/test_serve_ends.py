"""How a server ends: what was begun is answered, what was answered is kept, and the exit code says
how it went."""

import asyncio
import gc
import json
import os
import random
import signal
import socket
import sys
import time
import urllib.parse
from decimal import Decimal
from pathlib import Path

import pytest

from simulator import cli
from tests.crash.load import (
    Ask,
    Journal,
    Provider,
    Unexpected,
    audit,
    open_sessions,
    play,
    provider,
    until,
)
from tests.processes import ENDS_WITHIN_S, SERVE_COMMAND, Server, running
from tests.support import encode

CLIENTS = 6
STOPS = 2


async def test_a_stop_under_load_loses_nothing(tmp_path: Path) -> None:
    """SIGTERM in the middle of a load: exit 0, nothing on stderr; after each restart every
    acknowledged bet is there once and the books are sound, and whatever took effect was also
    answered. (WAL-06, WAL-08, WAL-74)"""
    journal = Journal(random.Random(7))
    data = ("--data", str(tmp_path))
    for journal.burst in range(STOPS):
        with running(*data, command=SERVE_COMMAND) as server:
            async with provider(server.url) as wire, asyncio.TaskGroup() as group:
                if not journal.burst:
                    await open_sessions(wire, journal)
                for _ in range(CLIENTS):
                    group.create_task(play(wire, journal))
                await until(journal, journal.acknowledged + 60)
                server.terminate()
            assert await asyncio.to_thread(server.wait) == 0
            assert server.errors() == ""
        with running(*data) as server:
            async with provider(server.url) as wire:
                assert await audit(wire, journal) == []
    assert journal.acknowledged >= STOPS * 60
    assert journal.unanswered[True] == 0


def _connect(server: Server) -> socket.socket:
    found = urllib.parse.urlsplit(server.url)
    return socket.create_connection((found.hostname, found.port), timeout=ENDS_WITHIN_S)


def _until_refused(server: Server) -> None:
    """Until it takes no new connection; the operating system wakes nobody for that, and
    makes connections for a server that has yet to hear of the signal: it is asked now and then."""
    until_s = time.monotonic() + ENDS_WITHIN_S
    while time.monotonic() < until_s:
        try:
            _connect(server).close()
        except ConnectionRefusedError:
            return
        except ConnectionResetError:  # it was closed between being called and answering
            continue
        assert server.process.poll() is None, "it has ended with a call under way"
        time.sleep(0.001)
    raise AssertionError("it takes connections after it was told to stop")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_call_that_was_begun_is_answered(number: signal.Signals, tmp_path: Path) -> None:
    """The headers and half of the body have come when the signal does: the server takes no new
    connection, waits for the rest, answers it, and only then ends with 0. The bet is there after
    the restart."""
    data = ("--data", str(tmp_path))
    journal = Journal(random.Random(1))
    with running(*data) as server:
        async with provider(server.url) as wire:
            await open_sessions(wire, journal)
            head, body = _raw_authorize(wire, journal.sessions["p_19f3"])
        with _connect(server) as call:
            call.sendall(head + body[:20])
            assert b"100 Continue" in await asyncio.to_thread(call.recv, 1024)
            server.process.send_signal(number)
            await asyncio.to_thread(_until_refused, server)
            call.sendall(body[20:])
            answer = await asyncio.to_thread(_read_all, call)
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == "authorized"
        assert await asyncio.to_thread(server.wait) == 0
        assert "Traceback" not in server.errors()
    with running(*data) as server:
        async with provider(server.url) as wire:
            assert (await wire.read("/v1/bets/b-half"))["status"] == "authorized"


def _raw_authorize(wire: Provider, session: str) -> tuple[bytes, bytes]:
    body = _authorize("b-half", session).body
    headers = {
        **wire._headers,
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "X-Idempotency-Key": "half",
        "Expect": "100-continue",
    }
    lines = ["POST /v1/bets/authorize HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(), body


def _read_all(call: socket.socket) -> bytes:
    found = b""
    while part := call.recv(65_536):
        found += part
    return found


def _authorize(bet_id: str, session: str) -> Ask:
    ask = {
        "session_id": session,
        "bet_id": bet_id,
        "round_id": "r-1",
        "amount": {"amount": Decimal("0.10"), "currency": "EUR"},
    }
    return Ask("/v1/bets/authorize", encode(ask), f"authorize-{bet_id}", "authorized")


FILE_LIMIT = 1_000_000
"""Bytes: a few dozen bets, and then no file may grow any more."""

LIMITED = (
    sys.executable,
    "-c",
    (
        "import resource; from simulator.cli import main; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({FILE_LIMIT}, {FILE_LIMIT})); main()"
    ),
    "serve",
    "--port",
    "0",
)


async def _bet(wire: Provider, session: str, taken: list[str]) -> None:
    """Bet after bet, and a list of those that were acknowledged."""
    while len(taken) < 1_000:
        await wire.write(_authorize(f"b-{len(taken)}", session))
        taken.append(f"b-{len(taken)}")


async def test_a_store_that_breaks_ends_the_process(tmp_path: Path) -> None:
    """A write error inside a commit: the caller gets 503 UNAVAILABLE, the process ends with 3 and
    says why. The next start knows every bet that was acknowledged, and the one that was not can
    be asked again under its key. (WAL-74)"""
    data = ("--data", str(tmp_path))
    journal = Journal(random.Random(1))
    taken: list[str] = []
    with running(*data, command=LIMITED) as server:
        async with provider(server.url) as wire:
            await open_sessions(wire, journal)
            session = journal.sessions["p_19f3"]
            with pytest.raises(Unexpected, match=r"503 .*UNAVAILABLE"):
                await _bet(wire, session, taken)
        assert await asyncio.to_thread(server.wait) == 3
        assert "store broken" in server.errors()
        assert "Traceback" not in server.errors()
    assert len(taken) > 5
    with running(*data) as server:
        async with provider(server.url) as wire:
            for bet_id in taken:
                assert (await wire.read(f"/v1/bets/{bet_id}"))["status"] == "authorized"
            for bet_id in (taken[-1], f"b-{len(taken)}"):
                body, _ = await wire.write(_authorize(bet_id, session))
                assert json.loads(body)["bet_id"] == bet_id
            shown = await wire.read("/v1/players/p_19f3")
            assert shown["held"]["amount"] == Decimal("0.10") * (len(taken) + 1)
            assert (await wire.read("/__admin/reconcile"))["breaks"] == []
        assert await asyncio.to_thread(server.stop) == 0


def test_the_first_process_of_a_container_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel lets no signal end a process 1 that has no handler for it, so there is one before
    any command has begun."""

    def command() -> None:
        os.kill(itself, signal.SIGTERM)
        time.sleep(60)  # which the signal ends

    itself, before = os.getpid(), signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(os, "getpid", lambda: 1)
    monkeypatch.setattr(gc, "set_threshold", lambda _: None)
    monkeypatch.setattr(cli, "playmoney", command)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert ended.value.code == 143
