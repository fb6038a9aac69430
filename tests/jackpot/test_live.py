"""Pools are followed live (JP-14), over a plain socket: first all of them, then what changes. A
reader that comes back goes on where it was, and nobody learns more than sums."""

import json
import socket
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from simulator.jackpot import live
from simulator.server.run import STOP_WITHIN_S
from tests.jackpot.tools import ELSEWHERE, hall
from tests.processes import Server, running
from tests.support import BRAND_42, FROZEN, sandbox

CLIENTS = {"EU": ("platform-demo", BRAND_42), "UK": ("playmoney-rgs", ELSEWHERE)}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running("--clock", "frozen") as found:
        found.wait_ready()
        yield found


def post(url: str, path: str, body: Any, headers: dict[str, str]) -> Any:
    """One call, and its answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def proof(url: str, region: str = "EU") -> dict[str, str]:
    """The headers of a caller of this region."""
    client, brand = CLIENTS[region]
    form = f"grant_type=client_credentials&client_id={client}&client_secret={client}-secret"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    token = post(url, "/oauth/token", form.encode(), kind)["access_token"]
    return {"Authorization": f"Bearer {token}", "X-Trace-Id": "tr_live", **brand}


def contribute(url: str, name: str, pool_id: str = "grand-eu-01", region: str = "EU") -> Any:
    """Put 2.00 into a pool."""
    tenant = {"EU": "brand-42", "UK": "brand-7"}[region]
    body = {
        "jp_contrib_id": f"c-{name}",
        "tenant_id": tenant,
        "pool_id": pool_id,
        "round_id": f"r-{name}",
        "bet_id": f"b-{name}",
        "player_id": "p_secret",
        "bet": {"amount": 2.00, "currency": "EUR"},
        "idempotency_key": f"k-{name}",
    }
    headers = {**proof(url, region), "Content-Type": "application/json"}
    return post(url, "/v1/jp/contributions", body, headers)


@dataclass
class Reader:
    """A reader on a socket of its own."""

    url: str
    region: str = "EU"
    query: str = ""
    known: str | None = None
    head: bytes = b""
    _left: bytes = b""
    _text: bytes = b""
    ended: bool = False
    heard: list[bytes] = field(default_factory=list)

    def __enter__(self) -> "Reader":
        at = urlsplit(self.url)
        self.socket = socket.create_connection((at.hostname, at.port), timeout=60)
        headers = {"Host": at.netloc, **proof(self.url, self.region)}
        if self.known is not None:
            headers["Last-Event-ID"] = self.known
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.socket.sendall(f"GET /v1/jp/live/pools{self.query} HTTP/1.1\r\n{lines}\r\n".encode())
        while b"\r\n\r\n" not in self._left:
            self._more()
        self.head, _, self._left = self._left.partition(b"\r\n\r\n")
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    @property
    def status(self) -> int:
        return int(self.head.split()[1])

    def block(self) -> bytes:
        """The next block of the stream: an event, a comment or the pause."""
        while b"\n\n" not in self._text:
            self._chunk()
            if self.ended:
                return b""
        block, _, self._text = self._text.partition(b"\n\n")
        self.heard.append(block)
        return block

    def event(self) -> tuple[str, Any]:
        """The next event: its id, and its data."""
        while not (block := self.block()).startswith(b"event: pool\n"):
            assert not self.ended, self.heard
        lines = dict(line.split(": ", 1) for line in block.decode().splitlines())
        return lines["id"], json.loads(lines["data"])

    def events(self, count: int) -> dict[str, Any]:
        """The data of so many events, by pool."""
        return {told["pool_id"]: told for _, told in (self.event() for _ in range(count))}

    def _chunk(self) -> None:
        while b"\r\n" not in self._left:
            self._more()
        size, _, rest = self._left.partition(b"\r\n")
        length = int(size, 16)
        while len(rest) < length + 2:
            self._left = size + b"\r\n" + rest
            self._more()
            _, _, rest = self._left.partition(b"\r\n")
        self._text += rest[:length]
        self._left = rest[length + 2 :]
        self.ended = length == 0

    def _more(self) -> None:
        part = self.socket.recv(65536)
        assert part, "the connection was closed in the middle"
        self._left += part


EU_POOLS = 6
"""Of the test world, those that brand-42 takes part in; `jp_demo_uk` is the other one's."""


def test_all_pools_and_then_what_changes(server: Server) -> None:
    """The first events are the caller's pools; a contribution is one more, with a higher id and the
    new size; whose it was is not told, of a network pool to both regions (JP-61)."""
    with Reader(server.url) as ours, Reader(server.url, region="UK") as theirs:
        assert ours.status == 200
        assert b"content-type: text/event-stream" in ours.head.lower()
        known = ours.events(EU_POOLS)
        assert set(known) >= {"grand-eu-01", "vault-mini", "daily-fixed"}
        assert "jp_demo_uk" not in known
        assert set(theirs.events(2)) == {"grand-eu-01", "jp_demo_uk"}
        before = known["grand-eu-01"]["size"]["amount"]
        contribute(server.url, "live-1", region="UK")
        for reader in (ours, theirs):
            position, told = reader.event()
            assert told["pool_id"] == "grand-eu-01"
            assert told["size"]["amount"] == pytest.approx(before + 0.02)
            assert int(position) > 0
        contribute(server.url, "live-2", "vault-minor")
        assert ours.event()[1]["pool_id"] == "vault-minor"
        contribute(server.url, "live-3")
        assert theirs.event()[1]["pool_id"] == "grand-eu-01"  # and nothing of the vault before
        for reader in (ours, theirs):
            assert not any(b"p_secret" in block or b"live-" in block for block in reader.heard)


def test_a_reader_goes_on_where_it_was(server: Server) -> None:
    """What has changed while it was away, and nothing else; with an id of the future, all."""
    with Reader(server.url) as reader:
        position = [reader.event() for _ in range(EU_POOLS)][-1][0]
    for n in range(3):
        contribute(server.url, f"away-{n}", "vault-minor")
    with Reader(server.url, known=position) as reader:
        later, told = reader.event()
        assert told["pool_id"] == "vault-minor"
        assert int(later) > int(position)
        contribute(server.url, "away-9")
        assert reader.event()[1]["pool_id"] == "grand-eu-01"
    with Reader(server.url, known="999999999") as reader:
        assert len(reader.events(EU_POOLS)) == EU_POOLS


def test_filters_are_those_of_the_list(server: Server) -> None:
    """By level, kind and group."""
    with Reader(server.url, query="?group=vault") as reader:
        assert set(reader.events(3)) == {"vault-mini", "vault-minor", "vault-major"}
    with Reader(server.url, query="?level=grand") as reader:
        assert set(reader.events(1)) == {"grand-eu-01"}
        contribute(server.url, "filter-1", "vault-minor")
        contribute(server.url, "filter-2")
        assert reader.event()[1]["pool_id"] == "grand-eu-01"


def test_a_burst_is_told_as_it_is_at_last(server: Server) -> None:
    """Not each size on the way, but the last one surely."""
    with Reader(server.url, query="?level=grand") as reader:
        reader.event()
        for n in range(40):
            last = contribute(server.url, f"burst-{n}")["pool_size"]["amount"]
        count = 1
        while reader.event()[1]["size"]["amount"] != last:
            count += 1
        assert count <= 40


def test_silence_is_broken_on_the_worlds_clock(server: Server) -> None:
    """A comment for each 15 s that pass there without news."""
    with Reader(server.url, query="?level=grand") as reader:
        reader.event()
        time.sleep(0.3)  # the look after the first one
        headers = {"Content-Type": "application/json"}
        for _ in range(2):
            post(server.url, "/__admin/clock/advance", {"by_ms": 15_000}, headers)
            assert reader.block() == b": keep-alive"


def test_silence_is_broken_after_the_clock_was_set(server: Server) -> None:
    """A stream goes by the clock that its world has, not by the one that it began under."""
    headers = {"Content-Type": "application/json"}
    with Reader(server.url, query="?level=grand") as reader:
        reader.event()
        time.sleep(0.3)  # the look after the first one
        body = json.dumps({"mode": "frozen", "now": "2027-01-01T00:00:00Z"}).encode()
        url = f"{server.url}/__admin/clock"
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method="PUT")):
            pass
        post(server.url, "/__admin/clock/advance", {"by_ms": 16_000}, headers)
        assert reader.block() == b": keep-alive"


@pytest.mark.parametrize("known", ["-1", "many", "1" * 19])
def test_an_id_that_is_none_is_refused(server: Server, known: str) -> None:
    """Bad input is a 400 that names the header."""
    with Reader(server.url, known=known) as reader:
        assert reader.status == 400


async def test_who_may_not_read_is_told_so() -> None:
    """Without a token, or without the scope."""
    async with sandbox(clock=FROZEN) as box:
        got = await box.raw("GET", "/v1/jp/live/pools", headers={"X-Trace-Id": "t", **BRAND_42})
        assert (got.status, got.code) == (401, "AUTH_FAILED")


async def test_one_that_was_away_for_long_is_told_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More updates than anybody looks through: every pool, as it is now."""
    monkeypatch.setattr(live, "FAR", 20)
    async with hall() as house:
        body = (await house.call("GET", "/live/pools")).body
        position = max(int(line[4:]) for line in body.splitlines() if line.startswith(b"id: "))
        for n in range(20):
            await house.contribute("vault-major", name=f"n{n}")
        headers = {"Last-Event-ID": str(position)}
        body = (await house.call("GET", "/live/pools", headers=headers)).body
        assert body.count(b"event: pool") == EU_POOLS
        await house.contribute("vault-major", name="last")
        position = max(int(line[4:]) for line in body.splitlines() if line.startswith(b"id: "))
        headers = {"Last-Event-ID": str(position)}
        body = (await house.call("GET", "/live/pools", headers=headers)).body
        assert body.count(b"event: pool") == 1


def test_a_stop_does_not_wait_for_readers() -> None:
    """The stream ends as HTTP has it, and the server is gone long before it would give up waiting;
    so does a reset of the world end it."""
    with running() as server:
        server.wait_ready()
        with Reader(server.url, query="?level=grand") as reader:
            reader.event()
            post(server.url, "/__admin/reset", {}, {"Content-Type": "application/json"})
            while reader.block():
                pass
            assert reader.ended
        with Reader(server.url, query="?level=grand") as reader:
            reader.event()
            began = time.monotonic()
            server.terminate()
            while reader.block():
                pass
            assert reader.ended
            assert server.wait() == 0
            assert time.monotonic() - began < STOP_WITHIN_S
