"""Jackpot services that keep the rules and look different."""

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from tests.broken.dialects import InARow, Problems
from tests.broken.http import Call, Refusal
from tests.broken.jackpots.kept import Payout, Pool
from tests.broken.jackpots.variant import Right


class Reference(Right):
    """As the reference has it."""


class OthersPlayToo(Right):
    """A busy pool: now and then a contribution of somebody else's comes in between."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def shown(self, pool: Pool) -> dict[str, Any]:
        self.asked += 1
        if (pool.kind, pool.by) == ("progressive", "call") and self.asked % 11 == 0:
            pool.size = min(pool.size + self.asked % 97, pool.cap or 0)
        return super().shown(pool)


class AllToThePool(Right):
    """No reserve and no seed fund: all that is contributed makes the pool grow."""

    split = (1, 0, 0)


class ProblemJson(Problems, Right):
    """Refuses as RFC 9457 has it."""


class Queued(InARow, Right):
    """One call after the other, slowly; the wallet is heard later still."""

    def set_out(self, payout: Payout) -> None:
        payout.status = "due"
        asyncio.get_running_loop().call_later(0.03, super().set_out, payout)


class RefusesUnknownReversals(Right):
    """A reversal of what never came is 404."""

    profile: ClassVar[Mapping[str, str]] = {"unknown_rollback": "not_found"}

    def reverse(self, call: Call) -> Any:
        if (self.tenant(call), call.parts["name"]) not in self.entries:
            raise Refusal(404, "NOT_FOUND")
        return super().reverse(call)


class OnlyThisCycleWins(Right):
    """A round wins only the cycle that it has a part in."""

    def has_part(self, pool: Pool, tenant: str, player: str, round_id: str) -> None:
        super().has_part(pool, tenant, player, round_id)
        cycles = {
            one.cycle for one in self.entries.values() if (one.pool, one.round) == (pool, round_id)
        }
        if pool.kind != "fixed" and pool.cycle not in cycles:
            raise Refusal(409, "INVALID_STATE", reason="not_eligible")


class SplitUntold(Right):
    """How a contribution is shared out is not published."""

    def terms(self, pool: Pool) -> dict[str, Any]:
        return {name: part for name, part in super().terms(pool).items() if name != "split"}
