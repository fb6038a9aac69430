"""The harness that most tests share: a whole server in this process, driven without a socket."""

import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from simulator.adapters.sleeper import Sleeper
from simulator.base.errors import StoreBroken
from simulator.parties import PARTIES
from simulator.sandbox import clock_of
from simulator.server.app import App
from simulator.server.documents import documents
from simulator.server.kind import PartyKind
from simulator.settings import ClockSetting, Settings
from simulator.store.sqlite import Database
from simulator.wire.contract import Contract
from simulator.world import World, Worlds, load_contracts

CONTRACTS = load_contracts()
DOCUMENTS = documents(CONTRACTS)
FROZEN = ClockSetting("frozen")

BRAND_42 = {"X-Brand-Id": "brand-42", "X-Region": "EU", "X-Provider-Id": "studio"}
BRAND_7 = {"X-Brand-Id": "brand-7", "X-Region": "UK", "X-Provider-Id": "other-studio"}


@dataclass(frozen=True)
class Got:
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, with decimals kept exact."""
        return json.loads(self.body, parse_float=Decimal)

    @property
    def code(self) -> str:
        """The error code, or an empty string."""
        value = self.json
        return str(value.get("code", "")) if isinstance(value, dict) else ""

    @property
    def replayed(self) -> bool:
        """True where the answer says that it was given before."""
        return self.headers.get("idempotency-replayed") == "true"


@dataclass
class Sandbox:
    """One world of an in-process server, with a token for each test client."""

    app: App
    worlds: Worlds
    name: str = "default"
    tokens: dict[str, str] = field(default_factory=dict)
    keys: int = 0

    @property
    def world(self) -> World:
        """The world behind it."""
        return self.worlds.get(self.name)

    async def raw(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Got:
        """Send exactly these bytes."""
        prefix = "" if self.name == "default" else f"/s/{self.name}"
        return await send_asgi(self.app, method, prefix + path, body, headers or {})

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        client: str = "studio-demo",
        headers: Mapping[str, str] | None = None,
    ) -> Got:
        """Call `/v1` as a test client, with every header of PRV-12; a write gets a fresh key."""
        if client not in self.tokens:
            self.tokens[client] = await self.token(client)
        if key is None and method != "GET":
            self.keys += 1
            key = f"auto-{self.keys}"
        sent = {
            "Authorization": f"Bearer {self.tokens[client]}",
            "X-Trace-Id": "tr_test",
            **(BRAND_7 if client.startswith("other-") else BRAND_42),
            **({"X-Idempotency-Key": key} if key else {}),
            **({} if body is None else {"Content-Type": "application/json"}),
            **(headers or {}),
        }
        return await self.raw(method, path, encode(body), sent)

    async def admin(self, method: str, path: str, body: Any = None) -> Got:
        """Call the control API."""
        headers = {} if body is None else {"Content-Type": "application/json"}
        return await self.raw(method, f"/__admin{path}", encode(body), headers)

    async def token(self, client: str) -> str:
        """A bearer token of a test client."""
        form = f"grant_type=client_credentials&client_id={client}&client_secret={client}-secret"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        got = await self.raw("POST", "/oauth/token", form.encode(), headers)
        return str(got.json["access_token"])

    # The calls that most tests make ---------------------------------------------------------------

    async def session(self, player: str = "p_19f3", currency: str = "EUR", **more: Any) -> str:
        """Open a session."""
        body = {
            "player_id": player,
            "game_id": "studio:slot_forge_02",
            "currency": currency,
            "locale": "de-DE",
            **more,
        }
        got = await self.call("POST", "/v1/sessions", body)
        assert got.status == 201, got.body
        return str(got.json["session_id"])

    async def authorize(
        self,
        session: str,
        bet: str,
        amount: Any,
        *,
        round_id: str = "r-1",
        currency: str = "EUR",
        **how: Any,
    ) -> Got:
        """Authorize a bet."""
        body = {
            "session_id": session,
            "bet_id": bet,
            "round_id": round_id,
            "amount": {"amount": amount, "currency": currency},
        }
        return await self.call("POST", "/v1/bets/authorize", body, **how)

    async def settle(
        self, bet: str, win: Any, *, round_id: str = "r-1", currency: str = "EUR", **how: Any
    ) -> Got:
        """Settle a bet."""
        body = {
            "bet_id": bet,
            "round_id": round_id,
            "win": {"amount": win, "currency": currency},
        }
        return await self.call("POST", "/v1/bets/settle", body, **how)

    async def rollback(self, bet: str, *, round_id: str = "r-1", **how: Any) -> Got:
        """Roll a bet back."""
        return await self.call(
            "POST", "/v1/bets/rollback", {"bet_id": bet, "round_id": round_id}, **how
        )

    async def balance(self, player: str = "p_19f3") -> tuple[Decimal, Decimal]:
        """Available and held."""
        got = (await self.call("GET", f"/v1/players/{player}")).json
        return Decimal(got["available"]["amount"]), Decimal(got["held"]["amount"])

    async def events(self, **query: str) -> list[dict[str, Any]]:
        """The whole event feed, by cursor."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            asked = {"limit": "200", **query, **({"cursor": cursor} if cursor else {})}
            text = "&".join(f"{name}={value}" for name, value in asked.items())
            page = (await self.call("GET", f"/v1/events?{text}")).json
            found += page["items"]
            if not page["has_more"]:
                return found
            cursor = page["next_cursor"]

    async def require_sound(self) -> None:
        """The books keep every law, and every row is what the audit chain says was written."""
        got = (await self.admin("GET", "/reconcile")).json
        assert got["sound"], got["breaks"]
        got = (await self.admin("GET", "/audit")).json
        assert got["sound"], got["first_bad"]


class Started(Worlds):
    """Worlds whose default one, where it is in memory and its clock stands still, is a copy of one
    of its kind that was just started: half of what it costs to make it.
    `tests/test_support.py` proves that nobody can tell the two apart."""

    kept: ClassVar[OrderedDict[Any, Mapping[str, Database]]] = OrderedDict()
    """What a world depends on → its rows just after its start."""

    most: ClassVar[int] = 16

    copied = False
    kind: Any = None

    def _open(
        self,
        name: str,
        folder: Path | None,
        seed: int | None,
        asked: ClockSetting | None = None,
    ) -> World:
        begins = self._settings.clock
        if name != "default" or folder is not None or begins.mode != "frozen":
            return super()._open(name, folder, seed, asked)
        self.kind = (repr(self._settings), tuple(self._frame.kinds))
        rows = self.kept.get(self.kind)
        if rows is None:
            return super()._open(name, folder, seed, asked)
        self.copied = True
        clock = clock_of(begins)
        return World(name, self._frame, self._frame.take_up(rows, clock), clock, begins)

    async def start(self) -> None:
        if self.copied:
            self.get("default").begin_anew()
            return
        await super().start()
        if self.kind is not None and self.kind not in self.kept:
            self.kept[self.kind] = self.get("default").copies()
            if len(self.kept) > self.most:
                self.kept.popitem(last=False)


@asynccontextmanager
async def sandbox(
    data: Path | None = None,
    *,
    contracts: Mapping[str, Contract] = CONTRACTS,
    kinds: Sequence[PartyKind] = PARTIES,
    sleep: Sleeper | None = None,
    **settings: Any,
) -> AsyncIterator[Sandbox]:
    """A server in this process: in memory, frozen and strict unless told otherwise."""
    chosen = Settings(**{"clock": FROZEN, "strict": True, "data": data, **settings})
    worlds = Started(chosen, contracts, _broken, kinds, sleep)
    pages = DOCUMENTS if contracts is CONTRACTS else documents(contracts)
    app = App(chosen, worlds, contracts, pages)
    await worlds.start()
    try:
        yield Sandbox(app, worlds)
    finally:
        await worlds.close()


async def send_asgi(
    app: Any, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Got:
    """One request to an ASGI application, and its answer."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [
            (b"host", b"127.0.0.1:8080"),
            *([(b"content-length", b"%d" % len(body))] if body else []),
            *((n.lower().encode(), v.encode("latin-1")) for n, v in (headers or {}).items()),
        ],
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 8080),
    }
    parts = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        return parts.pop() if parts else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    found = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return Got(start["status"], found, b"".join(part.get("body", b"") for part in sent[1:]))


def encode(body: Any) -> bytes:
    """JSON bytes; Decimals as numbers of exactly their digits."""
    return b"" if body is None else _dump(body).encode()


def _dump(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(k)}:{_dump(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_dump, value)) + "]"
    return json.dumps(value)


def _broken(wrong: StoreBroken) -> None:
    raise wrong
