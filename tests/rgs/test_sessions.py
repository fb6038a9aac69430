"""Sessions at the studio: the platform's token opens one, once (RGS-01, RGS-02, RGS-08, RGS-22)."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from simulator.base.clock import NS_PER_S
from tests.rgs.tools import COMET, FORGE, Studio, studio
from tests.server.tools import require_problem
from tests.support import Got, sandbox


async def test_a_session_is_opened_read_and_ended() -> None:
    """What it may play is its market build's; it is told of, ended once, and answered as it is
    afterwards (RGS-01, RGS-20, RGS-21)."""
    async with studio() as at:
        made = await at.open(rg_flags={"self_excluded": False, "time_limit_min": 60})
        assert (made["status"], made["market"], made["rtp_profile"]) == ("open", "eu", "rtp_96")
        assert made["modes"][0] == "base"
        assert made["rg"]["time_limit_min"] == 60
        assert await at.ok("GET", "/sessions/s-1") == made
        ended = await at.ok("POST", "/sessions/s-1/end")
        assert ended["status"] == "ended"
        assert await at.ok("POST", "/sessions/s-1/end") == ended
        topics = [event["event_type"] for event in await at.events()]
        assert topics == ["rgs.session.started", "rgs.session.ended"]
        assert {event["build_hash"] for event in await at.events()} == {made["build_hash"]}
        require_problem(await at.spin(), 409, "INVALID_STATE")
        await at.require_sound()


async def test_the_platform_makes_the_token_and_the_studio_takes_it_once() -> None:
    """Launch makes a token with which the studio lets the player in; a repeat of the launch is the
    same token, another launch another one, and a token that opened a session is refused for a
    second (RGS-02, WAL-63)."""
    async with studio() as at:
        here = await at.box.session()
        first = await at.box.call("POST", f"/v1/sessions/{here}/launch", key="k-1")
        again = await at.box.call("POST", f"/v1/sessions/{here}/launch", key="k-1")
        other = await at.box.call("POST", f"/v1/sessions/{here}/launch", key="k-2")
        assert first.status == 200, first.body
        assert again.body == first.body
        token = first.json["player_token"]
        assert other.json["player_token"] != token
        body = {
            "session_id": here,
            "operator_id": "op-42",
            **{name: first.json[name] for name in ("player_id", "game_id", "build_hash", "geo")},
            "currency": "EUR",
            "jwt": token,
        }
        assert (await at.call("POST", "/sessions", body)).status == 201
        reused = await at.call("POST", "/sessions", {**body, "session_id": "s-2"})
        require_problem(reused, 401, "AUTH_FAILED")
        assert reused.json["details"] == {"reason": "jti"}
        assert at.rows("game_session") == 1
        fresh = {**body, "session_id": "s-2", "jwt": other.json["player_token"]}
        assert (await at.call("POST", "/sessions", fresh)).status == 201


async def test_a_token_lets_nobody_in_at_another_brand() -> None:
    """Used or not: what the platform signed for a player of one brand opens no session of another,
    whose records know nothing of its `jti` (RGS-02, PRV-63)."""
    async with studio() as at:
        here = await at.box.session()
        launched = (await at.box.call("POST", f"/v1/sessions/{here}/launch")).json
        body = {
            "session_id": here,
            "operator_id": "op-42",
            **{name: launched[name] for name in ("player_id", "game_id", "build_hash", "geo")},
            "currency": "EUR",
            "jwt": launched["player_token"],
        }
        token = await at.box.token("playmoney-wallet")
        there = {"Authorization": f"Bearer {token}", "X-Brand-Id": "brand-7"}
        got = await at.call("POST", "/sessions", body, headers=there)
        require_problem(got, 401, "AUTH_FAILED")
        assert got.json["details"] == {"reason": "brand_id"}
        assert at.rows("game_session") == 0
        assert (await at.call("POST", "/sessions", body)).status == 201


async def test_the_same_session_with_the_same_token_is_a_repeat() -> None:
    """Byte for byte, under its own id or any key, also when the token has expired long ago
    (RGS-02, PRV-30)."""
    async with studio() as at:
        body = await at.session_body()
        first = await at.call("POST", "/sessions", body)
        assert first.status == 201
        again = await at.call("POST", "/sessions", body)
        assert (again.body, again.replayed) == (first.body, True)
        await at.advance(600_000)
        keyed = await at.call("POST", "/sessions", body, headers={"X-Idempotency-Key": "k-9"})
        assert (keyed.status, keyed.body) == (201, first.body)
        assert at.rows("game_session") == at.rows("player_token") == 1


@pytest.mark.parametrize("name", ["jwt", "operator_id", "currency"])
async def test_the_same_session_with_anything_else_is_refused(name: str) -> None:
    """Another token or other parameters are no repeat: 409, and nothing changes (RGS-50)."""
    async with studio() as at:
        body = await at.session_body()
        assert (await at.call("POST", "/sessions", body)).status == 201
        before = at.footprint()
        other = {"jwt": at.token(), "operator_id": "op-7", "currency": "USD"}[name]
        got = await at.call("POST", "/sessions", {**body, name: other})
        require_problem(got, 409, "IDEMPOTENCY_MISMATCH")
        keyed = {"X-Idempotency-Key": "k-9"}
        got = await at.call("POST", "/sessions", {**body, name: other}, headers=keyed)
        require_problem(got, 409, "DUPLICATE")
        assert at.footprint() == before


# Tokens that open nothing -------------------------------------------------------------------------


def _segments(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    head, claims, signature = token.split(".")
    read = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, claims)]
    return read[0], read[1], signature


def _join(head: Any, claims: Any, signature: str) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part(head)}.{part(claims)}.{signature}"


def _forged(at: Studio) -> str:
    head, claims, signature = _segments(at.token())
    return _join(head, {**claims, "rg_flags": {"self_excluded": True}}, signature)


def _unsigned(at: Studio) -> str:
    _, claims, _ = _segments(at.token())
    return _join({"alg": "none", "typ": "player+jwt"}, claims, "")


def _by_another_key(at: Studio) -> str:
    head, claims, _ = _segments(at.token())
    key = OKPKey.generate_key("Ed25519")
    return jwt.encode({**head, "kid": "x"}, claims, key, algorithms=["EdDSA"])


def _by_the_public_key(at: Studio) -> str:
    """The confusion of RFC 8725 §2.1: the public key as the secret of an HMAC."""
    _, claims, _ = _segments(at.token())
    public = at.box.world.authority.jwks()["keys"][0]["x"]
    key = OctKey.import_key(public.encode())
    return jwt.encode({"alg": "HS256", "typ": "player+jwt"}, claims, key)


def _of_another_world(at: Studio) -> str:
    head, claims, signature = _segments(at.token())
    return _join(head, claims, "A" + signature[1:] if signature[0] != "A" else "B" + signature[1:])


def _access_token(at: Studio) -> str:
    return at.box.tokens["platform-demo"]


def _for_another_audience(at: Studio) -> str:
    head, claims, _ = _segments(at.token())
    key = at.box.world.authority.players._key
    return jwt.encode(head, {**claims, "aud": "casino"}, key, algorithms=["EdDSA"])


def _expired(at: Studio) -> str:
    now_s = at.box.world.clock.now_ns() // NS_PER_S
    return at.token(exp=now_s - 30)


REFUSED: dict[str, tuple[Callable[[Studio], str], str]] = {
    "forged": (_forged, "token"),
    "alg=none": (_unsigned, "token"),
    "another key": (_by_another_key, "token"),
    "the public key as a secret": (_by_the_public_key, "token"),
    "another signature": (_of_another_world, "token"),
    "an access token": (_access_token, "token"),
    "another audience": (_for_another_audience, "aud"),
    "expired beyond the skew": (_expired, "expired"),
    "another player": (lambda at: at.token("p_usd"), "sub"),
    "another country": (lambda at: at.token(geo="FR"), "geo"),
    "without a jti": (lambda at: at.token(jti=""), "token"),
    "a jti that cannot be kept": (lambda at: at.token(jti="a\x00b"), "token"),
    "no time at all": (lambda at: at.token(rg_flags={"time_limit_min": 0}), "token"),
    "time without end": (lambda at: at.token(rg_flags={"time_limit_min": 10**9}), "token"),
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("how", REFUSED)
async def test_a_bad_token_opens_nothing(how: str) -> None:
    """401 with the reason, nothing stored, nothing remembered: the same session opens with a good
    token afterwards (RGS-02, RGS-50, WAL-71)."""
    forge, reason = REFUSED[how]
    async with studio() as at:
        body = await at.session_body()
        before = at.footprint()
        got = await at.call("POST", "/sessions", {**body, "jwt": forge(at)})
        require_problem(got, 401, "AUTH_FAILED")
        assert got.json["details"] == {"reason": reason}
        assert at.footprint() == before
        assert (await at.call("POST", "/sessions", body)).status == 201


async def test_a_token_is_good_within_the_skew_and_not_beyond() -> None:
    """A token that ended 29 s ago opens; at 30 s it does not; so does one of a clock that is 30 s
    ahead, and not of one further off, by `iat` or by `nbf` (RGS-02, RFC 7519 §4.1.5)."""
    async with studio() as at:
        now_s = at.box.world.clock.now_ns() // NS_PER_S
        tried: list[tuple[dict[str, Any], int]] = [
            ({"exp": now_s - 29}, 201),
            ({"exp": now_s - 30}, 401),
            ({"iat": now_s + 30, "exp": now_s + 60}, 201),
            ({"iat": now_s + 31, "exp": now_s + 60}, 401),
            ({"nbf": now_s + 30}, 201),
            ({"nbf": now_s + 31}, 401),
        ]
        for n, (claims, status) in enumerate(tried):
            body = await at.session_body(f"s-{n}", jwt=at.token(**claims))
            assert (await at.call("POST", "/sessions", body)).status == status, claims


async def test_a_players_token_opens_no_api() -> None:
    """It has the platform's signature and is no access token, whoever it names (RFC 8725 §3.11)."""
    async with studio() as at:
        token = at.token("platform-demo")
        got = await at.call("GET", "/games", headers={"Authorization": f"Bearer {token}"})
        require_problem(got, 401, "AUTH_FAILED")


async def test_a_token_of_another_sandbox_is_a_stranger() -> None:
    """Each world's platform has its own key (RGS-02, SBX-04)."""
    async with sandbox() as box:
        await box.admin("POST", "/sandboxes", {"name": "ci-1", "seed": 7})
        at = Studio(box)
        there = Studio(type(box)(box.app, box.worlds, "ci-1"))
        body = await at.session_body(jwt=there.token())
        require_problem(await at.call("POST", "/sessions", body), 401, "AUTH_FAILED")


# Builds, versions, headers ------------------------------------------------------------------------


async def test_only_the_certified_build_is_played() -> None:
    """Another country's, another game's, one of another profile than is active, one that is none:
    422, and nothing is stored; a game that is none is 404 (RGS-20, RGS-22)."""
    async with studio() as at:
        body = await at.session_body()
        before = at.footprint()
        wrong = [
            (await at.build(FORGE, "GB"))["build_hash"],
            (await at.build(COMET))["build_hash"],
            (await at.build(profile="rtp_92"))["build_hash"],
            "sha256:" + "0" * 64,
        ]
        for build_hash in wrong:
            changed = {**body, "session_id": build_hash[7:], "build_hash": build_hash}
            got = await at.call("POST", "/sessions", changed)
            require_problem(got, 422, "BUILD_NOT_CERTIFIED")
            assert got.json["details"] == {"game_id": FORGE, "country": "DE"}
        nowhere = {**body, "session_id": "s-no", "geo": "NO", "jwt": at.token(geo="NO")}
        require_problem(await at.call("POST", "/sessions", nowhere), 422, "BUILD_NOT_CERTIFIED")
        none = {**body, "session_id": "s-g", "game_id": "studio:none"}
        require_problem(await at.call("POST", "/sessions", none), 404, "NOT_FOUND")
        assert at.footprint() == before


@pytest.mark.parametrize(
    ("accept", "status", "answered"),
    [
        ("application/vnd.rgs.v1+json", 200, "application/vnd.rgs.v1+json"),
        ("application/json", 200, "application/json"),
        ("*/*", 200, "application/json"),
        ("application/vnd.rgs.v2+json, application/vnd.rgs.v1+json;q=0.5", 200,
         "application/vnd.rgs.v1+json"),
        ("application/json;q=0.2, application/vnd.rgs.v1+json", 200,
         "application/vnd.rgs.v1+json"),
        ("application/vnd.rgs.v2+json", 406, "application/json"),
        ("application/json;q=0", 406, "application/json"),
        ("text/html", 406, "application/json"),
    ],
)  # fmt: skip
async def test_the_version_is_asked_for_by_media_type(
    accept: str, status: int, answered: str
) -> None:
    """Version 1 is given to who asks for it, by preference; an unknown one is 406, in the one error
    model (RGS-08)."""
    async with studio() as at:
        got = await at.call("GET", "/markets", headers={"Accept": accept})
        assert (got.status, got.headers["content-type"]) == (status, answered), got.body
        if status == 406:
            assert got.code == "NOT_ACCEPTABLE"
            written = await at.call(
                "POST", "/sessions", await at.session_body(), headers={"Accept": accept}
            )
            assert (written.status, at.rows("game_session")) == (406, 0)


async def test_a_body_may_be_of_the_apis_own_type() -> None:
    """What it answers as, it reads as; another version it does not (RGS-08)."""
    async with studio() as at:
        body = await at.session_body()
        for version, status in (("v2", 400), ("v1", 201)):
            kind = {"Content-Type": f"application/vnd.rgs.{version}+json"}
            assert (await at.call("POST", "/sessions", body, headers=kind)).status == status


async def test_only_the_trace_id_is_needed() -> None:
    """Of PRV-12's headers the studio asks for one; a client of several brands names the brand, and
    none acts for a brand that is not its own (README of the specification, PRV-63)."""
    async with studio() as at:
        got = await at.call("GET", "/games", headers={"X-Trace-Id": ""})
        require_problem(got, 400, "VALIDATION_FAILED")
        foreign = await at.call("GET", "/games", headers={"X-Brand-Id": "brand-7"})
        require_problem(foreign, 403, "SCOPE_DENIED")
        several = await at.box.token("playmoney-wallet")
        headers = {"Authorization": f"Bearer {several}"}
        which = await at.call("GET", "/games", headers=headers)
        require_problem(which, 400, "VALIDATION_FAILED")
        assert which.json["details"]["errors"][0]["field"] == "X-Brand-Id"
        named = await at.call("GET", "/games", headers={**headers, "X-Brand-Id": "brand-7"})
        assert named.status == 200


async def test_another_brands_session_does_not_exist() -> None:
    """Read, played or ended by another tenant: 404, and its own id may be the same (PRV-63)."""
    async with studio() as at:
        await at.open()
        token = await at.box.token("playmoney-wallet")
        there = {"Authorization": f"Bearer {token}", "X-Brand-Id": "brand-7"}
        answers: list[Got] = [
            await at.call("GET", "/sessions/s-1", headers=there),
            await at.call("POST", "/sessions/s-1/end", headers=there),
        ]
        assert [got.code for got in answers] == ["NOT_FOUND", "NOT_FOUND"]
        assert (await at.ok("GET", "/sessions/s-1"))["status"] == "open"


async def test_a_session_ends_by_time() -> None:
    """An hour after it was opened nothing is played in it (RGS-50)."""
    async with studio() as at:
        await at.open()
        await at.advance(3_600_000)
        got = await at.spin()
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == "session_expired"
        assert (await at.ok("GET", "/sessions/s-1"))["status"] == "expired"
