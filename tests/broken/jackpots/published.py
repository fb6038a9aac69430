"""What a toy jackpot service publishes of its pools: who takes part, regions, mathematics, a
stream."""

import asyncio
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qs

from tests.broken.http import Call, Refusal, encode
from tests.broken.jackpots.desk import Desk
from tests.broken.jackpots.kept import Entry, Pool
from tests.broken.standing import REGIONS

LIVE = "/v1/jp/live/pools"


class Published(Desk):
    """A variant overrides one method."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[str] = []
        """Pools in the order in which they changed; a position is an index."""
        self.seen: dict[str, Any] = {}
        self.route("GET", "/v1/jp/pools/{name}/math", self.read_math)

    # --- Who takes part ---------------------------------------------------------------------------

    def shown(self, pool: Pool) -> dict[str, Any]:
        found = {**super().shown(pool), "participants": self.count(self.in_cycle(pool))}
        if len(pool.members) > 1:
            found["regions"] = [self.region(pool, tenant) for tenant in pool.members]
        return found

    def in_cycle(self, pool: Pool) -> list[Entry]:
        every = self.entries.values()
        return [one for one in every if one.pool is pool and one.cycle == pool.cycle]

    def count(self, entries: list[Entry]) -> int:
        return len({one.player for one in entries})

    def region(self, pool: Pool, tenant: str) -> dict[str, Any]:
        mine = [one for one in self.entries.values() if (one.pool, one.tenant) == (pool, tenant)]
        now = [one for one in self.in_cycle(pool) if one.tenant == tenant]
        paid = [one for one in self.payouts.values() if (one.pool, one.tenant) == (pool, tenant)]
        amounts = {
            "size": self.put_in(now),
            "contributed": sum(one.amount for one in mine),
            "paid": sum(one.amount for one in paid),
        }
        return {
            "region": REGIONS[tenant],
            "bets": len(mine),
            "participants": self.count(now),
            "hits": len(paid),
            **{name: self.money(minor, pool.currency) for name, minor in amounts.items()},
        }

    def put_in(self, entries: list[Entry]) -> int:
        return sum(one.current for one in entries if one.status == "recorded")

    # --- Mathematics ------------------------------------------------------------------------------

    def read_math(self, call: Call) -> Any:
        pool, query = self.member(call), parse_qs(call.target.partition("?")[2])
        stake = int(100 * Fraction(query.get("stake", ["1"])[0]))
        collected = Fraction(pool.numerator, pool.denominator)
        parts = zip(("to_pool", "to_reserve", "to_seed"), self.weights(pool), strict=True)
        found = {"collected": collected, **{name: collected * part for name, part in parts}}
        if pool.by == "chance":
            found |= {"hit_rate": self.hit_rate(stake), "rounds": 1 / self.hit_rate(stake)}
        exact = {name: {"value": 0, "exact": str(one)} for name, one in found.items()}
        return {"pool_id": pool.id, **exact}

    def weights(self, pool: Pool) -> list[Fraction]:
        return [Fraction(one, sum(pool.split)) for one in pool.split]

    def hit_rate(self, stake: int) -> Fraction:
        return Fraction(stake, 2_000_000)

    # --- The stream -------------------------------------------------------------------------------

    async def serve(self, call: Call, handler: Any, write: bool) -> tuple[int, bytes]:
        found = await super().serve(call, handler, write)
        for pool in self.pools.values():
            if self.seen.get(pool.id) != (pool.size, pool.cycle, pool.status):
                self.seen[pool.id] = pool.size, pool.cycle, pool.status
                self.log.append(pool.id)
        return found

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] != LIVE:
            return await super().__call__(scope, receive, send)
        headers = {n.decode().lower(): v.decode("latin-1") for n, v in scope["headers"]}
        call = Call("GET", LIVE, LIVE, headers, b"", None, {})
        try:
            tenant = self.tenant_of(call)
        except Refusal as no:
            status, body = self.refusal(call, no)
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": body})
            return None
        kind = (b"content-type", b"text/event-stream")
        await send({"type": "http.response.start", "status": 200, "headers": [kind]})
        await self.stream(tenant, self.begins(headers.get("last-event-id")), send, receive)
        return None

    def tenant_of(self, call: Call) -> str:
        call.client = self.who(call)
        return self.tenant(call)

    def begins(self, after: str | None) -> int | None:
        return None if after is None else int(after)

    async def stream(self, tenant: str, after: int | None, send: Any, receive: Any) -> None:
        await receive()
        gone = asyncio.ensure_future(receive())
        while not gone.done():
            names = set(self.pools if after is None else self.log[after:])
            after = len(self.log)
            told = [
                self.pools[name] for name in sorted(names) if tenant in self.pools[name].members
            ]
            body = b"".join(
                b"event: pool\nid: %d\ndata: %b\n\n" % (after, encode(self.told_live(pool)))
                for pool in told
            )
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await asyncio.wait((gone,), timeout=0.02)

    def told_live(self, pool: Pool) -> dict[str, Any]:
        return {"pool_id": pool.id, "size": self.money(pool.size, pool.currency)}
