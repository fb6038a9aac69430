"""The known callers of a sandbox; the test world's are published (docs/test-world.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from simulator.wire import signing
from simulator.wire.control import Credentials

READ_SCOPES = frozenset(
    {
        "sessions:read",
        "bets:read",
        "rounds:read",
        "players:read",
        "bonuses:read",
        "games:read",
        "events:read",
        "wallet:read",
    }
)
WRITE_SCOPES = frozenset(
    {
        "sessions:write",
        "bets:write",
        "settlements:write",
        "rounds:write",
        "wallet:write",
        "bonuses:write",
        "payments:write",
    }
)
RGS_SCOPES = frozenset({"rgs:read", "rgs:play", "rgs:promote", "rgs:configure"})
"""What the studio's API asks of a platform."""
PLAY_SCOPES = frozenset({"play:read", "play:write"})
"""What the platform's own front ends need."""
JP_SCOPES = frozenset({"jp:read", "jp:write", "jp:operate", "jp:configure"})
"""What the jackpot service asks of a platform."""


@dataclass(frozen=True)
class Brand:
    """A brand: the tenant it belongs to, the region its data lives in, its licence."""

    brand_id: str
    tenant: str
    region: str
    licence: str


@dataclass(frozen=True)
class Client:
    """A provider's credentials and what they open."""

    client_id: str
    secret: str
    signing_key: str
    provider: str
    brands: Mapping[str, Brand]
    scopes: frozenset[str]

    @cached_property
    def hmac_key(self) -> bytes:
        """The key of its HMAC signatures."""
        return self.signing_key.encode()

    @cached_property
    def public_key(self) -> Ed25519PublicKey:
        """The key of its Ed25519 signatures."""
        return signing.demo_ed25519_key(self.signing_key).public_key()

    def credentials(self) -> list[Credentials]:
        """What its owner needs to know, one entry for each brand."""
        private = signing.demo_ed25519_key(self.signing_key)
        return [
            Credentials(
                client_id=self.client_id,
                client_secret=self.secret,
                signing_key=self.signing_key,
                ed25519_private_key=private.private_bytes_raw().hex(),
                tenant_id=brand.tenant,
                brand_id=brand.brand_id,
                region=brand.region,
                provider_id=self.provider,
                scopes=sorted(self.scopes),
            )
            for brand in self.brands.values()
        ]


BRANDS = {
    brand.brand_id: brand
    for brand in (
        Brand("brand-42", tenant="brand-42", region="EU", licence="MGA-TEST-42"),
        Brand("brand-7", tenant="brand-7", region="UK", licence="UKGC-TEST-7"),
    )
}

CLIENTS = {
    client.client_id: client
    for client in (
        Client(
            "studio-demo",
            "studio-demo-secret",
            "studio-demo-key",
            "studio",
            {"brand-42": BRANDS["brand-42"]},
            READ_SCOPES | WRITE_SCOPES,
        ),
        Client(
            "readonly-demo",
            "readonly-demo-secret",
            "readonly-demo-key",
            "studio",
            {"brand-42": BRANDS["brand-42"]},
            READ_SCOPES,
        ),
        Client(
            "other-brand",
            "other-brand-secret",
            "other-brand-key",
            "other-studio",
            {"brand-7": BRANDS["brand-7"]},
            READ_SCOPES | WRITE_SCOPES,
        ),
        Client(
            "platform-demo",
            "platform-demo-secret",
            "platform-demo-key",
            "platform",
            {"brand-42": BRANDS["brand-42"]},
            READ_SCOPES | RGS_SCOPES | PLAY_SCOPES | JP_SCOPES,
        ),
        Client(
            "other-platform",
            "other-platform-secret",
            "other-platform-key",
            "other-platform",
            {"brand-7": BRANDS["brand-7"]},
            READ_SCOPES | RGS_SCOPES | PLAY_SCOPES | JP_SCOPES,
        ),
    )
}
