"""Platforms that pay wrongly, and those that look away while they wait."""

from decimal import Decimal
from typing import Any

from tests.broken.http import Call, Refusal, pause
from tests.broken.platform import Bet
from tests.broken.platforms.variant import Broken
from tests.broken.standing import SCALES, Player


async def long() -> None:
    """As a transaction that waits for several rows."""
    for _ in range(4):
        await pause()


class CutsLargeWins(Broken):
    """More than fifty times the stake is never paid."""

    killed_by = "platform.settle.large-win"

    def pay(self, bet: Bet, player: Player, win: int) -> None:
        super().pay(bet, player, min(win, 50 * bet.minor))


class PaysAnyCurrency(Broken):
    """A win in another currency is paid one to one."""

    killed_by = "platform.settle.bad-win"

    def settle(self, call: Call) -> Any:
        bet = self.bets.get(call.body["bet_id"])
        if bet is not None and bet.player and isinstance(call.body.get("win"), dict):
            call.body["win"]["currency"] = self.world.players[bet.player].currency
        return super().settle(call)


class RoundsWins(Broken):
    """A win of a part of a cent is rounded."""

    killed_by = "platform.settle.bad-win"

    def settle(self, call: Call) -> Any:
        win = call.body.get("win")
        if isinstance(win, dict) and isinstance(win["amount"], Decimal):
            win["amount"] = round(win["amount"], SCALES.get(win["currency"], 2))
        return super().settle(call)


class CutsBinaryFractions(Broken):
    """0.29 is 28 cents, and 4.35 is 434."""

    killed_by = "platform.settle.every-cent"

    def scaled(self, amount: Any, currency: str) -> int:
        super().scaled(amount, currency)
        return int(float(amount) * 10 ** SCALES.get(currency, 2))


class FilsAreLost(Broken):
    """The third decimal of a win in KWD is lost."""

    killed_by = "platform.settle.currency-scales"

    def pay(self, bet: Bet, player: Player, win: int) -> None:
        super().pay(bet, player, win // 10 * 10 if player.currency == "KWD" else win)


class StrictSettlements(Broken):
    """A settlement without bonus_state is refused."""

    killed_by = "platform.settle.extra-fields"

    def settle(self, call: Call) -> Any:
        if "bonus_state" not in call.body:
            raise Refusal(400, "VALIDATION_FAILED", "bonus_state is missing")
        return super().settle(call)


class LostBetsAreOpen(Broken):
    """A lost bet can be rolled back."""

    killed_by = "platform.rollback.zero-win"

    def give_back(self, bet: Bet, player: Player, body: dict[str, Any]) -> None:
        if bet.status == "settled" and not bet.win:
            bet.status = "authorized"
            player.held += bet.minor
        super().give_back(bet, player, body)


class RefundsAnyCurrency(Broken):
    """What currency a rollback says does not matter."""

    killed_by = "platform.rollback.currency"

    def rollback(self, call: Call) -> Any:
        call.body.pop("amount", None)
        return super().rollback(call)


class FeeOnRefunds(Broken):
    """A rollback gives back at most what the request says."""

    killed_by = "platform.rollback.once"

    def give_back(self, bet: Bet, player: Player, body: dict[str, Any]) -> None:
        super().give_back(bet, player, body)
        if "amount" in body:
            player.cash -= max(0, bet.minor - self.minor(body))


class LosesWinsAtOnce(Broken):
    """A win is written over the balance that was read before it waited."""

    killed_by = "platform.settle.parallel-different"

    async def settle(self, call: Call) -> Any:
        bet = self.bet(call, call.body["bet_id"])
        player = self.player(call, bet.player)
        cash, held = player.cash, player.held
        await long()
        answer = super().settle(call)
        player.cash, player.held = cash + bet.win, held - bet.minor
        return answer


class LimitsInTwoSteps(Broken):
    """The limit is judged first, and the stake is taken later."""

    killed_by = "platform.limit.parallel"

    async def authorize(self, call: Call) -> Any:
        session = self.session(call, call.body["session_id"])
        player = self.player(call, session.player)
        self.below_limit(player, self.minor(call.body))
        await long()
        limit = self.stake_limits.pop(player.id, 10**15)
        try:
            return super().authorize(call)
        finally:
            self.stake_limits[player.id] = limit


class SettledIsNotSeen(Broken):
    """A rollback that waits does not see that the bet was settled meanwhile."""

    killed_by = "platform.settle.race-rollback"

    async def rollback(self, call: Call) -> Any:
        bet = self.bets.get(call.body["bet_id"])
        was_open = bet is not None and bet.status == "authorized"
        await long()
        if bet is not None and was_open and bet.status == "settled":
            bet.status = "authorized"
            self.world.players[bet.player].held += bet.minor
        return super().rollback(call)


class ClosedIsNotSeen(Broken):
    """A bet that waits does not see that its round was closed meanwhile."""

    killed_by = "platform.round.race-close"

    async def authorize(self, call: Call) -> Any:
        name = call.body["round_id"]
        was_open = self.round_states.get(name, "open") == "open"
        await long()
        now = self.round_states.get(name, "open")
        if was_open and now != "open":
            self.round_states[name] = "open"
            try:
                return super().authorize(call)
            finally:
                self.round_states[name] = now
        return super().authorize(call)
