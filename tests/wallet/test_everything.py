"""Bets, transactions, payments, bonuses and limits of one player, in whatever order: the books are
sound at every end, and no limit is ever passed."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import Got, Sandbox
from tests.wallet.tools import wallet

NIGHTLY = settings.get_current_profile_name() == "nightly"

PLAYER = "p_poor"
LIMITS = ("stake day", "loss day", "loss month", "deposit day", "withdrawal week")


def euros(amount: int) -> dict[str, Any]:
    return {"amount": Decimal(amount), "currency": "EUR"}


class Life:
    """Makes each step happen to one player, by both APIs.

    What opens something takes a new name; what ends something chooses among what was opened, ended
    or not, so that much is ended twice, and now and then among nothing.
    """

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.named = 0
        self.opened: dict[str, list[tuple[str, str, int]]] = {}
        self.bonus = ""
        self.last: tuple[str, Any] = ("/v1/bonuses/none/consume", {})

    async def send(self, path: str, body: Any) -> Got:
        """A provider's call."""
        self.last = path, body
        return await self.box.call("POST", path, body)

    async def again(self, _choice: int) -> Got:
        """The last call once more, under a new key."""
        return await self.send(*self.last)

    def new(self, kind: str, round_id: str, amount: int) -> str:
        """A name that is new."""
        self.named += 1
        name = f"{kind}-{self.named}"
        self.opened.setdefault(kind, []).append((name, round_id, amount))
        return name

    def old(self, kind: str, choice: int) -> tuple[str, str, int]:
        """Name, round and amount of something that was opened, mostly lately."""
        found = self.opened.get(kind, [])[-3:]
        return found[choice % len(found)] if found else (f"{kind}-0", "r-0", 1)

    @property
    def round_id(self) -> str:
        """Rounds follow one another."""
        return f"r-{self.named // 12}"

    # Bets -----------------------------------------------------------------------------------------

    async def authorize(self, amount: int) -> Got:
        round_id = self.round_id
        bet = self.new("bet", round_id, amount)
        body = {"session_id": await self.box.session(PLAYER), "bet_id": bet, "round_id": round_id}
        return await self.send("/v1/bets/authorize", {**body, "amount": euros(amount)})

    async def settle(self, choice: int) -> Got:
        bet, round_id, _ = self.old("bet", choice)
        body = {"bet_id": bet, "round_id": round_id, "win": euros(choice)}
        return await self.send("/v1/bets/settle", body)

    async def rollback(self, choice: int) -> Got:
        bet, round_id, _ = self.old("bet", choice)
        return await self.send("/v1/bets/rollback", {"bet_id": bet, "round_id": round_id})

    async def close(self, choice: int) -> Got:
        _, round_id, _ = self.old("bet", choice)
        return await self.send(f"/v1/rounds/{round_id}/close", {"outcome": "completed"})

    # Transactions ---------------------------------------------------------------------------------

    async def transact(self, path: str, name: str, round_id: str, **more: Any) -> Got:
        body = {"transaction_id": name, "player_id": PLAYER, "round_id": round_id, **more}
        return await self.send(f"/v1/wallet/{path}", body)

    async def debit(self, amount: int) -> Got:
        round_id = self.round_id
        name = self.new("debit", round_id, amount)
        return await self.transact("debit", name, round_id, amount=euros(amount))

    async def reserve(self, amount: int) -> Got:
        round_id = self.round_id
        name = self.new("reserve", round_id, amount)
        return await self.transact("reserve", name, round_id, amount=euros(amount))

    async def spend(self, choice: int) -> Got:
        kept, round_id, amount = self.old("reserve", choice)
        name = self.new("debit", round_id, amount)
        more = {"reserve_transaction_id": kept, "amount": euros(amount)}
        return await self.transact("debit", name, round_id, **more)

    async def credit(self, choice: int) -> Got:
        debit, round_id, _ = self.old("debit", choice)
        name = self.new("credit", round_id, choice)
        more = {"debit_transaction_id": debit, "amount": euros(choice), "reason": "win"}
        return await self.transact("credit", name, round_id, **more)

    async def undo(self, choice: int) -> Got:
        debit, round_id, _ = self.old("debit", choice)
        name = self.new("undo", round_id, 0)
        return await self.transact("rollback", name, round_id, original_transaction_id=debit)

    async def release(self, choice: int) -> Got:
        kept, round_id, _ = self.old("reserve", choice)
        name = self.new("undo", round_id, 0)
        return await self.transact("release", name, round_id, original_transaction_id=kept)

    # Payments, bonuses, limits, time --------------------------------------------------------------

    async def deposit(self, amount: int) -> Got:
        body = {"payment_id": self.new("pay", "", amount), "player_id": PLAYER}
        return await self.send("/v1/wallet/deposits", {**body, "amount": euros(amount)})

    async def withdraw(self, amount: int) -> Got:
        body = {"payment_id": self.new("pay", "", amount), "player_id": PLAYER}
        return await self.send("/v1/wallet/withdrawals", {**body, "amount": euros(amount)})

    async def issue(self, amount: int) -> Got:
        body = {
            "bonus_id": self.new("bonus", "", amount),
            "player_id": PLAYER,
            "amount": euros(amount + 1),
            "wager_multiplier": 1 + amount % 3,
            "expires_at": f"2026-01-{2 + amount:02}T00:00:00Z",
        }
        return await self.send("/v1/bonuses", body)

    async def consume(self, choice: int) -> Got:
        return await self.send(f"/v1/bonuses/{self.old('bonus', choice)[0]}/consume", {})

    async def limit(self, choice: int) -> Got:
        limit, period = LIMITS[choice % len(LIMITS)].split()
        body = {"limit": limit, "period": period, "amount": euros(10 + 5 * choice)}
        return await self.box.admin("PUT", f"/players/{PLAYER}/limits", body)

    async def wait(self, hours: int) -> Got:
        self.box.tokens.clear()
        return await self.box.admin("POST", "/clock/advance", {"by_ms": hours * 3_600_000})


STEPS: dict[str, Callable[[Life, int], Awaitable[Got]]] = {
    step.__name__: step
    for step in (
        Life.again,
        Life.authorize,
        Life.settle,
        Life.rollback,
        Life.close,
        Life.debit,
        Life.reserve,
        Life.spend,
        Life.credit,
        Life.undo,
        Life.release,
        Life.deposit,
        Life.withdraw,
        Life.issue,
        Life.consume,
        Life.limit,
        Life.wait,
    )
}


@settings(max_examples=3_000 if NIGHTLY else 30)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9)), min_size=30, max_size=60)
)
async def test_whatever_happens_the_books_are_sound(steps: list[tuple[str, int]]) -> None:
    """Every law of the books holds after any sequence of calls by both APIs: buckets, rounds,
    bonuses and what they wagered, limits and what they counted; nothing answers a 5xx, and nothing
    that is shown is below zero. (WAL-01, WAL-11, WAL-40, WAL-66, PRV-24, SBX-11)"""
    async with wallet() as box:
        life = Life(box)
        await life.deposit(20)
        await life.issue(9)
        for name, amount in steps:
            got = await STEPS[name](life, amount)
            assert got.status < 500, (name, got.body)
            player = (await box.call("GET", f"/v1/players/{PLAYER}")).json
            assert player["available"]["amount"] >= 0
            assert all(each["left"]["amount"] >= 0 for each in player["rg"].get("limits", []))
