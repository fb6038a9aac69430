"""Sequences of bets, wins and rollbacks: wrong systems are found, right ones are not accused."""

import asyncio
import importlib
from pathlib import Path
from typing import Any

import pytest

from simulator.certify.check import Unclear
from simulator.certify.hunt import Bits, hunt
from simulator.certify.machine import WIDTH, Step, steps_of
from simulator.certify.model import Call, Model, Result, State
from simulator.certify.profile import Profile
from simulator.scenarios.checking import check
from simulator.scenarios.reading import read_file
from tests.broken.judging import judged
from tests.broken.platforms import right as right_platforms
from tests.broken.wallets import repeats, rollbacks
from tests.broken.wallets import right as right_wallets

BET, WIN, UNDO = Call("bet", 0, 600), Call("win", 0, 900), Call("undo", 0, 600)
START = frozenset({State(1_000, 0)})


def allowed(calls: list[Call], last: Call, *, holds: bool = False, **profile: Any) -> set[Result]:
    model = Model(Profile(**profile), holds=holds)
    states = START
    for call in calls:
        states = model.after(states, call, "ok")
    return {result for result, _ in model.answers(states, last)}


def drawn(seed: int, examples: int = 20) -> list[tuple[Step, ...]]:
    found: list[tuple[Step, ...]] = []

    async def play(steps: tuple[Bits, ...]) -> bool:
        found.append(steps_of(steps))
        return True

    asyncio.run(hunt(play, seed=seed, examples=examples, length=6, width=WIDTH))
    return found


@pytest.mark.parametrize(
    ("before", "last", "results"),
    [
        ([], BET, {"done"}),
        ([BET], BET, {"again"}),
        ([BET], Call("bet", 0, 700, altered=True, key=1), {"refused"}),
        ([UNDO], BET, {"refused"}),
        ([BET, UNDO], WIN, {"refused"}),
        ([BET, WIN], UNDO, {"refused"}),
        ([], WIN, {"refused"}),
    ],
)
def test_the_model_allows_what_the_rules_say(
    before: list[Call], last: Call, results: set[Result]
) -> None:
    """WAL-06, WAL-07, WAL-42, WAL-25, WAL-47, WAL-24: one answer, where a rule leaves one."""
    assert allowed(before, last) == results


def test_the_model_goes_by_the_profile() -> None:
    """What a switch leaves open is not judged by the reference's habits."""
    assert allowed([BET, WIN], UNDO, settled_rollback="if_funds_cover") == {"done", "refused"}
    assert allowed([], WIN, win_without_bet="promo") == {"done"}
    assert allowed([], UNDO, unknown_rollback="not_found") == {"refused"}


def test_an_unknown_outcome_may_have_happened_or_not_and_may_happen_later() -> None:
    """WAL-72: a cut connection widens what is allowed, and a repeat narrows it again."""
    model = Model(Profile(), holds=True)
    unknown = model.settled(model.after(START, BET, "unknown"))
    assert {(one.available, one.held) for one in unknown} == {(1_000, 0), (400, 600)}
    known = model.after(unknown, BET, "ok")
    assert {(one.available, one.held, one.pending) for one in known} == {(400, 600, frozenset())}


def test_the_same_seed_draws_the_same_sequences() -> None:
    """A failure is asked for again by its replay line."""
    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


def test_a_hunt_can_be_given_up_at_any_time() -> None:
    """The time limit of a check ends it, its thread too."""

    async def stands_still(_: tuple[Bits, ...]) -> bool:
        await asyncio.Event().wait()
        return True

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await hunt(stands_still, seed=1, examples=5, length=2, width=WIDTH)

    asyncio.run(main())


def test_without_hypothesis_it_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a pass: the line that installs it is the reason."""

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(Unclear, match=r"pip install 'playmoney\[certify\]'"):
        drawn(7)


@pytest.mark.parametrize(
    ("broken", "who"),
    [
        (rollbacks.ForgetsTombstones, "p_19f3"),
        (rollbacks.RefundsTwiceUnderAnotherId, "p_19f3"),
        (repeats.DedupesByKeyOnly, None),
    ],
    ids=["ForgetsTombstones", "RefundsTwiceUnderAnotherId", "DedupesByKeyOnly"],
)
def test_a_defect_shrinks_to_a_few_steps_and_a_scenario(
    broken: Any, who: str | None, tmp_path: Path
) -> None:
    """SBX-07, SBX-08: the shortest sequence, by number, with its exchanges; and as a scenario that
    `playmoney run` takes."""
    ended = judged(broken(), "wallet", only=["wallet.machine"])[0]["wallet.machine"]
    assert ended.verdict == "fail"
    assert 1 <= len(ended.why.splitlines()) - 1 <= 4
    assert ended.why.splitlines()[1].startswith("1. ")
    assert ended.exchanges
    file = tmp_path / "found.yaml"
    file.write_text(ended.scenario, "utf-8")
    found, source = read_file(file)
    check(found, source)
    # Not every system can be told to make a player: one is made only where money matters.
    assert [one.id for one in found.world.players.values()] == [who]


@pytest.mark.parametrize(
    ("role", "right"),
    [
        ("wallet", right_wallets.PerPlayer),
        ("wallet", right_wallets.StrictCodes),
        ("platform", right_platforms.NotFoundRollbacks),
    ],
    ids=["PerPlayer", "StrictCodes", "NotFoundRollbacks"],
)
def test_a_right_system_is_not_accused(role: str, right: Any) -> None:
    """SBX-08: other profiles are other sets of allowed answers, not failures."""
    found, _ = judged(
        right(), role, only=[f"{role}.machine"], profile=right.profile, answers=right.answers
    )
    ended = found[f"{role}.machine"]
    assert ended.verdict == "pass", ended.why
