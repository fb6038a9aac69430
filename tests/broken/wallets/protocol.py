"""Wallets that misread or misspeak."""

import itertools
from decimal import Decimal
from typing import Any

from tests.broken.http import Call, Refusal, encode
from tests.broken.wallets.variant import Broken


class RoundsMoney(Broken):
    """More decimals than the currency has are rounded."""

    killed_by = "wallet.debit.bad-amount"

    def scaled(self, amount: Any, currency: str) -> int:
        if isinstance(amount, Decimal) and amount.is_finite():
            amount = round(amount, 2)
        return super().scaled(amount, currency)


class TakesNegative(Broken):
    """A negative stake is a gift."""

    killed_by = "wallet.debit.bad-amount"

    def scaled(self, amount: Any, currency: str) -> int:
        if isinstance(amount, int | Decimal) and not isinstance(amount, bool) and amount < 0:
            return -super().scaled(-amount, currency)
        return super().scaled(amount, currency)


class NegativeWin(Broken):
    """A negative win takes."""

    killed_by = "wallet.credit.negative"

    def credit(self, call: Call, body: dict[str, Any]) -> Any:
        amount = body["amount"]["amount"]
        if amount < 0:
            self.player(call, body["player_id"]).cash -= int(-amount * 100)
            return self.answer(body["transaction_id"], self.player(call, body["player_id"]))
        return super().credit(call, body)


class FallsOverBadBodies(Broken):
    """What is not JSON is a 500."""

    killed_by = "wallet.protocol.bad-body"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        if not isinstance(call.body.get("transaction_id", ""), str):
            raise Refusal(500, "INTERNAL")
        return await super().once(call, handler)


class NeedsNoKey(Broken):
    """A write without a key is done."""

    killed_by = "wallet.protocol.no-key"

    fresh_keys = itertools.count()

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        call.headers.setdefault("x-idempotency-key", f"own-{next(self.fresh_keys)}")
        return await super().once(call, handler)


class ErrorsAreText(Broken):
    """A refusal is prose."""

    killed_by = "wallet.protocol.error-model"

    def refusal(self, call: Call, no: Refusal) -> tuple[int, bytes]:
        return no.status, encode({"code": no.code, "error": str(no)})


class StrictFields(Broken):
    """A field that it does not know is an error."""

    killed_by = "wallet.debit.extra-fields"

    def debit(self, call: Call, body: dict[str, Any]) -> Any:
        if "operator_note" in body:
            raise Refusal(400, "VALIDATION_FAILED")
        return super().debit(call, body)


class EmptyIds(Broken):
    """A transaction needs no id."""

    killed_by = "wallet.debit.without-id"

    def debit(self, call: Call, body: dict[str, Any]) -> Any:
        name = body.get("transaction_id") or f"own-{next(self.world.count)}"
        return super().debit(call, {**body, "transaction_id": name})
