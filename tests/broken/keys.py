"""What systems of several roles get wrong about idempotency keys."""

from typing import Any

from tests.broken.http import Call, Refusal
from tests.broken.standing import Standing


class OneKeyForAll(Standing):
    """The answer is found by the key alone, whatever was called."""

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        key = call.headers.get("x-idempotency-key")
        for (client, path, known), (_, status, body) in self.world.keys.items():
            if (client, known) == (call.client, key) and path != call.path:
                return status, body
        return await super().once(call, handler)


class RemembersSlips(Standing):
    """A 400 is remembered under its key."""

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        try:
            return await super().once(call, handler)
        except Refusal as no:
            key = call.headers.get("x-idempotency-key")
            if no.status == 400 and key:
                slot = (call.client, call.path, key)
                self.remember(slot, self.fingerprint(call), *self.refusal(call, no))
            raise
