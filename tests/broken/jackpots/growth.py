"""Jackpot services whose pools grow, or shrink, as they should not."""

from decimal import Decimal
from typing import Any

from tests.broken.gone import NoticesGone
from tests.broken.http import Call, Refusal, pause, text
from tests.broken.jackpots.kept import Entry, Pool
from tests.broken.jackpots.variant import Broken


class CountsRepeats(Broken):
    """A repeated contribution is recorded again."""

    killed_by = "jackpot.contribution.repeat"

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        return

    def known(self, known: Entry, entry: Entry) -> Any:
        self.record(entry)
        return known.answer


class AnswersRepeatsAnew(Broken):
    """A repeat is answered with the pool's size of now."""

    killed_by = "jackpot.contribution.repeat"

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        return

    def known(self, known: Entry, entry: Entry) -> Any:
        pool = known.pool
        return {**known.answer, "pool_size": self.money(pool.size + 1, pool.currency)}


class DedupesByKeyOnly(Broken):
    """A known jp_contrib_id under another key makes the pool grow again."""

    killed_by = "jackpot.contribution.new-key"

    def known(self, known: Entry, entry: Entry) -> Any:
        self.record(entry)
        return entry.answer


class AppliesAltered(Broken):
    """A known jp_contrib_id with another stake is answered as if it were the same."""

    killed_by = "jackpot.contribution.altered"

    def known(self, known: Entry, entry: Entry) -> Any:
        return known.answer


class KeyForAnything(Broken):
    """A known key is answered from memory, whatever the body."""

    killed_by = "jackpot.contribution.altered"

    def fingerprint(self, call: Call) -> str:
        return call.path


class CountsInARace(Broken):
    """Looks for the contribution, waits, then records it."""

    killed_by = "jackpot.contribution.parallel-repeat"

    def contribute(self, call: Call) -> Any:
        entry = self.entry(call)
        known = self.entries.get((entry.tenant, entry.id))
        return self.later(entry) if known is None else self.known(known, entry)

    async def later(self, entry: Entry) -> Any:
        await pause()
        self.may_enter(entry)
        self.record(entry)
        return entry.answer


class LosesInARace(Broken):
    """Reads the pool's size, waits, then writes what it has come to."""

    killed_by = "jackpot.contribution.parallel"

    def contribute(self, call: Call) -> Any:
        entry = self.entry(call)
        known = self.entries.get((entry.tenant, entry.id))
        return self.later(entry) if known is None else self.known(known, entry)

    async def later(self, entry: Entry) -> Any:
        size = entry.pool.size
        await pause()
        entry.pool.size = size
        self.record(entry)
        return entry.answer


class LostAnswerCountsTwice(NoticesGone, Broken):
    """When the caller goes away, the pool has grown and nobody knows by what."""

    killed_by = "jackpot.contribution.lost-answer"

    def record(self, entry: Entry) -> None:
        super().record(entry)
        if self.gone:
            del self.entries[entry.tenant, entry.id]

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if not self.gone:
            super().remember(slot, print_, status, body)


class RoundsDown(Broken):
    """What is less than a minor unit is lost."""

    killed_by = "jackpot.contribution.exact"

    def rate(self, entry: Entry) -> int:
        pool = entry.pool
        return entry.stake * pool.numerator // pool.denominator


class RoundsEach(Broken):
    """Each contribution is rounded for itself, half to even."""

    killed_by = "jackpot.contribution.exact"

    def rate(self, entry: Entry) -> int:
        pool = entry.pool
        return round(Decimal(entry.stake * pool.numerator) / pool.denominator)


class RateOfYesterday(Broken):
    """Takes another rate than it publishes."""

    killed_by = "jackpot.contribution.once"

    def rate(self, entry: Entry) -> int:
        pool = entry.pool
        return entry.stake * pool.numerator // pool.denominator * 9 // 10


class ForgetsTheSplit(Broken):
    """The pool grows by all that is contributed, and the reserve gets its part as well."""

    killed_by = "jackpot.contribution.once"

    def part(self, pool: Pool, amount: int) -> int:
        kept = super().part(pool, amount)
        return amount if kept else kept


class TakesWhatIsGiven(Broken):
    """Counts the contribution that the caller gives."""

    killed_by = "jackpot.contribution.given"

    def rate(self, entry: Entry) -> int:
        return super().rate(entry) if entry.given is None else entry.given


class BelievesWhatIsGiven(Broken):
    """A given contribution may be as far off as it likes."""

    killed_by = "jackpot.contribution.given"

    def within(self, off: int, pool: Pool) -> None:
        return


class RefusesAUnit(Broken):
    """A given contribution has to be right to the minor unit."""

    killed_by = "jackpot.contribution.given"

    def within(self, off: int, pool: Pool) -> None:
        if off:
            raise Refusal(422, "LIMIT_EXCEEDED")


class RoundsMoney(Broken):
    """More decimals than the currency has are rounded."""

    killed_by = "jackpot.contribution.bad-amount"

    def scaled(self, amount: Any, currency: str) -> int:
        return super().scaled(round(amount, 2) if isinstance(amount, Decimal) else amount, currency)


class ConvertsNothing(Broken):
    """Takes the amount of any currency for its own."""

    killed_by = "jackpot.contribution.bad-amount"

    def paid_in(self, body: dict[str, Any], name: str, pool: Pool) -> int:
        money = body.get(name)
        if not isinstance(money, dict):
            raise Refusal(400, "VALIDATION_FAILED")
        text(money, "currency")
        return self.scaled(money.get("amount"), pool.currency)


# Reversals ----------------------------------------------------------------------------------------


class ReversesTwice(Broken):
    """A second reversal takes the contribution out again."""

    killed_by = "jackpot.reverse.once"

    def reverse(self, call: Call) -> Any:
        entry = self.entries.get((self.tenant(call), call.parts["name"]))
        if entry is not None and entry.status == "reversed":
            self.take_out(entry)
        return super().reverse(call)


class ReversesNothing(Broken):
    """A reversal is written down, and the pool stays as it is."""

    killed_by = "jackpot.reverse.once"

    def take_out(self, entry: Entry) -> None:
        return


class ReversesTheWhole(Broken):
    """Takes all of the contribution out of the pool, which had got its part of it alone."""

    killed_by = "jackpot.reverse.once"

    def take_out(self, entry: Entry) -> None:
        entry.pool.size -= entry.amount


class ReversesInARace(Broken):
    """Looks whether it is reversed, waits, then reverses."""

    killed_by = "jackpot.reverse.parallel"

    def reverse(self, call: Call) -> Any:
        entry = self.entries.get((self.tenant(call), call.parts["name"]))
        if entry is None or entry.status == "reversed":
            return super().reverse(call)
        return self.reversed_later(entry)

    async def reversed_later(self, entry: Entry) -> Any:
        await pause()
        entry.status = "reversed"
        self.take_out(entry)
        return {"jp_contrib_id": entry.id, "status": "reversed"}


class ForgetsTombstones(Broken):
    """A contribution whose reversal came first is taken."""

    killed_by = "jackpot.reverse.first"

    def may_enter(self, entry: Entry) -> None:
        self.tombs.clear()
        super().may_enter(entry)


class ReversesFromTheNewPool(Broken):
    """After the hit the new pool pays for a bet that was rolled back."""

    killed_by = "jackpot.reverse.after-hit"

    def take_out(self, entry: Entry) -> None:
        entry.pool.size -= entry.current


class ReversalTakesTheWin(Broken):
    """A reversal after the hit takes its part from what was won."""

    killed_by = "jackpot.reverse.after-hit"

    def take_out(self, entry: Entry) -> None:
        super().take_out(entry)
        for payout in self.payouts.values():
            if payout.pool is entry.pool and entry.cycle != entry.pool.cycle:
                payout.amount -= entry.current


class ReversedStillWins(Broken):
    """A round whose contribution was reversed has a part in the pool."""

    killed_by = "jackpot.reverse.no-part"

    def counts(self, entry: Entry) -> bool:
        return True
