"""A provider that keeps a journal: what it asked, what was acknowledged, what it never heard.

The journal is the whole model of the crash tests. `audit` compares it with a restarted server, by
nothing but the server's own API.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import aiohttp

from tests.support import BRAND_42, encode

PLAYERS = {"p_19f3": "EUR", "p_jpy": "JPY", "p_kwd": "KWD"}
STAKES = {"EUR": Decimal("0.10"), "JPY": Decimal(7), "KWD": Decimal("0.005")}
ANSWERS_WITHIN_S = 120
"""An answer that takes longer never comes: the machine may be as slow as it likes."""

REPEATED = 0.15
"""Share of the acknowledged bets of which some call is repeated in an audit."""

TOPICS = {
    "authorized": {"bet.authorized": 1},
    "settled": {"bet.authorized": 1, "bet.settled": 1},
    "rolled_back": {"bet.authorized": 1, "bet.rolled_back": 1},
}
"""State of a bet → its events, each exactly once."""


@dataclass(frozen=True)
class Ask:
    """One write: sent as often as needed, always with the same key and the same bytes."""

    path: str
    body: bytes
    key: str
    leads_to: str


@dataclass
class Bet:
    """One bet as its provider knows it."""

    bet_id: str
    round_id: str
    player: str
    stake: Decimal
    win: Decimal = Decimal(0)
    state: str = ""
    """The last acknowledged state; empty before the first answer."""
    pending: Ask | None = None
    """What was asked and not answered."""
    heard: list[tuple[Ask, bytes]] = field(default_factory=list)


@dataclass
class Journal:
    """Everything that this provider ever asked."""

    rng: random.Random
    bets: dict[str, Bet] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    balances: dict[str, Decimal] = field(default_factory=dict)
    """What each player had before the first bet."""
    burst: int = 0
    """Counts the runs; each has rounds of its own, so that its bets can be listed."""
    events: str = ""
    """The cursor behind the events that were compared."""
    acknowledged: int = 0
    unanswered: Counter[bool] = field(default_factory=Counter)
    """Calls that were cut off: had they taken effect (True), or not?"""
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def new_bet(self) -> Bet:
        """The next bet of a random player."""
        player = self.rng.choice(list(PLAYERS))
        stake = STAKES[PLAYERS[player]] * self.rng.randint(0, 3)
        round_id = f"r{self.burst}-{player}"
        bet = Bet(f"b{len(self.bets)}", round_id, player, stake)
        self.bets[bet.bet_id] = bet
        return bet

    def plan(self, bet: Bet) -> list[Ask]:
        """What will be asked of a bet: authorize, then settle, roll back or leave it open."""
        asks = [self._ask(bet, "authorize", {"session_id": self.sessions[bet.player]}, bet.stake)]
        end = self.rng.choice(("settle", "settle", "rollback", ""))
        if end == "settle":
            bet.win = bet.stake * self.rng.randint(0, 4)
            asks.append(self._ask(bet, "settle", {}, bet.win))
        elif end == "rollback":
            asks.append(self._ask(bet, "rollback", {}, None))
        return asks

    def _ask(self, bet: Bet, name: str, more: dict[str, str], money: Decimal | None) -> Ask:
        body: dict[str, Any] = {"bet_id": bet.bet_id, "round_id": bet.round_id, **more}
        if money is not None:
            field_name = "win" if name == "settle" else "amount"
            body[field_name] = {"amount": money, "currency": PLAYERS[bet.player]}
        state = {"authorize": "authorized", "settle": "settled", "rollback": "rolled_back"}[name]
        return Ask(f"/v1/bets/{name}", encode(body), f"{name}-{bet.bet_id}", state)

    def hear(self, bet: Bet, ask: Ask, body: bytes) -> None:
        """Note an acknowledgement."""
        bet.pending, bet.state = None, ask.leads_to
        bet.heard.append((ask, body))
        self.acknowledged += 1
        self.more.set()

    def of(self, rounds: Sequence[str]) -> list[Bet]:
        """The bets of some rounds."""
        return [bet for bet in self.bets.values() if bet.round_id in rounds]

    def expected(self, player: str) -> tuple[Decimal, Decimal]:
        """Available and held, by plain addition."""
        available, held = self.balances[player], Decimal(0)
        for bet in self.bets.values():
            if bet.player != player or bet.state in ("", "rolled_back"):
                continue
            available -= bet.stake
            if bet.state == "settled":
                available += bet.win
            else:
                held += bet.stake
        return available, held


class Unexpected(AssertionError):
    """An answer that no crash excuses."""


class Provider:
    """The wire: one keep-alive HTTP client with a token."""

    def __init__(self, http: aiohttp.ClientSession, headers: dict[str, str]) -> None:
        self._http = http
        self._headers = headers

    async def write(self, ask: Ask) -> tuple[bytes, bool]:
        """Send a write; its body, and whether it was given before."""
        headers = {
            **self._headers,
            "X-Idempotency-Key": ask.key,
            "Content-Type": "application/json",
        }
        async with self._http.post(ask.path, data=ask.body, headers=headers) as answer:
            body = await answer.read()
            if answer.status not in (200, 201):
                raise Unexpected(f"{ask.path} {ask.key}: {answer.status} {body!r}")
            return body, answer.headers.get("Idempotency-Replayed") == "true"

    async def read(self, path: str) -> Any:
        """GET, with decimals kept exact."""
        async with self._http.get(path, headers=self._headers) as answer:
            body = await answer.read()
            if answer.status != 200:
                raise Unexpected(f"{path}: {answer.status} {body!r}")
            return json.loads(body, parse_float=Decimal)

    async def list_from(self, path: str, cursor: str) -> tuple[list[Any], str]:
        """Every item behind a cursor, and the cursor behind them."""
        items: list[Any] = []
        while True:
            more = f"&cursor={cursor}" if cursor else ""
            page = await self.read(f"{path}{'&' if '?' in path else '?'}limit=200{more}")
            items += page["items"]
            cursor = page.get("next_cursor", cursor)
            if not page["has_more"]:
                return items, cursor


@asynccontextmanager
async def provider(url: str) -> AsyncIterator[Provider]:
    """A provider with a fresh token."""
    async with aiohttp.ClientSession(url, timeout=aiohttp.ClientTimeout(ANSWERS_WITHIN_S)) as http:
        form = {
            "grant_type": "client_credentials",
            "client_id": "studio-demo",
            "client_secret": "studio-demo-secret",
        }
        async with http.post("/oauth/token", data=form) as answer:
            token = (await answer.json())["access_token"]
        headers = {"Authorization": f"Bearer {token}", "X-Trace-Id": "tr_crash", **BRAND_42}
        yield Provider(http, headers)


async def open_sessions(wire: Provider, journal: Journal) -> None:
    """A session for each player, and their balances before anything is played."""
    for player, currency in PLAYERS.items():
        body = {
            "player_id": player,
            "game_id": "studio:slot_forge_02",
            "currency": currency,
            "locale": "en",
        }
        answer, _ = await wire.write(Ask("/v1/sessions", encode(body), f"s-{player}", ""))
        journal.sessions[player] = json.loads(answer)["session_id"]
        shown = await wire.read(f"/v1/players/{player}")
        journal.balances[player] = Decimal(shown["available"]["amount"])


async def play(wire: Provider, journal: Journal) -> None:
    """Bet after bet, until the server is gone."""
    while True:
        bet = journal.new_bet()
        for ask in journal.plan(bet):
            bet.pending = ask
            try:
                body, _ = await wire.write(ask)
            except (aiohttp.ClientError, TimeoutError):
                return
            journal.hear(bet, ask, body)


async def until(journal: Journal, acknowledged: int) -> None:
    """Wait for so many acknowledgements in all."""
    while journal.acknowledged < acknowledged:
        journal.more.clear()
        await journal.more.wait()


async def audit(wire: Provider, journal: Journal, *, whole: bool = False) -> list[str]:
    """What a restarted server has lost, doubled or made up; empty when it kept its promises.

    Looks at the bets of the last burst (at all where `whole`). What was never answered is asked
    again under its old key: afterwards every bet stands as its provider knows it.
    """
    bursts = range(journal.burst + 1) if whole else [journal.burst]
    rounds = [f"r{burst}-{player}" for burst in bursts for player in PLAYERS]
    bets = journal.of(rounds)
    found = await _compare_bets(wire, bets, rounds)
    found += await _ask_again(wire, journal, bets)
    found += await _compare_events(wire, journal, bets, whole=whole)
    for player in PLAYERS:
        shown = await wire.read(f"/v1/players/{player}")
        have = Decimal(shown["available"]["amount"]), Decimal(shown["held"]["amount"])
        if have != journal.expected(player):
            found.append(f"{player} has {have}, expected {journal.expected(player)}")
    books = await wire.read("/__admin/reconcile")
    found += [f"books: {wrong}" for wrong in books["breaks"]]
    chain = await wire.read("/__admin/audit")
    return found if chain["sound"] else [*found, f"chain: {chain['first_bad']}"]


async def _compare_bets(wire: Provider, bets: list[Bet], rounds: list[str]) -> list[str]:
    """Each acknowledged bet is there once, in its state or in the one that was asked for last."""
    shown: dict[str, str] = {}
    found = []
    for round_id in rounds:
        items, _ = await wire.list_from(f"/v1/bets?round_id={round_id}", "")
        for item in items:
            if item["bet_id"] in shown:
                found.append(f"{item['bet_id']} is listed twice")
            shown[item["bet_id"]] = item["status"]
    for bet in bets:
        allowed = {bet.state} | ({bet.pending.leads_to} if bet.pending else set())
        state = shown.pop(bet.bet_id, "")
        if state not in allowed:
            found.append(f"{bet.bet_id} is {state or 'lost'}, acknowledged was {bet.state}")
    return found + [f"{bet_id} was never asked for" for bet_id in shown]


async def _ask_again(wire: Provider, journal: Journal, bets: list[Bet]) -> list[str]:
    """What was never answered gets its answer now; what was answered gets the same bytes."""
    found = []
    for bet in bets:
        try:
            if bet.pending is not None:
                body, replayed = await wire.write(bet.pending)
                journal.unanswered[replayed] += 1
                journal.hear(bet, bet.pending, body)
            if bet.heard and journal.rng.random() < REPEATED:
                ask, first = journal.rng.choice(bet.heard)
                if await wire.write(ask) != (first, True):
                    found.append(f"{ask.key} is answered anew, or differently")
        except Unexpected as wrong:
            found.append(str(wrong))
    return found


async def _compare_events(
    wire: Provider, journal: Journal, bets: list[Bet], *, whole: bool
) -> list[str]:
    """One event for each effect, and none besides (PRV-34)."""
    start = "" if whole else journal.events
    events, journal.events = await wire.list_from("/v1/events", start)
    told: dict[str, Counter[str]] = {bet.bet_id: Counter() for bet in bets}
    found = []
    for event in events:
        if event["event_type"].startswith("bet."):
            bet_id = event["payload"]["bet_id"]
            told.setdefault(bet_id, Counter())[event["event_type"]] += 1
    for bet in bets:
        topics = told.pop(bet.bet_id)
        if topics != TOPICS.get(bet.state, {}):
            found.append(f"{bet.bet_id} is {bet.state} and has the events {dict(topics)}")
    found += [f"events tell of {bet_id}, which nobody asked for" for bet_id in told]
    ids = Counter(event["event_id"] for event in events)
    return found + [f"event {event_id} came twice" for event_id, n in ids.items() if n > 1]
