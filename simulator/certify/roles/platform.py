"""The platform API as its checks write it: sessions, bets, rounds, the event feed (`/v1`)."""

from typing import Any, NamedTuple

from simulator.certify.check import Unclear
from simulator.certify.drive import Done
from simulator.certify.exchange import Ask
from simulator.certify.money import Format, write
from simulator.certify.roles.money import Funds, MoneyDrive, changed
from simulator.certify.roles.player import Player


class Begun(NamedTuple):
    """Where most checks begin."""

    player: Player
    session: str
    round_id: str
    bet: str
    before: Funds


class Platform(MoneyDrive):
    """Hold, settle, roll back, and what is left (PRV-20..53, WAL-01..77)."""

    at = ""

    @property
    def form(self) -> Format:
        """`/v1` has decimal numbers under every profile (PRV-03)."""
        return "decimal_number"

    def bound(self, player: Player, minor: int) -> Any:
        """A limit in a session's constraints, which is a bare number of its currency (PRV-20)."""
        return write(minor, player.currency, self.form)

    async def read_balance(self, player: Player) -> Done:
        """GET the player."""
        return await self.send(self.ask("GET", f"/v1/players/{player.id}"))

    # --- Requests ---------------------------------------------------------------------------------

    def session_ask(self, player: Player, **over: Any) -> Ask:
        """`over` replaces or adds fields of the body; None takes one away."""
        body = {
            "player_id": player.id,
            "game_id": self.config.game_id,
            "currency": player.currency,
            "locale": "en-IE",
        }
        return self.ask("POST", "/v1/sessions", changed(body, over))

    def bet_ask(
        self,
        player: Player,
        session: str,
        minor: int,
        *,
        bet: str | None = None,
        round_id: str | None = None,
        key: str | None = None,
        **over: Any,
    ) -> Ask:
        """Hold a stake."""
        body = {
            "session_id": session,
            "bet_id": bet or self.names.new("b"),
            "round_id": round_id or self.names.new("r"),
            "amount": player.money(minor).written(self.form),
        }
        return self.ask("POST", "/v1/bets/authorize", changed(body, over), key=key)

    def settle_ask(
        self,
        player: Player,
        minor: int,
        *,
        bet: str,
        round_id: str,
        key: str | None = None,
        **over: Any,
    ) -> Ask:
        """Close a bet with its win."""
        body = {
            "bet_id": bet,
            "round_id": round_id,
            "win": player.money(minor).written(self.form),
            "bonus_state": {"in_bonus": False, "freespins_left": 0},
        }
        return self.ask("POST", "/v1/bets/settle", changed(body, over), key=key)

    def rollback_ask(self, *, bet: str, round_id: str, key: str | None = None, **over: Any) -> Ask:
        """Undo a bet that was not settled."""
        body = {"bet_id": bet, "round_id": round_id}
        return self.ask("POST", "/v1/bets/rollback", changed(body, over), key=key)

    def every_write(self, begun: Begun) -> tuple[Ask, ...]:
        """One request of each kind that changes something, for a stake that is held."""
        player, session, round_id, bet, _ = begun
        start = {"round_id": self.names.new("r"), "session_id": session}
        return (
            self.bet_ask(player, session, 100),
            self.settle_ask(player, 500, bet=bet, round_id=round_id),
            self.rollback_ask(bet=bet, round_id=round_id),
            self.session_ask(player),
            self.ask("POST", "/v1/rounds", start),
            self.ask("POST", f"/v1/rounds/{round_id}/close", {"outcome": "completed"}),
            self.ask("POST", f"/v1/sessions/{session}/end"),
        )

    # --- Calls ------------------------------------------------------------------------------------

    async def session(self, player: Player, **over: Any) -> str:
        """An open session. Raises Unclear where there is none to be had."""
        done = self.given(await self.send(self.session_ask(player, **over)))
        found = done.at("session_id")
        if not isinstance(found, str):
            raise Unclear(f"there is no session_id in {done}")
        return found

    async def begun(self, stake: int | None = None) -> Begun:
        """A player in a session, the ids of a round and a bet, and what the player has; with a
        `stake` (minor units) the bet is held already. Raises Unclear."""
        player = await self.player()
        session = await self.session(player)
        round_id, bet = self.names.new("r"), self.names.new("b")
        if stake is not None:
            self.given(await self.bet(player, session, stake, bet=bet, round_id=round_id))
        return Begun(player, session, round_id, bet, await self.funds(player))

    async def end(self, session: str) -> Done:
        """End a session."""
        return await self.send(self.ask("POST", f"/v1/sessions/{session}/end"))

    async def bet(self, player: Player, session: str, minor: int, **how: Any) -> Done:
        """Hold a stake; `how` as in `bet_ask`."""
        return await self.send(self.bet_ask(player, session, minor, **how))

    async def settle(self, player: Player, minor: int, **how: Any) -> Done:
        """Close a bet with its win; `how` as in `settle_ask`."""
        return await self.send(self.settle_ask(player, minor, **how))

    async def rollback(self, **how: Any) -> Done:
        """Undo a bet; `how` as in `rollback_ask`."""
        return await self.send(self.rollback_ask(**how))

    async def close(self, round_id: str, outcome: str = "completed") -> Done:
        """End a round."""
        path = f"/v1/rounds/{round_id}/close"
        return await self.send(self.ask("POST", path, {"outcome": outcome}))
