"""Whatever a provider does, in whatever order, again and at once: the money adds up."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from simulator.base.clock import FROZEN_START_NS, NS_PER_S
from tests.support import Got, sandbox

T = TypeVar("T")

SESSION_TTL_S = 3_600
SCALES = {"EUR": 2, "JPY": 0, "KWD": 3}
PLAYERS = {
    "p_19f3": ("EUR", 100_000),
    "p_jpy": ("JPY", 100_000),
    "p_kwd": ("KWD", 1_000_000),
    "p_poor": ("EUR", 100),
}
"""Player → currency, and what the test world gives them in minor units."""

players = st.sampled_from(sorted(PLAYERS))
picks = st.integers(0, 11)
bets = st.sampled_from([f"b{i}" for i in range(8)])
rounds = st.sampled_from([f"r{i}" for i in range(4)])
stakes = st.sampled_from([1, 0, 7, 100, 2_500, "all", "one too many"])
wins = st.sampled_from([0, 1, 5_000])
which = st.sampled_from(["open", "open", "any", "new"])
"""Of which bet: one that is open, one of whatever state, one that was never heard of."""
AUTHORIZE, SETTLE, ROLLBACK = (f"/v1/bets/{name}" for name in ("authorize", "settle", "rollback"))


@dataclass(frozen=True)
class Call:
    """A write that can be sent again."""

    path: str
    body: dict[str, Any] | None
    key: str


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


class BetMachine(RuleBasedStateMachine):
    """Balance and holds are what a few integers say, after any mixture of bets, settlements,
    rollbacks, repeats, altered repeats, parallel repeats, ends and passing time; a repeat answers
    the first bytes; at the end the books are sound and every effect has exactly one event.

    (PRV-30..32, PRV-34, WAL-01, 02, 04, 06..08, 10, 14, 16, 20..23, 25, 40..42, 45..48, 60)
    """

    data: Path | None = None

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.now_ns = FROZEN_START_NS
        self.available = {player: cash for player, (_, cash) in PLAYERS.items()}
        self.held = dict.fromkeys(PLAYERS, 0)
        self.sessions: list[Session] = []
        self.rounds: dict[str, Round] = {}
        self.bets: dict[str, Bet] = {}
        self.sent: list[tuple[Call, Got]] = []
        self.events: Counter[tuple[str, str]] = Counter()
        self.keys = 0
        self._start()

    def _start(self) -> None:
        self.stack = AsyncExitStack()
        self.box = self._run(self.stack.enter_async_context(sandbox(self.data)))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        try:
            self._run(self._close_the_books())
        finally:
            self._run(self.stack.aclose())
            self.loop.close()

    async def _close_the_books(self) -> None:
        await self.box.require_sound()
        told = Counter(
            (event["event_type"], event["payload"].get("bet_id") or event["session_id"])
            for event in await self.box.events()
            if event["event_type"] != "player.registered"
        )
        assert told == self.events
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
        got = self._send(self._call("/v1/sessions", body))
        assert got.status == 201, got.body
        session_id = got.json["session_id"]
        assert session_id not in [session.session_id for session in self.sessions]
        self.sessions.append(Session(session_id, player, self.now_ns + SESSION_TTL_S * NS_PER_S))
        self.events["session.started", session_id] += 1

    @rule(pick=picks, bet_id=bets, round_id=rounds, stake=stakes)
    def authorize(self, pick: int, bet_id: str, round_id: str, stake: int | str) -> None:
        self._judge(self._authorize_call(pick, bet_id, round_id, stake))

    @rule(which=which, pick=picks, round_id=rounds, win=wins, astray=picks)
    def settle(self, which: str, pick: int, round_id: str, win: int, astray: int) -> None:
        bet_id = self._bet_id(which, pick)
        self._judge(self._settle_call(bet_id, round_id, win, astray=astray == 0))

    @rule(which=which, pick=picks, round_id=rounds, astray=picks)
    def rollback(self, which: str, pick: int, round_id: str, astray: int) -> None:
        """Before its bet, after it, or of a bet that has ended."""
        bet_id = self._bet_id(which, pick)
        self._judge(self._rollback_call(bet_id, round_id, astray=astray == 0))

    @precondition(lambda self: self.sent)
    @rule(pick=picks, respelled=st.booleans())
    def repeat(self, pick: int, respelled: bool) -> None:
        """The same key and parameters: the same bytes, and nothing happens (2.0 is 2.00)."""
        call, first = self._earlier(pick)
        again = Call(call.path, _respell(call.body) if respelled else call.body, call.key)
        got = self._send(again)
        assert (got.status, got.body, got.replayed) == (first.status, first.body, True)

    @precondition(lambda self: self.sent)
    @rule(pick=picks)
    def repeat_altered(self, pick: int) -> None:
        """The same key and other parameters: refused, and the first answer stays what it was."""
        call, first = self._earlier(pick)
        got = self._send(Call(call.path, _alter(call), call.key))
        assert (got.status, got.code) == (409, "IDEMPOTENCY_MISMATCH"), got.body
        assert self._send(call).body == first.body

    @precondition(lambda self: self.sent)
    @rule(pick=picks, more=st.sampled_from([0, 1]))
    def known_id_with_a_new_key(self, pick: int, more: int) -> None:
        """The same bet under another key: the first body again, or DUPLICATE for another amount."""
        call, _ = self._earlier(pick)
        body = dict(call.body or {})
        for name in ("amount", "win"):
            if name in body:
                unit = Decimal(more).scaleb(-SCALES[body[name]["currency"]])
                body[name] = {**body[name], "amount": body[name]["amount"] + unit}
        self._judge(self._call(call.path, body))

    @rule(
        kind=st.sampled_from(["authorize", "settle", "rollback"]),
        which=which,
        pick=picks,
        bet_id=bets,
        round_id=rounds,
        stake=stakes,
        win=wins,
        same_key=st.booleans(),
    )
    def at_once(
        self,
        kind: str,
        which: str,
        pick: int,
        bet_id: str,
        round_id: str,
        stake: int | str,
        win: int,
        same_key: bool,
    ) -> None:
        """Two of the same in parallel: one effect, and the same body for both."""
        if kind == "authorize":
            call = self._authorize_call(pick, bet_id, round_id, stake)
        elif kind == "settle":
            call = self._settle_call(self._bet_id(which, pick), round_id, win, astray=False)
        else:
            call = self._rollback_call(self._bet_id(which, pick), round_id, astray=False)
        twin = call if same_key else Call(call.path, call.body, self._key())
        one, two = self._run(self._both(call, twin))
        self._judge(call, one)
        if same_key:
            assert (two.status, two.body, two.replayed) == (one.status, one.body, True)
        else:
            self._judge(twin, two)

    @rule(pick=picks)
    def end_session(self, pick: int) -> None:
        session = self._session(pick)
        got = self._send(self._call(f"/v1/sessions/{session.session_id}/end", None))
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
                self._judge(self._rollback_call(bet_id, round_id, astray=False))
        got = self._send(self._call(f"/v1/rounds/{round_id}/close", {"outcome": outcome}))
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

    @rule(seconds=st.sampled_from([1, 60, SESSION_TTL_S - 61, SESSION_TTL_S, 90 * 86_400]))
    def let_time_pass(self, seconds: int) -> None:
        got = self._run(self.box.admin("POST", "/clock/advance", {"by_ms": seconds * 1_000}))
        assert got.status == 200, got.body
        self.now_ns += seconds * NS_PER_S
        self.box.tokens.clear()

    # What must then be true -----------------------------------------------------------------------

    @invariant()
    def every_balance_is_what_the_model_says(self) -> None:
        for player, (currency, _) in PLAYERS.items():
            unit = Decimal(1).scaleb(-SCALES[currency])
            expected = self.available[player] * unit, self.held[player] * unit
            assert self._run(self.box.balance(player)) == expected
            assert self.available[player] >= 0

    def _judge(self, call: Call, got: Got | None = None) -> None:
        """Predict what a bet call must answer, and note its effect."""
        got = got or self._send(call)
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
        stake, player, round_id = _minor(body["amount"]), session.player, body["round_id"]
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
        self.available[player] -= stake
        self.held[player] += stake
        self.events["bet.authorized", body["bet_id"]] += 1

    def _judge_settle(self, body: dict[str, Any], bet: Bet | None, got: Got) -> None:
        win = _minor(body["win"])
        if bet is None:
            assert (got.status, got.code) == (404, "BET_NOT_FOUND"), got.body
            return
        if bet.state == "rolled_back" or bet.round_id != body["round_id"]:
            assert (got.status, got.code) == (409, "INVALID_STATE"), got.body
            return
        if bet.state == "settled":
            self._first_or({"DUPLICATE"} if win != bet.win else set(), SETTLE, bet, got)
            return
        assert (got.status, got.json["status"]) == (200, "credited"), got.body
        bet.state, bet.win, bet.first[SETTLE] = "settled", win, got.body
        self.held[bet.player] -= bet.stake
        self.available[bet.player] += win
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
        self.held[bet.player] -= bet.stake
        self.available[bet.player] += bet.stake
        self.events["bet.rolled_back", body["bet_id"]] += 1

    def _first_or(self, allowed: set[str], path: str, bet: Bet, got: Got) -> None:
        """One of these refusals; where there is none, the first body again."""
        if allowed:
            assert got.code in allowed, got.body
        else:
            assert (got.status, got.body) == (200, bet.first[path])
            assert got.replayed

    # Calls ----------------------------------------------------------------------------------------

    def _authorize_call(self, pick: int, bet_id: str, round_id: str, stake: int | str) -> Call:
        session = self._session(pick)
        currency, _ = PLAYERS[session.player]
        if isinstance(stake, str):
            stake = self.available[session.player] + (stake == "one too many")
        amount = _money(stake, currency)
        body = {"session_id": session.session_id, "bet_id": bet_id, "round_id": round_id}
        return self._call(AUTHORIZE, {**body, "amount": amount})

    def _settle_call(self, bet_id: str, round_id: str, win: int, *, astray: bool) -> Call:
        bet = self.bets.get(bet_id)
        currency = PLAYERS[bet.player][0] if bet and bet.player else "EUR"
        ids = {"bet_id": bet_id, "round_id": self._round_of(bet, round_id, astray=astray)}
        return self._call(SETTLE, {**ids, "win": _money(win, currency)})

    def _rollback_call(self, bet_id: str, round_id: str, *, astray: bool) -> Call:
        round_id = self._round_of(self.bets.get(bet_id), round_id, astray=astray)
        return self._call(ROLLBACK, {"bet_id": bet_id, "round_id": round_id})

    def _round_of(self, bet: Bet | None, round_id: str, *, astray: bool) -> str:
        return round_id if bet is None or astray else bet.round_id

    def _bet_id(self, which: str, pick: int) -> str:
        """A bet id from the same few, so that calls meet."""
        if which == "new" or not self.bets:
            return f"b{pick % 8}"
        open_ones = [bet_id for bet_id, bet in self.bets.items() if bet.state == "authorized"]
        among = open_ones if which == "open" and open_ones else list(self.bets)
        return among[pick % len(among)]

    def _session(self, pick: int) -> Session:
        """One that is open, more often than not."""
        open_ones = [s for s in self.sessions if not s.ended and self.now_ns < s.expires_ns]
        among = open_ones if open_ones and pick % 4 else self.sessions
        return among[pick % len(among)]

    def _earlier(self, pick: int) -> tuple[Call, Got]:
        """One of the last bet calls."""
        return self.sent[-1 - pick % len(self.sent)]

    def _call(self, path: str, body: dict[str, Any] | None) -> Call:
        return Call(path, body, self._key())

    def _key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def _send(self, call: Call) -> Got:
        return self._noted(
            call, self._run(self.box.call("POST", call.path, call.body, key=call.key))
        )

    async def _both(self, call: Call, twin: Call) -> tuple[Got, Got]:
        one, two = await asyncio.gather(
            *(self.box.call("POST", c.path, c.body, key=c.key) for c in (call, twin))
        )
        return self._noted(call, one), self._noted(twin, two)

    def _noted(self, call: Call, got: Got) -> Got:
        assert got.status < 500, got.body
        fresh = call.key not in [earlier.key for earlier, _ in self.sent]
        if fresh and call.path in (AUTHORIZE, SETTLE, ROLLBACK):
            self.sent.append((call, got))
        return got


class DurableBetMachine(BetMachine):
    """The same law on files, where now and then the power fails: a server that starts from what
    is on the disk at that moment knows every answer that was given. (WAL-74)"""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.starts = 0
        self.data = Path(self.folder.name) / "0"
        super().__init__()

    @rule()
    def crash_and_restart(self) -> None:
        assert self.data is not None
        self.starts += 1
        after = Path(self.folder.name) / str(self.starts)
        after.mkdir()
        for name in ("wallet.db", "wallet.db-wal"):
            shutil.copy(self.data / name, after / name)
        self._run(self.stack.aclose())
        self.data = after
        self._start()
        self.box.world.set_clock("frozen", self.now_ns)

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self.folder.cleanup()


def _money(minor: int, currency: str) -> dict[str, Any]:
    return {"amount": Decimal(minor).scaleb(-SCALES[currency]), "currency": currency}


def _minor(money: dict[str, Any]) -> int:
    return int(money["amount"].scaleb(SCALES[money["currency"]]))


def _respell(body: dict[str, Any] | None) -> dict[str, Any]:
    """The same parameters in other bytes."""
    respelled = dict(reversed((body or {}).items()))
    for name in ("amount", "win"):
        if name in respelled:
            value = respelled[name]["amount"]
            respelled[name] = {**respelled[name], "amount": Decimal(f"{value:f}" + _tail(value))}
    return respelled


def _tail(value: Decimal) -> str:
    return "0" if "." in f"{value:f}" else ".0"


def _alter(call: Call) -> dict[str, Any]:
    """Other parameters."""
    body = dict(call.body or {})
    for name in ("amount", "win"):
        if name in body:
            body[name] = {**body[name], "amount": body[name]["amount"] + 1}
            return body
    return {**body, "reason": f"not what {call.key} said"}


_NIGHTLY = settings.get_current_profile_name() == "nightly"


def test_bets_in_memory() -> None:
    """The law of `BetMachine`, on memory."""
    effort = settings(
        max_examples=3_000 if _NIGHTLY else 60, stateful_step_count=80 if _NIGHTLY else 30
    )
    run_state_machine_as_test(BetMachine, settings=effort)


def test_bets_on_file() -> None:
    """The law of `DurableBetMachine`."""
    effort = settings(
        max_examples=500 if _NIGHTLY else 12, stateful_step_count=80 if _NIGHTLY else 30
    )
    run_state_machine_as_test(DurableBetMachine, settings=effort)
