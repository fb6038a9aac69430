"""Targets whose answers are JSON of any shape: a verdict each time, and never a traceback."""

import itertools
import json
import random
from typing import Any

import pytest

from simulator.certify.checks.table import CHECKS
from tests.broken.http import Call
from tests.broken.judging import judged
from tests.broken.platforms.right import Reference as Platform
from tests.broken.rgs_variants.right import Reference as GameServer
from tests.broken.wallets.right import Reference as Wallet

JUNK: tuple[Any, ...] = (None, True, 0, -1, "x", [], {}, [1], {"a": 1}, 1.5, "9" * 40)
SYSTEMS: dict[str, type[Any]] = {"wallet": Wallet, "platform": Platform, "rgs": GameServer}


def garbled(value: Any, dice: random.Random, share: float) -> Any:
    """The same with parts replaced and left out."""
    if dice.random() < share:
        return dice.choice(JUNK)
    if isinstance(value, dict):
        parts = value.items()
        return {n: garbled(one, dice, share) for n, one in parts if dice.random() > share / 2}
    if isinstance(value, list):
        return [garbled(one, dice, share) for one in value]
    return value


def nonsense(role: str, seed: int, check: str) -> Any:
    """A right system of this role, half of whose answers after the first are garbled."""
    dice = random.Random(f"{seed}/{check}")
    answers = itertools.count()
    share = (0.02, 0.1, 0.3)[seed % 3]

    system: Any = SYSTEMS[role]

    class Garbled(system):  # type: ignore[misc]
        async def answered(self, call: Call) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
            status, body, more = await super().answered(call)
            if call.path.startswith(("/oauth", "/__admin")) or next(answers) == 0:
                return status, body, more
            if dice.random() < 0.5:
                body = json.dumps(garbled(json.loads(body), dice, share)).encode()
            return status, body, more

    return Garbled()


def play(role: str, seed: int, *, without: tuple[str, ...] = (".machine",)) -> dict[str, int]:
    """How every check but the long searches ends, each asked of a system of its own."""
    asked = [one for one in CHECKS if one.role == role and not any(w in one.id for w in without)]
    found = dict.fromkeys(("pass", "fail", "inconclusive"), 0)
    for check in asked:
        verdicts, _ended = judged(nonsense(role, seed, check.id), role, only=[check.id])
        found[verdicts[check.id].verdict] += 1
    return found


def test_nonsense_of_a_game_server_gets_verdicts() -> None:
    """SBX-08: what cannot be read is INCONCLUSIVE or FAIL, with the exchange that shows it. The
    searches in the contract, most of the time of them all, are played by night."""
    found = play("rgs", 1, without=(".machine", ".contract."))
    assert found["fail"]
    assert found["inconclusive"]


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(9))
@pytest.mark.parametrize("role", sorted(SYSTEMS))
def test_nonsense_gets_verdicts(role: str, seed: int) -> None:
    """The same of every role, and longer."""
    assert play(role, 100 + seed)["fail"]
