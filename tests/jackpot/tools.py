"""What the tests of jackpots share: a house with a jackpot service, a wire that fails on purpose,
pools of one's own, and the question whether pools, payouts and wallet agree."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from simulator.jackpot import pools
from simulator.jackpot.terms import Chance, Falls, Member, Rate, Split, Terms, wrong_with
from simulator.server.clients import BRANDS
from simulator.server.owner import as_owner, owner
from simulator.store.unit import Unit
from simulator.wire.calls import Call, Reply
from tests.play.tools import Act, at_once
from tests.support import Got, Sandbox, sandbox

GRAND = "grand-eu-01"
ELSEWHERE = {"X-Brand-Id": "brand-7", "X-Region": "UK", "X-Provider-Id": "other-studio"}
HOUSE = (Member(brand="brand-42", region="EU"),)
NETWORK = (*HOUSE, Member(brand="brand-7", region="UK"))


def pool(pool_id: str, *, seed: str = "10.00", **more: Any) -> Terms:
    """Terms of a pool of brand-42 in EUR: 1 % of stakes, all of it to the pool, falls by call."""
    given: dict[str, Any] = {
        "title": pool_id,
        "kind": "progressive",
        "scope": "local",
        "level": "mini",
        "currency": "EUR",
        "owner": "brand-42",
        "members": list(HOUSE),
        "rate": Rate(numerator=1, denominator=100),
        "split": Split(current=1, reserve=0, seed=0),
        **more,
    }
    terms = Terms(pool_id=pool_id, seed=Decimal(seed), **given)
    assert wrong_with(terms) is None, wrong_with(terms)
    return terms


def one_in(n: int, per_stake: str | None = None) -> Falls:
    """A chance."""
    each = None if per_stake is None else Decimal(per_stake)
    return Falls(by="chance", chance=Chance(one_in=n, per_stake=each))


def within(low: str, high: str) -> Falls:
    """An amount that is hidden."""
    return Falls(by="amount", min=Decimal(low), max=Decimal(high))


@dataclass
class Hall:
    """A sandbox with its jackpot service, and what leaves that service."""

    box: Sandbox
    calls: list[str] = field(default_factory=list)
    """What was called, in order: party and the last word of the path."""
    acts: dict[int, Act] = field(default_factory=dict)
    """What becomes of the n-th call to the wallet; the others arrive."""
    asked: int = 0
    n: int = 0

    def __post_init__(self) -> None:
        wire = self.box.world.parties["jackpot"].courier._outgoing
        real = wire.send

        async def send(call: Call) -> Reply:
            self.calls.append(f"{call.to} {call.target.rpartition('/')[2]}")
            if call.to != "wallet":
                return await real(call)
            act = self.acts.get(self.asked)
            self.asked += 1
            return await (real(call) if act is None else act(real, call))

        wire.send = send  # type: ignore[method-assign]

    def meddle(self, acts: Mapping[int, Act]) -> None:
        """From here on count the calls to the wallet anew, and do this to them."""
        self.calls.clear()
        self.asked = 0
        self.acts = dict(acts)

    async def open(self, terms: Terms) -> str:
        """Open a pool of one's own."""
        caller = owner(BRANDS[terms.owner], "tr_test")

        def opening(unit: Unit) -> None:
            ask = pools.OpenPool(pool=terms)
            as_owner(unit, caller=caller, decide=pools.open_pool, message=ask)

        await self.box.world.parties["jackpot"].writer.submit(opening)
        return terms.pool_id

    async def call(self, method: str, path: str, body: Any = None, **how: Any) -> Got:
        """Call `/v1/jp` as the platform; as brand-7, with `headers=ELSEWHERE`."""
        client = "playmoney-rgs" if how.get("headers") == ELSEWHERE else "platform-demo"
        return await self.box.call(method, f"/v1/jp{path}", body, client=client, **how)

    async def contribute(
        self, pool_id: str = GRAND, stake: Any = 2, *, name: str | None = None, **more: Any
    ) -> Got:
        """Contribute; every id is made of the name, or of the next number."""
        self.n += name is None
        name = name or f"n{self.n}"
        headers = more.pop("headers", None)
        body = {
            "jp_contrib_id": f"c-{name}",
            "tenant_id": "brand-7" if headers == ELSEWHERE else "brand-42",
            "pool_id": pool_id,
            "round_id": f"r-{name}",
            "bet_id": f"b-{name}",
            "player_id": "p_19f3",
            "bet": {"amount": stake, "currency": "EUR"},
            "idempotency_key": f"k-{name}",
            **more,
        }
        return await self.call("POST", "/contributions", body, headers=headers)

    async def reverse(self, name: str, **how: Any) -> Got:
        """Reverse a contribution."""
        return await self.call("POST", f"/contributions/c-{name}/reverse", {}, **how)

    async def trigger(
        self,
        name: str,
        pool_id: str = GRAND,
        *,
        player: str = "p_19f3",
        trigger_id: str | None = None,
        **how: Any,
    ) -> Got:
        """Trigger a pool on the round of this name."""
        body = {
            "jp_trigger_id": trigger_id or f"t-{name}",
            "pool_id": pool_id,
            "reason": "random",
            "selection": {"player_id": player, "round_id": f"r-{name}"},
        }
        return await self.call("POST", "/triggers", body, **how)

    async def decide(self, payout_id: str, what: str, name: str = "d-1", **how: Any) -> Got:
        """Release or forfeit a payout."""
        body = {"decision_id": name, "reason": "looked into", "approved_by": "e.vance"}
        return await self.call("POST", f"/payouts/{payout_id}/{what}", body, **how)

    async def switch(self, what: str, pool_id: str = GRAND, name: str = "c-1", **how: Any) -> Got:
        """Pause or resume a pool."""
        body = {"change_id": name, "reason": "maintenance", "approved_by": "e.vance"}
        return await self.call("POST", f"/pools/{pool_id}/{what}", body, **how)

    async def later(self, by_ms: int) -> None:
        """Let time pass; everybody has a new token afterwards."""
        got = await self.box.admin("POST", "/clock/advance", {"by_ms": by_ms})
        assert got.status == 200, got.body
        self.box.tokens.clear()

    async def size(self, pool_id: str = GRAND) -> Decimal:
        """How large a pool is shown."""
        return Decimal((await self.call("GET", f"/pools/{pool_id}")).json["size"]["amount"])

    async def events(self, topic: str) -> list[dict[str, Any]]:
        """The events of a topic."""
        got = await self.call("GET", f"/events?event_type={topic}&limit=200")
        found: list[dict[str, Any]] = got.json["items"]
        return found

    def rows(self, text: str, party: str = "jackpot") -> list[tuple[Any, ...]]:
        """Committed rows of a party."""
        found: list[tuple[Any, ...]] = self.box.world.parties[party].writer.unit.database.rows(text)
        return found

    async def settled(self) -> None:
        """Wait until nothing is pending any more."""
        for _ in range(60_000):
            if not self.rows("SELECT 1 FROM task WHERE state = 'pending' LIMIT 1"):
                return
            await asyncio.sleep(0.001)
        raise AssertionError("something stays pending")

    async def require_agreement(self) -> None:
        """The books of every party are sound, and the wallet has paid what the service says it has
        paid: each once, nothing else, none lost (JP-52)."""
        await self.settled()
        await self.box.require_sound()
        credited = "SELECT jp_payout_id, player_id, amount FROM jp_payout WHERE status = 'credited'"
        paid = "SELECT transaction_id, player_id, amount FROM txn WHERE reason = 'jackpot'"
        paid += " AND kind = 'credit' AND status = 'ok'"
        assert sorted(self.rows(credited)) == sorted(self.rows(paid, "wallet"))
        self.require_set_aside()

    def require_set_aside(self) -> None:
        """Nothing is under way: what the wallet holds is of payouts that wait for a person, and all
        that the service knows to be held is there, or is paid where the wallet's answer to that
        could not be read (JP-13)."""
        parked = "SELECT jp_payout_id FROM jp_payout WHERE status = 'parked' AND"
        aside = "SELECT jp_payout_id FROM set_aside WHERE status"
        held = set(self.rows(f"{aside} = 'held'", "wallet"))
        unread = set(self.rows(f"{parked} set_aside = 'held' AND reason = 'UNREADABLE'"))
        paid = unread & set(self.rows(f"{aside} = 'paid'", "wallet"))
        assert set(self.rows(f"{parked} set_aside = 'held'")) <= held | paid
        assert held <= set(self.rows(f"{parked} set_aside IN ('asked', 'held')"))


@asynccontextmanager
async def hall(data: Path | None = None, **more: Any) -> AsyncIterator[Hall]:
    """A house with its jackpot service; pauses of a courier take no time."""
    async with sandbox(data, sleep=at_once, **more) as box:
        yield Hall(box)
