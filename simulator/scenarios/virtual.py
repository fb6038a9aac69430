"""Virtual time: an event loop in which a wait takes no time, and clocks that move with it (SBX-03).

Where nothing is left to do now, it is at once the moment at which the next thing is due. So a
scenario with minutes of latency runs in milliseconds, and every run is the same (D3). Nothing of it
may use threads or sockets: what they bring about happens at no moment of virtual time.
"""

import asyncio
import selectors
from collections.abc import Callable

from simulator.base.clock import NS_PER_S
from simulator.base.errors import PlaymoneyError

STUCK_S = 20.0
"""How long, in real time, the loop waits when nothing is due any more: then nothing ever comes."""


LOOK_EVERY = 64
"""While there is something to do, every so manieth turn looks for what comes from outside (Ctrl-C)
instead of each: nothing else can come, and a look is a call of the system."""


class Stuck(PlaymoneyError):
    """Something waits for what nobody is going to do."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time begins at 0 and jumps; `jumped` is told by how many nanoseconds."""

    def __init__(self) -> None:
        self._now_ns = 0
        self.jumped: Callable[[int], None] = lambda _ns: None
        super().__init__(_Jumping(self._jump))

    def time(self) -> float:
        """Seconds of virtual time."""
        return self._now_ns / NS_PER_S

    @property
    def now_ns(self) -> int:
        """The same, exactly."""
        return self._now_ns

    def restart(self) -> None:
        """Begin at 0 again: how a float of seconds rounds must not hang on what came before."""
        self._now_ns = 0

    def until_next_ns(self) -> int | None:
        """How long until the next thing is due that somebody waits for; None where nobody does."""
        scheduled = self._scheduled  # type: ignore[attr-defined] # asyncio's heap of timers
        due_s = [timer.when() for timer in scheduled if not timer.cancelled()]
        return max(0, round((min(due_s) - self.time()) * NS_PER_S)) if due_s else None

    def _jump(self, seconds: float) -> None:
        by_ns = max(1, round(seconds * NS_PER_S))
        self._now_ns += by_ns
        self.jumped(by_ns)


class _Jumping(selectors.DefaultSelector):
    """Looks for what is ready; where nothing is, time passes instead of anybody waiting."""

    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump_by = jump
        self._busy = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout == 0:
            self._busy += 1
            if self._busy % LOOK_EVERY:
                return []
        found: list[tuple[selectors.SelectorKey, int]] = super().select(
            STUCK_S if timeout is None else 0
        )
        if not found and timeout is None:
            raise Stuck("nothing is left that could happen, and something still waits")
        if not found and timeout is not None and timeout > 0:
            self._jump_by(timeout)
        return found
