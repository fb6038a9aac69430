"""What any toy money system stands on: clients, signatures, keys that are remembered, amounts."""

import base64
import hashlib
import hmac
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from tests.broken.http import App, Call, Refusal, decimal, read_json, text

SCALES = {"EUR": 2, "USD": 2, "GBP": 2, "JPY": 0, "KWD": 3}
CLIENTS = {
    "studio-demo": ("studio-demo-secret", "studio-demo-key", "brand-42"),
    "readonly-demo": ("readonly-demo-secret", "readonly-demo-key", "brand-42"),
    "platform-demo": ("platform-demo-secret", "platform-demo-key", "brand-42"),
    "other-brand": ("other-brand-secret", "other-brand-key", "brand-7"),
    "other-platform": ("other-platform-secret", "other-platform-key", "brand-7"),
}
REGIONS = {"brand-42": "EU", "brand-7": "UK"}

READS = frozenset({"sessions:read", "players:read"})
SCOPES = READS | {"bets:write", "settlements:write", "sessions:write"}


@dataclass
class Player:
    id: str
    tenant: str
    currency: str
    cash: int
    held: int = 0
    locked: bool = False
    limit: int = 10**15


@dataclass
class Txn:
    id: str
    kind: str
    player: str
    round: str
    minor: int
    status: str = "ok"
    original: str = ""
    answer: Any = None
    at: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


@dataclass
class World:
    """What a wallet knows."""

    players: dict[str, Player] = field(default_factory=dict)
    txns: dict[tuple[str, ...], Txn] = field(default_factory=dict)
    rounds: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, tuple[str, bool]] = field(default_factory=dict)
    max_bets: dict[str, int] = field(default_factory=dict)
    keys: dict[tuple[str, ...], tuple[str, int, bytes]] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    now: int = 0
    count: Any = field(default_factory=itertools.count)


class Standing(App):
    """Who calls, whether they have called before, and what an amount is."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.route("POST", "/oauth/token", self.token)

    # --- Who calls, and whether it has called before ------------------------------------------

    async def serve(self, call: Call, handler: Any, write: bool) -> tuple[int, bytes]:
        if call.path == "/oauth/token" or call.path.startswith("/__admin"):
            call.body = call.raw if call.path == "/oauth/token" or not call.raw else None
            if call.body is None:
                call.body = read_json(call.raw)
            return await super().serve(call, handler, write)
        call.client = self.who(call)
        self.claimed(call, CLIENTS[call.client][2])
        if self.needed(call, write) not in self.opens(call):
            raise Refusal(403, "SCOPE_DENIED")
        if not write:
            return await super().serve(call, handler, write)
        if len(call.raw) > self.max_body:
            raise Refusal(413, "TOO_LARGE")
        call.body = read_json(call.raw) if call.raw else {}
        return await self.once(call, handler)

    def claimed(self, call: Call, tenant: str) -> None:
        brand = call.headers.get("x-brand-id", tenant)
        region = call.headers.get("x-region", REGIONS[tenant])
        if (brand, region) != (tenant, REGIONS[tenant]):
            raise Refusal(403, "SCOPE_DENIED")

    def who(self, call: Call) -> str:
        if "x-signature" in call.headers:
            return self.signer(call)
        proof = call.headers.get("authorization", "")
        client = proof.removeprefix("Bearer token-of-").partition("~")[0]
        if not proof.startswith("Bearer token-of-") or client not in CLIENTS:
            raise Refusal(401, "AUTH_FAILED")
        return client

    def opens(self, call: Call) -> frozenset[str]:
        """What the token was asked for, and all of the client's where it was not said."""
        asked = call.headers.get("authorization", "").partition("~")[2]
        return frozenset(asked.split("+")) if asked else self.scopes(call.client)

    def scopes(self, client: str) -> frozenset[str]:
        return READS if client == "readonly-demo" else SCOPES

    def needed(self, call: Call, write: bool) -> str:
        if call.path.startswith("/v1/sessions"):
            return "sessions:write" if write else "sessions:read"
        if call.path.endswith("/settle"):
            return "settlements:write"
        return "bets:write" if write else "players:read"

    def signer(self, call: Call) -> str:
        client = call.headers.get("x-client-id", "")
        if client not in CLIENTS:
            raise Refusal(401, "AUTH_FAILED")
        stamp, nonce = call.headers.get("x-timestamp", ""), call.headers.get("x-nonce", "")
        self.fresh(stamp)
        front = f"{stamp}\n{nonce}\n{call.method}\n{call.target}\n".encode()
        signed = front + self.signed_part(call)
        expected = hmac.new(CLIENTS[client][1].encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, call.headers["x-signature"]):
            raise Refusal(401, "AUTH_FAILED")
        self.use_nonce(nonce)
        return client

    def signed_part(self, call: Call) -> bytes:
        return call.raw

    def fresh(self, stamp: str) -> None:
        age_s = datetime.now(UTC).timestamp() - datetime.fromisoformat(stamp).timestamp()
        if abs(age_s) > 300:
            raise Refusal(401, "AUTH_FAILED")

    def use_nonce(self, nonce: str) -> None:
        if nonce in self.world.nonces:
            raise Refusal(401, "AUTH_FAILED")
        self.world.nonces.add(nonce)

    async def once(self, call: Call, handler: Callable[[Call], Any]) -> tuple[int, bytes]:
        """The first answer again under a known key; 2xx and definite refusals are remembered."""
        key = call.body.get("idempotency_key") or call.headers.get("x-idempotency-key")
        if not key:
            raise Refusal(400, "VALIDATION_FAILED", "an idempotency key is missing")
        slot = (call.client, call.path, key)
        print_ = self.fingerprint(call)
        if slot in self.world.keys:
            known, status, body = self.world.keys[slot]
            if known != print_:
                raise Refusal(409, "IDEMPOTENCY_MISMATCH")
            return status, self.replayed(call, body)
        try:
            status, body = await super().serve(call, handler, True)
        except Refusal as no:
            if no.status in (400, 401, 413) or no.code == "SCOPE_DENIED":
                raise
            status, body = self.refusal(call, no)
        self.remember(slot, print_, status, body)
        return status, body

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        self.world.keys[slot] = print_, status, body

    def replayed(self, call: Call, body: bytes) -> bytes:
        return body

    def fingerprint(self, call: Call) -> str:
        return call.path + repr(_canonical(call.body))

    # --- Money --------------------------------------------------------------------------------

    def minor(self, body: dict[str, Any], player: Player | None = None) -> int:
        money = body.get("amount")
        if not isinstance(money, dict):
            raise Refusal(400, "VALIDATION_FAILED", "amount is missing")
        currency = text(money, "currency")
        found = self.scaled(money.get("amount"), currency)
        if player is not None and currency != player.currency:
            raise Refusal(422, "CURRENCY_MISMATCH")
        return found

    def scaled(self, amount: Any, currency: str) -> int:
        found = decimal(amount).scaleb(SCALES.get(currency, 2))
        if not found.is_finite() or found != int(found) or found < 0 or found > 10**15:
            raise Refusal(400, "VALIDATION_FAILED", "no such amount")
        return int(found)

    def money(self, minor: int, currency: str) -> dict[str, Any]:
        return {"amount": self.amount(minor, currency), "currency": currency}

    def amount(self, minor: int, currency: str) -> Any:
        return Decimal(minor).scaleb(-SCALES.get(currency, 2))

    def balance(self, player: Player) -> dict[str, Any]:
        return {
            "available": self.money(player.cash, player.currency),
            "held": self.money(player.held, player.currency),
            "cash": self.money(player.cash, player.currency),
            "bonus": self.money(0, player.currency),
        }

    def answer(self, txn: str, player: Player, **more: Any) -> dict[str, Any]:
        return {"transaction_id": txn, "status": "ok", **more, "balance": self.balance(player)}

    def token(self, call: Call) -> Any:
        proof = call.headers.get("authorization", "").removeprefix("Basic ")
        for client, (secret, *_) in CLIENTS.items():
            if proof == _basic(client, secret):
                asked = parse_qs(call.raw.decode()).get("scope", [""])[0].split()
                return self.granted(client, frozenset(asked) or self.scopes(client))
        raise Refusal(401, "AUTH_FAILED")

    def granted(self, client: str, scopes: frozenset[str]) -> dict[str, Any]:
        if scopes - self.scopes(client):
            raise Refusal(400, "VALIDATION_FAILED", "invalid_scope")
        token = f"token-of-{client}"
        if scopes != self.scopes(client):
            token += "~" + "+".join(sorted(scopes))
        said = {"token_type": "Bearer", "expires_in": 600, "scope": " ".join(sorted(scopes))}
        return {"access_token": token, **said}


def _basic(client: str, secret: str) -> str:
    return base64.b64encode(f"{client}:{secret}".encode()).decode()


def _canonical(value: Any) -> Any:
    """2.0 and 2.00 are one amount."""
    if isinstance(value, dict):
        return sorted((name, _canonical(part)) for name, part in value.items())
    if isinstance(value, list):
        return [_canonical(part) for part in value]
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value).normalize()
    return value
