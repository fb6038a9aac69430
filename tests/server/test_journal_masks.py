"""What the journal must not tell: nothing that opens anything can be read out of it (SBX-10)."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from simulator.server.clients import CLIENTS
from simulator.server.journal_view import fingerprint
from tests.play.tools import casino
from tests.server.test_journal import search
from tests.support import Sandbox, sandbox

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


async def told(box: Sandbox) -> str:
    """Everything that the journal says, in each of its three forms."""
    forms = ("", "/export", "/export?format=har")
    return "".join([(await box.admin("GET", f"/journal{f}")).body.decode() for f in forms])


async def test_a_token_is_masked_where_it_is_given_and_where_it_is_used(box: Sandbox) -> None:
    """The bearer token of the answer and of the header is one fingerprint (SBX-10)."""
    await box.call("GET", "/v1/bets")
    token = box.tokens["studio-demo"]
    given, used = await search(box)
    assert json.loads(given["answer"]["body"])["access_token"] == fingerprint(token)
    assert dict(used["request"]["headers"])["authorization"] == f"Bearer {fingerprint(token)}"
    assert token not in await told(box)


async def test_client_secrets_are_masked(box: Sandbox) -> None:
    """In the form, in HTTP Basic, in JSON and in the query, known or not, told by no digest: a
    secret that people chose could be guessed from one (SBX-10)."""
    basic = base64.b64encode(b"studio-demo:hunter2-basic").decode()
    form = "grant_type=client_credentials&client_id=studio-demo&client_secret="
    await box.raw("POST", "/oauth/token", f"{form}studio-demo-secret".encode(), FORM)
    await box.raw("POST", "/oauth/token", f"{form}hunter2-form".encode(), FORM)
    await box.raw("POST", "/oauth/token", b"", {**FORM, "Authorization": f"Basic {basic}"})
    await box.raw("POST", "/v1/x?client_secret=hunter2-query&a=1", b"", {})
    await box.raw("PUT", "/__admin/seed", b'{"password" : "hunter2\\"json", "a": "b"}', JSON)
    await box.raw(
        "GET", "/v1/bets", headers={"Cookie": "id=hunter2-cookie", "X-Api-Key": "hunter2"}
    )
    everything = await told(box)
    assert "hunter2" not in everything
    assert "studio-demo-secret" not in everything
    assert basic not in everything
    entries = await search(box)
    assert entries[0]["request"]["body"] == f"{form}***"
    assert ["authorization", "Basic studio-demo:***"] in entries[2]["request"]["headers"]
    assert entries[2]["client"] == "studio-demo"
    assert entries[3]["request"]["target"] == "/v1/x?client_secret=***&a=1"
    assert entries[4]["request"]["body"] == '{"password" : "***", "a": "b"}'


async def test_signatures_are_masked(box: Sandbox) -> None:
    """A signature keeps its fingerprint only; nonce and timestamp, which open nothing without it,
    stay (SBX-10)."""
    headers = {"X-Client-Id": "studio-demo", "X-Signature": "f" * 64, "X-Nonce": "nonce-12345"}
    await box.raw("GET", "/v1/bets", headers=headers)
    (entry,) = await search(box)
    sent = dict(entry["request"]["headers"])
    assert (sent["x-signature"], sent["x-nonce"]) == (fingerprint("f" * 64), "nonce-12345")
    assert entry["client"] == "studio-demo"


async def test_the_credentials_of_a_new_sandbox_are_masked(box: Sandbox) -> None:
    """Secrets and keys that the control API hands out are not handed out again (SBX-10)."""
    await box.admin("POST", "/sandboxes", {"name": "ci-1"})
    everything = await told(box)
    for client in CLIENTS.values():
        assert client.secret not in everything
        for entry in client.credentials():
            assert entry.ed25519_private_key not in everything
            assert f'"{entry.signing_key}"' not in everything
    assert "client_secret" in everything


async def test_the_admin_token_is_masked() -> None:
    """It opens the whole control API (SBX-10)."""
    async with sandbox(admin_token="very-secret-admin") as box:
        bearer = {"Authorization": "Bearer very-secret-admin"}
        await box.raw("GET", "/__admin/health", headers=bearer)
        got = await box.raw("GET", "/__admin/journal", headers=bearer)
        assert b"very-secret" not in got.body
        (entry,) = json.loads(got.body)["items"]
        assert ["authorization", "Bearer ***"] in entry["request"]["headers"]


async def test_a_players_token_is_masked() -> None:
    """The launch token goes from the platform to the studio in a body: wherever a JWT stands, in
    whatever field, it is masked (RGS-02, SBX-10)."""
    async with casino() as game:
        await game.open()
        everything = await told(game.box)
        assert "eyJ" not in everything
        bodies = [e["request"].get("body", "") for e in await search(game.box, "direction=inside")]
        assert any("***" in body for body in bodies)


async def test_what_is_no_secret_is_told(box: Sandbox) -> None:
    """The negative control: names that look a little like secrets keep their values (SBX-10)."""
    body: Any = {"idempotency_key": "k-1", "token_type": "Bearer", "tokens": 3, "secretary": "Ann"}
    await box.raw("PUT", "/__admin/seed?page_key=7&tokens=3", json.dumps(body).encode(), JSON)
    (entry,) = await search(box)
    assert json.loads(entry["request"]["body"]) == body
    assert entry["request"]["target"] == "/__admin/seed?page_key=7&tokens=3"
    assert entry["key"] == "k-1"
