"""Wallets that keep the rules and look different."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from tests.broken.dialects import Problems
from tests.broken.http import Call, Refusal, encode, pause
from tests.broken.standing import Player
from tests.broken.wallets.variant import Right


class Reference(Right):
    """As the reference has it."""


class Slow(Right):
    """Takes its time."""

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        await asyncio.sleep(0.002)
        return await super().once(call, handler)


class AsynchronousInside(Right):
    """One queue for each player: a caller waits, and nobody overtakes."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = asyncio.Lock()

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        async with self.lock:
            await pause()
            found = await super().once(call, handler)
            await pause()
        return found


class SaysInProgress(Right):
    """A parallel repeat of a key is told to come again: 425."""

    def __init__(self) -> None:
        super().__init__()
        self.busy: set[tuple[str, str]] = set()

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        key = (call.path, call.headers.get("x-idempotency-key", ""))
        if key in self.busy:
            raise Refusal(425, "IN_PROGRESS")
        self.busy.add(key)
        try:
            await pause()
            return await super().once(call, handler)
        finally:
            self.busy.discard(key)


class PerPlayer(Right):
    """Ids are the player's own, repeats show the balance of now, wins need no bet."""

    profile: ClassVar[Mapping[str, str]] = {
        "transaction_scope": "player",
        "duplicate_answer": "current_balance",
        "win_without_bet": "promo",
        "settled_rollback": "if_funds_cover",
    }
    scope = "player"
    duplicate = "current_balance"
    win_without_bet = "promo"
    settled_rollback = "if_funds_cover"


class StrictCodes(Right):
    """Unknown rollbacks are 404, repeats under a new key are DUPLICATE."""

    profile: ClassVar[Mapping[str, str]] = {
        "unknown_rollback": "not_found",
        "duplicate_answer": "duplicate_code",
    }
    unknown_rollback = "not_found"
    duplicate = "duplicate_code"


class Cents(Right):
    """Writes whole cents."""

    profile: ClassVar[Mapping[str, str]] = {"money_format": "integer_minor"}

    def scaled(self, amount: Any, currency: str) -> int:
        if isinstance(amount, bool) or not isinstance(amount, int) or not 0 <= amount < 10**15:
            raise Refusal(400, "VALIDATION_FAILED")
        return amount

    def amount(self, minor: int, currency: str) -> Any:
        return minor


class Texts(Right):
    """Writes amounts as text."""

    profile: ClassVar[Mapping[str, str]] = {"money_format": "decimal_string"}

    def scaled(self, amount: Any, currency: str) -> int:
        try:
            exact = Decimal(amount) if isinstance(amount, str) else None
        except ArithmeticError:
            exact = None
        if exact is None or "E" in amount.upper():
            raise Refusal(400, "VALIDATION_FAILED")
        return super().scaled(exact, currency)

    def amount(self, minor: int, currency: str) -> Any:
        return str(super().amount(minor, currency))


class ProblemJson(Problems, Right):
    """Refuses as RFC 9457 has it."""


class WordInA200(Right):
    """Says no with a word in a 200."""

    profile: ClassVar[Mapping[str, str]] = {"error_body": "status_word"}
    answers: ClassVar[Mapping[str, Any]] = {"codes": {"INSUFFICIENT_FUNDS": ["NO_MONEY"]}}

    def refusal(self, call: Call, no: Refusal) -> tuple[int, bytes]:
        if no.status in (400, 401, 404, 405, 413) or no.status >= 500:
            return super().refusal(call, no)
        word = "NO_MONEY" if no.code == "INSUFFICIENT_FUNDS" else no.code
        return 200, encode({"status": word})


class Busy(Right):
    """Serves three writes at a time; the others are told 429 and come again."""

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        at_work = self.__dict__.setdefault("at_work", [])
        if len(at_work) >= 3:
            raise Refusal(429, "RATE_LIMITED")
        at_work.append(call)
        try:
            await pause()
            return await super().once(call, handler)
        finally:
            at_work.remove(call)


class SparseAnswers(Right):
    """Balances are sparse, 2.50 is written 2.5, answers have more, and statuses are its own."""

    def balance(self, player: Player) -> dict[str, Any]:
        whole = super().balance(player)
        return {name: whole[name] for name in ("available", "held")}

    def amount(self, minor: int, currency: str) -> Any:
        found = super().amount(minor, currency)
        return int(found) if found == int(found) else found.normalize()

    def answer(self, txn: str, player: Player, **more: Any) -> dict[str, Any]:
        return {"vendor": {"a": [1, None]}, **super().answer(txn, player, **more), "amount": 7}

    def refusal(self, call: Call, no: Refusal) -> tuple[int, bytes]:
        own = {
            "VALIDATION_FAILED": 422,
            "INSUFFICIENT_FUNDS": 402,
            "RG_BLOCK": 423,
            "AUTH_FAILED": 403,
        }
        status, body = super().refusal(call, no)
        return own.get(no.code, status), body
