"""Signed calls through the whole pipeline: a wrong one changes nothing, the right one still works
afterwards (WAL-70, WAL-71). What the check itself knows is in `test_auth.py`."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from simulator.wire import signing
from tests.server.tools import count, play_examples, require_problem, sign, stored
from tests.support import BRAND_42, Got, Sandbox, encode, sandbox

ALGORITHMS = pytest.mark.parametrize("algorithm", [signing.HMAC_SHA256, signing.ED25519])

STAMP = "2026-01-01T00:00:00Z"


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


@dataclass(frozen=True)
class Signed:
    """A call with its signature, which stays as it is when the rest is changed."""

    method: str
    path: str
    query: str
    body: bytes
    headers: dict[str, str]

    def but(self, **headers: str) -> "Signed":
        """The same with other headers."""
        return replace(
            self, headers=self.headers | {n.replace("_", "-"): v for n, v in headers.items()}
        )

    async def send(self, box: Sandbox) -> Got:
        """As it stands."""
        target = f"{self.path}?{self.query}" if self.query else self.path
        return await box.raw(self.method, target, self.body, self.headers)


def bet(
    session: str, algorithm: str, *, nonce: str = "nonce-0001", timestamp: str = STAMP
) -> Signed:
    """A signed bet that is good, with a query that nobody reads."""
    amount = {"amount": 2, "currency": "EUR"}
    body = encode({"session_id": session, "bet_id": "b-1", "round_id": "r-1", "amount": amount})
    path, query = "/v1/bets/authorize", "x=1"
    signature = sign(
        "POST",
        f"{path}?{query}",
        body,
        nonce=nonce,
        timestamp=timestamp,
        algorithm=None if algorithm == signing.HMAC_SHA256 else algorithm,
    )
    headers = {
        "X-Trace-Id": "tr_signed",
        **BRAND_42,
        "X-Idempotency-Key": "k-1",
        "Content-Type": "application/json",
        **signature,
    }
    return Signed("POST", path, query, body, headers)


def flip_last(text: str) -> str:
    """One character changed into another of its kind."""
    return text[:-1] + ("1" if text[-1] == "0" else "0")


CHANGES: dict[str, Callable[[Signed], Signed]] = {
    "body": lambda call: replace(call, body=call.body.replace(b":2,", b":3,")),
    "a space in the body": lambda call: replace(call, body=call.body + b" "),
    "path": lambda call: replace(call, path="/v1/bets/rollback"),
    "path, escaped": lambda call: replace(call, path="/v1/%62ets/authorize"),
    "query": lambda call: replace(call, query="x=2"),
    "no query": lambda call: replace(call, query=""),
    "nonce": lambda call: call.but(X_Nonce="nonce-0002"),
    "timestamp": lambda call: call.but(X_Timestamp="2026-01-01T00:00:01Z"),
    "timestamp, the same instant": lambda call: call.but(X_Timestamp="2026-01-01T00:00:00.0Z"),
    "client": lambda call: call.but(X_Client_Id="readonly-demo"),
    "signature": lambda call: call.but(X_Signature=flip_last(call.headers["X-Signature"])),
    "no signature": lambda call: call.but(X_Signature=""),
    "signature in capitals": lambda call: call.but(X_Signature=call.headers["X-Signature"].upper()),
}


@ALGORITHMS
async def test_a_good_signature_places_a_bet(box: Sandbox, algorithm: str) -> None:
    """The control of the tests below: unchanged, the call works, without any token (PRV-10)."""
    got = await bet(await box.session(), algorithm).send(box)
    assert got.status == 200, got.body
    assert await box.balance() == (Decimal(998), Decimal(2))


@ALGORITHMS
@pytest.mark.parametrize("change", CHANGES)
async def test_a_changed_call_changes_nothing(box: Sandbox, algorithm: str, change: str) -> None:
    """One part that is not what was signed: 401, no row more or less, and the call as it was
    signed still works, so its nonce was not used up (WAL-70)."""
    call = bet(await box.session(), algorithm)
    before = stored(box)
    got = await CHANGES[change](call).send(box)
    if change == "path, escaped":  # another path, which is none of the contract's
        require_problem(got, 404, "NOT_FOUND")
    else:
        require_problem(got, 401, "AUTH_FAILED")
    assert stored(box) == before
    assert (await call.send(box)).status == 200


@ALGORITHMS
async def test_every_byte_of_the_body_counts(box: Sandbox, algorithm: str) -> None:
    """Each byte flipped in each way is a 401 before anybody reads the JSON (WAL-70)."""
    call = bet(await box.session(), algorithm)
    before = stored(box)
    for at in range(len(call.body)):
        flipped = bytearray(call.body)
        flipped[at] ^= 1 << at % 8
        got = await replace(call, body=bytes(flipped)).send(box)
        require_problem(got, 401, "AUTH_FAILED")
    assert stored(box) == before
    assert (await call.send(box)).status == 200


@ALGORITHMS
async def test_a_used_nonce_is_refused(box: Sandbox, algorithm: str) -> None:
    """The identical bytes again meet the nonce and not the idempotency key: 401, nothing stored;
    signed anew, the repeat gets the remembered answer (WAL-71, SBX-05)."""
    session = await box.session()
    first = await bet(session, algorithm).send(box)
    before = stored(box)
    again = await bet(session, algorithm).send(box)
    require_problem(again, 401, "AUTH_FAILED")
    assert again.json["details"] == {"reason": "nonce"}
    assert stored(box) == before
    repeat = await bet(session, algorithm, nonce="nonce-0002").send(box)
    assert (repeat.body, repeat.replayed) == (first.body, True)
    assert stored(box) == before


@ALGORITHMS
async def test_a_refused_call_has_used_its_nonce(box: Sandbox, algorithm: str) -> None:
    """What was signed well was heard, whatever came of it: a refusal's bytes are not good for a
    second try either (WAL-71)."""
    call = bet("s_none", algorithm)
    require_problem(await call.send(box), 404, "NOT_FOUND")
    require_problem(await call.send(box), 401, "AUTH_FAILED")


@ALGORITHMS
@pytest.mark.parametrize("off_s", [-301, 301])
async def test_a_stale_timestamp_is_refused(box: Sandbox, algorithm: str, off_s: int) -> None:
    """Well signed, but more than five minutes off on the world's clock, before or after: 401 with
    our time, nothing stored (WAL-71, SBX-03)."""
    session = await box.session()
    now_s = 1_767_225_600
    before = stored(box)
    got = await bet(session, algorithm, timestamp=str(now_s + off_s)).send(box)
    require_problem(got, 401, "AUTH_FAILED")
    assert got.json["details"] == {"reason": "timestamp"}
    assert stored(box) == before
    within = off_s - 1 if off_s > 0 else off_s + 1
    assert (await bet(session, algorithm, timestamp=str(now_s + within)).send(box)).status == 200


@ALGORITHMS
async def test_a_signature_grows_stale_with_the_clock(box: Sandbox, algorithm: str) -> None:
    """A call that lay around for more than five minutes is not let in any more (WAL-71)."""
    call = bet(await box.session(), algorithm)
    await box.admin("POST", "/clock/advance", {"by_ms": 300_001})
    require_problem(await call.send(box), 401, "AUTH_FAILED")
    assert count(box, "bet") == 0


@ALGORITHMS
async def test_a_nonce_stays_used_as_long_as_its_timestamp_is_good(
    box: Sandbox, algorithm: str
) -> None:
    """From the last instant before to the last one after: it cannot be played again (WAL-71)."""
    early = str(1_767_225_600 + 300)
    call = bet(await box.session(), algorithm, timestamp=early)
    assert (await call.send(box)).status == 200
    for _ in range(10):
        await box.admin("POST", "/clock/advance", {"by_ms": 60_000})
        require_problem(await call.send(box), 401, "AUTH_FAILED")
    assert count(box, "bet") == 1


@ALGORITHMS
async def test_a_reading_call_is_signed_too(box: Sandbox, algorithm: str) -> None:
    """Path and query of a GET are covered: a signature for one player opens no other (WAL-70)."""
    await play_examples(box)
    named = None if algorithm == signing.HMAC_SHA256 else algorithm
    signature = sign("GET", "/v1/players/p_19f3", b"", nonce="nonce-0001", algorithm=named)
    headers = {"X-Trace-Id": "tr_signed", **BRAND_42, **signature}
    other = await box.raw("GET", "/v1/players/p_usd", headers=headers)
    require_problem(other, 401, "AUTH_FAILED")
    assert (await box.raw("GET", "/v1/players/p_19f3", headers=headers)).status == 200


@ALGORITHMS
async def test_a_signature_belongs_to_its_sandbox(box: Sandbox, algorithm: str) -> None:
    """The prefix of a sandbox is part of what is signed: a call is not played in another world,
    where the same keys are good (SBX-04, WAL-70)."""
    await box.admin("POST", "/sandboxes", {"name": "ci-1"})
    other = Sandbox(box.app, box.worlds, "ci-1")
    named = None if algorithm == signing.HMAC_SHA256 else algorithm
    target = "/s/ci-1/v1/players/p_19f3"
    for signed_for, status in ((target.removeprefix("/s/ci-1"), 401), (target, 200)):
        signature = sign("GET", signed_for, b"", nonce="nonce-0001", algorithm=named)
        headers = {"X-Trace-Id": "tr_signed", **BRAND_42, **signature}
        assert (await other.raw("GET", "/v1/players/p_19f3", headers=headers)).status == status


@ALGORITHMS
async def test_a_signature_gives_no_scope(box: Sandbox, algorithm: str) -> None:
    """A client that may only read places no bet, however well it signs (PRV-11)."""
    session = await box.session()
    call = bet(session, algorithm)
    named = None if algorithm == signing.HMAC_SHA256 else algorithm
    before = stored(box)
    own = sign(
        "POST",
        f"{call.path}?{call.query}",
        call.body,
        nonce="nonce-0001",
        client="readonly-demo",
        algorithm=named,
    )
    got = await replace(call, headers=call.headers | own).send(box)
    require_problem(got, 403, "SCOPE_DENIED")
    assert stored(box) == before
