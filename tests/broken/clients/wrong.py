"""One defect each, and the check that has to see it."""

import json
import zlib
from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.certify.exchange import Answer, Ask, Reply
from tests.broken.clients.client import DONE, NOT_DONE, REFUSED, UNKNOWN, Client, Signed
from tests.broken.clients.right import OnTheWallet


class NewKeyOnRetry(Client):
    """Every attempt has a key of its own."""

    killed_by = "client.key.same-on-retry"

    def key(self, key: str, attempt: int) -> str:
        return f"{key}-{attempt}"


class NewKeyAfterSilence(Client):
    """After a lost answer a bet is sent under a new key; what was answered keeps its own."""

    killed_by = "client.key.same-on-retry"

    async def bet(self, stake: dict[str, Any]) -> str:
        for attempt in range(1, 4):
            key = f"a-{stake['bet_id']}-{attempt}"
            outcome, _ = await self.write("/v1/bets/authorize", stake, key, limit=1)
            if outcome in (DONE, REFUSED):
                return outcome
            await self.pause(300 * attempt)
        return UNKNOWN


class NewBetOnRetry(Client):
    """What did not get through is another bet, of the same amount in the same round."""

    killed_by = "client.intent.same-transaction"

    async def bet(self, stake: dict[str, Any]) -> str:
        bet = stake["bet_id"]
        for attempt in range(1, 4):
            stake["bet_id"] = f"{bet}-{attempt}"
            outcome, _ = await self.write(
                "/v1/bets/authorize", stake, f"a-{bet}-{attempt}", limit=1
            )
            if outcome in (DONE, REFUSED):
                return outcome
            await self.pause(300 * attempt)
        return UNKNOWN


class NewRollbackOnRetry(OnTheWallet):
    """A rollback that did not get through is another rollback of the same debit."""

    killed_by = "client.intent.same-transaction"

    async def roll_back(self, undo: dict[str, Any]) -> None:
        name, outcome, attempt = undo["bet_id"], UNKNOWN, 0
        while outcome in (UNKNOWN, NOT_DONE):
            attempt += 1
            body = {
                "transaction_id": f"u-{name}-{attempt}",
                "original_transaction_id": f"d-{name}",
                "player_id": "p_19f3",
                "round_id": undo["round_id"],
            }
            key = f"u-{name}-{attempt}"
            outcome, _ = await self.write("/v1/wallet/rollback", body, key, limit=1)
            await self.pause(300 * attempt)


class CountsItsAttempts(Client):
    """The body says which attempt it is: another request under the same key."""

    killed_by = "client.key.same-body"

    def encode(self, body: dict[str, Any], attempt: int) -> bytes:
        return json.dumps({**body, "attempt": attempt}).encode()


class IgnoresRetryAfter(Client):
    """Comes back when it likes."""

    killed_by = "client.retry-after.honoured"

    def told_ms(self, reply: Reply) -> int:
        return 0


class HalvesRetryAfter(Client):
    """Reads Retry-After, and waits for half of it."""

    killed_by = "client.retry-after.honoured"

    def told_ms(self, reply: Reply) -> int:
        return super().told_ms(reply) // 2


class SteadyPauses(Client):
    """The pauses are drawn, and never grow."""

    killed_by = "client.backoff.grows"
    jitter = 0.1
    max_wait_ms = 200
    rounds = 18


class RetriesAtOnce(Client):
    """Does not wait at all."""

    killed_by = "client.backoff.grows"
    first_wait_ms = 0
    rounds = 18


class NoJitter(Client):
    """All callers double the same pause."""

    killed_by = "client.backoff.jitter"
    jitter = 0


class OneMoreThanItsProfile(Client):
    """Its profile says three attempts, and it makes four."""

    killed_by = "client.retry.profile"
    duties: ClassVar[Mapping[str, Any]] = {"bet_attempts": 3}


class OneLessThanItsProfile(Client):
    """Its profile says four attempts, and it makes two."""

    killed_by = "client.retry.profile"
    duties: ClassVar[Mapping[str, Any]] = {"bet_attempts": 4}
    bet_attempts = 2


class AbandonsBets(Client):
    """What was not answered is left alone."""

    killed_by = "client.unknown.resolved"
    bet_attempts = 2

    async def bet(self, stake: dict[str, Any]) -> str:
        outcome = await super().bet(stake)
        return REFUSED if outcome == UNKNOWN else outcome


class TakesSilenceForYes(Client):
    """Plays on when a bet was not answered."""

    killed_by = "client.unknown.not-guessed"
    bet_attempts = 1

    async def bet(self, stake: dict[str, Any]) -> str:
        outcome = await super().bet(stake)
        return DONE if outcome == UNKNOWN else outcome


class BelievesAnyStatus200(Client):
    """A 200 is a yes, whatever stands in it."""

    killed_by = "client.unknown.not-guessed"

    def understand(self, reply: Reply) -> str:
        garbled = isinstance(reply, Answer) and reply.status < 300
        return DONE if garbled else super().understand(reply)

    async def open(self, key: str) -> str:
        while True:
            reply = await self.attempt(
                "POST", "/v1/sessions", json.dumps(self.session_of()).encode(), key, 1
            )
            body = self.parsed(reply)
            if super().understand(reply) == DONE:
                return str(body["session_id"])
            self.renew()
            await self.wait(1, reply)


class GivesUpWins(Client):
    """A win is sent twice, and that has to do."""

    killed_by = "client.win.retried"

    async def win(self, won: dict[str, Any]) -> None:
        await self.write("/v1/bets/settle", won, f"w-{won['bet_id']}", limit=2)


class CancelsWins(Client):
    """A win that does not get through is rolled back."""

    killed_by = "client.win.never-cancelled"

    async def win(self, won: dict[str, Any]) -> None:
        outcome, _ = await self.write("/v1/bets/settle", won, f"w-{won['bet_id']}", limit=1)
        if outcome in (UNKNOWN, NOT_DONE):
            await self.roll_back({"bet_id": won["bet_id"], "round_id": won["round_id"]})


class RollsBackOnce(Client):
    """A rollback is sent once."""

    killed_by = "client.rollback.until-definite"

    async def roll_back(self, undo: dict[str, Any]) -> None:
        await self.write("/v1/bets/rollback", undo, f"u-{undo['bet_id']}", limit=1)


class LeavesRoundsOpen(Client):
    """The end of a round is told once."""

    killed_by = "client.round.finished-retried"

    async def close(self, round_id: str) -> None:
        path = f"/v1/rounds/{round_id}/close"
        await self.write(path, {"outcome": "completed"}, f"c-{round_id}", limit=1)


class TakesNoForMaybe(Client):
    """A refusal is asked again."""

    killed_by = "client.refusal.no-retry"

    def understand(self, reply: Reply) -> str:
        outcome = super().understand(reply)
        return NOT_DONE if outcome == REFUSED else outcome


class TriesRefusalsAnew(Client):
    """A bet that was refused is sent again under another key."""

    killed_by = "client.refusal.no-retry"

    async def bet(self, stake: dict[str, Any]) -> str:
        outcome = await super().bet(stake)
        if outcome == REFUSED:
            again = f"again-{stake['bet_id']}"
            outcome, _ = await self.write("/v1/bets/authorize", stake, again)
        return outcome


class RollsBackRefusals(Client):
    """Whatever is no yes is rolled back."""

    killed_by = "client.refusal.no-rollback"

    async def bet(self, stake: dict[str, Any]) -> str:
        outcome = await super().bet(stake)
        return UNKNOWN if outcome == REFUSED else outcome


class OneNonce(Signed):
    """Signs a call once: its attempts share a nonce."""

    killed_by = "client.sign.nonce"

    async def proof(self, method: str, path: str, raw: bytes, attempt: int) -> dict[str, str]:
        nonce = f"nonce-{zlib.crc32(path.encode() + raw):010d}-{attempt // 3}"
        return self.signature(method, path, raw, self.timestamp(), nonce)


class SignsWithOldTime(Signed):
    """The timestamp is that of the first attempt; the nonce is new."""

    killed_by = "client.sign.timestamp"

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[tuple[str, bytes], str] = {}

    async def proof(self, method: str, path: str, raw: bytes, attempt: int) -> dict[str, str]:
        timestamp = self.times.setdefault((path, raw), self.timestamp())
        return self.signature(method, path, raw, timestamp, self.nonce())


class ShowsTheOldToken(Client):
    """A 401 is retried with the token that met it."""

    killed_by = "client.token.refreshed"

    def renew(self) -> None:
        """Keeps it."""


class TokenForEachCall(Client):
    """Asks for a token before every call."""

    killed_by = "client.token.not-hammered"

    async def proof(self, method: str, path: str, raw: bytes, attempt: int) -> dict[str, str]:
        return {"Authorization": f"Bearer {await self.ask_token()}"}


class DoesEventsTwice(Client):
    """Each arrival of an event is another event."""

    killed_by = "client.event.once"

    async def react(self) -> None:
        reply = await self.wire.send(Ask("GET", "/__admin/inboxes/own?limit=200"))
        assert isinstance(reply, Answer), reply
        arrivals = json.loads(reply.body)["items"]
        fresh, self.read_events = arrivals[self.read_events :], len(arrivals)
        for at, arrival in enumerate(fresh):
            if arrival["event_type"] == "bet.rolled_back":
                await self.thank(arrival["event_id"], self.read_events + at)

    async def thank(self, event: str, arrival: int) -> None:
        name = f"gift-{event}-{arrival}"
        gift = {"payment_id": name, "player_id": "p_19f3", "amount": self.money(1)}
        await self.write("/v1/wallet/deposits", gift, name)


class FloatMoney(Client):
    """Adds stakes up in binary, and writes what comes of it."""

    killed_by = "client.protocol.money"

    def money(self, minor: int) -> dict[str, Any]:
        return {"amount": 0.1 + 0.2 + minor / 100, "currency": "EUR"}


class ForgetsHeaders(Client):
    """A retry goes out without saying for which region."""

    killed_by = "client.protocol.headers"

    def standing(self, attempt: int) -> dict[str, str]:
        found = dict(super().standing(attempt))
        return {name: text for name, text in found.items() if attempt != 2 or name != "X-Region"}

    def understand(self, reply: Reply) -> str:
        refused = isinstance(reply, Answer) and reply.status == 400
        return NOT_DONE if refused else super().understand(reply)
