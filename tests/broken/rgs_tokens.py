"""What a toy game server knows of players' tokens, and the platform beside it that makes them."""

import base64
import hashlib
import itertools
import json
import time
from decimal import Decimal
from email.utils import formatdate
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.broken.http import Call, Refusal, text
from tests.broken.standing import Player, Standing

SUITE_SEED = hashlib.sha256(b"the suite's own key").digest()
"""Of the key by which this server trusts tokens of the suite too."""
SUITE_KEY = {
    "kty": "OKP",
    "crv": "Ed25519",
    "kid": "suite",
    "d": base64.urlsafe_b64encode(SUITE_SEED).decode().rstrip("="),
}
PLATFORM = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"the platform's key").digest())
TRUSTED = (PLATFORM.public_key(), Ed25519PrivateKey.from_private_bytes(SUITE_SEED).public_key())
TOKEN_S = 300


class TokenRoom(Standing):
    """Players, sessions of the platform, launches; and how a token is read."""

    trusted: tuple[Ed25519PublicKey, ...] = TRUSTED

    def __init__(self) -> None:
        super().__init__()
        self.used: dict[str, str] = {}
        self.jtis = itertools.count()
        self.world.players["p_19f3"] = Player("p_19f3", "brand-42", "EUR", 10_000_000)
        self.route("POST", "/__admin/players", self.make_player)
        self.route("POST", "/__admin/clock/advance", self.advance)
        self.route("POST", "/v1/sessions", self.start, write=True)
        self.route("POST", "/v1/sessions/{session_id}/launch", self.launch, write=True)

    def now_s(self) -> int:
        return int(time.time()) + self.world.now // 1000

    async def answered(self, call: Call) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        status, body, more = await super().answered(call)
        return status, body, [*more, (b"date", formatdate(self.now_s(), usegmt=True).encode())]

    # --- The platform -----------------------------------------------------------------------------

    def make_player(self, call: Call) -> Any:
        name = f"p_{next(self.world.count)}"
        self.world.players[name] = Player(name, "brand-42", call.body["currency"], 0)
        return {"player_id": name}

    def advance(self, call: Call) -> Any:
        self.world.now += int(call.body["by_ms"])
        return {}

    def start(self, call: Call) -> Any:
        name = f"s_{next(self.world.count)}"
        self.world.sessions[name] = (text(call.body, "player_id"), True)
        return {"session_id": name}

    def launch(self, call: Call) -> Any:
        player, _open = self.world.sessions[call.parts["session_id"]]
        claims = {
            "sub": player,
            "geo": "DE",
            "aud": "studio",
            "iat": self.now_s(),
            "exp": self.now_s() + TOKEN_S,
            "jti": f"jti_{next(self.jtis)}",
            "rg_flags": {"self_excluded": False},
        }
        return self.launched(minted(claims))

    def launched(self, token: str) -> Any:
        return {"player_token": token, "geo": "DE"}

    # --- The game server --------------------------------------------------------------------------

    def claims(self, token: str) -> dict[str, Any]:
        """What a good token says."""
        found = self.verified(token)
        self.require_good(found)
        return found

    def verified(self, token: str) -> dict[str, Any]:
        parts = token.split(".")
        if len(parts) != 3:
            raise forged()
        try:
            header, claims = (json.loads(raw(part)) for part in parts[:2])
            signature = raw(parts[2])
        except ValueError:
            raise forged() from None
        if not self.is_signed(header, ".".join(parts[:2]).encode(), signature):
            raise forged()
        found: dict[str, Any] = claims
        return found

    def is_signed(self, header: dict[str, Any], signed: bytes, signature: bytes) -> bool:
        if header.get("alg") != "EdDSA":
            return False
        return any(verifies(key, signed, signature) for key in self.trusted)

    def require_good(self, claims: dict[str, Any]) -> None:
        self.require_audience(claims)
        self.require_times(claims)
        if not isinstance(claims.get("jti"), str):
            raise forged()

    def require_audience(self, claims: dict[str, Any]) -> None:
        if claims.get("aud") != "studio":
            raise forged()

    def require_times(self, claims: dict[str, Any]) -> None:
        end = claims.get("exp")
        if not isinstance(end, int | Decimal) or end <= self.now_s():
            raise forged()
        if claims.get("nbf", 0) > self.now_s() + 30:
            raise forged()

    def require_same(self, claims: dict[str, Any], body: dict[str, Any]) -> None:
        if claims.get("sub") != body["player_id"] or claims.get("geo") != body["geo"]:
            raise forged()

    def use_token(self, claims: dict[str, Any], session: str) -> None:
        if self.used.setdefault(claims["jti"], session) != session:
            raise forged()


def forged() -> Refusal:
    """No such token."""
    return Refusal(401, "AUTH_FAILED")


def verifies(key: Ed25519PublicKey, signed: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def minted(claims: dict[str, Any]) -> str:
    header = {"alg": "EdDSA", "typ": "player+jwt", "kid": "platform"}
    signed = f"{packed(header)}.{packed(claims)}"
    return (
        f"{signed}.{base64.urlsafe_b64encode(PLATFORM.sign(signed.encode())).decode().rstrip('=')}"
    )


def packed(value: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")


def raw(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
