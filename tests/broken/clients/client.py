"""A provider that keeps its duties, in one file, so that a defect is one method away."""

import asyncio
import hashlib
import hmac
import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar

from simulator.certify.exchange import Answer, Ask, Reply
from simulator.certify.wires.asgi import AsgiWire

HEADERS = {"X-Brand-Id": "brand-42", "X-Region": "EU", "X-Provider-Id": "studio"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CLIENT = "studio-demo"

DONE, REFUSED, UNPROVEN, NOT_DONE, UNKNOWN = "done", "refused", "unproven", "not done", "unknown"


class Client:
    """Bearer token, growing pauses with jitter, four attempts for a bet and then its rollback."""

    plan: ClassVar[str] = "standard"
    duties: ClassVar[Mapping[str, Any]] = {}
    profile: ClassVar[Mapping[str, Any]] = {}
    answers: ClassVar[Mapping[str, Any]] = {}
    killed_by: ClassVar[str] = ""

    rounds = 6
    lanes = 3
    bet_attempts = 4
    first_wait_ms = 200
    max_wait_ms = 5_000
    jitter = 0.5
    key_header = "X-Idempotency-Key"

    wire: AsgiWire
    now_ns: Callable[[], int]

    def __init__(self) -> None:
        self.dice = random.Random(7)
        self.token = ""
        self.asking: asyncio.Task[str] | None = None
        self.sent = 0
        self.seen_events: set[str] = set()
        self.read_events = 0

    # A shift ----------------------------------------------------------------------------------

    async def play(self) -> None:
        await asyncio.gather(*(self.lane(number) for number in range(self.lanes)))
        await self.pause(60_000)
        await self.write("/v1/sessions", self.session_of(), "s-last")
        await self.react()

    async def lane(self, lane: int) -> None:
        session = await self.open(f"s-{lane}")
        for number in range(self.rounds):
            await self.round(session, f"{lane}-{number}", number)
            await self.pause(self.dice.randrange(100, 900))
            await self.react()

    def session_of(self) -> dict[str, Any]:
        return {
            "player_id": "p_19f3",
            "game_id": "studio:slot_forge_02",
            "currency": "EUR",
            "locale": "de-DE",
        }

    async def open(self, key: str) -> str:
        _, body = await self.write("/v1/sessions", self.session_of(), key)
        return str(body["session_id"])

    async def round(self, session: str, name: str, number: int) -> None:
        stake = self.bet_of(session, f"b-{name}", f"r-{name}", number)
        outcome = await self.bet(stake)
        if outcome == REFUSED:
            return
        undo = {"bet_id": stake["bet_id"], "round_id": stake["round_id"]}
        if outcome != DONE or number % 5 == 4:
            await self.roll_back(undo)
            return
        await self.win({**undo, "win": self.money(number * 10)})
        await self.close(stake["round_id"])

    def bet_of(self, session: str, bet: str, round_id: str, number: int) -> dict[str, Any]:
        return {
            "session_id": session,
            "bet_id": bet,
            "round_id": round_id,
            "amount": self.money(100 + number),
        }

    def money(self, minor: int) -> dict[str, Any]:
        return {"amount": minor / 100, "currency": "EUR"}

    async def bet(self, stake: dict[str, Any]) -> str:
        key = f"a-{stake['bet_id']}"
        outcome, _ = await self.write("/v1/bets/authorize", stake, key, limit=self.bet_attempts)
        return outcome

    async def roll_back(self, undo: dict[str, Any]) -> None:
        await self.write("/v1/bets/rollback", undo, f"u-{undo['bet_id']}")

    async def win(self, won: dict[str, Any]) -> None:
        await self.write("/v1/bets/settle", won, f"w-{won['bet_id']}")

    async def close(self, round_id: str) -> None:
        path = f"/v1/rounds/{round_id}/close"
        await self.write(path, {"outcome": "completed"}, f"c-{round_id}")

    # Events -----------------------------------------------------------------------------------

    async def react(self) -> None:
        """Give a present for some events: what arrives twice is one event."""
        reply = await self.wire.send(Ask("GET", "/__admin/inboxes/own?limit=200"))
        assert isinstance(reply, Answer), reply
        for arrival in json.loads(reply.body)["items"]:
            event = arrival["event_id"]
            if event not in self.seen_events and arrival["event_type"] == "bet.rolled_back":
                self.seen_events.add(event)
                await self.thank(event, 1)

    async def thank(self, event: str, arrival: int) -> None:
        gift = {"payment_id": f"gift-{event}", "player_id": "p_19f3", "amount": self.money(1)}
        await self.write("/v1/wallet/deposits", gift, f"gift-{event}")

    # One call ---------------------------------------------------------------------------------

    async def write(
        self, path: str, body: dict[str, Any], key: str, *, limit: int | None = None
    ) -> tuple[str, Any]:
        """Send until it is definite, or `limit` times; how it ended, and what was answered."""
        attempt, doubt, renewed = 0, False, False
        while True:
            attempt += 1
            raw = self.encode(body, attempt)
            reply = await self.attempt("POST", path, raw, self.key(key, attempt), attempt)
            outcome = self.understand(reply)
            if outcome == UNPROVEN and not renewed:
                renewed = True
                self.renew()
                continue
            doubt = doubt or outcome == UNKNOWN
            if outcome in (DONE, REFUSED):
                return outcome, self.parsed(reply)
            if not self.again(path, outcome, attempt, limit):
                return (UNKNOWN if doubt else NOT_DONE), None
            await self.wait(attempt, reply)

    def again(self, path: str, outcome: str, attempt: int, limit: int | None) -> bool:
        return limit is None or attempt < limit

    async def attempt(self, method: str, path: str, raw: bytes, key: str, attempt: int) -> Reply:
        self.sent += 1
        headers = {**self.standing(attempt), "X-Trace-Id": f"tr_{self.sent}"}
        if method != "GET":
            headers |= {self.key_header: key, "Content-Type": "application/json"}
        headers |= await self.proof(method, path, raw, attempt)
        return await self.wire.send(Ask(method, path, headers, raw))

    def standing(self, attempt: int) -> Mapping[str, str]:
        return HEADERS

    def key(self, key: str, attempt: int) -> str:
        return key

    def encode(self, body: dict[str, Any], attempt: int) -> bytes:
        return json.dumps(body).encode()

    def parsed(self, reply: Reply) -> Any:
        try:
            return json.loads(reply.body) if isinstance(reply, Answer) else None
        except ValueError:
            return None

    def understand(self, reply: Reply) -> str:
        body = self.parsed(reply)
        if not isinstance(reply, Answer) or not isinstance(body, dict):
            return UNKNOWN
        if reply.status < 300:
            return DONE
        if reply.status in (401, 429):
            return UNPROVEN if reply.status == 401 else NOT_DONE
        return UNKNOWN if body.get("retryable", True) or reply.status >= 500 else REFUSED

    # Pauses -----------------------------------------------------------------------------------

    async def wait(self, attempt: int, reply: Reply) -> None:
        own_ms = min(self.first_wait_ms * 2 ** (attempt - 1), self.max_wait_ms)
        own_ms = round(own_ms * (1 - self.jitter * self.dice.random()))
        await self.pause(max(own_ms, self.told_ms(reply)))

    def told_ms(self, reply: Reply) -> int:
        said = reply.headers.get("retry-after", "") if isinstance(reply, Answer) else ""
        if said.isdigit():
            return int(said) * 1_000
        if not said:
            return 0
        until_ms = int(parsedate_to_datetime(said).timestamp()) * 1_000
        return max(0, until_ms - self.now_ns() // 1_000_000)

    async def pause(self, ms: int) -> None:
        await asyncio.sleep(ms / 1_000)

    # Proof ------------------------------------------------------------------------------------

    async def proof(self, method: str, path: str, raw: bytes, attempt: int) -> dict[str, str]:
        if not self.token:
            if self.asking is None or self.asking.done():
                self.asking = asyncio.ensure_future(self.ask_token())
            self.token = await self.asking
        return {"Authorization": f"Bearer {self.token}"}

    def renew(self) -> None:
        self.token = ""

    async def ask_token(self) -> str:
        form = f"grant_type=client_credentials&client_id={CLIENT}&client_secret={CLIENT}-secret"
        attempt = 0
        while True:
            attempt += 1
            reply = await self.wire.send(Ask("POST", "/oauth/token", FORM, form.encode()))
            if self.understand(reply) == DONE:
                return str(self.parsed(reply)["access_token"])
            await self.wait(attempt, reply)


class Signed(Client):
    """Signs every attempt anew, instead of a token."""

    async def proof(self, method: str, path: str, raw: bytes, attempt: int) -> dict[str, str]:
        return self.signature(method, path, raw, self.timestamp(), self.nonce())

    def timestamp(self) -> str:
        return datetime.fromtimestamp(self.now_ns() / 1e9, UTC).isoformat()

    def nonce(self) -> str:
        return f"nonce-{self.sent:08d}"

    def signature(
        self, method: str, path: str, raw: bytes, timestamp: str, nonce: str
    ) -> dict[str, str]:
        signed = "\n".join((timestamp, nonce, method, path, "")).encode() + raw
        digest = hmac.digest(f"{CLIENT}-key".encode(), signed, hashlib.sha256).hex()
        return {
            "X-Client-Id": CLIENT,
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature": digest,
        }
