"""Wallets that say yes to what they did not do, or forget that they said no."""

from typing import Any

from tests.broken.http import Call, Refusal
from tests.broken.standing import Player, Txn
from tests.broken.wallets.variant import Broken


class LocksAreNotRemembered(Broken):
    """A stake that was refused to a locked player is decided anew under its key."""

    killed_by = "wallet.refusal.remembered"

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if status != 403:
            super().remember(slot, print_, status, body)


class TakesOtherMoney(Broken):
    """A debit of a reserve that is not there is a debit of what is."""

    killed_by = "wallet.reserve.gone"

    def spend(self, call: Call, body: dict[str, Any], name: str, minor: int) -> None:
        if self.place(call, name, body) in self.world.txns:
            super().spend(call, body, name, minor)
        else:
            self.take(self.player(call, body["player_id"]), minor)


class TakesAnybodysReserve(Broken):
    """A reserve is spent by whoever names it, and the wallet falls over."""

    killed_by = "wallet.reserve.conserved"

    def spend(self, call: Call, body: dict[str, Any], name: str, minor: int) -> None:
        found = self.world.txns.get(self.place(call, name, body))
        if found is not None and found.player != body["player_id"]:
            raise Refusal(500, "INTERNAL")
        super().spend(call, body, name, minor)


class AnyCurrencyIsKnown(Broken):
    """A known debit is found before its currency is looked at."""

    killed_by = "wallet.debit.altered-id"

    def minor(self, body: dict[str, Any], player: Player | None = None) -> int:
        known = body.get("transaction_id") in {one.id for one in self.world.txns.values()}
        return super().minor(body, None if known else player)


class ReservesByIdOnly(Broken):
    """A reserve with the id of a debit is answered as that was, and sets nothing aside."""

    killed_by = "wallet.credit.id-of-debit"

    def reserve(self, call: Call, body: dict[str, Any]) -> Any:
        known = self.world.txns.get(self.place(call, body["transaction_id"], body))
        return known.answer if known else super().reserve(call, body)


class OneRollbackForAll(Broken):
    """A known rollback is answered as before, whatever it is to undo."""

    killed_by = "wallet.rollback.repeat"

    def rollback(self, call: Call, body: dict[str, Any]) -> Any:
        known = self.world.txns.get(self.place(call, body["transaction_id"], body))
        if known is not None and known.kind == "rollback":
            return known.answer
        return super().rollback(call, body)


class UnnamedWinsSettleNothing(Broken):
    """A win that names no debit leaves those of its round open."""

    killed_by = "wallet.rollback.settled"

    def win_of(self, call: Call, body: dict[str, Any]) -> None:
        if "debit_transaction_id" in body:
            super().win_of(call, body)


class RefundsWhatNobodyWon(Broken):
    """A debit without a win is given back on a round that has ended."""

    killed_by = "wallet.rollback.closed-round"

    def give_back(self, found: Txn, player: Player, body: dict[str, Any]) -> None:
        state = self.world.rounds[found.round]
        if found.status == "ok":
            self.world.rounds[found.round] = "open"
        try:
            super().give_back(found, player, body)
        finally:
            self.world.rounds[found.round] = state


class YesToAlteredItems(Broken):
    """An item of a batch that is known with another amount is said to be done."""

    killed_by = "wallet.batch.known-item"

    def item(self, call: Call, item: Any) -> Any:
        found = super().item(call, item)
        known = found.get("error", {}).get("code") == "DUPLICATE"
        return {"transaction_id": found["transaction_id"], "status": "ok"} if known else found


class StakesFirst(Broken):
    """The stakes of a batch are taken before its gifts are paid."""

    killed_by = "wallet.batch.order"

    def batch_call(self, call: Call) -> Any:
        items = call.body["items"]
        order = sorted(range(len(items)), key=lambda at: "debit" not in items[at])
        done = {at: self.item(call, items[at]) for at in order}
        return {"items": [done[at] for at in range(len(items))]}


class HoldsUnsaid(Broken):
    """The answer to a reserve says that nothing is held."""

    killed_by = "wallet.reserve.release"

    def kept(self, place: tuple[str, ...], txn: Txn, player: Player, **more: Any) -> Any:
        found = super().kept(place, txn, player, **more)
        found["balance"]["held"] = self.money(0, player.currency)
        return found


class PaysWhoeverNamesADebit(Broken):
    """A win is paid to whoever asks, whose debit it may be."""

    killed_by = "wallet.credit.foreign"

    def fits(self, debit: Txn, body: dict[str, Any]) -> bool:
        return bool(debit.round == body["round_id"])


class PaysAcrossRounds(Broken):
    """A win is paid on a debit of another round, also of one that is over."""

    killed_by = "wallet.credit.other-round"

    def fits(self, debit: Txn, body: dict[str, Any]) -> bool:
        return bool(debit.player == body["player_id"])


class PromosByKeyOnly(Broken):
    """A known promo under a new key is paid again."""

    killed_by = "wallet.credit.promo"

    def credit(self, call: Call, body: dict[str, Any]) -> Any:
        if body.get("reason") == "promo":
            self.world.txns.pop(self.place(call, body["transaction_id"], body), None)
        return super().credit(call, body)


class YesToAlteredJackpots(Broken):
    """A known payout is answered as before, whatever it is of."""

    killed_by = "wallet.credit.jackpot"

    def jackpot(self, call: Call, body: dict[str, Any]) -> Any:
        place = self.place(call, body["jp_payout_id"], {**body, "round_id": ""})
        known = self.world.txns.get(place)
        return known.answer if known else super().jackpot(call, body)


class OneReleaseForAll(Broken):
    """A known release is answered as before, whatever it is to give back."""

    killed_by = "wallet.reserve.release"

    def rollback(self, call: Call, body: dict[str, Any]) -> Any:
        known = self.world.txns.get(self.place(call, body["transaction_id"], body))
        if known is not None and call.path.endswith("/release"):
            return known.answer
        return super().rollback(call, body)


class BatchesStopHalfway(Broken):
    """What comes before a bad item of a batch is done, and the answer is a 400."""

    killed_by = "wallet.batch.bad-item"

    def batch_call(self, call: Call) -> Any:
        for item in call.body["items"]:
            ((kind, body),) = item.items()
            if not body.get("transaction_id"):
                raise Refusal(400, "VALIDATION_FAILED", f"a {kind} without an id")
            self.item(call, item)
        return super().batch_call(call)
