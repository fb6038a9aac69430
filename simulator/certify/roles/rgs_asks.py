"""The requests of the game server's API (`/rgs/v1`), and the session that they are of."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from simulator.certify.drive import Done, Drive
from simulator.certify.exchange import Ask
from simulator.certify.money import scale, write
from simulator.certify.roles.money import changed
from simulator.certify.roles.player import Player

OPERATOR = "op-certify"


class Entry(NamedTuple):
    """What lets a player in, once."""

    player: Player
    session: str
    token: str
    build: str
    geo: str
    game: str


class Playing(NamedTuple):
    """An open session, and what may be staked in it (minor units)."""

    entry: Entry
    opened: Done
    low: int
    high: int
    step: int

    @property
    def other(self) -> int:
        """Another stake than the least, where there is one."""
        more = self.low + self.step
        return more if not self.high or more <= self.high else self.low

    @property
    def large(self) -> int:
        """About ten units of the currency: a part of the least stake may be less than a minor
        unit."""
        most = min(self.high or self.low, int(10 ** (1 + scale(self.player.currency))))
        return max(self.low, self.low + (most - self.low) // self.step * self.step)

    @property
    def session(self) -> str:
        """Its id."""
        return self.entry.session

    @property
    def player(self) -> Player:
        """Who plays."""
        return self.entry.player


class RgsAsks(Drive):
    """What is asked of a game server; not yet proven or sent (RGS-01..51)."""

    def session_ask(self, entry: Entry, **over: Any) -> Ask:
        """Let a player in; `over` replaces or adds fields of the body, None takes one away."""
        body = {
            "session_id": entry.session,
            "operator_id": OPERATOR,
            "player_id": entry.player.id,
            "game_id": entry.game,
            "build_hash": entry.build,
            "jwt": entry.token,
            "geo": entry.geo,
            "currency": entry.player.currency,
            "rg_flags": {"self_excluded": False},
        }
        return self.ask("POST", "/rgs/v1/sessions", changed(body, over))

    def spin_ask(
        self,
        playing: Playing,
        minor: int | None = None,
        *,
        spin: str | None = None,
        round_id: str | None = None,
        key: str | None = None,
        **over: Any,
    ) -> Ask:
        """One spin, of the least stake where none is said; its key is in the body (RGS-03)."""
        stake = playing.player.money(playing.low if minor is None else minor)
        body = {
            "spin_id": spin or self.names.new("spin"),
            "round_id": round_id or self.names.new("r"),
            "session_id": playing.session,
            "stake": stake.written("decimal_number"),
            "spin_type": "cash",
            "idempotency_key": key or self.names.new("k"),
        }
        return self.ask("POST", "/rgs/v1/spins", changed(body, over), key="")

    def void_ask(self, spin: str) -> Ask:
        """Undo a spin that was never shown."""
        return self.ask("POST", f"/rgs/v1/spins/{spin}/void", {"reason": "its debit was refused"})

    def grant_ask(self, playing: Playing, count: int, grant: str, **over: Any) -> Ask:
        """Free spins of the least stake (RGS-40)."""
        body = {
            "grant_id": grant,
            "player_id": playing.player.id,
            "game_id": playing.entry.game,
            "count": count,
            "bet_size": playing.player.money(playing.low).written("decimal_number"),
        }
        return self.ask("POST", "/rgs/v1/free-spins", changed(body, over))

    def jackpot_ask(
        self, playing: Playing, spin: str, trigger: str, minor: int, **over: Any
    ) -> Ask:
        """A pool fell on a spin (RGS-42); its key is in the body."""
        body = {
            "jp_trigger_id": trigger,
            "pool_id": self.config.pool_id or self.names.new("pool"),
            "spin_id": spin,
            "amount": playing.player.money(minor).written("decimal_number"),
            "idempotency_key": self.names.new("k"),
        }
        return self.ask("POST", "/rgs/v1/jackpot-wins", changed(body, over), key="")

    def transfer_ask(
        self, playing: Playing, way: str, minor: int | None, transfer: str | None = None
    ) -> Ask:
        """Bring money in, or take it out: all that is left where no amount is given (RGS-06)."""
        body: dict[str, Any] = {"transfer_id": transfer or self.names.new("t")}
        if minor is not None:
            body["amount"] = playing.player.money(minor).written("decimal_number")
        return self.ask("POST", f"/rgs/v1/sessions/{playing.session}/transfer-{way}", body)

    def item(self, playing: Playing, **over: Any) -> dict[str, Any]:
        """A spin that was played elsewhere, as an item of a batch (RGS-04)."""
        currency = playing.player.currency
        body = {
            "type": "spin_finished",
            "ts": "2026-01-01T00:00:00.000Z",
            "spin_id": self.names.new("far"),
            "round_id": self.names.new("r"),
            "stake": write(playing.low, currency, "decimal_number"),
            "win": write(2 * playing.low, currency, "decimal_number"),
            "currency": currency,
            "game_id": playing.entry.game,
            "build_hash": playing.entry.build,
            "player_id": playing.player.id,
            "operator_id": OPERATOR,
            "spin_type": "cash",
        }
        return changed(body, over)

    def batch_ask(self, *items: Mapping[str, Any]) -> Ask:
        """Items in one call, under a key of its own."""
        return self.ask("POST", "/rgs/v1/events/batch", {"events": list(items)})
