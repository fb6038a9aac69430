"""Broken platforms: a good one behind a wire that changes one thing."""

from collections.abc import Callable
from typing import Any

import msgspec

from simulator.adapters.transport import NotSent, Transport
from simulator.wire import json
from simulator.wire.calls import Call, Reply

Change = Callable[[Any], None]


class Tampered:
    """A transport around another one; what a subclass does not touch passes."""

    def __init__(self, inner: Transport) -> None:
        self.prefix = inner.prefix
        self.inner = inner
        self.hits = 0

    async def send(self, call: Call) -> Reply:
        return await self.inner.send(call)

    async def close(self) -> None:
        await self.inner.close()

    def first(self, call: Call, path: str) -> bool:
        """True for the first call to this path, once."""
        if self.hits or not call.target.partition("?")[0].endswith(path):
            return False
        self.hits += 1
        return True


class PaysTwice(Tampered):
    """Credits one win a second time, under no name."""

    async def send(self, call: Call) -> Reply:
        reply = await self.inner.send(call)
        if call.target == "/v1/bets/settle" and not self.hits:
            win = json.decode(call.body)["win"]
            player = {"EUR": "p_19f3", "USD": "p_usd", "JPY": "p_jpy", "KWD": "p_kwd"}
            if win["amount"]:
                self.hits += 1
                fund = Call(
                    method="POST",
                    target=f"/__admin/players/{player[win['currency']]}/fund",
                    headers={"Content-Type": "application/json"},
                    body=json.encode({"payment_id": "twice", "amount": win}),
                )
                assert (await self.inner.send(fund)).status == 200
        return reply


class SwallowsABet(Tampered):
    """Says that a bet is held, and keeps nothing."""

    async def send(self, call: Call) -> Reply:
        if not self.first(call, "/v1/bets/authorize"):
            return await self.inner.send(call)
        ask = json.decode(call.body)
        ask["bet_id"], key = "b_other", {"X-Idempotency-Key": "other"}
        other = msgspec.structs.replace(
            call, headers={**call.headers, **key}, body=json.encode(ask)
        )
        reply = await self.inner.send(other)
        body = reply.body.replace(b"b_other", json.decode(call.body)["bet_id"].encode())
        return msgspec.structs.replace(reply, body=body)


class SwallowsASettle(Tampered):
    """Says that a win is credited, and credits nothing."""

    async def send(self, call: Call) -> Reply:
        if not self.first(call, "/v1/bets/settle"):
            return await self.inner.send(call)
        ask = json.decode(call.body)
        held = {"amount": 0, "currency": ask["win"]["currency"]}
        answer = {
            "status": "credited",
            "bet_id": ask["bet_id"],
            "round_id": ask["round_id"],
            "settlement_id": "st_none",
            "balance": {"available": held, "held": held},
        }
        return Reply(status=200, body=json.encode(answer))


class ForgetsKeys(Tampered):
    """Does not say that an answer is a repeat, as one that did the work again would not."""

    async def send(self, call: Call) -> Reply:
        reply = await self.inner.send(call)
        kept = {k: v for k, v in reply.headers.items() if k != "idempotency-replayed"}
        return msgspec.structs.replace(reply, headers=kept)


class AnswersAnew(Tampered):
    """Makes up a new hold for each repeat."""

    async def send(self, call: Call) -> Reply:
        reply = await self.inner.send(call)
        if "idempotency-replayed" in reply.headers:
            return msgspec.structs.replace(reply, body=reply.body.replace(b":", b": ", 1))
        return reply


class ForgetsTombstones(Tampered):
    """Lets a late bet in, by placing it under another id."""

    async def send(self, call: Call) -> Reply:
        reply = await self.inner.send(call)
        if b'"tombstone"' not in reply.body or reply.status != 409:
            return reply
        self.hits += 1
        ask = json.decode(call.body)
        late = ask["bet_id"]
        ask["bet_id"] = f"x{late}"
        key = {"X-Idempotency-Key": f"late-{late}"}
        other = msgspec.structs.replace(
            call, headers={**call.headers, **key}, body=json.encode(ask)
        )
        taken = await self.inner.send(other)
        body = taken.body.replace(f"x{late}".encode(), late.encode())
        return msgspec.structs.replace(taken, body=body)


class ChangesAnswer(Tampered):
    """Changes the first answer of an operation."""

    def __init__(self, inner: Transport, path: str, change: Change) -> None:
        super().__init__(inner)
        self._path = path
        self._change = change

    async def send(self, call: Call) -> Reply:
        reply = await self.inner.send(call)
        if not self.first(call, self._path):
            return reply
        value = json.decode(reply.body)
        self._change(value)
        return msgspec.structs.replace(reply, body=json.encode(value))


class GoesAway(Tampered):
    """Refuses every connection after so many calls."""

    async def send(self, call: Call) -> Reply:
        self.hits += 1
        if self.hits > 60:
            raise NotSent("connection refused")
        return await self.inner.send(call)
