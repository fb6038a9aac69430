"""Each fault, seen from outside: by a plain socket, against a server process (SBX-05)."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import aiohttp
import pytest

from simulator.chaos.table import FAULTS
from simulator.server.run import STOP_WITHIN_S
from tests.chaos.outside import ENDS_WITHIN_S, Seen, Studio, connect, listen, say
from tests.processes import running

SLACK_S = 20.0
"""How much later than it should something may be on a busy machine."""

EARLY_S = 0.02
"""And how much earlier: timers go by milliseconds and by the loop's last look at the clock."""

TRIES = 50
"""How often something is looked at that a busy machine may hide: a client that is let in late finds
parts together that came one after the other, and an answer that was late looks held back."""

PACED = ("throttle", "slow_body")


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with running("--strict", "--clock", "frozen") as server:
        server.wait_ready()
        yield Studio(server)


@dataclass(frozen=True)
class Case:
    """A fault as `X-Chaos` says it: what the socket sees, and whether the bet was processed."""

    chaos: str
    seen: Callable[[Seen], bool]
    done: bool
    for_s: float = ENDS_WITHIN_S

    @property
    def fault(self) -> str:
        return self.chaos.partition(";")[0]


def whole(got: Seen) -> bool:
    return got.end == "FIN" and got.whole and got.status == 200 and got.json["status"] != ""


def nothing(end: str) -> Callable[[Seen], bool]:
    return lambda got: (got.raw, got.end) == (b"", end)


def cut(end: str) -> Callable[[Seen], bool]:
    return lambda got: got.end == end and got.status == 200 and 0 < len(got.body) < _length(got)


def refused(status: int, code: str) -> Callable[[Seen], bool]:
    return lambda got: got.status == status and got.json.get("code") == code and got.whole


def after(seconds: float, seen: Callable[[Seen], bool] = whole) -> Callable[[Seen], bool]:
    return lambda got: seen(got) and -EARLY_S <= got.at_s[0] - seconds < SLACK_S


def _length(got: Seen) -> int:
    return int(got.headers["content-length"])


def _paced(got: Seen) -> bool:
    """Several parts, the last a good while after the head."""
    return whole(got) and len(got.at_s) > 3 and got.at_s[-1] - got.at_s[0] >= 0.1 - EARLY_S


def _limited(got: Seen) -> bool:
    wanted = {
        "retry-after": "7",
        "ratelimit": '"default";r=0;t=7',
        "ratelimit-policy": '"default";q=5;w=1',
        "x-ratelimit-remaining": "0",
    }
    return refused(429, "RATE_LIMITED")(got) and wanted.items() <= got.headers.items()


def _dated(got: Seen) -> bool:
    if got.status != 429:
        return False
    until, now = (parsedate_to_datetime(got.headers[name]) for name in ("retry-after", "date"))
    return (until - now).total_seconds() == 3


def _gateway(got: Seen) -> bool:
    return got.status == 502 and got.headers["content-type"] == "text/html" and got.whole


def _unreadable(got: Seen) -> bool:
    try:
        json.loads(got.body)
    except ValueError:
        return got.status == 200 and got.whole and got.end == "FIN"
    return False


def _skewed(got: Seen) -> bool:
    date = parsedate_to_datetime(got.headers["date"])
    return whole(got) and date.isoformat() == "2026-01-01T01:00:00+00:00"


CASES = [
    Case("latency; ms=120", after(0.12), done=True),
    Case("latency; distribution=uniform; ms=50; to_ms=90", after(0.05), done=True),
    Case("throttle; bytes_per_s=2000", _paced, done=True),
    Case("reorder; within_ms=100", after(0.1), done=True),
    Case("blackout", nothing("RST"), done=False),
    Case("blackout; shows=status", refused(503, "UNAVAILABLE"), done=False),
    Case("reset", nothing("RST"), done=False),
    Case("lose_request", nothing("FIN"), done=False),
    Case("time_out", nothing("open"), done=False, for_s=0.3),
    Case("time_out; hold_ms=50", nothing("FIN"), done=False),
    Case("rate_limit; retry_after_s=7; limit=5", _limited, done=False),
    Case("rate_limit; retry_after_s=3; as_date=true", _dated, done=False),
    Case("status", refused(503, "UNAVAILABLE"), done=False),
    Case("status; status=500; done=true", refused(500, "INTERNAL"), done=True),
    Case("status; status=403", refused(403, "SCOPE_DENIED"), done=False),
    Case("status; status=502", _gateway, done=False),
    Case("expire_token", refused(401, "AUTH_FAILED"), done=False),
    Case("late_original; within_ms=1", nothing("FIN"), done=True),
    Case("lose_reply", nothing("FIN"), done=True),
    Case("lose_reply; moment=mid_body", cut("RST"), done=True),
    Case("lose_reply; moment=time_out", nothing("open"), done=True, for_s=0.3),
    Case("slow_body; piece_bytes=60; pause_ms=40", _paced, done=True),
    Case("cut_body", cut("FIN"), done=True),
    Case("cut_body; by=reset; at_byte=9", cut("RST"), done=True),
    Case("wrong_content_type", lambda g: g.headers["content-type"].startswith("text/"), done=True),
    Case("malformed_body", _unreadable, done=True),
    Case("malformed_body; how=html", _unreadable, done=True),
    Case("malformed_body; how=not_utf8", _unreadable, done=True),
    Case("malformed_body; how=empty", _unreadable, done=True),
    Case("duplicate; copies=3", lambda g: whole(g) and "200+200+200" in g.injected, done=True),
    Case("duplicate; parallel=true", lambda g: whole(g) and "200+200" in g.injected, done=True),
    Case("clock_skew; by_ms=3600000", _skewed, done=True),
    Case("corrupt_signature", refused(401, "AUTH_FAILED"), done=False),
]
"""`refuse` is for calls that go out (test_outgoing.py), `stale_read` for reads (below)."""


def test_every_fault_is_seen_from_outside() -> None:
    """The table above misses none, so a new fault needs a line here."""
    assert {case.fault for case in CASES} == set(FAULTS) - {"refuse", "stale_read"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.chaos)
def test_a_fault_is_what_the_socket_sees(studio: Studio, case: Case) -> None:
    """The bytes, the end of the connection and the time are the fault's; the bet is there or not
    as it says, and a repeat with the same key makes it stand once (SBX-05, WAL-06)."""
    name = "b-" + "".join(char if char.isalnum() else "-" for char in case.chaos)
    for n in range(TRIES if case.fault in PACED else 1):
        bet = f"{name}-{n}"
        got = _strike(studio, case, bet)
        if case.seen(got):
            break
    assert case.seen(got), got
    if got.raw:
        assert got.injected.startswith((f"{case.fault};rule={case.fault}-", "blackout;rule=down;"))
        assert ";attempt=1" in got.injected
    _eventually(lambda: studio.exists(bet) is case.done)
    held = _held(studio)
    again = studio.bet(bet)
    assert (again.status, again.injected) == (200, "")
    assert _held(studio) - held == (0 if case.done else 1)


def _strike(studio: Studio, case: Case, bet: str) -> Seen:
    """A bet under the case's header; what is down as a whole takes a rule."""
    if case.fault != "blackout":
        return studio.bet(bet, case.chaos, case.for_s)
    shows = case.chaos.partition("shows=")[2] or "reset"
    rule = {"name": "down", "fault": "blackout", "at": "wallet", "with": {"shows": shows}}
    assert studio.admin("POST", "/chaos/rules", rule).status == 201
    try:
        return studio.bet(bet)
    finally:
        studio.admin("DELETE", "/chaos/rules/down")


def _held(studio: Studio) -> float:
    return float(studio.call("GET", "/v1/players/p_19f3").json["held"]["amount"])


def _eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + ENDS_WITHIN_S
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_without_a_fault_the_socket_sees_a_whole_answer(studio: Studio) -> None:
    """The control of the table above: what it looks for is not there by itself."""
    for n in range(TRIES):
        got = studio.bet(f"b-control-{n}")
        assert whole(got)
        assert not got.injected
        seen = [case.chaos for case in CASES if case.seen(got)]
        if not seen:
            return
    pytest.fail(f"{TRIES} answers that nothing was done to look like {seen}")


def test_an_independent_client_meets_the_same(studio: Studio) -> None:
    """aiohttp, which shares no code with us, names each end of a connection as what it is."""

    async def end_of(chaos: str, within_s: float = ENDS_WITHIN_S) -> str:
        path, body = studio.stake(f"b-aiohttp-{chaos.partition(';')[0]}")
        sent = studio.sent("POST", path, body, f"k-aiohttp-{chaos}", chaos)
        lines = sent.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        headers = dict(line.split(": ", 1) for line in lines)
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=within_s)) as client,
                client.post(studio.server.url + path, json=body, headers=headers) as got,
            ):
                await got.json()
                return str(got.status)
        except Exception as wrong:
            return type(wrong).__name__

    async def all_ends() -> list[str]:
        ends = [await end_of(chaos) for chaos in ("reset", "lose_reply", "cut_body")]
        return [*ends, await end_of("time_out", 0.5)]

    found = asyncio.run(all_ends())
    assert found == [
        "ClientOSError",
        "ServerDisconnectedError",
        "ClientPayloadError",
        "TimeoutError",
    ]


def test_a_connection_goes_on_after_a_fault_that_ends_none(studio: Studio) -> None:
    """After an error, a slow body and a wrong type, the next call of the same connection is
    answered as if nothing had been; a pipelined one waits its turn."""
    keep = b"Connection: close\r\n"
    calls = [
        studio.sent("GET", "/v1/players/p_19f3", chaos=chaos).replace(keep, b"")
        for chaos in ("status", "slow_body; piece_bytes=90; pause_ms=5", "wrong_content_type", "")
    ]
    with connect(studio.server) as wire:
        wire.sendall(b"".join(calls[:-1]))
        wire.sendall(calls[-1].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        got = listen(wire, ENDS_WITHIN_S)
    answers = got.raw.split(b"HTTP/1.1 ")[1:]
    assert [answer[:3] for answer in answers] == [b"503", b"200", b"200", b"200"]
    assert got.end == "FIN"
    assert b"x-chaos-injected" not in answers[-1]


def test_a_stale_read_answers_what_was(studio: Studio) -> None:
    """The second time that a question is asked it gets the first answer, whatever has changed; the
    first is not counted as struck (SBX-05)."""
    rule = {
        "name": "stale",
        "fault": "stale_read",
        "at": "wallet.readPlayer",
        "when": {"count": 2},
    }
    assert studio.admin("POST", "/chaos/rules", rule).status == 201
    try:
        seen = [studio.call("GET", "/v1/players/p_19f3")]
        assert studio.bet("b-stale").status == 200
        seen += [studio.call("GET", "/v1/players/p_19f3") for _ in range(3)]
    finally:
        studio.admin("DELETE", "/chaos/rules/stale")
    held = [got.json["held"]["amount"] for got in seen]
    assert held == [held[0], held[0], held[0], held[0] + 1]
    assert [bool(got.injected) for got in seen] == [False, True, True, False]


def test_a_call_that_is_overtaken_arrives_later(studio: Studio) -> None:
    """Held back until the next call of the rule has ended, the first bet is processed after the
    second (SBX-05)."""
    rule = {"name": "swap", "fault": "reorder", "at": "wallet.authorizeBet", "calls": [1]}
    assert (
        studio.admin("POST", "/chaos/rules", {**rule, "with": {"within_ms": 60_000}}).status == 201
    )
    try:
        with connect(studio.server) as wire:
            path, body = studio.stake("b-first")
            wire.sendall(studio.sent("POST", path, body, "k-first"))
            _eventually(lambda: _calls(studio, "swap") == 1)
            assert studio.bet("b-second").status == 200
            first = listen(wire, ENDS_WITHIN_S)
    finally:
        studio.admin("DELETE", "/chaos/rules/swap")
    assert first.status == 200
    assert "overtaken=yes" in first.injected
    ids = [item["payload"].get("bet_id", "") for item in _events(studio)]
    assert ids.index("b-second") < ids.index("b-first")


def test_a_late_original_comes_after_its_retry(studio: Studio) -> None:
    """The first copy is kept until its retry has ended, and is processed then; a repeat after that
    gets its answer, and nothing is held twice (SBX-05, WAL-06)."""
    held = _held(studio)
    lost = studio.bet("b-late", "late_original; within_ms=60000")
    assert (lost.raw, lost.end) == (b"", "FIN")
    assert not studio.exists("b-late")
    # A retry that is lost on its way: what makes the bet now can only be the first copy.
    assert studio.bet("b-late", "lose_request").end == "FIN"
    _eventually(lambda: studio.exists("b-late"))
    assert studio.bet("b-late").headers["idempotency-replayed"] == "true"
    assert _held(studio) == held + 1


def test_what_is_held_is_let_go_when_the_server_stops() -> None:
    """SIGTERM ends a silence of ten minutes and a latency of five at once; the exit is clean."""
    with running() as server:
        server.wait_ready()
        studio = Studio(server)
        with connect(server) as silent, connect(server) as slow:
            for wire, chaos in (
                (silent, "time_out; hold_ms=600000"),
                (slow, "latency; ms=300000"),
            ):
                path, body = studio.stake(f"b-{chaos[:4]}")
                wire.sendall(studio.sent("POST", path, body, f"k-{chaos[:4]}", chaos))
            assert listen(silent, 0.3).end == "open"
            _eventually(lambda: _struck(studio) >= {"time_out", "latency"})
            began = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - began < STOP_WITHIN_S
            assert listen(silent, ENDS_WITHIN_S).raw == b""
            # What only waited is done, and says so.
            assert listen(slow, ENDS_WITHIN_S).status == 200


def test_the_control_api_is_never_struck(studio: Studio) -> None:
    """A rule for everything, and the header, leave `/__admin` alone; a bad header is a 400."""
    assert studio.admin("POST", "/chaos/rules", {"name": "all", "fault": "reset"}).status == 201
    try:
        got = say(studio.server, studio.sent("GET", "/__admin/health", chaos="reset"))
        assert (got.status, got.injected) == (200, "")
        assert studio.call("GET", "/v1/players/p_19f3").end == "RST"
    finally:
        assert studio.admin("DELETE", "/chaos/rules").status == 204
    bad = studio.bet("b-bad", "resett")
    assert (bad.status, bad.json["code"]) == (400, "VALIDATION_FAILED")
    assert "did you mean 'reset'" in bad.json["message"]


def _struck(studio: Studio) -> set[str]:
    """The faults that calls have met, or still do."""
    rows = studio.admin("GET", "/chaos/coverage").json["items"]
    return {row["fault"] for row in rows if row["fired"]}


def _calls(studio: Studio, rule: str) -> int:
    items = studio.admin("GET", "/chaos/rules").json["items"]
    return int(next(item["calls"] for item in items if item["name"] == rule))


def _events(studio: Studio) -> list[dict[str, dict[str, str]]]:
    found: list[dict[str, dict[str, str]]] = []
    cursor = ""
    while True:
        page = studio.call("GET", f"/v1/events?limit=200{cursor}").json
        found += page["items"]
        if not page["has_more"]:
            return found
        cursor = f"&cursor={page['next_cursor']}"
