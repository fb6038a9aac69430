"""The launch of a game: a token for the studio, good once (RGS-02, WAL-63)."""

import base64
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from simulator.base.clock import parse_iso
from tests.server.tools import require_problem
from tests.support import Sandbox
from tests.wallet.tools import nothing_moves, wallet


async def _launch(box: Sandbox, session: str, **how: Any) -> Any:
    return await box.call("POST", f"/v1/sessions/{session}/launch", **how)


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_a_stranger_can_check_the_token() -> None:
    """With `/.well-known/jwks.json` and nothing else: the signature holds, and the claims are the
    player's, short-lived, for the studio alone (RGS-02)."""
    async with wallet() as box:
        session = await box.session()
        launched = (await _launch(box, session)).json
        keys = KeySet.import_key_set((await box.raw("GET", "/.well-known/jwks.json")).json)
        read = jwt.decode(launched["player_token"], keys, algorithms=["EdDSA"])
        assert (read.header["alg"], read.header["typ"]) == ("EdDSA", "player+jwt")
        claims = read.claims
        assert {"sub", "geo", "rg_flags", "exp", "aud", "jti"} <= set(claims)
        assert (claims["sub"], claims["geo"], claims["aud"]) == ("p_19f3", "DE", "studio")
        assert claims["rg_flags"] == {"self_excluded": False}
        assert claims["exp"] - claims["iat"] == 300
        assert parse_iso(launched["expires_at"]) == claims["exp"] * 10**9
        shown = (await box.call("GET", f"/v1/sessions/{session}")).json
        same = ("session_id", "player_id", "game_id", "build_hash", "geo", "currency")
        assert {name: launched[name] for name in same} == {name: shown[name] for name in same}


async def test_each_launch_has_a_token_of_its_own() -> None:
    """A repeat is the same token, another launch another one; no money moves (WAL-63, PRV-30)."""
    async with wallet() as box:
        session = await box.session()
        async with nothing_moves(box):
            first, again, other = [await _launch(box, session, key=k) for k in ("a", "a", "b")]
        assert again.body == first.body
        assert other.json["player_token"] != first.json["player_token"]


async def test_an_excluded_players_token_says_so() -> None:
    """The platform's own knowledge, whatever the session was opened with (RGS-02, RGS-31)."""
    async with wallet() as box:
        launched = (await _launch(box, await box.session("p_excluded"))).json
        part = launched["player_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=="))
        assert claims["rg_flags"] == {"self_excluded": True}


async def test_what_is_over_is_not_launched() -> None:
    """An ended session: 409, and no token (WAL-14)."""
    async with wallet() as box:
        session = await box.session()
        await box.call("POST", f"/v1/sessions/{session}/end")
        require_problem(await _launch(box, session), 409, "INVALID_STATE")
        require_problem(await _launch(box, "s-none"), 404, "NOT_FOUND")
