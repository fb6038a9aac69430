"""Wallets that take one id or key for another, or one operation for another."""

from typing import Any

from tests.broken import keys
from tests.broken.http import Call, encode, read_json
from tests.broken.standing import Txn
from tests.broken.wallets.variant import Broken


class IdsWithoutCase(Broken):
    """The database's collation ignores case."""

    killed_by = "wallet.debit.similar-ids"

    def place(self, call: Call, txn: str, body: dict[str, Any]) -> tuple[str, ...]:
        return super().place(call, txn.lower(), body)


class IdsAreCut(Broken):
    """The column of the ids has 64 characters, and a longer id is cut."""

    killed_by = "wallet.debit.similar-ids"

    def place(self, call: Call, txn: str, body: dict[str, Any]) -> tuple[str, ...]:
        return super().place(call, txn[:64], body)


class KeysWithoutCase(Broken):
    """Keys are compared without case."""

    killed_by = "wallet.protocol.similar-keys"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        name = "x-idempotency-key"
        if name in call.headers:
            call.headers[name] = call.headers[name].lower()
        return await super().once(call, handler)


class OneKeyForAll(keys.OneKeyForAll, Broken):
    """The answer is found by the key alone, whatever was called."""

    killed_by = "wallet.protocol.key-per-operation"


class KeysOfAllTenants(Broken):
    """A key of another tenant is answered with that tenant's answer."""

    killed_by = "wallet.security.foreign-tenant"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        key = call.headers.get("x-idempotency-key")
        for (client, path, known), (_, status, body) in self.world.keys.items():
            if (path, known) == (call.path, key) and client != call.client:
                return status, body
        return await super().once(call, handler)


class RemembersSlips(keys.RemembersSlips, Broken):
    """A 400 is remembered under its key."""

    killed_by = "wallet.protocol.mended-body"


class BalanceOfNowInRepeats(Broken):
    """A repeat has the balance of now in it."""

    killed_by = "wallet.debit.repeat"

    def replayed(self, call: Call, body: bytes) -> bytes:
        player = self.world.players.get(call.body.get("player_id", ""))
        answer = read_json(body)
        if player is None or "balance" not in answer:
            return body
        return encode({**answer, "balance": self.balance(player)})


class KindsAreOne(Broken):
    """A credit with the id of a debit is taken for its repeat."""

    killed_by = "wallet.credit.id-of-debit"

    def known(self, call: Call, txn: Txn, kind: str, minor: int, body: dict[str, Any]) -> Any:
        if txn.kind == "debit" and (txn.player, txn.minor) == (body["player_id"], minor):
            return txn.answer
        return super().known(call, txn, kind, minor, body)


class PairsAreApart(Broken):
    """Ids of pairs are not looked for among single debits."""

    killed_by = "wallet.pair.known-part"

    def pair_call(self, call: Call) -> Any:
        debit = call.body["debit"]
        self.world.txns.pop(self.place(call, debit["transaction_id"], debit), None)
        return super().pair_call(call)


class BatchesAreApart(Broken):
    """Ids of batches are not looked for among single debits."""

    killed_by = "wallet.batch.known-item"

    def item(self, call: Call, item: Any) -> Any:
        (_, body), *_ = item.items()
        self.world.txns.pop(self.place(call, body["transaction_id"], body), None)
        return super().item(call, item)


class BatchesPayFirst(Broken):
    """A batch does its credits first."""

    killed_by = "wallet.batch.order"

    def batch_call(self, call: Call) -> Any:
        items = call.body["items"]
        done = {n: self.item(call, one) for n, one in enumerate(items) if "credit" in one}
        done |= {n: self.item(call, one) for n, one in enumerate(items) if "credit" not in one}
        return {"items": [done[n] for n in range(len(items))]}
