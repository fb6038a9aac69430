"""One test's sandbox from its marker to its last words."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from simulator.base.errors import ConfigError, PlaymoneyError
from simulator.base.rng import SEED_MAX
from simulator.pytest_plugin.held import Sandbox
from simulator.pytest_plugin.parts import BooksUnsound, clock_body
from simulator.pytest_plugin.servers import REFERENCE, Servers
from simulator.pytest_plugin.telling import tell
from simulator.settings import DEFAULT_SEED, unknown

WORDS = ("seed", "clock", "chaos", "profile", "books")


@dataclass(frozen=True)
class Wanted:
    """What the markers of a test ask for; None of a seed is that of the run."""

    seed: int | None = None
    clock: str = "frozen"
    profile: str = REFERENCE
    chaos: tuple[Mapping[str, Any] | str, ...] = ()
    books: bool = True


_BOX = pytest.StashKey[Sandbox]()
_LAST_WORDS = pytest.StashKey[str]()


def require_seed(config: pytest.Config) -> None:
    """Raises UsageError for a `--playmoney-seed` that is none."""
    try:
        _seed("--playmoney-seed", config.getoption("--playmoney-seed"))
    except ConfigError as wrong:
        raise pytest.UsageError(str(wrong)) from None


def servers(config: pytest.Config) -> Servers:
    """The servers of a run, none of them started yet."""
    seed = config.getoption("--playmoney-seed")
    return Servers(
        seed=DEFAULT_SEED if seed is None else seed,
        url=config.getoption("--playmoney-url"),
        admin_token=os.environ.get("PLAYMONEY_ADMIN_TOKEN"),
    )


def wanted(item: pytest.Item) -> Wanted:
    """The markers of a test read, the nearest first: each word counts where it is first found.

    Fails the test for a word or a value that is none.
    """
    words: dict[str, Any] = {}
    with _told_plainly("@pytest.mark."):
        for mark in item.iter_markers("playmoney"):
            for name, value in _read(mark).items():
                words.setdefault(name, value)
    return Wanted(**words)


def sandbox_of(item: pytest.Item, servers: Servers) -> Iterator[Sandbox]:
    """The sandbox of a test; after it the books are reconciled, unless the marker says no."""
    asked = wanted(item)
    with _told_plainly("playmoney: "):
        box = servers.sandbox(
            seed=asked.seed, clock=asked.clock, profile=asked.profile, chaos=asked.chaos
        )
    item.stash[_BOX] = box
    try:
        yield box
        if asked.books:
            _reconcile(item, box)
    finally:
        del item.stash[_BOX]
        box.close()


def told(item: pytest.Item, phase: str | None) -> list[tuple[str, str]]:
    """The section of a failed test's report: while its sandbox is there, and what was kept of one
    whose books broke."""
    if _BOX in item.stash:
        return [("playmoney", _tell(item, item.stash[_BOX]))]
    if phase == "teardown" and _LAST_WORDS in item.stash:
        return [("playmoney", item.stash[_LAST_WORDS])]
    return []


@contextmanager
def _told_plainly(front: str) -> Iterator[None]:
    """What is wrong with the test's own words is told in a line, without a traceback of ours."""
    try:
        yield
    except (ConfigError, BooksUnsound) as wrong:
        raise pytest.fail.Exception(f"{front}{wrong}", pytrace=False) from None


def _reconcile(item: pytest.Item, box: Sandbox) -> None:
    with _told_plainly(""):
        try:
            box.ledger.reconcile()
        except BooksUnsound:
            item.stash[_LAST_WORDS] = _tell(item, box)
            raise


def _tell(item: pytest.Item, box: Sandbox) -> str:
    asked = wanted(item)
    again = f"pytest {_quoted(item)}"
    if asked.seed is None:
        again += f" --playmoney-seed {box.seed}"
    try:
        return tell(box, again)
    except PlaymoneyError as wrong:
        return f"seed {box.seed}; its journal cannot be read: {wrong}\nagain: {again}"


def _quoted(item: pytest.Item) -> str:
    """The test as the command line takes it, from the folder in which pytest was started."""
    file = os.path.relpath(item.path, item.config.invocation_params.dir)
    name = "::".join([file, *item.nodeid.split("::")[1:]])
    plain = all(letter.isalnum() or letter in "_-./:" for letter in name)
    return name if plain else "'" + name.replace("'", "'\"'\"'") + "'"


def _read(mark: pytest.Mark) -> dict[str, Any]:
    if mark.args:
        raise ConfigError(f"playmoney({mark.args[0]!r}): name it, as in playmoney(seed=7)")
    for name, value in mark.kwargs.items():
        if name not in WORDS:
            raise unknown("playmoney", name, WORDS)
        _CHECKS[name](f"playmoney({name}=…)", value)
    return {
        **mark.kwargs,
        **({"chaos": tuple(mark.kwargs["chaos"])} if "chaos" in mark.kwargs else {}),
    }


def _seed(place: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= SEED_MAX:
        raise ConfigError(f"{place}: {value!r} is no seed; it is a whole number from 0 on")


def _clock(place: str, value: Any) -> None:
    if not isinstance(value, str):
        raise ConfigError(
            f"{place}: {value!r} is no text; 'frozen', 'wall', '2026-01-01T00:00:00Z'"
        )
    clock_body(value, place)


def _profile(place: str, value: Any) -> None:
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{place}: {value!r} is no name; 'strict-codes' is one")


def _chaos(place: str, value: Any) -> None:
    if not isinstance(value, list | tuple) or not all(isinstance(r, str | Mapping) for r in value):
        raise ConfigError(
            f"{place}: {value!r} is no list of rules; "
            "[{'at': 'wallet.authorizeBet', 'fault': 'lose_reply'}] is one"
        )


def _books(place: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise ConfigError(f"{place}: {value!r} is neither True nor False")


_CHECKS = {"seed": _seed, "clock": _clock, "profile": _profile, "chaos": _chaos, "books": _books}
