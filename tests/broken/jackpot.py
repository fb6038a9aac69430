"""A jackpot service that keeps the rules, in memory: what lets a pool grow, and fall."""

import hashlib
from typing import Any

from tests.broken.http import Call, Refusal, text
from tests.broken.jackpots.kept import Entry, Payout, Pool
from tests.broken.jackpots.published import Published


class Jackpot(Published):
    """As docs/jackpot.md has it. A variant overrides one method."""

    def __init__(self) -> None:
        super().__init__()
        for pool in self.pools.values():
            self.begin(pool)
        self.route("POST", "/v1/jp/contributions", self.contribute, write=True)
        self.route("POST", "/v1/jp/contributions/{name}/reverse", self.reverse, write=True)
        self.route("POST", "/v1/jp/candidates", self.judge, write=True)
        self.route("POST", "/v1/jp/triggers", self.trigger, write=True)

    # --- Contributions ----------------------------------------------------------------------------

    def contribute(self, call: Call) -> Any:
        self.claimed(call, self.tenant(call))
        entry = self.entry(call)
        known = self.entries.get((entry.tenant, entry.id))
        if known is not None:
            return self.known(known, entry)
        self.may_enter(entry)
        self.record(entry)
        return entry.answer

    def entry(self, call: Call) -> Entry:
        body, names = call.body, ("jp_contrib_id", "round_id", "bet_id", "player_id")
        contrib, round_id, bet, player = (text(body, name) for name in names)
        pool = self.member(call, text(body, "pool_id"))
        stake = self.paid_in(body, "bet", pool)
        given = None if "contribution" not in body else self.paid_in(body, "contribution", pool)
        tenant, cycle = self.tenant(call), pool.cycle
        return Entry(contrib, tenant, pool, round_id, bet, player, stake, given, 0, 0, cycle)

    def paid_in(self, body: dict[str, Any], name: str, pool: Pool) -> int:
        money = body.get(name)
        if not isinstance(money, dict):
            raise Refusal(400, "VALIDATION_FAILED", f"{name} is an amount")
        if text(money, "currency") != pool.currency:
            raise Refusal(422, "CURRENCY_MISMATCH")
        return self.scaled(money.get("amount"), pool.currency)

    def known(self, known: Entry, entry: Entry) -> Any:
        one = (known.pool, known.round, known.bet, known.player, known.stake, known.given)
        if one != (entry.pool, entry.round, entry.bet, entry.player, entry.stake, entry.given):
            raise Refusal(409, "DUPLICATE")
        return known.answer

    def may_enter(self, entry: Entry) -> None:
        if (entry.tenant, entry.id) in self.tombs:
            raise Refusal(409, "INVALID_STATE", reason="tombstone")
        self.growing(entry.pool)
        if entry.pool.kind == "fixed":
            raise Refusal(409, "INVALID_STATE", reason="fixed")
        pool, given = entry.pool, entry.given
        if given is not None:
            off = abs(given * pool.denominator - entry.stake * pool.numerator)
            self.within(off, pool)

    def growing(self, pool: Pool) -> None:
        if pool.status == "paused":
            raise Refusal(409, "INVALID_STATE", reason="paused")

    def within(self, off: int, pool: Pool) -> None:
        if off > pool.denominator:
            raise Refusal(422, "LIMIT_EXCEEDED", "more than a minor unit off")

    def record(self, entry: Entry) -> None:
        pool = entry.pool
        entry.amount = self.rate(entry)
        entry.current = self.part(pool, entry.amount)
        pool.size += entry.current
        self.entries[entry.tenant, entry.id] = entry
        self.tell("jp.contribution.recorded", entry.tenant, entry.player, jp_contrib_id=entry.id)
        self.updated(pool)
        entry.answer = {**self.view(entry), "pool_size": self.money(pool.size, pool.currency)}
        if pool.by == "amount" and self.due(pool):
            name = f"fall-{next(self.serial)}"
            fell = self.fall(pool, entry.tenant, entry.player, entry.round, name, "must_drop")
            entry.answer["fell"] = {
                key: fell[key] for key in ("jp_trigger_id", "jp_payout_id", "amount")
            }

    def rate(self, entry: Entry) -> int:
        pool = entry.pool
        amount, pool.carry = divmod(entry.stake * pool.numerator + pool.carry, pool.denominator)
        return amount

    def part(self, pool: Pool, amount: int) -> int:
        current, reserve, seed = pool.split
        kept = amount * current // (current + reserve + seed)
        pool.reserve += amount - kept
        room = kept if pool.cap is None else min(kept, pool.cap - pool.size)
        pool.overflow += kept - room
        return room

    def due(self, pool: Pool) -> bool:
        return pool.size >= pool.point

    def reverse(self, call: Call) -> Any:
        name = (self.tenant(call), call.parts["name"])
        entry = self.entries.get(name)
        if entry is None:
            self.tombs.add(name)
            return {"jp_contrib_id": name[1], "status": "reversed", "tombstone": True}
        if entry.status != "reversed":
            entry.status = "reversed"
            self.take_out(entry)
            self.tell("jp.contribution.reversed", entry.tenant, entry.player, jp_contrib_id=name[1])
            self.updated(entry.pool)
        return {"jp_contrib_id": name[1], "status": "reversed"}

    def take_out(self, entry: Entry) -> None:
        if entry.cycle == entry.pool.cycle:
            entry.pool.size -= entry.current
        else:
            entry.pool.reserve -= entry.amount

    # --- Falls ------------------------------------------------------------------------------------

    def judge(self, call: Call) -> Any:
        body, pool = call.body, self.member(call, text(call.body, "pool_id"))
        stake = self.paid_in(body, "stake", pool)
        against = [str(flag) for flag in body.get("flags") or []]
        if "max_bet" in body and stake > self.paid_in(body, "max_bet", pool):
            against.append("max_bet")
        against += self.against(text(body, "player_id"))
        self.judged[pool.id, text(body, "round_id")] = (body["player_id"], not against)
        return {
            "pool_id": pool.id,
            "bet_id": text(body, "bet_id"),
            "eligible": not against,
            "rules": against or ["member"],
            **(self.odds(stake) if pool.by == "chance" else {}),
        }

    def odds(self, stake: int) -> dict[str, Any]:
        """One in 20 000 for each whole unit, in proportion."""
        return {"odds": {"numerator": stake, "denominator": 2_000_000}}

    def against(self, player: str) -> list[str]:
        return []

    def trigger(self, call: Call) -> Any:
        body, tenant = call.body, self.tenant(call)
        name, pool = text(body, "jp_trigger_id"), self.member(call, text(body, "pool_id"))
        chosen = body.get("selection")
        if not isinstance(chosen, dict):
            raise Refusal(400, "VALIDATION_FAILED", "selection is an object")
        player, round_id = text(chosen, "player_id"), text(chosen, "round_id")
        known = self.falls.get((tenant, name))
        if known is not None:
            return self.known_fall(known, pool, chosen)
        self.may_fall(pool, tenant, player, round_id)
        return self.fall(pool, tenant, player, round_id, name, text(body, "reason"))

    def known_fall(self, known: dict[str, Any], pool: Pool, chosen: dict[str, Any]) -> Any:
        if (known["pool_id"], known["selection"]) != (pool.id, chosen):
            raise Refusal(409, "DUPLICATE")
        return known

    def may_fall(self, pool: Pool, tenant: str, player: str, round_id: str) -> None:
        self.paying(pool)
        self.called(pool)
        self.has_part(pool, tenant, player, round_id)
        for (whose, _), fell in self.falls.items():
            if whose == tenant and self.is_same(fell, pool, round_id):
                raise Refusal(409, "INVALID_STATE", reason="already_won")

    def is_same(self, fell: dict[str, Any], pool: Pool, round_id: str) -> bool:
        return bool((fell["pool_id"], fell["selection"]["round_id"]) == (pool.id, round_id))

    def paying(self, pool: Pool) -> None:
        self.growing(pool)

    def called(self, pool: Pool) -> None:
        if pool.by != "call":
            raise Refusal(409, "INVALID_STATE", reason="internal")

    def has_part(self, pool: Pool, tenant: str, player: str, round_id: str) -> None:
        if pool.kind == "fixed":
            if self.judged.get((pool.id, round_id)) != (player, True):
                raise Refusal(409, "INVALID_STATE", reason="not_eligible")
            return
        for one in self.entries.values():
            same = (one.tenant, one.pool, one.player, one.round) == (tenant, pool, player, round_id)
            if same and self.counts(one):
                return
        raise Refusal(409, "INVALID_STATE", reason="not_eligible")

    def counts(self, entry: Entry) -> bool:
        return entry.status == "recorded"

    def fall(
        self, pool: Pool, tenant: str, player: str, round_id: str, name: str, reason: str
    ) -> dict[str, Any]:
        owed = self.owed(pool)
        payout = Payout(f"o{next(self.serial)}", tenant, pool, name, player, round_id, owed)
        self.payouts[payout.id] = payout
        pool.hits += 1
        fell: dict[str, Any] = {
            "jp_trigger_id": name,
            "pool_id": pool.id,
            "reason": reason,
            "selection": {"player_id": player, "round_id": round_id},
            "hit": pool.hits,
            "cycle": pool.cycle,
            "level": "grand",
            "amount": self.money(owed, pool.currency),
            "jp_payout_id": payout.id,
        }
        if pool.by in ("amount", "time"):
            fell["reveal"] = self.revealed(pool)
        self.falls[tenant, name] = fell
        self.tell("jp.triggered", tenant, player, jp_trigger_id=name)
        self.restart(pool)
        self.set_out(payout)
        return fell

    def owed(self, pool: Pool) -> int:
        return pool.size

    def revealed(self, pool: Pool) -> dict[str, Any]:
        return {"commitment": self.commitment(pool), "point": pool.point, "salt": pool.salt}

    def restart(self, pool: Pool) -> None:
        if pool.next is not None:
            (pool.numerator, pool.denominator), pool.next = pool.next, None
            pool.version, pool.carry = pool.version + 1, 0
        self.begin(pool)

    def begin(self, pool: Pool) -> None:
        pool.size = pool.seed
        pool.cycle += 1
        self.hide(pool)

    def hide(self, pool: Pool) -> None:
        """Another point and salt for each cycle."""
        pool.salt = hashlib.sha256(f"{pool.id} {pool.cycle}".encode()).hexdigest()
        if pool.cap is not None and pool.by == "amount":
            pool.point = pool.low + int(pool.salt, 16) % (pool.cap - pool.low + 1)

        if pool.by == "time":
            pool.deadline = self.now_ms() + 3_600_000
            pool.point = pool.deadline - int(pool.salt, 16) % 3_600_000

    def time_is_up(self, pool: Pool) -> None:
        for one in self.entries.values():
            if one.pool is pool and one.cycle == pool.cycle and one.status == "recorded":
                name = f"fall-{next(self.serial)}"
                self.fall(pool, one.tenant, one.player, one.round, name, "deadline")
                return

    def commitment(self, pool: Pool) -> str:
        return "sha256:" + hashlib.sha256(f"{pool.point}\n{pool.salt}".encode()).hexdigest()
