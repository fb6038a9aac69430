"""Waiting, handed in: a test's sleeper returns at once and takes note."""

import asyncio
from typing import Protocol

from simulator.base.clock import NS_PER_S


class Sleeper(Protocol):
    """Waits."""

    async def __call__(self, pause_ns: int, /) -> None: ...


async def sleep(pause_ns: int, /) -> None:
    """Wait in real time."""
    await asyncio.sleep(pause_ns / NS_PER_S)
