"""`POST /oauth/token`: client credentials for a short-lived bearer token (PRV-10, RFC 6749)."""

import base64
import json
import urllib.parse
import warnings
from collections.abc import AsyncIterator, Mapping

import pytest
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, SecurityWarning
from joserfc.jwk import KeySet

from simulator.server.clients import CLIENTS, READ_SCOPES
from simulator.settings import Settings
from tests.server.tools import require_problem, stored
from tests.support import Got, Sandbox, sandbox

FORM = "application/x-www-form-urlencoded"
GRANT = {"grant_type": "client_credentials"}
SECRET = {"client_id": "studio-demo", "client_secret": "studio-demo-secret"}


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


def basic(client_id: str, secret: str) -> dict[str, str]:
    """Credentials as RFC 7617 writes them."""
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


async def ask(
    box: Sandbox, form: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> Got:
    """Ask for a token, as an OAuth library does."""
    body = urllib.parse.urlencode(form).encode()
    return await box.raw("POST", "/oauth/token", body, {"Content-Type": FORM, **(headers or {})})


async def opens(box: Sandbox, token: str, path: str = "/v1/players/p_19f3") -> int:
    """The status that a token gets."""
    return (await box.call("GET", path, headers={"Authorization": f"Bearer {token}"})).status


def require_refused(got: Got, status: int, error: str) -> None:
    """The refusal of RFC 6749 §5.2 and of the error model in one body, not to be cached."""
    require_problem(got, status, "AUTH_FAILED" if status == 401 else "VALIDATION_FAILED")
    assert got.json["error"] == error
    assert got.json["error_description"] == got.json["message"]
    assert got.json["retryable"] is False
    assert got.headers["cache-control"] == "no-store"
    assert got.headers.get("www-authenticate", "").startswith("Basic") is (status == 401)
    assert "access_token" not in got.json


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("way", ["form", "basic"])
async def test_a_client_gets_a_token(box: Sandbox, client: str, way: str) -> None:
    """By form or by HTTP Basic, with all the scopes that the client has and no others
    (PRV-10, PRV-11)."""
    known = CLIENTS[client]
    if way == "form":
        got = await ask(box, {**GRANT, "client_id": client, "client_secret": known.secret})
    else:
        got = await ask(box, GRANT, basic(client, known.secret))
    assert got.status == 200
    assert set(got.json) == {"access_token", "token_type", "expires_in", "scope"}
    assert got.json["token_type"] == "Bearer"
    assert frozenset(got.json["scope"].split()) == known.scopes
    assert got.headers["cache-control"] == "no-store"
    path = "/v1/players/p_19f3" if "brand-42" in known.brands else "/v1/players/p_uk"
    bearer = {"Authorization": f"Bearer {got.json['access_token']}"}
    assert (await box.call("GET", path, client=client, headers=bearer)).status == 200


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({**SECRET, "client_secret": "wrong"}, {}),
        ({**SECRET, "client_secret": "studio-demo-key"}, {}),
        ({**SECRET, "client_secret": ""}, {}),
        ({**SECRET, "client_id": "nobody"}, {}),
        ({"client_id": "studio-demo"}, {}),
        ({}, {}),
        ({}, basic("studio-demo", "wrong")),
        ({}, basic("nobody", "studio-demo-secret")),
        ({}, {"Authorization": "Basic studio-demo:studio-demo-secret"}),
        ({}, {"Authorization": "Bearer studio-demo-secret"}),
        (SECRET, basic("studio-demo", "wrong")),
    ],
)
async def test_a_wrong_secret_is_a_401(
    box: Sandbox, form: dict[str, str], headers: dict[str, str]
) -> None:
    """`invalid_client`, with the way to authenticate; what stands in the header counts, and nobody
    learns which ids exist (RFC 6749 §5.2)."""
    got = await ask(box, {**GRANT, **form}, headers)
    require_refused(got, 401, "invalid_client")
    assert got.json["message"] == "unknown client or wrong secret"


@pytest.mark.parametrize(
    "grant", [None, "", "password", "authorization_code", "CLIENT_CREDENTIALS"]
)
async def test_another_grant_is_refused(box: Sandbox, grant: str | None) -> None:
    """Client credentials are the only grant there is, for a good client too (PRV-10)."""
    form = SECRET if grant is None else {**SECRET, "grant_type": grant}
    require_refused(await ask(box, form), 400, "unsupported_grant_type")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", json.dumps({**GRANT, **SECRET}).encode()),
        ("text/plain", urllib.parse.urlencode({**GRANT, **SECRET}).encode()),
        (FORM, urllib.parse.urlencode([*GRANT.items(), *GRANT.items(), *SECRET.items()]).encode()),
        (FORM, b"grant_type=%ff"),
        (FORM, "grant_type=ü".encode()),
        (FORM, b"&".join(b"a%d=1" % n for n in range(50))),
    ],
    ids=["json", "text", "repeated", "not utf-8", "not ascii", "endless"],
)
async def test_what_is_no_form_is_an_invalid_request(
    box: Sandbox, content_type: str, body: bytes
) -> None:
    """A body that cannot be read one way only is not read at all (WAL-77, RFC 6749 §5.2)."""
    got = await box.raw("POST", "/oauth/token", body, {"Content-Type": content_type})
    require_refused(got, 400, "invalid_request")


async def test_a_token_can_be_narrowed(box: Sandbox) -> None:
    """It has the scopes that were asked for and opens nothing else (PRV-11)."""
    got = await ask(box, {**GRANT, **SECRET, "scope": "bets:read players:read"})
    assert got.json["scope"] == "bets:read players:read"
    token = got.json["access_token"]
    assert await opens(box, token) == 200
    assert await opens(box, token, "/v1/bets") == 200
    assert await opens(box, token, "/v1/events") == 403


@pytest.mark.parametrize(
    ("client", "scope"),
    [
        ("readonly-demo", "bets:write"),
        ("readonly-demo", f"{' '.join(sorted(READ_SCOPES))} rounds:write"),
        ("studio-demo", "admin"),
        ("studio-demo", "bets:read,bets:write"),
    ],
)
async def test_no_scope_comes_by_asking(box: Sandbox, client: str, scope: str) -> None:
    """A scope that the client lacks is `invalid_scope`, not left out silently (PRV-11)."""
    form = {"client_id": client, "client_secret": f"{client}-secret", "scope": scope}
    require_refused(await ask(box, {**GRANT, **form}), 400, "invalid_scope")


async def test_the_published_keys_verify_the_token(box: Sandbox) -> None:
    """With `/.well-known/jwks.json` and nothing else a stranger checks our token, and sees through
    another sandbox's (RFC 7517, SBX-04)."""
    token = (await ask(box, {**GRANT, **SECRET})).json["access_token"]
    got = await box.raw("GET", "/.well-known/jwks.json")
    assert got.status == 200
    keys = KeySet.import_key_set(json.loads(got.body))
    assert verified(token, keys) == {"sub": "studio-demo", "aud": "default"}
    await box.admin("POST", "/sandboxes", {"name": "ci-1", "seed": 42})
    other = Sandbox(box.app, box.worlds, "ci-1")
    with pytest.raises(InvalidKeyIdError):
        verified(await other.token("studio-demo"), keys)


def verified(token: str, keys: KeySet) -> dict[str, str]:
    """Who a token is for, by its signature."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # for the name EdDSA, see server/auth.py
        claims = jwt.decode(token, keys, algorithms=["EdDSA"]).claims
    return {name: claims[name] for name in ("sub", "aud")}


async def test_a_token_lives_shortly(box: Sandbox) -> None:
    """Until its time is over on the world's clock; then it is a 401 that says so, and a new one
    works (PRV-10, SBX-03)."""
    got = await ask(box, {**GRANT, **SECRET})
    token, lives_s = got.json["access_token"], got.json["expires_in"]
    assert lives_s == Settings().token_ttl_s
    assert lives_s <= 900
    await box.admin("POST", "/clock/advance", {"by_ms": lives_s * 1000 - 1})
    assert await opens(box, token) == 200
    await box.admin("POST", "/clock/advance", {"by_ms": 1})
    late = await box.call("GET", "/v1/bets", headers={"Authorization": f"Bearer {token}"})
    require_problem(late, 401, "AUTH_FAILED")
    assert late.json["details"] == {"reason": "token_expired"}
    assert late.headers["www-authenticate"].startswith("Bearer")
    assert await opens(box, (await ask(box, {**GRANT, **SECRET})).json["access_token"]) == 200


async def test_asking_for_a_token_stores_nothing(box: Sandbox) -> None:
    """Nothing is remembered: each call gives another token, and the store does not grow."""
    before = stored(box)
    tokens = {(await ask(box, {**GRANT, **SECRET})).json["access_token"] for _ in range(3)}
    assert len(tokens) == 3
    assert stored(box) == before


async def test_a_token_opens_no_control_api() -> None:
    """A provider's token is not the owner's (SBX-04)."""
    async with sandbox(admin_token="owner") as box:
        token = await box.token("studio-demo")
        got = await box.raw("POST", "/__admin/reset", headers={"Authorization": f"Bearer {token}"})
        require_problem(got, 401, "AUTH_FAILED")
