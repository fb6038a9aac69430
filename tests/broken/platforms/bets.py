"""Platforms that hold, settle or give back wrongly."""

from decimal import Decimal
from typing import Any

from tests.broken.http import Call, Refusal, pause
from tests.broken.platform import Bet, Session
from tests.broken.platforms.variant import Broken
from tests.broken.standing import Player


class HoldsNothing(Broken):
    """Says authorized, and leaves the stake available."""

    killed_by = "platform.bet.once"

    def hold(self, player: Player, minor: int) -> None:
        super().hold(player, minor)
        player.cash += minor
        player.held -= minor


class TakesAtOnce(Broken):
    """Takes the stake when it should hold it, so a settlement takes it again."""

    killed_by = "platform.bet.once"

    def hold(self, player: Player, minor: int) -> None:
        super().hold(player, minor)
        player.held -= minor


class CannotHoldAll(Broken):
    """A stake of the whole balance is refused."""

    killed_by = "platform.bet.whole-balance"

    def hold(self, player: Player, minor: int) -> None:
        if minor and minor == player.cash:
            raise Refusal(422, "INSUFFICIENT_FUNDS", balance=self.balance(player))
        super().hold(player, minor)


class HoldsByKeyOnly(Broken):
    """A known bet under a new key is held again."""

    killed_by = "platform.bet.new-key"

    def known(self, bet: Bet, minor: int, round_id: str, player: Player) -> Any:
        found = super().known(bet, minor, round_id, player)
        self.hold(player, minor)
        return found


class AppliesAlteredBet(Broken):
    """A known bet with another amount is held for the difference."""

    killed_by = "platform.bet.altered-id"

    def known(self, bet: Bet, minor: int, round_id: str, player: Player) -> Any:
        if bet.minor != minor and bet.round == round_id:
            self.hold(player, minor - bet.minor)
            bet.minor = minor
        return super().known(bet, minor, round_id, player)


class HoldsInARace(Broken):
    """Two copies of a bet at once are held twice."""

    killed_by = "platform.bet.parallel-repeat"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        if call.path.endswith("authorize"):
            met = call.body["bet_id"] in self.bets
            await pause()
            if not met and call.body["bet_id"] in self.bets:
                bet = self.bets[call.body["bet_id"]]
                self.hold(self.world.players[bet.player], bet.minor)
        return await super().once(call, handler)


class OverdrawsInARace(Broken):
    """Looks at the balance, waits, and holds."""

    killed_by = "platform.bet.parallel-overdraw"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        if not call.path.endswith("authorize"):
            return await super().once(call, handler)
        session = self.open_sessions.get(call.body.get("session_id", ""))
        player = self.world.players.get(session.player) if session else None
        amount = call.body.get("amount")
        if player is None or not isinstance(amount, dict):
            return await super().once(call, handler)
        wanted = amount.get("amount")
        minor = int(wanted * 100) if isinstance(wanted, int | Decimal) else 0
        enough = player.cash >= minor
        await pause()
        short = enough and player.cash < minor
        player.cash += minor if short else 0
        found = await super().once(call, handler)
        player.cash -= minor if short else 0
        return found


class SettlesTwice(Broken):
    """A settlement under a new key credits again."""

    killed_by = "platform.settle.repeat"

    def settled(self, bet: Bet, win: int) -> Any:
        if bet.win == win:
            self.world.players[bet.player].cash += win
        return super().settled(bet, win)


class SettlesAnyWin(Broken):
    """A known settlement with another win pays the difference."""

    killed_by = "platform.settle.altered"

    def settled(self, bet: Bet, win: int) -> Any:
        self.world.players[bet.player].cash += win - bet.win
        bet.win = win
        return bet.closed


class SettlesInARace(Broken):
    """Two copies of a settlement at once credit twice."""

    killed_by = "platform.settle.parallel-repeat"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        if call.path.endswith("settle"):
            bet = self.bets.get(call.body.get("bet_id", ""))
            open_ = bet is not None and bet.status == "authorized"
            await pause()
            if open_ and bet is not None and bet.status == "settled":
                self.world.players[bet.player].cash += bet.win
        return await super().once(call, handler)


class SettlesWithoutHold(Broken):
    """The stake stays held after the settlement."""

    killed_by = "platform.settle.once"

    def pay(self, bet: Bet, player: Player, win: int) -> None:
        player.cash += win


class SettlesAfterRollback(Broken):
    """A win on a bet that was given back is paid."""

    killed_by = "platform.settle.after-rollback"

    def settle(self, call: Call) -> Any:
        bet = self.bets.get(call.body["bet_id"])
        if bet is not None and bet.status == "rolled_back":
            player = self.world.players[bet.player]
            player.cash += self.minor({"amount": call.body["win"]}, player)
            return {**self.told(bet, player), "status": "credited", "settlement_id": "x"}
        return super().settle(call)


class OneBetPerRound(Broken):
    """A second bet in a round is refused."""

    killed_by = "platform.settle.one-per-bet"

    def may_stake(self, session: Session, player: Player, round_id: str, minor: int) -> None:
        if any(one.round == round_id for one in self.bets.values()):
            raise Refusal(409, "INVALID_STATE")
        super().may_stake(session, player, round_id, minor)


class NegativeWins(Broken):
    """A negative win takes."""

    killed_by = "platform.settle.negative"

    def scaled(self, amount: Any, currency: str) -> int:
        if isinstance(amount, int | Decimal) and not isinstance(amount, bool) and amount < 0:
            return -super().scaled(-amount, currency)
        return super().scaled(amount, currency)


class RefundsWhatIsAsked(Broken):
    """Gives back the amount of the request."""

    killed_by = "platform.rollback.once"

    def give_back(self, bet: Bet, player: Player, body: dict[str, Any]) -> None:
        super().give_back(bet, player, body)
        if "amount" in body:
            player.cash += self.minor(body) - bet.minor


class RefundsTwice(Broken):
    """Another rollback of the same bet gives back again."""

    killed_by = "platform.rollback.repeat"

    def rollback(self, call: Call) -> Any:
        bet = self.bets.get(call.body["bet_id"])
        if bet is not None and bet.status == "rolled_back":
            self.world.players[bet.player].cash += bet.minor
        return super().rollback(call)


class RefundsSettled(Broken):
    """A settled bet is given back."""

    killed_by = "platform.rollback.settled"

    def give_back(self, bet: Bet, player: Player, body: dict[str, Any]) -> None:
        if bet.status == "settled":
            player.cash += bet.minor
        else:
            super().give_back(bet, player, body)


class RefundsToAnybody(Broken):
    """Whose bet it was does not matter."""

    killed_by = "platform.rollback.foreign"

    def rollback(self, call: Call) -> Any:
        call.body.pop("player_id", None)
        return super().rollback(call)


class ForgetsTombstones(Broken):
    """A rollback of something unknown is fine, and forgotten."""

    killed_by = "platform.rollback.first"

    def unknown(self, name: str, round_id: str) -> Any:
        return {"status": "rolled_back", "bet_id": name, "round_id": round_id}


class UnknownIs500(Broken):
    """What it does not know it cannot undo, and falls over."""

    killed_by = "platform.rollback.unknown"

    def unknown(self, name: str, round_id: str) -> Any:
        raise Refusal(500, "INTERNAL")


class RoundsMoney(Broken):
    """More decimals than the currency has are rounded."""

    killed_by = "platform.bet.bad-amount"

    def scaled(self, amount: Any, currency: str) -> int:
        if isinstance(amount, Decimal) and amount.is_finite():
            amount = round(amount, 2)
        return super().scaled(amount, currency)
