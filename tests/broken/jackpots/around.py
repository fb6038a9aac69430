"""Jackpot services with one defect around pools, hidden points, lists, and who may ask."""

import hashlib
from dataclasses import replace
from typing import Any

from tests.broken.http import Call, Refusal, encode
from tests.broken.jackpots.kept import Entry, Pool
from tests.broken.jackpots.variant import Broken
from tests.broken.standing import CLIENTS


class GrowsWhilePaused(Broken):
    """A paused pool grows."""

    killed_by = "jackpot.pool.paused"

    def growing(self, pool: Pool) -> None:
        return

    def paying(self, pool: Pool) -> None:
        super().growing(pool)


class PaysWhilePaused(Broken):
    """A paused pool falls."""

    killed_by = "jackpot.pool.paused"

    def paying(self, pool: Pool) -> None:
        return


class ResumesFromItsSeed(Broken):
    """A pool that is resumed begins anew."""

    killed_by = "jackpot.pool.paused"

    def resume(self, call: Call) -> Any:
        self.begin(self.owned(call))
        return super().resume(call)


class PauseForgetsRounds(Broken):
    """Rounds from before a pause win nothing after it."""

    killed_by = "jackpot.pool.paused"

    def resume(self, call: Call) -> Any:
        pool = self.owned(call)
        for entry in self.entries.values():
            if entry.pool is pool:
                entry.round = f"{entry.round}-"
        return super().resume(call)


class GrowsBeyondItsCap(Broken):
    """A pool shows more than its cap."""

    killed_by = "jackpot.pool.capped"

    def part(self, pool: Pool, amount: int) -> int:
        super().part(pool, amount)
        return amount * pool.split[0] // sum(pool.split)


class PaysTheOverflow(Broken):
    """Shows its cap, and pays what would be above it too."""

    killed_by = "jackpot.pool.capped"

    def owed(self, pool: Pool) -> int:
        return pool.size + pool.overflow


class RefusesAtItsCap(Broken):
    """A pool at its cap takes no contributions."""

    killed_by = "jackpot.pool.capped"

    def may_enter(self, entry: Entry) -> None:
        super().may_enter(entry)
        if entry.pool.size == entry.pool.cap:
            raise Refusal(422, "LIMIT_EXCEEDED")


class NoCommitment(Broken):
    """A hidden point is not committed to."""

    killed_by = "jackpot.pool.listed"

    def published(self, pool: Pool) -> dict[str, Any]:
        return {"must_drop_by": self.money(pool.cap or 0, pool.currency)}


class ListsTwice(Broken):
    """A pool is in the list twice."""

    killed_by = "jackpot.pool.listed"

    def list_pools(self, call: Call) -> Any:
        found = super().list_pools(call)
        return {**found, "items": [*found["items"], found["items"][0]]}


class TermsCountAtOnce(Broken):
    """Changed terms count for those who play already."""

    killed_by = "jackpot.terms.next-cycle"

    def take_rate(self, pool: Pool, rate: tuple[int, int]) -> None:
        pool.numerator, pool.denominator = rate


class TermsNeverCount(Broken):
    """Changed terms are forgotten."""

    killed_by = "jackpot.terms.next-cycle"

    def take_rate(self, pool: Pool, rate: tuple[int, int]) -> None:
        return


# Hidden points ------------------------------------------------------------------------------------


class PointInTheFeed(Broken):
    """Events tell the point."""

    killed_by = "jackpot.hidden.silent"

    def tell(self, topic: str, tenant: str, player: str, **payload: Any) -> None:
        drops = self.money(self.pools["mini"].point, "EUR")
        super().tell(topic, tenant, player, drops_at=drops, **payload)


class PointInARefusal(Broken):
    """A refusal tells the point."""

    killed_by = "jackpot.hidden.silent"

    def called(self, pool: Pool) -> None:
        if pool.by != "call":
            raise Refusal(409, "INVALID_STATE", f"it falls at {pool.point}, not before")


class PointIsPublished(Broken):
    """By when it has to fall is told as the point itself."""

    killed_by = "jackpot.hidden.silent"

    def published(self, pool: Pool) -> dict[str, Any]:
        return {**super().published(pool), "must_drop_by": self.money(pool.point, pool.currency)}


class SaltIsPublished(Broken):
    """The salt is told with the commitment, so the point can be found out."""

    killed_by = "jackpot.hidden.silent"

    def published(self, pool: Pool) -> dict[str, Any]:
        return {**super().published(pool), "nonce": pool.salt}


class ListsSeeds(Broken):
    """The list shows with how much a pool began."""

    killed_by = "jackpot.pool.listed"

    def list_pools(self, call: Call) -> Any:
        found = super().list_pools(call)
        return {**found, "items": [{**one, "size": one["seed"]} for one in found["items"]]}


class ListsAnyStatus(Broken):
    """A list is not asked for one status."""

    killed_by = "jackpot.list.filtered"

    def listed(self, call: Call, rows: Any, *, everybody: bool = False) -> dict[str, Any]:
        target = call.target.replace("status=", "state=")
        return super().listed(replace(call, target=target), rows, everybody=everybody)


class LocalIsForAll(Broken):
    """Whoever knows the name of a pool reads it."""

    killed_by = "jackpot.security.foreign-tenant"

    def member(self, call: Call, name: str = "") -> Pool:
        found = self.pools.get(call.parts.get("name", ""))
        return found if found is not None and call.method == "GET" else super().member(call, name)


class OpensNoAlert(Broken):
    """What is stopped for money laundering is recorded, and nobody is told."""

    killed_by = "jackpot.events.parked"

    def tell(self, topic: str, tenant: str, player: str, **payload: Any) -> None:
        if topic != "aml.alert.opened":
            super().tell(topic, tenant, player, **payload)


class OnePointForEver(Broken):
    """The salt is another after each fall, and the point is not."""

    killed_by = "jackpot.hidden.anew"

    def hide(self, pool: Pool) -> None:
        super().hide(pool)
        if pool.by == "amount":
            pool.point = pool.low + 7


class DrawsAfterwards(Broken):
    """The point is made up when the pool has fallen."""

    killed_by = "jackpot.hidden.verified"

    def revealed(self, pool: Pool) -> dict[str, Any]:
        return {**super().revealed(pool), "point": pool.size}


class HashesOtherwise(Broken):
    """The commitment is a hash of something else."""

    killed_by = "jackpot.hidden.verified"

    def commitment(self, pool: Pool) -> str:
        return "sha256:" + hashlib.sha256(f"{pool.salt}{pool.point}".encode()).hexdigest()


class FallsAtItsCap(Broken):
    """Falls when the cap is reached, whatever the point."""

    killed_by = "jackpot.hidden.verified"

    def due(self, pool: Pool) -> bool:
        return pool.size >= (pool.cap or 0)


class FallsEarly(Broken):
    """Falls somewhere before the point."""

    killed_by = "jackpot.hidden.verified"

    def due(self, pool: Pool) -> bool:
        return pool.size >= pool.low - 200


class NeverFalls(Broken):
    """Comes to its cap and stays there."""

    killed_by = "jackpot.hidden.verified"

    def due(self, pool: Pool) -> bool:
        return False


class MissesItsDeadline(Broken):
    """A timed pool waits for the next round when its time is up."""

    killed_by = "jackpot.hidden.deadline"

    def time_is_up(self, pool: Pool) -> None:
        pool.deadline += 3_600_000


class SamePointAgain(Broken):
    """Point and salt are drawn once for all times."""

    killed_by = "jackpot.hidden.anew"

    def hide(self, pool: Pool) -> None:
        if not pool.salt:
            super().hide(pool)


# The feed, lists, the protocol --------------------------------------------------------------------


class LostEvent(Broken):
    """Falls are not told."""

    killed_by = "jackpot.events.once"

    def tell(self, topic: str, tenant: str, player: str, **payload: Any) -> None:
        if topic != "jp.triggered":
            super().tell(topic, tenant, player, **payload)


class TellsTwice(Broken):
    """Credited payouts are told twice."""

    killed_by = "jackpot.events.once"

    def tell(self, topic: str, tenant: str, player: str, **payload: Any) -> None:
        super().tell(topic, tenant, player, **payload)
        if topic == "jp.payout.credited":
            super().tell(topic, tenant, player, **payload)


class PagesSkip(Broken):
    """The next page begins one too late."""

    killed_by = "jackpot.list.pages"

    def next_page(self, start: int, limit: int) -> int:
        return start + limit + 1


class BadBodyIs500(Broken):
    """What is no request is an error of the service."""

    killed_by = "jackpot.protocol.bad-body"

    def refusal(self, call: Call, no: Refusal) -> tuple[int, bytes]:
        status, body = super().refusal(call, no)
        return (500, body) if no.code == "VALIDATION_FAILED" else (status, body)


class BareErrors(Broken):
    """A refusal is a code and nothing else."""

    killed_by = "jackpot.protocol.error-model"

    def refusal(self, call: Call, no: Refusal) -> tuple[int, bytes]:
        return no.status, encode({"code": no.code})


class Anonymous(Broken):
    """Who proves nothing is taken for the first client."""

    killed_by = "jackpot.security.no-proof"

    def who(self, call: Call) -> str:
        try:
            return super().who(call)
        except Refusal:
            return "platform-demo"


class SignsParsedJson(Broken):
    """The signature is held against what was read, not what was sent."""

    killed_by = "jackpot.security.signature"

    def signed_part(self, call: Call) -> bytes:
        return call.raw.strip()


class StaleNonce(Broken):
    """A nonce may be used again."""

    killed_by = "jackpot.security.replay"

    def use_nonce(self, nonce: str) -> None:
        return


class TenantsAreOne(Broken):
    """Whoever may ask sees everything."""

    killed_by = "jackpot.security.foreign-tenant"

    def tenant(self, call: Call) -> str:
        return "brand-42"


class AnybodyPauses(Broken):
    """Every member of a network may change its pools."""

    killed_by = "jackpot.security.foreign-tenant"

    def owned(self, call: Call) -> Pool:
        return self.member(call)


class BelievesClaims(Broken):
    """Brand and region are whatever the headers say."""

    killed_by = "jackpot.security.foreign-claim"

    def claimed(self, call: Call, tenant: str) -> None:
        assert tenant in {one[2] for one in CLIENTS.values()}


class BooksAreWrong(Broken):
    """Its own books do not add up, and it says so when it is asked."""

    killed_by = "jackpot.books.sound"

    def reconcile(self, call: Call) -> Any:
        return {"sound": False, "wrong": ["grand-eu-01"]}
