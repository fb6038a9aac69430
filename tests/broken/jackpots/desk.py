"""What a toy jackpot service does beside falls: who may see what, pools and their terms, payouts by
a wallet of its own, lists, a feed."""

import asyncio
import itertools
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from tests.broken.http import Call, Refusal, decimal, text
from tests.broken.jackpots.kept import Entry, Payout, Pool
from tests.broken.standing import CLIENTS, SCALES, Player, Standing


class Desk(Standing):
    """Everything but what lets a pool grow and fall."""

    split = (8, 1, 1)

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], Entry] = {}
        self.tombs: set[tuple[str, str]] = set()
        self.falls: dict[tuple[str, str], dict[str, Any]] = {}
        self.payouts: dict[str, Payout] = {}
        self.judged: dict[tuple[str, str], tuple[str, bool]] = {}
        self.records: list[dict[str, Any]] = []
        self.feed: list[dict[str, Any]] = []
        self.serial = itertools.count(1)
        self.blocks: dict[str, str] = {}
        self.world.players["p_19f3"] = Player("p_19f3", "brand-42", "EUR", 100_000)
        self.pools: dict[str, Pool] = {}
        both = ("brand-42", "brand-7")
        for pool in (
            Pool("grand-eu-01", "progressive", "call", 50_000, 500_000, members=both),
            Pool("mini", "progressive", "amount", 1_000, 2_500, 1, 200, low=1_500),
            Pool("lucky", "progressive", "chance", 10_000),
            Pool("late", "timed", "time", 10_000),
            Pool("hundred", "fixed", "call", 10_000),
        ):
            pool.split = self.split
            self.pools[pool.id] = pool
        self.routes_of_pools()
        jp = "/v1/jp"
        self.route("GET", f"{jp}/contributions", self.list_entries)
        self.route("GET", f"{jp}/contributions/{{name}}", self.read_entry)
        self.route("GET", f"{jp}/triggers", self.list_falls)
        self.route("GET", f"{jp}/triggers/{{name}}", self.read_fall)
        self.route("POST", f"{jp}/triggers/{{name}}/cancel", self.cancel, write=True)
        self.route("POST", f"{jp}/payouts", self.pay_again, write=True)
        self.route("GET", f"{jp}/payouts", self.list_payouts)
        self.route("GET", f"{jp}/payouts/{{name}}", self.read_payout)
        self.route("POST", f"{jp}/payouts/{{name}}/release", self.release, write=True)
        self.route("POST", f"{jp}/payouts/{{name}}/forfeit", self.forfeit, write=True)
        self.route("GET", f"{jp}/suspicions", lambda call: self.listed(call, self.records))
        self.route("GET", f"{jp}/events", self.list_events)
        self.route("POST", "/__admin/players", self.make_player)
        self.route("PATCH", "/__admin/players/{name}", self.block)
        self.route("POST", "/__admin/clock/advance", self.advance)
        self.route("GET", "/__admin/reconcile", self.reconcile)
        self.route("GET", "/v1/wallet/players/{name}/balance", self.read_player)

    def routes_of_pools(self) -> None:
        self.route("GET", "/v1/jp/pools", self.list_pools)
        self.route("GET", "/v1/jp/pools/{name}", lambda call: self.shown(self.member(call)))
        self.route("GET", "/v1/jp/pools/{name}/terms", lambda call: self.terms(self.member(call)))
        self.route("POST", "/v1/jp/pools/{name}/pause", self.pause, write=True)
        self.route("POST", "/v1/jp/pools/{name}/resume", self.resume, write=True)
        self.route("POST", "/v1/jp/pools/{name}/terms", self.change, write=True)

    # --- Who asks, and for what -------------------------------------------------------------------

    def claimed(self, call: Call, tenant: str) -> None:
        super().claimed(call, tenant)
        if isinstance(call.body, dict) and call.body.get("tenant_id", tenant) != tenant:
            raise Refusal(403, "SCOPE_DENIED")

    def tenant(self, call: Call) -> str:
        return CLIENTS[call.client][2]

    def member(self, call: Call, name: str = "") -> Pool:
        pool = self.pools.get(name or call.parts["name"])
        if pool is None or self.tenant(call) not in pool.members:
            raise Refusal(404, "NOT_FOUND")
        return pool

    def owned(self, call: Call) -> Pool:
        pool = self.member(call)
        if self.tenant(call) != pool.members[0]:
            raise Refusal(403, "SCOPE_DENIED")
        return pool

    # --- Pools ------------------------------------------------------------------------------------

    def list_pools(self, call: Call) -> Any:
        mine = [one for one in self.pools.values() if self.tenant(call) in one.members]
        return self.listed(call, [self.shown(one) for one in mine], everybody=True)

    def shown(self, pool: Pool) -> dict[str, Any]:
        found: dict[str, Any] = {
            "pool_id": pool.id,
            "title": pool.id,
            "kind": pool.kind,
            "scope": "network" if len(pool.members) > 1 else "local",
            "level": "grand",
            "status": pool.status,
            "size": self.money(pool.size, pool.currency),
            "seed": self.money(pool.seed, pool.currency),
            "cycle": pool.cycle,
            "hits": pool.hits,
            "version": pool.version,
            "trigger": pool.by,
        }
        if pool.cap is not None:
            found["cap"] = self.money(pool.cap, pool.currency)
        if pool.kind != "fixed":
            found["rate"] = {"numerator": pool.numerator, "denominator": pool.denominator}
        if pool.by == "amount":
            found |= self.published(pool)
        if pool.by == "time":
            moment = datetime.fromtimestamp(pool.deadline / 1000, UTC)
            found["commitment"] = self.commitment(pool)
            found["deadline_at"] = moment.isoformat(timespec="milliseconds")
        if pool.by == "chance":
            found["odds"] = {"numerator": 1, "denominator": 20_000}
            found["odds_per_stake"] = self.money(100, pool.currency)
        return found

    def published(self, pool: Pool) -> dict[str, Any]:
        """What is told of when a must-drop pool falls."""
        return {
            "commitment": self.commitment(pool),
            "must_drop_by": self.money(pool.cap or 0, pool.currency),
        }

    def commitment(self, pool: Pool) -> str:
        raise NotImplementedError

    def terms(self, pool: Pool) -> dict[str, Any]:
        falls: dict[str, Any] = {"by": pool.by}
        if pool.by == "amount" and pool.cap is not None:
            falls["min"] = self.money(pool.low, pool.currency)
            falls["max"] = self.money(pool.cap, pool.currency)
        return {
            "pool_id": pool.id,
            "version": pool.version,
            "status": "in_force",
            "title": pool.id,
            "seed": self.money(pool.seed, pool.currency),
            "split": dict(zip(("current", "reserve", "seed"), pool.split, strict=True)),
            "trigger": falls,
        }

    def pause(self, call: Call) -> Any:
        pool = self.owned(call)
        pool.status = "paused"
        self.changed(call, pool)
        return self.shown(pool)

    def changed(self, call: Call, pool: Pool) -> None:
        self.tell("jp.config.changed", self.tenant(call), "", pool_id=pool.id)

    def updated(self, pool: Pool) -> None:
        for tenant in pool.members:
            self.tell("jp.pool.updated", tenant, "", pool_id=pool.id)

    def resume(self, call: Call) -> Any:
        pool = self.owned(call)
        pool.status = "open"
        self.changed(call, pool)
        return self.shown(pool)

    def change(self, call: Call) -> Any:
        pool, rate = self.owned(call), call.body.get("rate")
        if isinstance(rate, dict):
            self.take_rate(pool, (rate["numerator"], rate["denominator"]))
        return self.terms(pool)

    def take_rate(self, pool: Pool, rate: tuple[int, int]) -> None:
        pool.next = rate

    # --- Payouts ----------------------------------------------------------------------------------

    def set_out(self, payout: Payout) -> None:
        """Pay when the answer is on its way."""
        payout.status = "requested"
        self.told_of(payout, "jp.payout.requested")
        asyncio.get_running_loop().call_soon(self.pay, payout)

    def pay(self, payout: Payout) -> None:
        if payout.status != "requested":
            return
        why = self.blocks.get(payout.player, "none")
        if payout.player not in self.world.players:
            why = "NOT_FOUND"
        if why != "none":
            self.park(payout, why)
            return
        payout.status = "credited"
        self.credit(payout)
        self.told_of(payout, "jp.payout.credited")

    def credit(self, payout: Payout) -> None:
        self.world.players[payout.player].cash += payout.amount

    def park(self, payout: Payout, why: str) -> None:
        payout.status, payout.reason = "parked", why
        self.told_of(payout, "jp.payout.parked")
        if why in ("AML", "SANCTIONS") and self.is_new(payout):
            self.records.append({**self.paid(payout), "tenant": payout.tenant})
            self.told_of(payout, "aml.alert.opened")

    def is_new(self, payout: Payout) -> bool:
        return all(one["jp_payout_id"] != payout.id for one in self.records)

    def told_of(self, payout: Payout, topic: str) -> None:
        self.tell(topic, payout.tenant, payout.player, jp_payout_id=payout.id)

    def pay_again(self, call: Call) -> Any:
        return self.paid(self.mine(call, text(call.body, "jp_payout_id")))

    def mine(self, call: Call, name: str) -> Payout:
        payout = self.payouts.get(name)
        if payout is None or payout.tenant != self.tenant(call):
            raise Refusal(404, "NOT_FOUND")
        return payout

    def parked(self, call: Call) -> Payout:
        payout = self.mine(call, call.parts["name"])
        text(call.body, "approved_by")
        if payout.status != "parked":
            raise Refusal(409, "INVALID_STATE", reason=payout.status)
        return payout

    def release(self, call: Call) -> Any:
        payout = self.parked(call)
        payout.attempt, payout.reason = payout.attempt + 1, ""
        self.set_out(payout)
        return self.paid(payout)

    def forfeit(self, call: Call) -> Any:
        payout = self.parked(call)
        payout.status = "forfeited"
        payout.pool.reserve += payout.amount
        return self.paid(payout)

    def cancel(self, call: Call) -> Any:
        name = call.parts["name"]
        payout = next((one for one in self.payouts.values() if one.trigger == name), None)
        if payout is None or payout.tenant != self.tenant(call):
            raise Refusal(404, "NOT_FOUND")
        if payout.status not in ("due", "requested"):
            raise Refusal(409, "INVALID_STATE", reason=payout.status)
        payout.status = "cancelled"
        return self.paid(payout)

    def paid(self, payout: Payout) -> dict[str, Any]:
        found: dict[str, Any] = {
            "jp_payout_id": payout.id,
            "jp_trigger_id": payout.trigger,
            "pool_id": payout.pool.id,
            "player_id": payout.player,
            "round_id": payout.round,
            "amount": self.money(payout.amount, payout.pool.currency),
            "status": payout.status,
            "attempt": payout.attempt,
        }
        return {**found, "reason": payout.reason} if payout.reason else found

    # --- Reading ----------------------------------------------------------------------------------

    def view(self, entry: Entry) -> dict[str, Any]:
        currency = entry.pool.currency
        return {
            "jp_contrib_id": entry.id,
            "pool_id": entry.pool.id,
            "round_id": entry.round,
            "bet_id": entry.bet,
            "player_id": entry.player,
            "status": entry.status,
            "bet": self.money(entry.stake, currency),
            "contribution": self.money(entry.amount, currency),
            "cycle": entry.cycle,
        }

    def read_entry(self, call: Call) -> Any:
        entry = self.entries.get((self.tenant(call), call.parts["name"]))
        if entry is None:
            raise Refusal(404, "NOT_FOUND")
        return self.view(entry)

    def read_fall(self, call: Call) -> Any:
        fell = self.falls.get((self.tenant(call), call.parts["name"]))
        if fell is None:
            raise Refusal(404, "NOT_FOUND")
        return fell

    def read_payout(self, call: Call) -> Any:
        return self.paid(self.mine(call, call.parts["name"]))

    def list_entries(self, call: Call) -> Any:
        found = [{**self.view(one), "tenant": one.tenant} for one in self.entries.values()]
        return self.listed(call, found)

    def list_falls(self, call: Call) -> Any:
        found = [
            {**one, "tenant": tenant, "player_id": one["selection"]["player_id"]}
            for (tenant, _), one in self.falls.items()
        ]
        return self.listed(call, found)

    def list_payouts(self, call: Call) -> Any:
        found = [{**self.paid(one), "tenant": one.tenant} for one in self.payouts.values()]
        return self.listed(call, found)

    def list_events(self, call: Call) -> Any:
        return self.listed(call, self.feed)

    def listed(
        self, call: Call, rows: Iterable[dict[str, Any]], *, everybody: bool = False
    ) -> dict[str, Any]:
        """A page of what is the caller's, filtered."""
        asked = {name: one[0] for name, one in parse_qs(call.target.partition("?")[2]).items()}
        names = ("player_id", "pool_id", "status", "event_type")
        wanted = {name: asked[name] for name in names if name in asked}
        found = [
            {name: part for name, part in row.items() if name != "tenant"}
            for row in rows
            if (everybody or row["tenant"] == self.tenant(call))
            and all(row.get(name) == one for name, one in wanted.items())
        ]
        if asked.get("order") == "desc":
            found.reverse()
        start, limit = int(asked.get("cursor", 0)), int(asked.get("limit", 100))
        end = self.next_page(start, limit)
        more = {"has_more": end < len(found), "next_cursor": str(end)}
        return {"items": found[start : start + limit], **more}

    def next_page(self, start: int, limit: int) -> int:
        return start + limit

    def tell(self, topic: str, tenant: str, player: str, **payload: Any) -> None:
        self.feed.append(
            {
                "event_id": f"e{next(self.serial)}",
                "event_type": topic,
                "tenant": tenant,
                "player_id": player,
                "payload": payload,
            }
        )

    # --- The wallet beside it ---------------------------------------------------------------------

    def make_player(self, call: Call) -> Any:
        currency = text(call.body, "currency")
        cash = int(decimal(call.body.get("cash", 0)).scaleb(SCALES.get(currency, 2)))
        name = f"p-{next(self.serial)}"
        self.world.players[name] = Player(name, "brand-42", currency, cash)
        return {"player_id": name}

    def block(self, call: Call) -> Any:
        self.blocks[call.parts["name"]] = text(call.body, "payout_block")
        return {}

    def read_player(self, call: Call) -> Any:
        player = self.world.players.get(call.parts["name"])
        if player is None or player.tenant != self.tenant(call):
            raise Refusal(404, "NOT_FOUND")
        return {"balance": self.balance(player)}

    def now_ms(self) -> int:
        return int(time.time() * 1000) + self.world.now

    def advance(self, call: Call) -> Any:
        self.world.now += call.body["by_ms"]
        for pool in self.pools.values():
            if pool.by == "time" and self.now_ms() >= pool.deadline:
                self.time_is_up(pool)
        return {}

    def time_is_up(self, pool: Pool) -> None:
        raise NotImplementedError

    def reconcile(self, call: Call) -> Any:
        wrong = [one.id for one in self.pools.values() if one.size < 0]
        return {"sound": not wrong, "wrong": wrong}
