"""Jackpot services that let pools fall, and pay, as they should not."""

from typing import Any

from tests.broken.gone import NoticesGone
from tests.broken.http import Call, Refusal, pause, text
from tests.broken.jackpots.kept import Entry, Payout, Pool
from tests.broken.jackpots.variant import Broken


class EverybodyIsEligible(Broken):
    """No bet is ever found not to be eligible."""

    killed_by = "jackpot.candidate.judged"

    def judge(self, call: Call) -> Any:
        return {**super().judge(call), "eligible": True}


class KnowsThePlayer(Broken):
    """Whether a bet may win depends on who plays."""

    killed_by = "jackpot.candidate.judged"

    def against(self, player: str) -> list[str]:
        players = list(self.world.players)
        return ["unlucky"] if player in players and players.index(player) % 2 else []


class OddsForAll(Broken):
    """A larger stake has no better odds, and the formula says it has."""

    killed_by = "jackpot.candidate.odds"

    def odds(self, stake: int) -> dict[str, Any]:
        return super().odds(100)


class FixedPaysAnybody(Broken):
    """A fixed jackpot is paid to bets that were not eligible."""

    killed_by = "jackpot.candidate.fixed"

    def has_part(self, pool: Pool, tenant: str, player: str, round_id: str) -> None:
        if pool.kind != "fixed":
            super().has_part(pool, tenant, player, round_id)


class KeepsItsSize(Broken):
    """The pool does not begin anew when it has fallen."""

    killed_by = "jackpot.trigger.once"

    def begin(self, pool: Pool) -> None:
        size = pool.size
        super().begin(pool)
        pool.size = max(size, pool.seed)


class BeginsEmpty(Broken):
    """The pool begins without its seed."""

    killed_by = "jackpot.trigger.once"

    def restart(self, pool: Pool) -> None:
        super().restart(pool)
        pool.size = 0


class OwesTheSeed(Broken):
    """What is owed is what the pool began with."""

    killed_by = "jackpot.trigger.once"

    def owed(self, pool: Pool) -> int:
        return pool.seed


class FallsAgain(Broken):
    """A trigger that is repeated under another key lets the pool fall again."""

    killed_by = "jackpot.trigger.repeat"

    def known_fall(self, known: dict[str, Any], pool: Pool, chosen: dict[str, Any]) -> Any:
        who = chosen["player_id"], chosen["round_id"]
        return self.fall(pool, "brand-42", *who, known["jp_trigger_id"], "random")


class RoundsWinAgain(Broken):
    """A round that has won wins again by another trigger."""

    killed_by = "jackpot.trigger.repeat"

    def is_same(self, fell: dict[str, Any], pool: Pool, round_id: str) -> bool:
        return False


class FallsOnAnything(Broken):
    """A round needs no part in the pool."""

    killed_by = "jackpot.trigger.no-part"

    def has_part(self, pool: Pool, tenant: str, player: str, round_id: str) -> None:
        return


class FallsOnSomebodyElse(Broken):
    """Somebody else may win with a round."""

    killed_by = "jackpot.trigger.no-part"

    def has_part(self, pool: Pool, tenant: str, player: str, round_id: str) -> None:
        for one in self.entries.values():
            if (one.tenant, one.pool, one.round) == (tenant, pool, round_id):
                return super().has_part(pool, tenant, one.player, round_id)
        return super().has_part(pool, tenant, player, round_id)


class WinsInARace(Broken):
    """Looks whether the round has won, waits, then lets the pool fall."""

    killed_by = "jackpot.trigger.parallel-repeat"

    def trigger(self, call: Call) -> Any:
        body, tenant = call.body, self.tenant(call)
        pool, chosen = self.member(call, text(body, "pool_id")), body["selection"]
        self.may_fall(pool, tenant, chosen["player_id"], chosen["round_id"])
        return self.later(call, pool, tenant)

    async def later(self, call: Call, pool: Pool, tenant: str) -> Any:
        await pause()
        chosen, name = call.body["selection"], call.body["jp_trigger_id"]
        return self.fall(pool, tenant, chosen["player_id"], chosen["round_id"], name, "random")


class TwoWinOnePool(Broken):
    """Triggers of one moment are all owed what the pool had at that moment."""

    killed_by = "jackpot.trigger.parallel"

    def __init__(self) -> None:
        super().__init__()
        self.had = 0

    def trigger(self, call: Call) -> Any:
        pool = self.pools["grand-eu-01"]
        return self.later(call, pool.size)

    async def later(self, call: Call, had: int) -> Any:
        await pause()
        self.had = had
        return super().trigger(call)

    def owed(self, pool: Pool) -> int:
        return self.had if pool.by == "call" and pool.kind != "fixed" else pool.size


class HitsHaveOneNumber(Broken):
    """Falls of one moment have no order."""

    killed_by = "jackpot.trigger.parallel"

    def fall(self, *how: Any) -> dict[str, Any]:
        fell = super().fall(*how)
        fell["hit"] = 1 + fell["hit"] // 100
        return fell


class AnybodyTriggers(Broken):
    """A must-drop pool falls when it is told to."""

    killed_by = "jackpot.trigger.internal"

    def called(self, pool: Pool) -> None:
        return


class LostAnswerFallsTwice(NoticesGone, Broken):
    """When the caller goes away, the pool has fallen under a name that nobody else knows."""

    killed_by = "jackpot.trigger.lost-answer"

    def __init__(self) -> None:
        super().__init__()
        self.lost: set[str] = set()

    def fall(self, *how: Any) -> dict[str, Any]:
        fell = super().fall(*how)
        if self.gone:
            name = fell["jp_trigger_id"]
            self.falls["brand-42", f"{name}-"] = self.falls.pop(("brand-42", name))
            self.lost.add(fell["jp_payout_id"])
        return fell

    def is_same(self, fell: dict[str, Any], pool: Pool, round_id: str) -> bool:
        return fell["jp_payout_id"] not in self.lost and super().is_same(fell, pool, round_id)

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if not self.gone:
            super().remember(slot, print_, status, body)


# Payouts ------------------------------------------------------------------------------------------


class PaysLess(Broken):
    """The winner gets less than is owed."""

    killed_by = "jackpot.payout.credited"

    def credit(self, payout: Payout) -> None:
        self.world.players[payout.player].cash += payout.amount * 99 // 100


class PaysTwice(Broken):
    """The wallet is asked twice, and pays twice."""

    killed_by = "jackpot.payout.credited"

    def credit(self, payout: Payout) -> None:
        super().credit(payout)
        super().credit(payout)


class PaysWhenAsked(Broken):
    """A payout that is sent again is paid again."""

    killed_by = "jackpot.payout.repeat"

    def pay_again(self, call: Call) -> Any:
        payout = self.mine(call, text(call.body, "jp_payout_id"))
        self.credit(payout)
        return self.paid(payout)


class ForfeitsWhatIsPaid(Broken):
    """A payout that is credited can be forfeited."""

    killed_by = "jackpot.payout.repeat"

    def parked(self, call: Call) -> Payout:
        payout = self.mine(call, call.parts["name"])
        return payout if payout.status == "credited" else super().parked(call)


class PaysNobody(Broken):
    """What is owed to a player whom nobody knows counts as credited."""

    killed_by = "jackpot.payout.unknown-player"

    def park(self, payout: Payout, why: str) -> None:
        super().park(payout, why)
        if why == "NOT_FOUND":
            payout.status, payout.reason = "credited", ""


class ForgetsTheRefused(Broken):
    """A payout that the wallet refuses is gone."""

    killed_by = "jackpot.payout.parked"

    def park(self, payout: Payout, why: str) -> None:
        del self.payouts[payout.id]


class TakesNoForYes(Broken):
    """A payout that the wallet refuses counts as credited."""

    killed_by = "jackpot.payout.parked"

    def park(self, payout: Payout, why: str) -> None:
        payout.status = "credited"


class ParksWithoutReason(Broken):
    """What is parked does not say why."""

    killed_by = "jackpot.payout.parked"

    def park(self, payout: Payout, why: str) -> None:
        super().park(payout, why)
        payout.reason = ""


class ReleasesTwice(Broken):
    """What was released and paid is released and paid again."""

    killed_by = "jackpot.payout.released"

    def parked(self, call: Call) -> Payout:
        payout = self.mine(call, call.parts["name"])
        return payout if payout.attempt > 1 else super().parked(call)


class ReleaseDoesNothing(Broken):
    """What is released stays where it is."""

    killed_by = "jackpot.payout.released"

    def release(self, call: Call) -> Any:
        return self.paid(self.parked(call))


class ForfeitedIsReleased(Broken):
    """What was forfeited can be released."""

    killed_by = "jackpot.payout.forfeited"

    def parked(self, call: Call) -> Payout:
        payout = self.mine(call, call.parts["name"])
        return payout if payout.status == "forfeited" else super().parked(call)


class ReportsEachTime(Broken):
    """Each refusal of one payout leaves a record of its own."""

    killed_by = "jackpot.payout.reported"

    def is_new(self, payout: Payout) -> bool:
        return True


class ReversalCancels(Broken):
    """A reversal after the hit cancels what is owed."""

    killed_by = "jackpot.reverse.after-hit"

    def take_out(self, entry: Entry) -> None:
        super().take_out(entry)
        for payout in self.payouts.values():
            if payout.pool is entry.pool and entry.cycle != entry.pool.cycle:
                payout.status = "cancelled"


class RefusesByCrash(Broken):
    """A fall on a round without a part ends in a 500."""

    killed_by = "jackpot.trigger.no-part"

    def has_part(self, pool: Pool, tenant: str, player: str, round_id: str) -> None:
        try:
            super().has_part(pool, tenant, player, round_id)
        except Refusal:
            raise Refusal(500, "INTERNAL") from None
