"""The checks of `playmoney certify` as tests: one each, judged when it runs (SBX-08, SBX-13)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from simulator.base.clock import WallClock
from simulator.base.errors import ConfigError
from simulator.base.ids import fresh_run
from simulator.certify.check import LEVELS, ROLES, Check
from simulator.certify.checks.table import CHECKS
from simulator.certify.config import Config
from simulator.certify.ordering import Asked
from simulator.certify.suite import Order, chosen, run
from simulator.certify.target import Target
from simulator.reports.verdicts import happenings as h
from simulator.reports.verdicts.files import evidence
from simulator.settings import unknown

WORDS = ("suite", "only", "target", "config", "profile", "seed", "run")

_RUN = fresh_run(WallClock().now_ns())
"""Of this process: fresh, as without `--run` on the command line."""


@dataclass(frozen=True)
class Question:
    """One check, asked by calling it; `target` and `config` come from the marker or the call.

    Broken is a failed test, inconclusive a skipped one, with the reason.
    """

    check: Check
    words: Mapping[str, Any]

    def __call__(
        self, target: str | None = None, config: str | Path | Config | None = None
    ) -> None:
        try:
            order, judged = Asked(
                role=self.check.role,
                checks=[self.check],
                suite="exhaustive",
                seed=self.words.get("seed", 42),
                run=self.words.get("run", _RUN),
                target=target or self.words.get("target"),
                config=_config(config or self.words.get("config")),
                profile=self.words.get("profile"),
            ).ordered()
        except ConfigError as wrong:
            raise pytest.fail.Exception(f"playmoney_certify: {wrong}", pytrace=False) from None
        ended, could_not = asyncio.run(_ended(order, judged))
        if ended is None:
            raise pytest.fail.Exception(f"{self.check.id}: {could_not}", pytrace=False)
        if ended.verdict == "inconclusive":
            raise pytest.skip.Exception(f"{self.check.id}: {ended.why}")
        if ended.verdict == "fail":
            rules = ", ".join(ended.rules)
            raise pytest.fail.Exception(
                f"{rules}: {ended.about}\n{ended.why}\nagain: {ended.replay}\n\n{evidence(ended)}",
                pytrace=False,
            )


async def _ended(order: Order, target: Target) -> tuple[h.CheckEnded | None, str]:
    """The verdict on the one check, or why there is none."""
    ended, could_not = None, ""
    try:
        async for happening in run(order, target):
            if isinstance(happening, h.CheckEnded):
                ended = happening
            if isinstance(happening, h.SuiteEnded):
                could_not = happening.could_not
    finally:
        await target.wire.close()
    return ended, could_not


def questions(metafunc: pytest.Metafunc) -> None:
    """One test for each check that the marker means. Fails the collection for a wrong word."""
    mark = metafunc.definition.get_closest_marker("playmoney_certify")
    if mark is None:
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid}: playmoney_check needs "
            "@pytest.mark.playmoney_certify(ROLE, suite=…)"
        )
    try:
        asked = _meant(mark)
    except ConfigError as wrong:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: {wrong}") from None
    metafunc.parametrize("playmoney_check", asked, ids=[one.check.id for one in asked])


def _meant(mark: pytest.Mark) -> list[Question]:
    where = "@pytest.mark.playmoney_certify"
    if len(mark.args) != 1 or mark.args[0] not in ROLES:
        raise unknown(where, str(mark.args[0] if mark.args else ""), ROLES)
    for word in mark.kwargs:
        if word not in WORDS:
            raise unknown(where, word, WORDS)
    suite = mark.kwargs.get("suite", "standard")
    if suite not in LEVELS:
        raise unknown(f"{where}: suite", str(suite), LEVELS)
    only = mark.kwargs.get("only", ())
    found = chosen(CHECKS, mark.args[0], suite, [only] if isinstance(only, str) else only)
    if not found:
        raise ConfigError(f"{where}: no check is meant by only={only!r}")
    return [Question(check, mark.kwargs) for check in found]


def _config(config: str | Path | Config | None) -> Path | Config | None:
    return Path(config) if isinstance(config, str) else config
