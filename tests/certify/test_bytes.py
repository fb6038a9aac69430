"""The suite run twice with the same seed and run sends the same bytes; a fresh run sends others."""

import asyncio
import re
from collections.abc import Sequence

import pytest

from simulator.certify.checks.table import CHECKS
from simulator.certify.config import TEST_WORLD
from simulator.certify.exchange import PLAIN, Ask, Manner, Reply
from simulator.certify.profile import Profile
from simulator.certify.suite import Order, chosen, run
from simulator.certify.target import Target
from simulator.certify.wires.asgi import AsgiWire
from tests.broken.wallets.right import Reference

SIGNED = ("x-timestamp", "x-nonce", "x-signature")


LONG = (
    "wallet.machine-long",
    "wallet.contract.positive",
    "wallet.contract.negative",
    "wallet.contract.stateful",
)
"""Searches of minutes; what they draw has tests of its own."""


class Recording(AsgiWire):
    """Keeps what goes out, but for timestamps and what hangs on them."""

    def __init__(self) -> None:
        super().__init__(Reference())
        self.sent: list[bytes] = []

    async def send(self, ask: Ask, manner: Manner = PLAIN) -> Reply:
        headers = {n: v for n, v in ask.headers.items() if n.lower() not in SIGNED}
        path = re.sub(r"(?<=occurred_at_)(from|to)=[^&]*", r"\1", ask.path)
        self.sent.append(repr((ask.method, path, headers, ask.body)).encode())
        return await super().send(ask, manner)

    async def together(self, asks: Sequence[Ask]) -> list[Reply]:
        return [await self.send(ask) for ask in asks]


def sent(seed: int, name: str) -> list[bytes]:
    async def main() -> list[bytes]:
        wire = Recording()
        target = Target(wire, TEST_WORLD, Profile(), seed, name)
        checks = [one for one in chosen(CHECKS, "wallet", "exhaustive", ()) if one.id not in LONG]
        order = Order(
            role="wallet", target="http://toy", suite="exhaustive", checks=checks, replay=""
        )
        async for _ in run(order, target):
            pass
        return wire.sent

    return asyncio.run(main())


@pytest.fixture(scope="module")
def first() -> list[bytes]:
    return sent(7, "a")


def test_the_same_seed_and_run_send_the_same_bytes(first: list[bytes]) -> None:
    """A failure is asked for again by its replay line (apart from timestamps and nonces)."""
    assert sent(7, "a") == first


def test_a_fresh_run_sends_ids_that_nobody_has_had(first: list[bytes]) -> None:
    """A second run on a live target does not meet its own repeats."""
    ids = [
        set(re.findall(rb"(?:[tbrk]|jp|pay)-[ab]-[0-9a-f]{12}", b"".join(calls)))
        for calls in (first, sent(7, "b"))
    ]
    assert ids[0]
    assert not ids[0] & ids[1]
