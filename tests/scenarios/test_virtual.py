"""Virtual time: what comes from outside is noticed, however busy the loop is."""

import asyncio
import os
import signal

from simulator.scenarios.virtual import LOOK_EVERY, VirtualLoop


async def _turns_until_told() -> int:
    """How many turns a loop that always has something to do takes to notice a signal."""
    told: list[int] = []
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, told.append, 1)
    try:
        os.kill(os.getpid(), signal.SIGUSR1)
        for turn in range(10 * LOOK_EVERY):
            if told:
                return turn
            await asyncio.sleep(0)
    finally:
        loop.remove_signal_handler(signal.SIGUSR1)
    raise AssertionError("the signal was not noticed")


def test_a_busy_loop_notices_what_comes_from_outside() -> None:
    """Looked for now and then while there is something to do, so that Ctrl-C ends a run in which no
    time passes; and no virtual time has passed for it."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        assert runner.run(_turns_until_told()) <= LOOK_EVERY + 2
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        assert loop.now_ns == 0
