"""Wallets that are right alone, and wrong when two come at once or one goes away."""

from typing import Any

from tests.broken.gone import NoticesGone
from tests.broken.http import Call, pause
from tests.broken.standing import Player, Txn
from tests.broken.wallets.variant import Broken


class DoubleCreditUnderParallelRepeats(Broken):
    """Looks for the win, waits for its database, and pays."""

    killed_by = "wallet.credit.parallel-repeat"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        if call.path.endswith("/credit") and "transaction_id" in call.body:
            body = call.body
            place = self.place(call, body["transaction_id"], body)
            met = place in self.world.txns
            await pause()
            if not met:
                self.world.txns.pop(place, None)
                slot = (call.client, call.path, call.headers["x-idempotency-key"])
                self.world.keys.pop(slot, None)
        return await super().once(call, handler)


class DoubleDebitUnderParallelRepeats(Broken):
    """The same race in the debit."""

    killed_by = "wallet.debit.parallel-repeat"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        if call.path.endswith("/debit"):
            place = self.place(call, call.body["transaction_id"], call.body)
            met = place in self.world.txns
            await pause()
            if not met:
                self.world.txns.pop(place, None)
                slot = (call.client, call.path, call.headers["x-idempotency-key"])
                self.world.keys.pop(slot, None)
        return await super().once(call, handler)


class FloatMoney(Broken):
    """Counts in binary floats, and cuts."""

    killed_by = "wallet.debit.parallel-different"

    def scaled(self, amount: Any, currency: str) -> int:
        exact = super().scaled(amount, currency)
        return int(float(amount) * 100) if currency == "EUR" else exact


class TakesInTwoSteps(Broken):
    """Half the stake now and half in a moment; who reads between sees what never was."""

    killed_by = "wallet.history.linearizable"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        found = await super().once(call, handler)
        if call.path.endswith("/debit") and found[0] == 200:
            player = self.player(call, call.body["player_id"])
            half = self.minor(call.body) // 2
            player.cash += half
            await pause()
            await pause()
            player.cash -= half
        return found


class NegativeByRace(Broken):
    """Looks at the balance, waits, and takes."""

    killed_by = "wallet.debit.parallel-overdraw"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        if call.path.endswith("/debit"):
            player = self.player(call, call.body["player_id"])
            enough = player.cash >= self.minor(call.body)
            await pause()
            if enough and player.cash < self.minor(call.body):
                missing = self.minor(call.body)
                player.cash += missing
                found = await super().once(call, handler)
                player.cash -= missing
                return found
        return await super().once(call, handler)


class LoseWhatWasHungUp(NoticesGone, Broken):
    """When the caller goes away after the money moved, what it did is forgotten."""

    killed_by = "wallet.debit.lost-answer"

    def kept(self, place: tuple[str, ...], txn: Txn, player: Player, **more: Any) -> Any:
        found = super().kept(place, txn, player, **more)
        if self.gone:
            del self.world.txns[place]
        return found

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if not self.gone:
            super().remember(slot, print_, status, body)


class PaysInAtOnce(Broken):
    """Looks for the payment, waits for its database, and pays in."""

    killed_by = "wallet.deposit.parallel"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        if call.path.endswith("/deposits"):
            place = ("payment", call.body["payment_id"])
            met = place in self.world.txns
            await pause()
            if not met:
                self.world.txns.pop(place, None)
        return await super().once(call, handler)
