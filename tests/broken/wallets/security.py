"""Wallets that trust anybody."""

from tests.broken.http import Call, Refusal
from tests.broken.standing import CLIENTS, Player
from tests.broken.wallets.variant import Broken


class StaleNonce(Broken):
    """A nonce is good for ever."""

    killed_by = "wallet.security.replay"

    def use_nonce(self, nonce: str) -> None:
        return


class OldTimestamp(Broken):
    """When it was signed does not matter."""

    killed_by = "wallet.security.replay"

    def fresh(self, stamp: str) -> None:
        return


class SignsParsedJson(Broken):
    """The signature is checked over what was understood, not over what was sent."""

    killed_by = "wallet.security.signature"

    def signed_part(self, call: Call) -> bytes:
        return call.raw.strip()


class SignatureIgnoresBody(Broken):
    """Any body passes with a signature of another."""

    killed_by = "wallet.security.signature"

    def signer(self, call: Call) -> str:
        client = call.headers.get("x-client-id", "")
        if client not in CLIENTS or len(call.headers["x-signature"]) != 64:
            raise Refusal(401, "AUTH_FAILED")
        self.fresh(call.headers["x-timestamp"])
        self.use_nonce(call.headers["x-nonce"])
        return client


class NobodyIsAsked(Broken):
    """Any token will do."""

    killed_by = "wallet.security.no-proof"

    def who(self, call: Call) -> str:
        try:
            return super().who(call)
        except Refusal:
            return "studio-demo"


class TenantsAreOne(Broken):
    """Another tenant's player is served."""

    killed_by = "wallet.security.foreign-tenant"

    def player(self, call: Call, name: str) -> Player:
        found = self.world.players.get(name)
        if found is None:
            raise Refusal(404, "NOT_FOUND")
        return found
