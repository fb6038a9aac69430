"""What does not have to be so at once: it is asked for again, for a while."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

PAUSES_S = (0.05, 0.2, 0.5, 1)
"""Between one look and the next; after the last look nobody waits any more."""


async def eventually(look: Callable[[], Awaitable[T]], enough: Callable[[T], bool]) -> T:
    """What is seen once it is enough, else what is seen last: the caller judges it."""
    for pause_s in PAUSES_S:
        seen = await look()
        if enough(seen):
            return seen
        await asyncio.sleep(pause_s)
    return await look()
