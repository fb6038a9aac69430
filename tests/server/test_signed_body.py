"""Signatures of the body alone, where the profile says so: what they keep out, and what they cannot
(RGS-07, WAL-70)."""

import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from simulator.wire import signing
from tests.rgs.tools import Studio
from tests.server.tools import require_problem, sign
from tests.support import BRAND_42, Got, encode, sandbox

GUIDE = Path(__file__).parents[2] / "docs" / "signing.md"
KEY = b"platform-demo-key"


@pytest.fixture
async def at() -> AsyncIterator[Studio]:
    """A studio whose platform signs bodies, with a session."""
    async with sandbox(profile="body-signature") as box:
        found = Studio(box)
        await found.open()
        yield found


def spin(spin_id: str = "spin-1", stake: str = "1.00") -> bytes:
    """A spin's body, as it goes out."""
    return (
        f'{{"spin_id":"{spin_id}","round_id":"rnd-1","session_id":"s-1","stake":{{"amount":{stake},'
        f'"currency":"EUR"}},"spin_type":"cash","idempotency_key":"{spin_id}"}}'
    ).encode()


def signed(body: bytes, key: bytes = KEY) -> dict[str, str]:
    """As a partner makes it, with nothing of ours."""
    return {
        "X-Client-Id": "platform-demo",
        "X-Signature": hmac.new(key, body, hashlib.sha256).hexdigest(),
    }


async def send(
    at: Studio, body: bytes, headers: Mapping[str, str], path: str = "/rgs/v1/spins"
) -> Got:
    more = {"X-Trace-Id": "tr_signed", "Content-Type": "application/json"}
    return await at.box.raw("POST", path, body, {**more, **headers})


async def refused(at: Studio, body: bytes, headers: Mapping[str, str]) -> None:
    """401, and nothing is stored; not the key either, for the good one is played afterwards."""
    before = at.footprint()
    require_problem(await send(at, body, headers), 401, "AUTH_FAILED")
    assert at.footprint() == before


async def test_a_signed_body_is_played_once(at: Studio) -> None:
    """Two headers are enough. Replayed byte for byte it passes, and its key answers it: the first
    answer, one spin (RGS-03, RGS-07, RGS-50)."""
    first = await send(at, spin(), signed(spin()))
    assert (first.status, first.replayed) == (200, False), first.body
    again = await send(at, spin(), signed(spin()))
    assert (again.status, again.body, again.replayed) == (200, first.body, True)
    assert at.rows("spin") == 1
    await at.require_sound()


async def test_one_flipped_bit_of_the_body_fails(at: Studio) -> None:
    """At each place of the body; the call is not played, and its key is not used up (WAL-70)."""
    headers = signed(spin())
    for place in range(len(spin())):
        altered = bytearray(spin())
        altered[place] ^= 1
        await refused(at, bytes(altered), headers)
    assert (await send(at, spin(), headers)).status == 200


async def test_what_is_missing_or_wrong_fails(at: Studio) -> None:
    """No signature, no client, another's key, one digit, capitals, an unknown client or algorithm:
    401, and nothing is stored (WAL-70, RGS-50)."""
    good = signed(spin())
    mac = good["X-Signature"]
    for headers in (
        {},
        {"X-Signature": mac},
        {"X-Client-Id": "platform-demo"},
        signed(spin(), b"studio-demo-key"),
        {**good, "X-Signature": mac[:-1] + ("0" if mac[-1] != "0" else "1")},
        {**good, "X-Signature": mac.upper()},
        {**good, "X-Signature": f"sha256={mac}"},
        {**good, "X-Client-Id": "nobody"},
        {**good, "X-Signature-Algorithm": "md5"},
    ):
        await refused(at, spin(), headers)
    assert (await send(at, spin(), good)).status == 200


async def test_an_empty_body_is_not_signed(at: Studio) -> None:
    """Its signature would be good for every path for ever; a token reads, and ends a session."""
    headers = {"X-Trace-Id": "tr_signed", **signed(b"")}
    got = await at.box.raw("GET", "/rgs/v1/sessions/s-1", b"", headers)
    require_problem(got, 401, "AUTH_FAILED")
    got = await at.box.raw("POST", "/rgs/v1/sessions/s-1/end", b"", headers)
    require_problem(got, 401, "AUTH_FAILED")
    assert (await at.ok("GET", "/sessions/s-1"))["status"] == "open"


async def test_every_party_takes_it_and_ed25519_too(at: Studio) -> None:
    """The wallet's API by either algorithm, over the body alone; scopes are asked as ever."""
    body = encode(
        {
            "player_id": "p_19f3",
            "game_id": "studio:slot_forge_02",
            "currency": "EUR",
            "locale": "de-DE",
        }
    )
    key = signing.demo_ed25519_key("studio-demo-key")
    by_key = {
        "X-Client-Id": "studio-demo",
        "X-Signature-Algorithm": "ed25519",
        "X-Signature": signing.sign_ed25519(key, body),
    }
    headers = {**BRAND_42, **by_key, "X-Idempotency-Key": "k-1"}
    assert (await send(at, body, headers, "/v1/sessions")).status == 201
    reader = {
        **headers,
        "X-Client-Id": "readonly-demo",
        "X-Signature-Algorithm": "hmac-sha256",
        "X-Signature": signing.sign_hmac(b"readonly-demo-key", body),
    }
    require_problem(await send(at, body, reader, "/v1/sessions"), 403, "SCOPE_DENIED")


async def test_a_world_takes_one_kind_of_signature(at: Studio) -> None:
    """Under the body-only profile a signature of the whole request does not fit, and under the
    reference one of the body alone does not: the weaker one is on where it is asked for only."""
    whole = sign("POST", "/rgs/v1/spins", spin(), nonce="nonce-0001", client="platform-demo")
    await refused(at, spin(), whole)
    async with sandbox() as box:
        other = Studio(box)
        await other.open()
        await refused(other, spin(), signed(spin()))
        assert (await send(other, spin(), whole)).status == 200


def test_the_guides_vectors() -> None:
    """Each row of the guide, by the standard library and by ours; equal JSON is not equal bytes."""
    section = GUIDE.read_text(encoding="utf-8").partition("\n## Body only\n")[2]
    lines = [one for one in section.partition("\n## ")[0].splitlines() if one.startswith("| ")]
    rows = [
        re.fullmatch(r"\| .+? \| `(.+?)` \| `(.+)` \| `([0-9a-f]{64})` \|", x) for x in lines[2:]
    ]
    assert len(rows) >= 4
    for row in rows:
        assert row is not None
        key, body = row[1].encode(), row[2].encode()
        assert hmac.new(key, body, hashlib.sha256).hexdigest() == row[3]
        assert signing.verify_hmac(key, body, row[3])
    assert len({row[3] for row in rows if row}) == len(rows)
