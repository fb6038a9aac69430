"""Wrong about who may come in: tokens, builds, countries, exclusion."""

import base64
import hashlib
import hmac
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.broken.http import Call, Refusal, pause
from tests.broken.rgs_spins import Session
from tests.broken.rgs_tokens import raw, verifies
from tests.broken.rgs_variants.variant import Broken


class TakesAlgNone(Broken):
    """A token that says it needs no signature needs none."""

    killed_by = "rgs.token.forged"

    def is_signed(self, header: dict[str, Any], signed: bytes, signature: bytes) -> bool:
        none = str(header.get("alg")).lower() == "none"
        return none or super().is_signed(header, signed, signature)


class TrustsTheTokensKey(Broken):
    """A key that the token brings along is believed."""

    killed_by = "rgs.token.forged"

    def is_signed(self, header: dict[str, Any], signed: bytes, signature: bytes) -> bool:
        if "jwk" in header:
            key = Ed25519PublicKey.from_public_bytes(raw(header["jwk"]["x"]))
            return verifies(key, signed, signature)
        return super().is_signed(header, signed, signature)


class GuessableSecret(Broken):
    """Tokens by HS256 are taken too, and the secret is what tutorials say."""

    killed_by = "rgs.token.forged"

    def is_signed(self, header: dict[str, Any], signed: bytes, signature: bytes) -> bool:
        if header.get("alg") == "HS256":
            return hmac.compare_digest(hmac.digest(b"secret", signed, hashlib.sha256), signature)
        return super().is_signed(header, signed, signature)


class ReadsWithoutLooking(Broken):
    """The claims are read, the signature is for others."""

    killed_by = "rgs.token.forged"

    def is_signed(self, header: dict[str, Any], signed: bytes, signature: bytes) -> bool:
        return header.get("alg") == "EdDSA" and len(signature) == len(base64.b16encode(b"x" * 32))


class TokensAgain(Broken):
    """A token opens as many sessions as one likes."""

    killed_by = "rgs.token.reused"

    def use_token(self, claims: dict[str, Any], session: str) -> None:
        return


class TokensInARace(Broken):
    """Whether a token was used is looked up before, and noted after."""

    killed_by = "rgs.token.parallel"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        if call.path != "/rgs/v1/sessions":
            return await super().once(call, handler)
        before = dict(self.used)
        await pause()
        now, self.used = self.used, before
        try:
            return await super().once(call, handler)
        finally:
            self.used = now | self.used


class AnyAudience(Broken):
    """A token for whomever is a token."""

    killed_by = "rgs.token.claims"

    def require_audience(self, claims: dict[str, Any]) -> None:
        return


class TokensForEver(Broken):
    """The time of a token is not looked at."""

    killed_by = "rgs.token.expired"

    def require_times(self, claims: dict[str, Any]) -> None:
        return


class NeverExpires(Broken):
    """Without an end a token has none."""

    killed_by = "rgs.token.claims"

    def require_times(self, claims: dict[str, Any]) -> None:
        if "exp" in claims:
            super().require_times(claims)


class AnybodysToken(Broken):
    """The body says who plays, the token only that somebody may."""

    killed_by = "rgs.token.mismatch"

    def require_same(self, claims: dict[str, Any], body: dict[str, Any]) -> None:
        return


class AnyWhere(Broken):
    """The country of the token does not matter."""

    killed_by = "rgs.token.mismatch"

    def require_same(self, claims: dict[str, Any], body: dict[str, Any]) -> None:
        super().require_same({**claims, "geo": body["geo"]}, body)


class TokenOnce(Broken):
    """The same session with the same token is a used token."""

    killed_by = "rgs.session.repeat"

    def same_session(self, call: Call, known: Session) -> Any:
        raise Refusal(401, "AUTH_FAILED")


class AnyBuild(Broken):
    """A build of any game will do."""

    killed_by = "rgs.build.certified"

    def require_build(self, body: dict[str, Any]) -> None:
        if not body["build_hash"].startswith("sha256:"):
            raise Refusal(422, "BUILD_NOT_CERTIFIED")


class AnyCountry(Broken):
    """What is certified somewhere is played everywhere."""

    killed_by = "rgs.build.country"

    def require_build(self, body: dict[str, Any]) -> None:
        super().require_build({**body, "geo": "DE"})


class IgnoresFlags(Broken):
    """What the platform says of a player at the door is not heard."""

    killed_by = "rgs.excluded.flags"

    def is_excluded(self, flags: dict[str, Any], claims: dict[str, Any]) -> bool:
        return False


class IgnoresTokenFlags(Broken):
    """What the body says of a player is believed, and not what the platform has signed."""

    killed_by = "rgs.excluded.token"

    def is_excluded(self, flags: dict[str, Any], claims: dict[str, Any]) -> bool:
        return super().is_excluded(flags, {})


class ExcludedFromTheNextSession(Broken):
    """A player who is excluded plays on in the session that is open."""

    killed_by = "rgs.excluded.binds"

    def exclude(self, call: Call) -> Any:
        return {"player_id": call.parts["player_id"], "self_excluded": True}


class ExclusionTakesFreeSpins(Broken):
    """Free spins that were given are lost to who is excluded."""

    killed_by = "rgs.excluded.binds"

    def require_allowed(self, session: Session, body: dict[str, Any]) -> None:
        super().require_allowed(session, {**body, "spin_type": "cash"})


class SessionsInDollars(Broken):
    """Whatever the player's currency is, the session has the house's."""

    killed_by = "rgs.session.once"

    def shown(self, session: Session) -> dict[str, Any]:
        return {**super().shown(session), "currency": "USD"}
