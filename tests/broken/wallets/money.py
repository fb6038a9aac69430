"""Wallets that count wrongly."""

from typing import Any

from tests.broken.http import Call, Refusal
from tests.broken.standing import Player, Txn
from tests.broken.wallets.variant import Broken


class CannotTakeAll(Broken):
    """A stake of the whole balance is refused."""

    killed_by = "wallet.debit.whole-balance"

    def take(self, player: Player, minor: int) -> None:
        if minor and minor == player.cash:
            raise Refusal(422, "INSUFFICIENT_FUNDS", balance=self.balance(player))
        super().take(player, minor)


class OldBalanceInAnswer(Broken):
    """The answer has the balance before the stake."""

    killed_by = "wallet.debit.once"

    def debit(self, call: Call, body: dict[str, Any]) -> Any:
        player = self.player(call, body["player_id"])
        before = self.balance(player)
        return {**super().debit(call, body), "balance": before}


class RefusesPromos(Broken):
    """A gift of the house is not paid without a debit."""

    killed_by = "wallet.credit.promo"

    def credit(self, call: Call, body: dict[str, Any]) -> Any:
        if body.get("reason") == "promo" and "debit_transaction_id" not in body:
            raise Refusal(404, "BET_NOT_FOUND")
        return super().credit(call, body)


class OneCreditPerRound(Broken):
    """The second win of a round is taken for a repeat of the first."""

    killed_by = "wallet.credit.several"

    def credit(self, call: Call, body: dict[str, Any]) -> Any:
        for txn in self.world.txns.values():
            if txn.kind == "credit" and txn.round == body["round_id"] and body["reason"] == "win":
                return txn.answer
        return super().credit(call, body)


class PaysAfterClose(Broken):
    """A closed round goes on paying."""

    killed_by = "wallet.credit.several"

    def credit(self, call: Call, body: dict[str, Any]) -> Any:
        if self.world.rounds.get(body["round_id"]) == "completed":
            self.world.rounds[body["round_id"]] = "open"
        return super().credit(call, body)


class StakesAfterClose(Broken):
    """A closed round takes stakes."""

    killed_by = "wallet.round.close"

    def debit(self, call: Call, body: dict[str, Any]) -> Any:
        self.world.rounds[body["round_id"]] = "open"
        return super().debit(call, body)


class HalfAPair(Broken):
    """Of a debit and credit in one call the debit stays when the credit fails."""

    killed_by = "wallet.pair.atomic"

    def undo(self, before: Any) -> None:
        return


class HalfAPairWithAKnownWin(Broken):
    """What the contract forbids of a pair is found out before the debit, a known win after it."""

    killed_by = "wallet.pair.atomic"

    known_win = False

    def known(self, call: Call, txn: Txn, kind: str, minor: int, body: dict[str, Any]) -> Any:
        self.known_win = kind == "credit"
        return super().known(call, txn, kind, minor, body)

    def pair_call(self, call: Call) -> Any:
        self.known_win = False
        return super().pair_call(call)

    def undo(self, before: Any) -> None:
        if not self.known_win:
            super().undo(before)


class BatchStopsAtTheFirst(Broken):
    """What comes after a refused item is not done."""

    killed_by = "wallet.batch.item-refused"

    def batch_call(self, call: Call) -> Any:
        found: list[Any] = []
        for item in call.body["items"]:
            done = bool(found) and found[-1]["status"] == "failed"
            found.append(found[-1] if done else self.item(call, item))
        return {"items": found}


class ReservesAreFree(Broken):
    """What is set aside stays available."""

    killed_by = "wallet.reserve.release"

    def reserve(self, call: Call, body: dict[str, Any]) -> Any:
        found = super().reserve(call, body)
        player = self.player(call, body["player_id"])
        player.cash += player.held
        return {**found, "balance": self.balance(player)}


class ReservesAreSpentTwice(Broken):
    """A reserve can be spent again."""

    killed_by = "wallet.reserve.spent"

    def spend(self, call: Call, body: dict[str, Any], name: str, minor: int) -> None:
        super().spend(call, body, name, minor)
        self.world.txns[self.place(call, name, body)].status = "ok"


class JackpotPaidPerCall(Broken):
    """A payout of a jackpot is paid whenever it is sent."""

    killed_by = "wallet.credit.jackpot"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        if "jp_payout_id" in call.body:
            self.pay(self.player(call, call.body["player_id"]), self.minor(call.body))
        return await super().once(call, handler)


class DepositsTwice(Broken):
    """A repeated deposit is another one."""

    killed_by = "wallet.deposit.once"

    def payment(self, call: Call, sign: int) -> Any:
        self.world.txns.pop(("payment", call.body["payment_id"]), None)
        return super().payment(call, sign)

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if not slot[1].endswith("deposits"):
            super().remember(slot, print_, status, body)
