"""The smallest scenario that still fails in the same way: rules and steps are left out one after
the other, as long as the failure stays."""

import copy
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

from simulator.base.blocks import BlockSource
from simulator.base.errors import ConfigError
from simulator.scenarios.document import Scenario
from simulator.scenarios.reading import read_data
from simulator.scenarios.running import Result

TRIES = 400
"""How many smaller scenarios are played at most."""

RESTED = frozenset({"rested"})
"""A rule without its steps never strikes, which is no failure to look for."""

Data = dict[str, Any]
Try = Callable[[Scenario, BlockSource], Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class Smaller:
    """What is left."""

    data: Data
    tries: int


async def shrink(data: Data, name: str, labels: set[str], again: Try) -> Smaller:
    """Leave out whatever the failure does not need. `labels` say which failure it is."""
    data, tries = copy.deepcopy(data), 0
    size = max(1, len(data["steps"]) // 2)
    while size:
        smaller = False
        for candidate in _without(data, size):
            tries += 1
            if tries > TRIES:
                return Smaller(data, TRIES)
            if await _fails(candidate, name, labels, again):
                data, smaller = candidate, True
                break
        if not smaller:
            size //= 2
        size = min(size, max(1, len(data["steps"]))) if size else 0
    return Smaller(data, tries)


async def _fails(data: Data, name: str, labels: set[str], again: Try) -> bool:
    try:
        scenario, source = read_data(BlockSource(name, data, {}))
    except ConfigError:
        return False
    result = await again(scenario, source)
    # Nothing else may fail: a win on a bet that was left out is refused, and that is another story.
    return result.verdict == "fail" and bool(found := result.labels - RESTED) and found <= labels


def _without(data: Data, size: int) -> Iterator[Data]:
    """The scenario without so many steps in a row, each in turn from the end; then, one by one,
    without a rule, a step among parallel ones, a law, a player, half of the rounds."""
    steps = data["steps"]
    if size < len(steps):
        for at in range(len(steps) - size, -1, -1):
            yield {**data, "steps": steps[:at] + steps[at + size :]}
    if size > 1:
        return
    for key in ("chaos", "then"):
        parts = data.get(key) or []
        for at in range(len(parts)):
            yield {**data, key: parts[:at] + parts[at + 1 :]}
    for at, step in enumerate(steps):
        for other in _lesser(step):
            yield {**data, "steps": [*steps[:at], other, *steps[at + 1 :]]}
    players = (data.get("world") or {}).get("players") or {}
    for name in players:
        left = {other: one for other, one in players.items() if other != name}
        yield {**data, "world": {**data["world"], "players": left}}


def _lesser(step: Data) -> Iterator[Data]:
    """A step that does less."""
    parts = step.get("parallel")
    if isinstance(parts, list) and len(parts) > 1:
        for at in range(len(parts)):
            yield {**step, "parallel": parts[:at] + parts[at + 1 :]}
    rounds = step.get("play")
    if isinstance(rounds, int) and rounds > 1:
        yield {**step, "play": rounds // 2}


def written(data: Data, seed: int, schema: str) -> str:
    """The scenario as a file has it."""
    text = yaml.dump({**data, "seed": seed}, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return f"{schema}\n{text}"


class _Dumper(yaml.SafeDumper):
    """Writes decimals as they were."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    Decimal, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", str(value))
)
