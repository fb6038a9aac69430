"""How the tests play scenarios: under virtual time, in a server of their own."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from simulator.adapters.inprocess import App
from simulator.cli.sandboxes import Sandboxes
from simulator.reports.runs import happenings as h
from simulator.scenarios.campaign import Order, campaign
from simulator.scenarios.reading import read_file, read_text
from simulator.scenarios.virtual import VirtualLoop
from tests.processes import ROOT
from tests.support import CONTRACTS

SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))
T = TypeVar("T")


def virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run under virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def played(
    *scenarios: Path | str,
    seed: int | None = None,
    seeds: int = 1,
    shrink_to: Path | None = None,
    around: Callable[[App], App] | None = None,
) -> list[Any]:
    """Every event of a run of files, or of texts."""
    read = [
        read_file(one) if isinstance(one, Path) else read_text(one, "here.yaml")
        for one in scenarios
    ]
    order = Order(read, "t", seed, seeds, shrink_to)

    async def main() -> list[Any]:
        host = Sandboxes(CONTRACTS, around=around or (lambda app: app))
        try:
            return [happening async for happening in campaign(order, host)]
        finally:
            await host.close()

    return virtually(main())


def ended(happenings: list[Any]) -> list[h.ScenarioEnded]:
    """How each scenario ended."""
    return [one for one in happenings if isinstance(one, h.ScenarioEnded)]
