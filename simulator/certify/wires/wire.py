"""The one seam between the suite and its target."""

from collections.abc import Sequence
from typing import Protocol

from simulator.certify.exchange import PLAIN, Ask, Manner, Reply

MAX_BODY = 8 * 1024 * 1024
"""Of an answer; a target that sends more is told so and not read further."""


class Wire(Protocol):
    """Sends each request once and tells how it ended. Never raises for what the target does."""

    @property
    def prefix(self) -> str:
        """Path of the base URL, such as `/s/ci-1`: in front of each path, and part of what is
        signed."""
        ...

    @property
    def ca_file(self) -> str:
        """A PEM file of authorities that are trusted too, for calls to other hosts; empty: none."""
        ...

    async def send(self, ask: Ask, manner: Manner = PLAIN) -> Reply: ...

    async def together(self, asks: Sequence[Ask]) -> list[Reply]:
        """All at the same moment, as near as it can be done; the replies in the order of the
        requests."""
        ...

    async def close(self) -> None: ...
