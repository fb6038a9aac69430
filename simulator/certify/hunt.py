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
    loop = asyncio.get_running_loop()
    over = threading.Event()
    under_way: list[concurrent.futures.Future[bool]] = []
    raised: list[BaseException] = []

    left = [simpler]

    def example(found: Any) -> None:
        if over.is_set() or raised or not left[0]:
            raise _GivenUp
        left[0] -= left[0] < simpler
        under_way[:] = [asyncio.run_coroutine_threadsafe(_noted(play(found), raised), loop)]
        try:
            kept = under_way[0].result()
        except BaseException:
            raise _GivenUp from None
        if not kept:
            left[0] = min(left[0], simpler - 1)
            raise _Failed

    test = _test(hypothesis, example, drawn(hypothesis.strategies), seed, examples)
    worker = loop.run_in_executor(None, _to_its_end, test)
    try:
        await asyncio.shield(worker)
    except asyncio.CancelledError:
        over.set()
        for future in under_way:
            future.cancel()
        await worker
        raise
    if raised:
        raise raised[0]


def extra(name: str) -> Any:
    """A module that not every installation has. Raises Unclear with the line that installs it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Unclear(f"needs {name}: pip install 'playmoney[certify]'") from None


async def _noted(playing: Awaitable[bool], raised: list[BaseException]) -> bool:
    try:
        return await playing
    except Exception as wrong:
        raised.append(wrong)
        raise


def _test(
    hypothesis: Any, example: Callable[[Any], None], drawn: Any, seed: int, examples: int
) -> Callable[[], None]:
    """The examples, as Hypothesis runs them: nothing is kept, nothing printed, no time counts."""
    how = hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    given = hypothesis.given(drawn)
    test: Callable[[], None] = hypothesis.seed(seed)(how(given(example)))
    return test


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
    """The failing example itself, or Hypothesis' word that it does not always fail."""
    return isinstance(ended, _Failed) or type(ended).__name__ in (
        "Flaky",
        "FlakyFailure",
        "FlakyReplay",
    )
