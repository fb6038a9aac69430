"""Who hears the answer of a call that left through the outbox: it becomes an event of the party
that asked, in the transaction that ends the call, so once (PRV-34, PRV-43)."""

from typing import NamedTuple, Protocol

import msgspec

from simulator.wire.calls import Call, Caller, Reply
from simulator.wire.events import Event


class Heard(Protocol):
    """A function: what a definite answer tells of, or nothing. It reads both, decides nothing and
    never fails; after a restart it is found by its name."""

    __name__: str

    def __call__(self, call: Call, reply: Reply, /) -> Event | None: ...


class Hearer(NamedTuple):
    """On whose behalf a call was asked for, and the name of the function that hears its answer."""

    caller: Caller
    then: str

    def packed(self) -> bytes:
        """As it is kept with the task. Scopes are a set, so in a fixed order (SBX-02)."""
        return msgspec.msgpack.encode(self, order="deterministic")

    @classmethod
    def unpacked(cls, raw: bytes) -> "Hearer":
        """What `packed` gave."""
        return msgspec.msgpack.decode(raw, type=cls)
