"""Whatever a provider does with bets, in whatever order, again and at once: the money adds up."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from simulator.base.clock import NS_PER_S
from tests.laws.provider import (
    LONG,
    PLAYERS,
    SESSION_TTL_S,
    Ask,
    Call,
    Mortal,
    Provider,
    asks,
    minor_of,
    money,
    picks,
    run,
)
from tests.laws.stores import OnFile, OnPostgres, Place
from tests.postgres import Server
from tests.support import Got

players = st.sampled_from(sorted(PLAYERS))
wins = st.sampled_from([0, 1, 5_000])
rounds = st.sampled_from([f"r{i}" for i in range(4)])
AUTHORIZE, SETTLE, ROLLBACK = (f"/v1/bets/{name}" for name in ("authorize", "settle", "rollback"))


@dataclass
class Session:
    session_id: str
    player: str
    expires_ns: int
    ended: bool = False


@dataclass
class Round:
    player: str
    status: str = "open"
    closed: bytes = b""


@dataclass
class Bet:
    round_id: str
    player: str = ""
    stake: int = 0
    win: int = 0
    state: str = "authorized"
    first: dict[str, bytes] = field(default_factory=dict)
    """Path of a call → the body that it was answered first."""


class BetMachine(Provider):
    """Balance and holds are what a few integers say, after any mixture of bets, settlements,
    rollbacks, repeats, altered repeats, parallel repeats, lost answers, ends and passing time; a
    repeat answers the first bytes; at the end the books are sound and every effect has exactly one
    event.

    (PRV-30..32, PRV-34, WAL-01, 02, 04, 06..08, 10, 14, 16, 20..23, 25, 40..42, 45..48, 60, 72)
    """

    def __init__(self) -> None:
        super().__init__()
        self.sessions: list[Session] = []
        self.rounds: dict[str, Round] = {}
        self.bets: dict[str, Bet] = {}

    async def close_the_books(self) -> None:
        await super().close_the_books()
        listed = (await self.box.call("GET", "/v1/bets?limit=200")).json["items"]
        shown = {bet["bet_id"]: bet["status"] for bet in listed}
        assert shown == {bet_id: bet.state for bet_id, bet in self.bets.items()}

    # What a provider does -------------------------------------------------------------------------

    @initialize(player=players)
    def begin(self, player: str) -> None:
        self.open_session(player)

    @rule(player=players)
    def open_session(self, player: str) -> None:
        body = {
            "player_id": player,
            "game_id": "studio:slot_forge_02",
            "currency": PLAYERS[player][0],
            "locale": "en",
        }
        got = self.send(self.call("/v1/sessions", body))
        assert got.status == 201, got.body
        session_id = got.json["session_id"]
        assert session_id not in [session.session_id for session in self.sessions]
        self.sessions.append(Session(session_id, player, self.now_ns + SESSION_TTL_S * NS_PER_S))
        self.events["session.started", session_id] += 1

    @rule(ask=asks)
    def authorize(self, ask: Ask) -> None:
        self.say(self._authorize_call(ask))

    @rule(ask=asks, win=wins)
    def settle(self, ask: Ask, win: int) -> None:
        self.say(self._settle_call(ask, win))

    @rule(ask=asks)
    def rollback(self, ask: Ask) -> None:
        """Before its bet, after it, or of a bet that has ended."""
        self.say(self._rollback_call(ask))

    @rule(pick=picks)
    def end_session(self, pick: int) -> None:
        session = self._session(pick)
        got = self.send(self.call(f"/v1/sessions/{session.session_id}/end", None))
        assert (got.status, got.json["status"]) == (200, "ended"), got.body
        if not session.ended:
            self.events["session.ended", session.session_id] += 1
        session.ended = True

    @rule(
        round_id=rounds, end_bets=st.booleans(), outcome=st.sampled_from(["completed", "cancelled"])
    )
    def close_round(self, round_id: str, end_bets: bool, outcome: str) -> None:
        """With its bets ended first, or not."""
        if end_bets:
            for bet_id in [b for b in self.bets if self.bets[b].round_id == round_id]:
                self.say(self.call(ROLLBACK, {"bet_id": bet_id, "round_id": round_id}))
        got = self.send(self.call(f"/v1/rounds/{round_id}/close", {"outcome": outcome}))
        game_round = self.rounds.get(round_id)
        if game_round is None:
            assert got.code == "NOT_FOUND"
            return
        states = [bet.state for bet in self.bets.values() if bet.round_id == round_id]
        if game_round.status == outcome:
            assert (got.status, got.body) == (200, game_round.closed)
        elif (
            game_round.status != "open"
            or "authorized" in states
            or ("settled" in states and outcome == "cancelled")
        ):
            assert got.code == "INVALID_STATE", got.body
        else:
            assert (got.status, got.json["status"]) == (200, outcome), got.body
            game_round.status, game_round.closed = outcome, got.body

    # What must then be true -----------------------------------------------------------------------

    def named(self, event: dict[str, Any]) -> str:
        return str(event["payload"].get("bet_id") or event["session_id"])

    def repeats(self, call: Call) -> bool:
        return call.path in (AUTHORIZE, SETTLE, ROLLBACK)

    def recall(self, call: Call) -> Call:
        body = call.body or {}
        return self.call(ROLLBACK, {name: body[name] for name in ("bet_id", "round_id")})

    def judge(self, call: Call, got: Got) -> None:
        body = call.body or {}
        bet = self.bets.get(body["bet_id"])
        if call.path == AUTHORIZE:
            self._judge_authorize(body, bet, got)
        elif call.path == SETTLE:
            self._judge_settle(body, bet, got)
        else:
            self._judge_rollback(body, bet, got)

    def _judge_authorize(self, body: dict[str, Any], bet: Bet | None, got: Got) -> None:
        session = next(s for s in self.sessions if s.session_id == body["session_id"])
        stake, player, round_id = minor_of(body["amount"]), session.player, body["round_id"]
        if bet is not None:
            same = (bet.stake, bet.player, bet.round_id) == (stake, player, round_id)
            allowed = {"INVALID_STATE"} if bet.state == "rolled_back" else set()
            allowed |= {"DUPLICATE"} if not same and bet.player else set()
            self._first_or(allowed, AUTHORIZE, bet, got)
            return
        why_not = set()
        if session.ended or self.now_ns >= session.expires_ns:
            why_not.add("INVALID_STATE")
        game_round = self.rounds.get(round_id)
        if game_round is not None and game_round.player != player:
            why_not.add("DUPLICATE")
        if game_round is not None and game_round.status != "open":
            why_not.add("INVALID_STATE")
        if stake > self.available[player]:
            why_not.add("INSUFFICIENT_FUNDS")
        if why_not:
            assert got.code in why_not, got.body
            return
        assert got.status == 200, got.body
        self.rounds.setdefault(round_id, Round(player))
        self.bets[body["bet_id"]] = Bet(round_id, player, stake, first={AUTHORIZE: got.body})
        self.move(player, available=-stake, held=stake)
        self.events["bet.authorized", body["bet_id"]] += 1

    def _judge_settle(self, body: dict[str, Any], bet: Bet | None, got: Got) -> None:
        win = minor_of(body["win"])
        if bet is None:
            assert (got.status, got.code) == (404, "BET_NOT_FOUND"), got.body
            return
        if bet.state == "rolled_back" or bet.round_id != body["round_id"]:
            assert (got.status, got.code) == (409, "INVALID_STATE"), got.body
            return
        if body["win"]["currency"] != PLAYERS[bet.player][0]:
            assert (got.status, got.code) == (422, "CURRENCY_MISMATCH"), got.body
            return
        if bet.state == "settled":
            self._first_or({"DUPLICATE"} if win != bet.win else set(), SETTLE, bet, got)
            return
        assert (got.status, got.json["status"]) == (200, "credited"), got.body
        bet.state, bet.win, bet.first[SETTLE] = "settled", win, got.body
        self.move(bet.player, available=win, held=-bet.stake)
        self.events["bet.settled", body["bet_id"]] += 1

    def _judge_rollback(self, body: dict[str, Any], bet: Bet | None, got: Got) -> None:
        if bet is None:
            game_round = self.rounds.get(body["round_id"])
            if game_round is not None and game_round.status != "open":
                assert (got.status, got.code) == (409, "INVALID_STATE"), got.body
                return
            assert (got.status, got.json["tombstone"]) == (200, True), got.body
            bet = Bet(body["round_id"], state="rolled_back", first={ROLLBACK: got.body})
            self.bets[body["bet_id"]] = bet
            self.events["bet.rolled_back", body["bet_id"]] += 1
            return
        if bet.state == "settled" or bet.round_id != body["round_id"]:
            assert (got.status, got.code) == (409, "INVALID_STATE"), got.body
            return
        if bet.state == "rolled_back":
            self._first_or(set(), ROLLBACK, bet, got)
            return
        assert (got.status, got.json["status"]) == (200, "rolled_back"), got.body
        bet.state, bet.first[ROLLBACK] = "rolled_back", got.body
        self.move(bet.player, available=bet.stake, held=-bet.stake)
        self.events["bet.rolled_back", body["bet_id"]] += 1

    def _first_or(self, allowed: set[str], path: str, bet: Bet, got: Got) -> None:
        """One of these refusals; where there is none, the first body again."""
        if allowed:
            assert got.code in allowed, got.body
        else:
            assert (got.status, got.body) == (200, bet.first[path])
            assert got.replayed

    # Calls ----------------------------------------------------------------------------------------

    def call_of(self, ask: Ask) -> Call:
        if ask.kind % 3 == 0:
            return self._authorize_call(ask)
        if ask.kind % 3 == 1:
            return self._settle_call(ask, ask.kind)
        return self._rollback_call(ask)

    def _authorize_call(self, ask: Ask) -> Call:
        session = self._session(ask.pick)
        ids = {"session_id": session.session_id, "bet_id": f"b{ask.name}", "round_id": ask.round_id}
        return self.call(AUTHORIZE, {**ids, "amount": self.stake(session.player, ask.amount)})

    def _settle_call(self, ask: Ask, win: int) -> Call:
        ids = self._ids(ask)
        bet = self.bets.get(ids["bet_id"])
        currency = PLAYERS[bet.player][0] if bet and bet.player else "EUR"
        return self.call(SETTLE, {**ids, "win": money(win, currency)})

    def _rollback_call(self, ask: Ask) -> Call:
        return self.call(ROLLBACK, self._ids(ask))

    def _ids(self, ask: Ask) -> dict[str, str]:
        """Of a bet from the same few, so that calls meet, in its round."""
        bet_id = f"b{ask.name}"
        if ask.which != "new" and self.bets:
            open_ones = [name for name, bet in self.bets.items() if bet.state == "authorized"]
            among = open_ones if ask.which == "open" and open_ones else list(self.bets)
            bet_id = among[ask.pick % len(among)]
        bet = self.bets.get(bet_id)
        return {
            "bet_id": bet_id,
            "round_id": ask.round_id if bet is None or ask.astray else bet.round_id,
        }

    def _session(self, pick: int) -> Session:
        """One that is open, more often than not."""
        open_ones = [s for s in self.sessions if not s.ended and self.now_ns < s.expires_ns]
        among = open_ones if open_ones and pick % 4 else self.sessions
        return among[pick % len(among)]


class DurableBetMachine(Mortal, BetMachine):
    """The same law in memory, on files and in PostgreSQL at once, which answer the same bytes and
    end in the same state, also where their servers crash. (WAL-74)"""


@LONG
def test_bets() -> None:
    """The law of `BetMachine`, in memory."""
    run(BetMachine, lambda: [Place("reference")], examples=500, nightly=50_000)


@LONG
def test_bets_on_file() -> None:
    """The law of `DurableBetMachine`, in memory and on files."""
    run(
        DurableBetMachine,
        lambda: [Place("reference"), OnFile("reference")],
        examples=20,
        nightly=5_000,
    )


@LONG
def test_bets_in_every_store(postgres_server: Server) -> None:
    """The law of `DurableBetMachine`, in memory, on files and in PostgreSQL."""
    run(
        DurableBetMachine,
        lambda: [
            Place("reference"),
            OnFile("reference"),
            OnPostgres("reference", postgres_server),
        ],
        examples=2,
        nightly=500,
    )
