"""Right, and different from the reference."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.certify.exchange import Answer, Reply
from tests.broken.clients.client import DONE, REFUSED, UNKNOWN, Client, Signed


class Bearer(Client):
    """As the reference has it: four attempts, growing pauses, half of each drawn."""


class SignedRight(Signed):
    """Signs every attempt."""


class RollsBackAtOnce(Client):
    """Never repeats a bet: the first doubt is rolled back until that is definite."""

    bet_attempts = 1


class BetsUntilDefinite(Client):
    """Never gives a bet up, and so never rolls one back for doubt."""

    bet_attempts = 1_000


class FullJitter(Client):
    """All of each pause is drawn."""

    jitter = 1.0
    first_wait_ms = 1_000


class SteadyByProfile(Client):
    """Pauses of a second, not drawn: its profile says so."""

    duties: ClassVar[Mapping[str, Any]] = {
        "backoff": "constant",
        "jitter": "none",
        "least_wait_ms": 900,
        "most_wait_ms": 1_100,
    }
    jitter = 0
    first_wait_ms = 1_000
    max_wait_ms = 1_000


class KeepsItsProfile(Client):
    """Three attempts for a bet, five for a win, and its profile says so."""

    duties: ClassVar[Mapping[str, Any]] = {
        "bet_attempts": 3,
        "win_attempts": 5,
        "least_wait_ms": 100,
    }
    bet_attempts = 3

    async def win(self, won: dict[str, Any]) -> None:
        await self.write("/v1/bets/settle", won, f"w-{won['bet_id']}", limit=5)


class LooksFirst(Client):
    """In doubt it reads the bet: one that is there is done; else the same key again."""

    bet_attempts = 1

    async def bet(self, stake: dict[str, Any]) -> str:
        while True:
            outcome = await super().bet(stake)
            if outcome in (DONE, REFUSED):
                return outcome
            found = await self.attempt("GET", f"/v1/bets/{stake['bet_id']}", b"", "", 1)
            body = self.parsed(found)
            if self.understand(found) == DONE and body.get("status") == "authorized":
                return DONE
            self.renew()
            await self.pause(self.dice.randrange(3_100, 4_300))

    def encode(self, body: dict[str, Any], attempt: int) -> bytes:
        """Amounts with both decimals, keys in order: the same request by meaning."""
        return json.dumps(body, sort_keys=attempt % 2 == 0).encode()


class OnTheWallet(Client):
    """Moves money by transactions, and names its key by the standard's header."""

    key_header = "Idempotency-Key"

    async def bet(self, stake: dict[str, Any]) -> str:
        name = stake["bet_id"]
        debit = {
            "transaction_id": f"d-{name}",
            "player_id": "p_19f3",
            "session_id": stake["session_id"],
            "round_id": stake["round_id"],
            "amount": stake["amount"],
        }
        outcome, _ = await self.write(
            "/v1/wallet/debit", debit, f"d-{name}", limit=self.bet_attempts
        )
        return outcome

    async def roll_back(self, undo: dict[str, Any]) -> None:
        name = undo["bet_id"]
        body = {
            "transaction_id": f"u-{name}",
            "original_transaction_id": f"d-{name}",
            "player_id": "p_19f3",
            "round_id": undo["round_id"],
        }
        await self.write("/v1/wallet/rollback", body, f"u-{name}")

    async def win(self, won: dict[str, Any]) -> None:
        name = won["bet_id"]
        credit = {
            "transaction_id": f"w-{name}",
            "debit_transaction_id": f"d-{name}",
            "player_id": "p_19f3",
            "round_id": won["round_id"],
            "reason": "win",
            "amount": won["win"],
        }
        await self.write("/v1/wallet/credit", credit, f"w-{name}")

    async def close(self, round_id: str) -> None:
        path = f"/v1/wallet/rounds/{round_id}/close"
        await self.write(path, {"outcome": "completed"}, f"c-{round_id}")


class ForgivesTypes(Client):
    """Does not believe an answer whose type is not JSON, and asks again with the same key."""

    plan = "harsh"

    def understand(self, reply: Reply) -> str:
        media = reply.headers.get("content-type", "") if isinstance(reply, Answer) else ""
        return super().understand(reply) if media.startswith("application/json") else UNKNOWN
