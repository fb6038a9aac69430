"""Wallets that do a thing twice, or take another for a repeat."""

from typing import Any

from tests.broken.http import Call
from tests.broken.standing import Txn
from tests.broken.wallets.variant import Broken


class DedupesByKeyOnly(Broken):
    """A known transaction under a new key is taken again."""

    killed_by = "wallet.debit.new-key"

    def debit(self, call: Call, body: dict[str, Any]) -> Any:
        self.world.txns.pop(self.place(call, body["transaction_id"], body), None)
        return super().debit(call, body)


class CreditsByKeyOnly(Broken):
    """A known win under a new key is paid again."""

    killed_by = "wallet.credit.repeat"

    def credit(self, call: Call, body: dict[str, Any]) -> Any:
        self.world.txns.pop(self.place(call, body["transaction_id"], body), None)
        return super().credit(call, body)


class DedupesByIdOnly(Broken):
    """What a key was used for is not compared: another body gets the old answer."""

    killed_by = "wallet.debit.altered-under-key"

    def fingerprint(self, call: Call) -> str:
        return call.path


class ForgetsKeys(Broken):
    """Answers a repeat anew instead of again: the balance of now."""

    killed_by = "wallet.debit.repeat"

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        return

    def met(self, call: Call, txn: Txn) -> Any:
        return self.answer(txn.id, self.player(call, txn.player), repeated=True)


class AppliesAlteredRepeat(Broken):
    """A known transaction with another amount under a new key is taken as another one."""

    killed_by = "wallet.debit.altered-id"

    def known(self, call: Call, txn: Txn, kind: str, minor: int, body: dict[str, Any]) -> Any:
        if txn.kind == "debit" and txn.minor != minor:
            self.take(self.player(call, txn.player), minor)
            return self.answer(txn.id, self.player(call, txn.player))
        return super().known(call, txn, kind, minor, body)


class AcceptsAlteredWin(Broken):
    """A known win with another amount pays the difference."""

    killed_by = "wallet.credit.altered"

    def known(self, call: Call, txn: Txn, kind: str, minor: int, body: dict[str, Any]) -> Any:
        if txn.kind == "credit" and txn.minor != minor:
            self.pay(self.player(call, txn.player), minor - txn.minor)
            return self.answer(txn.id, self.player(call, txn.player))
        return super().known(call, txn, kind, minor, body)


class BatchForgetsOldItems(Broken):
    """Items of a batch are taken again in another batch."""

    killed_by = "wallet.batch.partly-repeated"

    def batch_call(self, call: Call) -> Any:
        for item in call.body["items"]:
            ((_, body),) = item.items()
            self.world.txns.pop(self.place(call, body["transaction_id"], body), None)
        return super().batch_call(call)


class RefusedIsTriedAgain(Broken):
    """A refusal is not remembered: a late copy succeeds once there is money."""

    killed_by = "wallet.debit.refused-stays"

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if status < 400:
            super().remember(slot, print_, status, body)


class IdsPerPlayer(Broken):
    """Ids are told apart by player where they are the tenant's."""

    killed_by = "wallet.debit.shared-id"
    scope = "player"


class ForgetsAfterAMonth(Broken):
    """Keys and transactions of long ago are thrown away."""

    killed_by = "wallet.debit.dedupe-lasts"

    def advance(self, call: Call) -> Any:
        if int(call.body["by_ms"]) > 30 * 86_400_000:
            self.world.keys.clear()
            self.world.txns.clear()
        return super().advance(call)
