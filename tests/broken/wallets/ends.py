"""Wallets that forget what has ended, what was undone and who may not play."""

from typing import Any

from tests.broken.http import Call, Refusal
from tests.broken.standing import Player, Txn
from tests.broken.wallets.variant import Broken


class CancelledRoundsPay(Broken):
    """A cancelled round still takes a win."""

    killed_by = "wallet.round.ended"

    def require_open(self, round_id: str) -> None:
        if self.world.rounds.get(round_id) != "cancelled":
            super().require_open(round_id)

    def win_of(self, call: Call, body: dict[str, Any]) -> None:
        if self.world.rounds.get(body["round_id"]) != "cancelled":
            super().win_of(call, body)


class TheLastCloseCounts(Broken):
    """A round that was completed can be cancelled."""

    killed_by = "wallet.round.ended"

    def close_call(self, call: Call) -> Any:
        self.world.rounds[call.parts["round_id"]] = "open"
        return super().close_call(call)


class TombstonesHoldOnce(Broken):
    """A tombstone is used up by the first late debit."""

    killed_by = "wallet.rollback.tombstone-holds"

    def known(self, call: Call, txn: Txn, kind: str, minor: int, body: dict[str, Any]) -> Any:
        if txn.kind == "tombstone":
            del self.world.txns[self.place(call, txn.id, body)]
        return super().known(call, txn, kind, minor, body)


class TombstonesAreForAnHour(Broken):
    """A tombstone is forgotten after an hour."""

    killed_by = "wallet.rollback.tombstone-lasts"

    def debit(self, call: Call, body: dict[str, Any]) -> Any:
        place = self.place(call, body["transaction_id"], body)
        known = self.world.txns.get(place)
        if known is not None and known.kind == "tombstone" and self.world.now > 3_600_000:
            del self.world.txns[place]
        return super().debit(call, body)


class OldRefundsAreWords(Broken):
    """After a month a rollback is answered with a yes, and nothing is given back."""

    killed_by = "wallet.rollback.late"

    def give_back(self, found: Txn, player: Player, body: dict[str, Any]) -> None:
        if self.world.now <= 30 * 86_400_000:
            super().give_back(found, player, body)


class RefundsAnyCurrency(Broken):
    """What currency a rollback says does not matter."""

    killed_by = "wallet.rollback.currency"

    def rollback(self, call: Call, body: dict[str, Any]) -> Any:
        return super().rollback(call, {k: v for k, v in body.items() if k != "amount"})


class TakesWinsBack(Broken):
    """The rollback of a win takes it back."""

    killed_by = "wallet.rollback.of-win"

    def give_back(self, found: Txn, player: Player, body: dict[str, Any]) -> None:
        if found.kind == "credit":
            player.cash -= found.minor
            found.status = "rolled_back"
            return
        super().give_back(found, player, body)


class LostBetsAreOpen(Broken):
    """A win of zero is not written down, so that its debit can be rolled back."""

    killed_by = "wallet.credit.zero-settles"

    def win_of(self, call: Call, body: dict[str, Any]) -> None:
        if self.minor(body):
            super().win_of(call, body)


class LockedMayReserve(Broken):
    """A locked player sets money aside."""

    killed_by = "wallet.lock.every-stake"

    def reserve(self, call: Call, body: dict[str, Any]) -> Any:
        player = self.player(call, body["player_id"])
        locked, player.locked = player.locked, False
        try:
            return super().reserve(call, body)
        finally:
            player.locked = locked


class LockHoldsReserves(Broken):
    """What a locked player had set aside stays there."""

    killed_by = "wallet.lock.every-stake"

    def give_back(self, found: Txn, player: Player, body: dict[str, Any]) -> None:
        if player.locked and found.kind == "reserve":
            raise Refusal(403, "RG_BLOCK")
        super().give_back(found, player, body)


class NamesWinsItself(Broken):
    """A win without an id gets one."""

    killed_by = "wallet.credit.extra-fields"

    def credit(self, call: Call, body: dict[str, Any]) -> Any:
        name = body.get("transaction_id") or f"made_{next(self.world.count)}"
        return super().credit(call, {**body, "transaction_id": name})


class StrictRollbacks(Broken):
    """A rollback with a field of its sender's own is refused."""

    killed_by = "wallet.credit.extra-fields"

    def rollback(self, call: Call, body: dict[str, Any]) -> Any:
        if "provider_note" in body:
            raise Refusal(400, "VALIDATION_FAILED", "provider_note is unknown")
        return super().rollback(call, body)


class CloseNeedsNobody(Broken):
    """One endpoint was forgotten: anybody may close a round."""

    killed_by = "wallet.security.no-proof"

    def who(self, call: Call) -> str:
        return "studio-demo" if call.path.endswith("/close") else super().who(call)


class QueryIsNotSigned(Broken):
    """The signature covers the path without its query."""

    killed_by = "wallet.security.signature"

    def signer(self, call: Call) -> str:
        call.target = call.path
        return super().signer(call)


class ShortMemoryOfNonces(Broken):
    """Only the last five nonces are remembered."""

    killed_by = "wallet.security.replay"

    def use_nonce(self, nonce: str) -> None:
        super().use_nonce(nonce)
        self.last = [*getattr(self, "last", []), nonce][-5:]
        self.world.nonces = set(self.last)


class ReservesAfterTheEnd(Broken):
    """A round that is over still takes a reserve."""

    killed_by = "wallet.debit.finished-round"

    def reserve(self, call: Call, body: dict[str, Any]) -> Any:
        state = self.world.rounds.pop(body["round_id"], "open")
        try:
            return super().reserve(call, body)
        finally:
            self.world.rounds[body["round_id"]] = state


class OldWinsAreNew(Broken):
    """What was paid is forgotten after a month, and paid again."""

    killed_by = "wallet.dedupe-lasts"

    def advance(self, call: Call) -> Any:
        if int(call.body["by_ms"]) > 30 * 86_400_000:
            self.world.keys.clear()
            old = [place for place, txn in self.world.txns.items() if txn.kind == "credit"]
            for place in old:
                del self.world.txns[place]
        return super().advance(call)


class CorrectsWhatIsOver(Broken):
    """A round that is over still takes a correction."""

    killed_by = "wallet.round.ended"

    def credit(self, call: Call, body: dict[str, Any]) -> Any:
        state = self.world.rounds.get(body["round_id"], "open")
        if body["reason"] == "correction":
            self.world.rounds[body["round_id"]] = "open"
        try:
            return super().credit(call, body)
        finally:
            self.world.rounds[body["round_id"]] = state


class LockedPlayForNothing(Broken):
    """A lock stops money and not play: a stake of zero is taken."""

    killed_by = "wallet.lock.every-stake"

    def debit(self, call: Call, body: dict[str, Any]) -> Any:
        player = self.player(call, body["player_id"])
        locked, player.locked = player.locked, player.locked and self.minor(body) > 0
        try:
            return super().debit(call, body)
        finally:
            player.locked = locked
