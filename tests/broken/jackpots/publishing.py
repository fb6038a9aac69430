"""Wrong about what is published of pools, and about what a refusal is."""

from fractions import Fraction
from typing import Any

from tests.broken.http import Call
from tests.broken.jackpots.kept import Entry, Payout, Pool
from tests.broken.jackpots.variant import Broken


class CountsBets(Broken):
    """Every bet is a participant."""

    killed_by = "jackpot.pool.participants"

    def count(self, entries: list[Entry]) -> int:
        return len(entries)


class ParticipantsForEver(Broken):
    """Who took part before the fall takes part in the next cycle."""

    killed_by = "jackpot.pool.participants"

    def in_cycle(self, pool: Pool) -> list[Entry]:
        return [one for one in self.entries.values() if one.pool is pool]


class RegionsOfTheWhole(Broken):
    """A region's part counts what went to reserve and seed fund."""

    killed_by = "jackpot.network.regions"

    def put_in(self, entries: list[Entry]) -> int:
        return sum(one.amount for one in entries if one.status == "recorded")


class RegionsForgetReversals(Broken):
    """What was reversed stays in its region's part."""

    killed_by = "jackpot.network.regions"

    def put_in(self, entries: list[Entry]) -> int:
        return sum(one.current for one in entries)


class RegionsAreOne(Broken):
    """Every region has what all have put in."""

    killed_by = "jackpot.network.regions"

    def region(self, pool: Pool, tenant: str) -> dict[str, Any]:
        return {**super().region(pool, tenant), **super().region(pool, pool.members[0])} | {
            "region": super().region(pool, tenant)["region"]
        }


class PromisesMore(Broken):
    """The mathematics leave the reserve out."""

    killed_by = "jackpot.math.published"

    def weights(self, pool: Pool) -> list[Fraction]:
        current, _reserve, seed = super().weights(pool)
        return [current, Fraction(0), seed]


class OtherOdds(Broken):
    """The mathematics are of other odds than the pool's."""

    killed_by = "jackpot.math.published"

    def hit_rate(self, stake: int) -> Fraction:
        return Fraction(stake, 1_000_000)


class StaleStream(Broken):
    """The stream tells what pools began with."""

    killed_by = "jackpot.live.follows"

    def told_live(self, pool: Pool) -> dict[str, Any]:
        return {**super().told_live(pool), "size": self.money(pool.seed, pool.currency)}


class StreamForgets(Broken):
    """Who comes back to the stream is told what happens from now on."""

    killed_by = "jackpot.live.follows"

    def begins(self, after: str | None) -> int | None:
        return None if after is None else len(self.log)


class SilentGrowth(Broken):
    """Nobody is told how a pool grows."""

    killed_by = "jackpot.events.pool"

    def updated(self, pool: Pool) -> None:
        return


class SilentChanges(Broken):
    """Nobody is told that a person has changed a pool."""

    killed_by = "jackpot.events.pool"

    def changed(self, call: Call, pool: Pool) -> None:
        return


class ForgetsRefusals(Broken):
    """What was refused is tried again under the same key."""

    killed_by = "jackpot.refusal.remembered"

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if status < 400:
            super().remember(slot, print_, status, body)


class CancelsWhatIsPaid(Broken):
    """What the wallet has paid is called cancelled."""

    killed_by = "jackpot.trigger.cancel"

    def cancel(self, call: Call) -> Any:
        name = call.parts["name"]
        payout: Payout = next(one for one in self.payouts.values() if one.trigger == name)
        payout.status = "cancelled"
        return self.paid(payout)


class PayoutsOfAnyStatus(Broken):
    """A list of payouts has all of them, whatever was asked for."""

    killed_by = "jackpot.list.filtered"

    def list_payouts(self, call: Call) -> Any:
        call.target = call.target.replace("status=", "state=")
        return super().list_payouts(call)


class RecordsForAll(Broken):
    """Whoever asks is shown who was reported."""

    killed_by = "jackpot.payout.reported"

    def tenant(self, call: Call) -> str:
        return "brand-42" if call.path == "/v1/jp/suspicions" else super().tenant(call)
