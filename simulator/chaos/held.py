"""Calls that wait until later ones have passed them (`reorder`, `late_original`)."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.chaos.installed import Installed
from simulator.chaos.waits import Waits


@dataclass(slots=True, eq=False)
class _Waiting:
    """A call that is held back until others have passed it."""

    left: int
    behind: Installed
    same_key: bytes | None
    """Only calls of this K count, whatever rules they meet; None: every call of the rule."""
    gone_by: asyncio.Future[None]


class Held:
    """The calls of one world that are held back until others have passed them."""

    def __init__(self, waits: Waits, changed: Callable[[], None]) -> None:
        self._waits = waits
        self._changed = changed
        self._waiting: list[_Waiting] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def ended(self, key: bytes, matching: Sequence[Installed]) -> None:
        """A call has ended, with or without an answer: what waited for it goes on."""
        for waiting in tuple(self._waiting):
            if waiting.same_key == key or (waiting.same_key is None and waiting.behind in matching):
                waiting.left -= 1
                if not waiting.left and not waiting.gone_by.done():
                    waiting.gone_by.set_result(None)

    async def wait(
        self, behind: Installed, calls: int, within_ns: int, same_key: bytes | None
    ) -> bool:
        """Wait until so many later calls have ended; False where the time was over first."""
        gone_by = asyncio.get_running_loop().create_future()
        waiting = _Waiting(calls, behind, same_key, gone_by)
        self._waiting.append(waiting)
        self._changed()
        try:
            await self._waits.wait_ns(within_ns, gone_by)
            return gone_by.done()
        finally:
            self._waiting.remove(waiting)
            self._changed()
            gone_by.cancel()


@dataclass(frozen=True, slots=True)
class Later:
    """What comes after a call, by the rule that holds it."""

    held: Held
    one: Installed

    async def passed(self, calls: int, within_ns: int, same_key: bytes | None = None) -> bool:
        """Wait for later calls of the rule, or of one key."""
        return await self.held.wait(self.one, calls, within_ns, same_key)
