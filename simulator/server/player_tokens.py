"""Players' tokens: short-lived, for one session, signed by the platform (RGS-02, WAL-63).

The platform mints them, the studio reads them; both only see what they are handed. They are signed
with the key of `/.well-known/jwks.json` and typed `player+jwt`, so that neither kind of token is
ever taken for the other (RFC 8725 §3.11). A platform of the user's own signs with a key of its own,
which the server was told of by `--platform-keys`.
"""

import base64
import re
import warnings
from collections.abc import Sequence
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey

from simulator.base.clock import NS_PER_S, iso
from simulator.base.errors import AuthFailed
from simulator.server.jwks import Jwks
from simulator.server.platform_keys import PlatformKey
from simulator.wire.rgs import PlayerClaims

AUDIENCE = "studio"
TYPE = "player+jwt"
SKEW_S = 30
"""How far the platform's clock may be behind or ahead: what JWT libraries commonly allow."""

_ALGORITHMS = ["EdDSA"]
_JTI = re.compile(r"[\x21-\x7e]{1,128}")
_DAY_MIN = 1440


class PlayerTokens:
    """The platform's tokens: whoever has its key may let players in, and so may the platforms whose
    public keys the world was told of."""

    def __init__(self, key: OKPKey, others: Sequence[PlatformKey] = ()) -> None:
        self._key = key
        self._others = others
        self.jwks: Jwks | None = None
        """The published keys of a platform behind a URL, where another system plays it."""

    def mint(self, claims: PlayerClaims) -> str:
        """The token that says this. The same claims give the same token (RFC 8032)."""
        said = msgspec.to_builtins(claims)
        said |= {"aud": AUDIENCE, "iss": "playmoney"}
        flags = claims.rg_flags
        said["rg_flags"] = {"self_excluded": flags.self_excluded}
        if flags.time_limit_min is not None:
            said["rg_flags"]["time_limit_min"] = flags.time_limit_min
        header = {"alg": _ALGORITHMS[0], "typ": TYPE, "kid": self._key.kid}
        with warnings.catch_warnings():
            # RFC 9864 renamed EdDSA to Ed25519 in 2025; most JWT libraries know the old name only.
            warnings.simplefilter("ignore", SecurityWarning)
            return jwt.encode(header, said, self._key, algorithms=_ALGORITHMS)

    def read_player(self, token: str, now_ns: int) -> PlayerClaims:
        """What a token says. Raises AuthFailed: `details.reason` is `token` (forged, unsigned,
        a key that nobody told of, another kind), `aud`, or `expired` (beyond the skew)."""
        claims = self._claims(token)
        if claims.get("aud") != AUDIENCE:
            raise _refused("aud", f"the player's token is not for aud={AUDIENCE}")
        try:
            said = msgspec.convert(claims, PlayerClaims)
        except msgspec.ValidationError as wrong:
            raise _refused("token", f"the player's token says too little: {wrong}") from None
        if not _JTI.fullmatch(said.jti):
            raise _refused("token", "the player's token has no jti of 1 to 128 visible characters")
        limit_min = said.rg_flags.time_limit_min
        if limit_min is not None and not 1 <= limit_min <= _DAY_MIN:
            raise _refused("token", f"the token's time_limit_min is not within 1..{_DAY_MIN}")
        if now_ns >= (said.exp + SKEW_S) * NS_PER_S:
            raise _refused("expired", f"the player's token expired at {_time(said.exp)}")
        if now_ns < (max(said.iat, said.nbf) - SKEW_S) * NS_PER_S:
            raise _refused("token", "the player's token is not good yet (iat, nbf)")
        return said

    def _published(self, token: str) -> list[PlatformKey]:
        """The key that the token names, among those that the platform behind a URL publishes."""
        key = None if self.jwks is None else self.jwks.find(_kid(token))
        return [] if key is None else [key]

    def _claims(self, token: str) -> dict[str, Any]:
        read = _verified(token, self._key, _ALGORITHMS[0])
        types: list[str | None] = [TYPE]
        if read is None:
            tried = (_verified(token, *other) for other in (*self._published(token), *self._others))
            read = next((found for found in tried if found is not None), None)
            types = [TYPE, "JWT", None]  # a key that signs nothing else that we would take
        if read is None:
            raise _refused("token", "the player's token is not one that the platform signed")
        if read.header.get("typ") not in types:
            raise _refused("token", f"the player's token is not of typ {TYPE}")
        return read.claims


def _verified(token: str, key: OKPKey | ECKey, algorithm: str) -> jwt.Token | None:
    """The token, if this key signed it by this algorithm."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            return jwt.decode(token, key, algorithms=[algorithm])
    except (JoseError, ValueError, TypeError):
        return None


def _kid(token: str) -> str:
    """The key that a token names; empty for none."""
    head = token.partition(".")[0]
    try:
        said = msgspec.json.decode(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, msgspec.DecodeError):
        return ""
    kid = said.get("kid") if isinstance(said, dict) else None
    return kid if isinstance(kid, str) else ""


def _time(seconds: int) -> str:
    return iso(seconds * NS_PER_S) if 0 <= seconds < 2**33 else f"{seconds} s"


def _refused(reason: str, message: str) -> AuthFailed:
    return AuthFailed(message, details={"reason": reason})
