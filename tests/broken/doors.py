"""What systems of several roles get wrong about who comes in, and with what."""

import base64
import json
from typing import Any

from tests.broken.http import Call, Refusal
from tests.broken.standing import CLIENTS, SCOPES, Standing


class AnySecret(Standing):
    """The client is looked up, and its secret not compared."""

    def token(self, call: Call) -> Any:
        proof = base64.b64decode(call.headers["authorization"].removeprefix("Basic "))
        client = proof.decode().partition(":")[0]
        if client not in CLIENTS:
            raise Refusal(401, "AUTH_FAILED")
        return self.granted(client, self.scopes(client))


class TokensForEver(Standing):
    """Tokens have an end, and nobody looks at it."""

    def granted(self, client: str, scopes: frozenset[str]) -> dict[str, Any]:
        now_s = 1_700_000_000 + self.world.now // 1000
        said = {"sub": client, "iat": now_s, "exp": now_s + 600}
        claims = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
        return super().granted(client, scopes) | {"access_token": f"e30.{claims}.signed"}

    def who(self, call: Call) -> str:
        proof = call.headers.get("authorization", "")
        if proof.startswith("Bearer e30.") and proof.endswith(".signed"):
            claims = proof.split(".")[1]
            said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
            return str(said["sub"])
        return super().who(call)


class ReadersWrite(Standing):
    """What a client may do is written down, and not looked at."""

    def opens(self, call: Call) -> frozenset[str]:
        return SCOPES


class TokensAreWide(Standing):
    """A token has whatever scopes were asked for."""

    def granted(self, client: str, scopes: frozenset[str]) -> dict[str, Any]:
        found = super().granted(client, self.scopes(client))
        token = f"token-of-{client}~{'+'.join(sorted(scopes))}"
        return found | {"access_token": token, "scope": " ".join(sorted(scopes))}


class OneScopeForWrites(Standing):
    """Whoever may write one thing may write all, and look at it."""

    def opens(self, call: Call) -> frozenset[str]:
        found = super().opens(call)
        return SCOPES if "bets:write" in found else found


class NoncesAreForgottenEarly(Standing):
    """A nonce is forgotten minutes after it came, and not after its timestamp."""

    def advance(self, call: Call) -> Any:
        self.world.nonces.clear()
        self.world.now += int(call.body["by_ms"])
        return {}
