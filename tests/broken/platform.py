"""A platform that keeps the rules, in memory: sessions, holds, settlements, rounds, a feed."""

import itertools
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from tests.broken.http import Call, Refusal, encode, read_json, text
from tests.broken.standing import CLIENTS, SCALES, Player, Standing


@dataclass
class Session:
    id: str
    player: str
    open: bool = True
    limits: dict[str, Any] | None = None
    seen_ms: int = 0
    """When its reality check was acknowledged last."""


@dataclass
class Bet:
    id: str
    round: str
    player: str
    minor: int
    status: str = "authorized"
    win: int = 0
    held: Any = None
    closed: Any = None


class Platform(Standing):
    """The reference profile. A variant overrides one method."""

    unknown_rollback = "tombstone"

    def __init__(self) -> None:
        super().__init__()
        self.open_sessions: dict[str, Session] = {}
        self.bets: dict[str, Bet] = {}
        self.round_states: dict[str, str] = {}
        self.feed: list[dict[str, Any]] = []
        self.serial = itertools.count()
        self.stake_limits: dict[str, int] = {}
        for name, currency, cash in (
            ("p_19f3", "EUR", 10_000_000),
            ("p_poor", "EUR", 100),
            ("p_excluded", "EUR", 100_000),
        ):
            self.world.players[name] = Player(name, "brand-42", currency, cash)
        self.world.players["p_excluded"].locked = True
        self.route("POST", "/v1/sessions", self.open_session, write=True)
        self.route("GET", "/v1/sessions/{session_id}", self.read_session)
        self.route("POST", "/v1/sessions/{session_id}/end", self.end_session, write=True)
        self.route("POST", "/v1/bets/authorize", self.authorize, write=True)
        self.route("POST", "/v1/bets/settle", self.settle, write=True)
        self.route("POST", "/v1/bets/rollback", self.rollback, write=True)
        self.route("GET", "/v1/bets/{bet_id}", self.read_bet)
        self.route("GET", "/v1/bets", self.list_bets)
        self.route("POST", "/v1/rounds", self.start_round, write=True)
        self.route("GET", "/v1/rounds/{round_id}", self.read_round)
        self.route("POST", "/v1/rounds/{round_id}/close", self.close_round, write=True)
        self.route("GET", "/v1/players/{player_id}", self.read_player)
        self.route("GET", "/v1/currencies", self.currencies)
        self.route("POST", "/v1/sessions/{session_id}/acknowledge", self.acknowledge, write=True)
        self.route("PUT", "/__admin/players/{player_id}/limits", self.limit_player)
        self.route("GET", "/v1/events", self.list_events)
        self.route("POST", "/__admin/players", self.make_player)
        self.route("PATCH", "/__admin/players/{player_id}", self.lock_player)
        self.route("POST", "/__admin/clock/advance", self.advance)
        self.route("GET", "/__admin/reconcile", self.reconcile)

    # --- Bets -------------------------------------------------------------------------------------

    def authorize(self, call: Call) -> Any:
        body = call.body
        name, round_id = text(body, "bet_id"), text(body, "round_id")
        session = self.session(call, text(body, "session_id"))
        player = self.player(call, session.player)
        minor = self.minor(body, player)
        known = self.bets.get(name)
        if known is not None:
            return self.known(known, minor, round_id, player)
        self.may_stake(session, player, round_id, minor)
        self.hold(player, minor)
        self.round_states.setdefault(round_id, "open")
        bet = self.bets[name] = Bet(name, round_id, player.id, minor)
        self.tell("bet.authorized", player.id, call, **self.staked(bet, player))
        bet.held = {**self.told(bet, player), "hold_id": f"h_{name}"}
        return bet.held

    def known(self, bet: Bet, minor: int, round_id: str, player: Player) -> Any:
        if bet.status == "tombstone":
            raise Refusal(409, "INVALID_STATE", reason="tombstone")
        if (bet.minor, bet.round, bet.player) != (minor, round_id, player.id):
            raise Refusal(409, "DUPLICATE")
        return bet.held

    def may_stake(self, session: Session, player: Player, round_id: str, minor: int) -> None:
        if not session.open:
            raise Refusal(409, "INVALID_STATE", reason="session_ended")
        if player.locked:
            raise Refusal(403, "RG_BLOCK")
        if self.round_states.get(round_id, "open") != "open":
            raise Refusal(409, "INVALID_STATE", reason="round_closed")
        self.reminded(session)
        self.within(session.limits or {}, player, minor)
        self.below_limit(player, minor)

    def reminded(self, session: Session) -> None:
        every = (session.limits or {}).get("rg_flags", {}).get("reality_check_min")
        if every and self.world.now - session.seen_ms >= every * 60_000:
            raise Refusal(403, "RG_BLOCK", reason="reality_check")

    def below_limit(self, player: Player, minor: int) -> None:
        staked = sum(one.minor for one in self.bets.values() if one.player == player.id)
        if staked + minor > self.stake_limits.get(player.id, 10**15):
            raise Refusal(422, "LIMIT_EXCEEDED")

    def within(self, limits: dict[str, Any], player: Player, minor: int) -> None:
        def limit(name: str) -> int | None:
            found = limits.get(name)
            scale = SCALES[player.currency]
            return None if found is None else int(Decimal(found).scaleb(scale))

        low, high, step = limit("min_bet"), limit("max_bet"), limit("step")
        too_low = low is not None and 0 < minor < low
        off = step is not None and minor % step
        if too_low or off or (high is not None and minor > high):
            raise Refusal(422, "LIMIT_EXCEEDED")

    def hold(self, player: Player, minor: int) -> None:
        if player.cash < minor:
            raise Refusal(422, "INSUFFICIENT_FUNDS", balance=self.balance(player))
        player.cash -= minor
        player.held += minor

    def settle(self, call: Call) -> Any:
        body = call.body
        name, round_id = text(body, "bet_id"), text(body, "round_id")
        bet = self.bet(call, name)
        player = self.player(call, bet.player)
        win = self.minor({"amount": body.get("win")}, player)
        if bet.round != round_id:
            raise Refusal(409, "INVALID_STATE", reason="other_round")
        if bet.status == "settled":
            return self.settled(bet, win)
        if bet.status != "authorized":
            raise Refusal(409, "INVALID_STATE", reason="rolled_back")
        self.pay(bet, player, win)
        bet.status, bet.win = "settled", win
        money = {**self.staked(bet, player), "win": self.money(win, player.currency)}
        self.tell("bet.settled", player.id, call, **money)
        answer = {**self.told(bet, player), "status": "credited", "settlement_id": f"x_{name}"}
        bet.closed = answer
        return answer

    def settled(self, bet: Bet, win: int) -> Any:
        if bet.win != win:
            raise Refusal(409, "DUPLICATE")
        return bet.closed

    def pay(self, bet: Bet, player: Player, win: int) -> None:
        player.held -= bet.minor
        player.cash += win

    def rollback(self, call: Call) -> Any:
        body = call.body
        name, round_id = text(body, "bet_id"), text(body, "round_id")
        bet = self.bets.get(name)
        if bet is None:
            return self.unknown(name, round_id)
        if bet.status == "tombstone":
            return {"status": "rolled_back", "bet_id": name, "round_id": round_id}
        player = self.player(call, bet.player)
        if body.get("player_id", bet.player) != bet.player:
            raise Refusal(404, "BET_NOT_FOUND")
        if "amount" in body:
            self.minor(body, player)
        if bet.status == "rolled_back":
            return bet.closed
        self.give_back(bet, player, body)
        bet.status = "rolled_back"
        self.tell("bet.rolled_back", player.id, call, **self.staked(bet, player))
        bet.closed = {**self.told(bet, player), "status": "rolled_back"}
        return bet.closed

    def give_back(self, bet: Bet, player: Player, body: dict[str, Any]) -> None:
        if bet.status != "authorized":
            raise Refusal(409, "INVALID_STATE", reason="settled")
        player.held -= bet.minor
        player.cash += bet.minor

    def unknown(self, name: str, round_id: str) -> Any:
        self.bets[name] = Bet(name, round_id, "", 0, status="tombstone")
        return {"status": "rolled_back", "bet_id": name, "round_id": round_id, "tombstone": True}

    def staked(self, bet: Bet, player: Player) -> dict[str, Any]:
        return {"bet_id": bet.id, "bet": self.money(bet.minor, player.currency)}

    def told(self, bet: Bet, player: Player) -> dict[str, Any]:
        return {
            "status": bet.status,
            "bet_id": bet.id,
            "round_id": bet.round,
            "balance": self.balance(player),
        }

    # --- Finding ----------------------------------------------------------------------------------

    def player(self, call: Call, name: str) -> Player:
        found = self.world.players.get(name)
        if found is None or found.tenant != CLIENTS[call.client][2]:
            raise Refusal(404, "NOT_FOUND")
        return found

    def session(self, call: Call, name: str) -> Session:
        found = self.open_sessions.get(name)
        if found is None or self.player(call, found.player) is None:
            raise Refusal(404, "NOT_FOUND")
        return found

    def bet(self, call: Call, name: str) -> Bet:
        found = self.bets.get(name)
        if found is None:
            raise Refusal(404, "BET_NOT_FOUND")
        if found.player and self.player(call, found.player) is None:
            raise Refusal(404, "BET_NOT_FOUND")
        return found

    def tell(self, topic: str, player: str, call: Call, **payload: Any) -> None:
        self.feed.append(
            {
                "event_id": f"e_{next(self.serial)}",
                "event_type": topic,
                "player_id": player,
                "payload": payload,
            }
        )

    # --- Sessions, rounds, lists ------------------------------------------------------------------

    def open_session(self, call: Call) -> Any:
        player = self.player(call, text(call.body, "player_id"))
        name = f"s_{next(self.serial)}"
        session = Session(name, player.id, limits=call.body.get("constraints"))
        session.seen_ms = self.world.now
        self.open_sessions[name] = session
        return {"session_id": name, "expires_at": "2030-01-01T00:00:00.000Z"}

    def read_session(self, call: Call) -> Any:
        found = self.session(call, call.parts["session_id"])
        return {"session_id": found.id, "player_id": found.player}

    def end_session(self, call: Call) -> Any:
        self.session(call, call.parts["session_id"]).open = False
        return {"session_id": call.parts["session_id"], "status": "ended"}

    def acknowledge(self, call: Call) -> Any:
        session = self.session(call, call.parts["session_id"])
        session.seen_ms = self.world.now
        return {"session_id": session.id}

    def start_round(self, call: Call) -> Any:
        self.session(call, text(call.body, "session_id"))
        self.round_states.setdefault(text(call.body, "round_id"), "open")
        return {"round_id": call.body["round_id"], "status": "open"}

    def read_round(self, call: Call) -> Any:
        state = self.round_states.get(call.parts["round_id"])
        if state is None or self.of_others(call, call.parts["round_id"]):
            raise Refusal(404, "NOT_FOUND")
        return {"round_id": call.parts["round_id"], "status": state}

    def close_round(self, call: Call) -> Any:
        round_id, outcome = call.parts["round_id"], text(call.body, "outcome")
        state = self.round_states.get(round_id)
        if state is None or self.of_others(call, round_id):
            raise Refusal(404, "NOT_FOUND")
        if state not in ("open", outcome):
            raise Refusal(409, "INVALID_STATE")
        if any(one.round == round_id and one.status == "authorized" for one in self.bets.values()):
            raise Refusal(409, "INVALID_STATE", reason="open_bets")
        self.round_states[round_id] = outcome
        return {"round_id": round_id, "status": outcome}

    def read_bet(self, call: Call) -> Any:
        bet = self.bet(call, call.parts["bet_id"])
        found = {"bet_id": bet.id, "round_id": bet.round, "status": bet.status}
        if bet.status != "settled":
            return found
        return found | {"win": self.money(bet.win, self.world.players[bet.player].currency)}

    def list_bets(self, call: Call) -> Any:
        query = self.query(call)
        own = self.own(call, query.get("player_id"))
        found = [one for one in self.bets.values() if one.player == own]
        return self.page([{"bet_id": one.id, "status": one.status} for one in found], query)

    def list_events(self, call: Call) -> Any:
        query = self.query(call)
        own = self.own(call, query.get("player_id"))
        found = [one for one in self.feed if one["player_id"] == own]
        return self.page(found if query.get("order") != "desc" else found[::-1], query)

    def own(self, call: Call, name: str | None) -> str | None:
        """The player's id, if the caller's tenant has this player."""
        found = self.world.players.get(name or "")
        return found.id if found and found.tenant == CLIENTS[call.client][2] else None

    def of_others(self, call: Call, round_id: str) -> bool:
        players = {one.player for one in self.bets.values() if one.round == round_id and one.player}
        return any(self.own(call, player) is None for player in players)

    def query(self, call: Call) -> dict[str, str]:
        return {name: one[0] for name, one in parse_qs(call.target.partition("?")[2]).items()}

    def page(self, items: list[Any], query: dict[str, str]) -> Any:
        start, size = int(query.get("cursor", 0)), int(query.get("limit", 50))
        end = start + size
        more = end < len(items)
        page: dict[str, Any] = {"items": items[start:end], "has_more": more}
        return page | ({"next_cursor": str(end)} if more else {})

    def read_player(self, call: Call) -> Any:
        player = self.player(call, call.parts["player_id"])
        return {"player_id": player.id, **self.balance(player)}

    def currencies(self, call: Call) -> Any:
        return {"items": [{"code": code, "decimals": scale} for code, scale in SCALES.items()]}

    # --- What the checks may bring about ------------------------------------------------------

    def make_player(self, call: Call) -> Any:
        name = f"p_{next(self.serial)}"
        currency = call.body["currency"]
        cash = int(Decimal(call.body["cash"]).scaleb(SCALES[currency]))
        self.world.players[name] = Player(name, "brand-42", currency, cash)
        return {"player_id": name}

    def limit_player(self, call: Call) -> Any:
        player = self.world.players[call.parts["player_id"]]
        minor = self.minor(call.body, player)  # a looser one waits for longer than a suite asks
        self.stake_limits[player.id] = min(minor, self.stake_limits.get(player.id, minor))
        return {}

    def lock_player(self, call: Call) -> Any:
        self.world.players[call.parts["player_id"]].locked = True
        return {}

    def advance(self, call: Call) -> Any:
        self.world.now += int(call.body["by_ms"])
        return {}

    def reconcile(self, call: Call) -> Any:
        return {"sound": all(one.cash >= 0 <= one.held for one in self.world.players.values())}


__all__ = ["Bet", "Platform", "Session", "encode", "read_json"]
