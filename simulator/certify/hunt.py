"""Hypothesis at work beside an event loop: draws sequences by a seed, and shrinks what fails.

The examples are drawn in a thread, each is played in the loop that asked, and whoever waits for the
hunt may give it up at any time. Hypothesis is an extra (`playmoney[certify]`).
"""

import asyncio
import concurrent.futures
import importlib
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from simulator.certify.check import Unclear

SIMPLER = 1_500
"""Examples that are tried for a simpler one; of sequences most were played before."""

Bits = tuple[bool, ...]
Play = Callable[[tuple[Bits, ...]], Awaitable[bool]]
"""Plays a sequence of steps, each of so many bits; whether the target kept the rules."""


class _Failed(Exception):
    """An example failed: Hypothesis looks for a shorter one."""


class _GivenUp(BaseException):
    """No example is wanted any more; not an Exception, so that Hypothesis lets it pass."""


async def hunt(play: Play, *, seed: int, examples: int, length: int, width: int) -> None:
    """Play so many sequences of up to `length` steps; after one that fails, shorter ones.

    The steps are drawn as bits and nothing else: Hypothesis draws numbers and texts also from
    constants that it finds in the modules of the process, and the same seed has to send the same
    bytes in every process. Raises as `search`.
    """

    def steps(made: Any) -> Any:
        # Always as many: lists that may be short mostly are. A step whose bits are down is none.
        return made.tuples(*[made.tuples(*[made.booleans()] * width)] * length)

    await search(play, steps, seed=seed, examples=examples)


async def search(
    play: Callable[[Any], Awaitable[bool]],
    drawn: Callable[[Any], Any],
    *,
    seed: int,
    examples: int,
    simpler: int = SIMPLER,
) -> None:
    """Play so many examples of what is `drawn`, a strategy made of Hypothesis' strategies; after
    one that fails, up to `simpler` further ones, to find the simplest that fails.

    What `play` raises ends it. Raises Unclear without Hypothesis."""
    hypothesis = extra("hypothesis")
    loop = Loop(simpler)

    def example(found: Any) -> None:
        loop.begin()
        loop.kept(loop.wait(play, found))

    given = hypothesis.given(drawn(hypothesis.strategies))
    test = hypothesis.seed(seed)(_settings(hypothesis, examples)(given(example)))
    await loop.beside(test)


async def wander(
    machine: Callable[["Loop"], Any], *, seed: int, examples: int, steps: int, simpler: int
) -> None:
    """Walk so many times through a state machine, up to so many steps each; after one that fails,
    simpler ones. The machine tells the loop where an example begins, waits in it for what it calls,
    and asks whether it was `kept`. Raises as `search`."""
    hypothesis = extra("hypothesis")
    loop = Loop(simpler)
    walks = hypothesis.seed(seed)(machine(loop))
    settings = _settings(hypothesis, examples, stateful_step_count=steps)
    await loop.beside(lambda: walks.run(settings=settings))


class Loop:
    """The loop that waits for a hunt, as the hunt's thread sees it."""

    def __init__(self, simpler: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._simpler = simpler
        self._left = simpler
        self._over = threading.Event()
        self._under_way: list[concurrent.futures.Future[Any]] = []
        self._raised: list[BaseException] = []

    # --- In the hunt's thread ---------------------------------------------------------------------

    def begin(self) -> None:
        """Another example, where one is wanted still."""
        if self._over.is_set() or self._raised or not self._left:
            raise _GivenUp
        self._left -= self._left < self._simpler

    def wait(self, play: Callable[[Any], Awaitable[Any]], found: Any) -> Any:
        """What a call in the loop comes to; what it raises ends the hunt."""
        if self._over.is_set():
            raise _GivenUp
        playing = _noted(play(found), self._raised)
        self._under_way[:] = [asyncio.run_coroutine_threadsafe(playing, self._loop)]
        try:
            return self._under_way[0].result()
        except BaseException:
            raise _GivenUp from None

    def kept(self, kept: bool) -> None:
        """Whether the target kept the rules; where it did not, simpler examples are tried."""
        if not kept:
            self._left = min(self._left, self._simpler - 1)
            raise _Failed

    # --- In the loop ------------------------------------------------------------------------------

    async def beside(self, test: Callable[[], None]) -> None:
        """Run the hunt in a thread, to its end or until whoever waits gives up."""
        worker = self._loop.run_in_executor(None, _to_its_end, test)
        try:
            await asyncio.shield(worker)
        except asyncio.CancelledError:
            self._over.set()
            for future in self._under_way:
                future.cancel()
            await worker
            raise
        if self._raised:
            raise self._raised[0]


def extra(name: str) -> Any:
    """A module that not every installation has. Raises Unclear with the line that installs it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Unclear(f"needs {name}: pip install 'playmoney[certify]'") from None


async def _noted(playing: Awaitable[Any], raised: list[BaseException]) -> Any:
    try:
        return await playing
    except Exception as wrong:
        raised.append(wrong)
        raise


def _settings(hypothesis: Any, examples: int, **more: int) -> Any:
    """How Hypothesis runs: nothing is kept, nothing printed, no time counts."""
    return hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
        **more,
    )


def _to_its_end(test: Callable[[], None]) -> None:
    """What failed is known to who played it; that it failed now and not again as well."""
    try:
        test()
    except _GivenUp:
        return
    except Exception as ended:
        if not _tells_of_a_failure(ended):
            raise


def _tells_of_a_failure(ended: BaseException) -> bool:
    """The failing example itself, or Hypothesis' word that it does not always fail: what a target
    answers decides about what can follow."""
    return isinstance(ended, _Failed) or type(ended).__name__.startswith("Flaky")
