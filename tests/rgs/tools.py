"""What the tests of the studio share: a platform that lets players in and asks for spins."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from simulator.base.clock import NS_PER_S
from simulator.server.clients import Brand
from simulator.wire.rgs import PlayerClaims, RgFlags
from tests.support import Got, Sandbox, encode, sandbox

FORGE = "studio:slot_forge_02"
VAULT = "studio:slot_vault_x"
COMET = "studio:crash_comet"


@dataclass
class Studio:
    """The studio's API as a platform calls it: no header but the trace id and the token."""

    box: Sandbox
    made: int = 0
    builds: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    async def call(self, method: str, path: str, body: Any = None, **how: Any) -> Got:
        """One call under `/rgs/v1`; a write is known by its own id or body key (PRV-35)."""
        if "platform-demo" not in self.box.tokens:
            self.box.tokens["platform-demo"] = await self.box.token("platform-demo")
        headers = {
            "Authorization": f"Bearer {self.box.tokens['platform-demo']}",
            "X-Trace-Id": "tr_test",
            **({} if body is None else {"Content-Type": "application/json"}),
            **how.get("headers", {}),
        }
        return await self.box.raw(method, f"/rgs/v1{path}", encode(body), headers)

    async def ok(self, method: str, path: str, body: Any = None, **how: Any) -> Any:
        """The same, where success is all that will do."""
        got = await self.call(method, path, body, **how)
        assert got.status in (200, 201), got.body
        return got.json

    def token(self, player: str = "p_19f3", geo: str = "DE", **more: Any) -> str:
        """A player's token as the platform signs it; each with a jti of its own unless told."""
        self.made += 1
        now_s = self.box.world.clock.now_ns() // NS_PER_S
        flags = more.pop("rg_flags", {})
        said = {"jti": f"jti-{self.made}", "iat": now_s, "exp": now_s + 300, **more}
        claims = PlayerClaims(sub=player, geo=geo, rg_flags=RgFlags(**flags), **said)
        return self.box.world.authority.players.mint(claims)

    async def build(
        self, game: str = FORGE, country: str = "DE", profile: str | None = None
    ) -> Any:
        """The active build of a game in a country, or the one with a profile."""
        if (game, country) not in self.builds:
            page = await self.ok("GET", f"/builds?game_id={game}&country={country}")
            self.builds[game, country] = page["items"]
        found = self.builds[game, country]
        return next(b for b in found if (b["rtp_profile"] == profile if profile else b["active"]))

    async def session_body(self, session: str = "s-1", **changes: Any) -> dict[str, Any]:
        """What opens a session."""
        player, geo = changes.get("player_id", "p_19f3"), changes.get("geo", "DE")
        game = changes.get("game_id", FORGE)
        return {
            "session_id": session,
            "operator_id": "op-42",
            "player_id": player,
            "game_id": game,
            "build_hash": (await self.build(game, geo))["build_hash"],
            "jwt": changes.pop("jwt", None) or self.token(player, geo),
            "geo": geo,
            "currency": "EUR",
            **changes,
        }

    async def open(self, session: str = "s-1", **changes: Any) -> Any:
        """A session."""
        return await self.ok("POST", "/sessions", await self.session_body(session, **changes))

    async def spin(self, spin: str = "spin-1", stake: Any = "1.00", **changes: Any) -> Got:
        """A spin; its key is its own id unless told."""
        currency = changes.pop("currency", "EUR")
        body = {
            "spin_id": spin,
            "round_id": "rnd-1",
            "session_id": "s-1",
            "stake": {"amount": Decimal(stake), "currency": currency},
            "spin_type": "cash",
            "idempotency_key": spin,
            **changes,
        }
        return await self.call("POST", "/spins", body)

    async def played(self, spin: str = "spin-1", stake: Any = "1.00", **changes: Any) -> Any:
        """A spin that was played."""
        got = await self.spin(spin, stake, **changes)
        assert got.status == 200, got.body
        return got.json

    async def events(self, topic: str | None = None) -> list[Any]:
        """The whole feed, or one topic of it."""
        query = "?limit=200" + (f"&event_type={topic}" if topic else "")
        return list((await self.ok("GET", f"/events{query}"))["items"])

    async def advance(self, by_ms: int) -> None:
        """Let time pass; tokens are new."""
        assert (await self.box.admin("POST", "/clock/advance", {"by_ms": by_ms})).status == 200
        self.box.tokens.clear()

    async def require_sound(self) -> None:
        """Every law of every party's rows holds, and every row is what was sealed."""
        await self.box.require_sound()

    def rows(self, table: str) -> int:
        """How many rows a table of the studio's store has."""
        database = self.box.world.parties["rgs"].writer.unit.database
        return int(database.rows(f"SELECT count(*) FROM {table}")[0][0])

    def footprint(self) -> tuple[int, ...]:
        """The rows of everything that a call without effect leaves alone."""
        return tuple(self.rows(table) for table in TABLES)


def second_brand(at: Studio) -> dict[str, str]:
    """Give the platform a second brand in the same tenant; the headers that speak for it."""
    clients: Any = at.box.world.authority.clients
    known = clients["platform-demo"]
    other = Brand("brand-43", tenant="brand-42", region="EU", licence="MGA-TEST-43")
    clients["platform-demo"] = replace(known, brands={**known.brands, other.brand_id: other})
    at.box.tokens.clear()
    return {"X-Brand-Id": "brand-43"}


TABLES = (
    "game_player",
    "player_token",
    "game_session",
    "game_round",
    "spin",
    "money_move",
    "free_spins",
    "tournament",
    "tournament_entry",
    "jackpot_fallen",
    "reported",
    "active_build",
    "build_switch",
)


@asynccontextmanager
async def studio(**settings: Any) -> AsyncIterator[Studio]:
    """A studio in a sandbox of its own."""
    async with sandbox(**settings) as box:
        yield Studio(box)


def minor(amount: Any) -> int:
    """Cents of money in EUR."""
    return int(Decimal(amount["amount"]) * 100)


def codes(answers: Iterable[Got]) -> list[str]:
    """What each was refused with, or its status."""
    return [got.code or str(got.status) for got in answers]
