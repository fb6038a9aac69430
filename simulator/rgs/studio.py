"""What the studio's decisions are handed: builds, who may let players in, what it signs with."""

from dataclasses import dataclass
from typing import Any, Protocol

from simulator.rgs.builds import Builds
from simulator.store.rows import Fact
from simulator.store.tx import Reads
from simulator.wire.rgs import PlayerClaims


class Tokens(Protocol):
    """Whoever knows the keys of the platforms that may let players in."""

    def read_player(self, token: str, now_ns: int) -> PlayerClaims:
        """What a player's token says. Raises AuthFailed with `details.reason` (RGS-02)."""
        ...


class Signer(Protocol):
    """The studio's own key."""

    def sign(self, text: bytes) -> str:
        """An Ed25519 signature in hex: the same text, the same signature (RFC 8032)."""
        ...

    def jwk(self) -> dict[str, Any]:
        """The public key that checks it (RFC 7517)."""
        ...


@dataclass(frozen=True, slots=True)
class Studio:
    """One world's studio."""

    builds: Builds
    tokens: Tokens
    signer: Signer


def seed_of(tx: Reads) -> int:
    """The seed in force: a fact of this store, changed by operations only (RGS-10)."""
    fact = tx.get(Fact, ("seed",))
    if fact is None:
        raise RuntimeError("the store does not say which seed it goes by")
    return int(fact.value)
