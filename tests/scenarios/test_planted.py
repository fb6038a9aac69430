"""Parties that are wrong on purpose fail shipped scenarios, and the shrinker says why in a few
steps (SBX-07)."""

from pathlib import Path

import pytest

from simulator.adapters.inprocess import App
from simulator.reports.runs import happenings as h
from simulator.scenarios.reading import read_file
from tests.processes import ROOT
from tests.scenarios import planted
from tests.scenarios.playing import ended, played

BUGS = {
    planted.new_key_on_retry: {"lost-authorize", "lost-debit"},
    planted.forgets_tombstones: {"out-of-order-rollback", "late-original-after-rollback"},
    planted.settles_twice: {"lost-settle"},
}


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_fails_a_shipped_scenario(bug: object) -> None:
    """Each bug is found by a scenario that a sound party passes."""
    paths = [
        path
        for name in sorted(BUGS[bug])  # type: ignore[index]
        if (path := ROOT / "scenarios" / f"{name}.yaml").exists()
    ]
    assert paths
    assert {one.verdict for one in ended(played(*paths))} == {"pass"}
    assert {one.verdict for one in ended(played(*paths, around=bug))} == {"fail"}  # type: ignore[arg-type]


def _thirty_steps() -> str:
    """Fourteen bets and their ends, one of them settled twice."""
    steps = []
    for n in range(1, 15):
        steps.append(
            "  - {call: wallet.authorizeBet, "
            f"with: {{session: s-ana, round: r{n}, bet: b{n}, amount: 1.00 EUR}}}}"
        )
        settle = f"with: {{round: r{n}, bet: b{n}, win: 0.50 EUR}}, key: win-{n}}}"
        steps += [f"  - {{call: wallet.settleBet, {settle}"] * (3 if n == 9 else 1)
    head = (
        "scenario: a long evening\nwhy: Somewhere in it a win is paid twice.\nrules: [WAL-21]\n"
        "world: {players: {ana: {cash: 50.00 EUR}, ben: {cash: 1.00 EUR}}}\n"
        "chaos:\n  - {at: wallet.readBet, fault: latency, name: idle}\n"
        "  - {at: 'wallet.*Bet', when: {probability: 1/2}, fault: latency}\nsteps:\n"
    )
    tail = "\nthen:\n  - book: sound\n  - money: kept\n  - may_rest: [idle]\n"
    return head + "\n".join(steps) + tail


def test_thirty_steps_shrink_to_five_or_fewer(tmp_path: Path) -> None:
    """What is left still fails in the same way, is a file, and passes where nothing is wrong."""
    text = _thirty_steps()
    assert text.count("  - {call:") == 30
    found = played(text, shrink_to=tmp_path, around=planted.settles_twice)
    assert ended(found)[0].verdict == "fail"
    (shrunk,) = [one for one in found if isinstance(one, h.Shrunk)]
    assert shrunk.steps[0] == 30
    assert shrunk.steps[1] <= 5
    assert shrunk.rules == (2, 0)
    path = Path(shrunk.file)
    scenario, _ = read_file(path)
    assert list(scenario.world.players) == ["ana"]
    (again,) = ended(played(path, around=planted.settles_twice))
    assert again.verdict == "fail"
    assert all(": money: ana has " in text for text in again.failures)
    assert ended(played(path))[0].verdict == "pass"


def _sound(app: App) -> App:
    return app


def test_nothing_is_shrunk_that_passes(tmp_path: Path) -> None:
    """The negative control of the shrinker."""
    found = played(_thirty_steps(), shrink_to=tmp_path, around=_sound, seeds=3)
    assert [one.verdict for one in ended(found)] == ["pass"] * 3
    assert not list(tmp_path.iterdir())


def test_seeds_find_what_chance_hides() -> None:
    """A bug that shows only where an answer is lost by chance: the first failing seed is named,
    with the command that plays it again; the seeds after it are left out."""
    text = """\
scenario: a debit
why: Its answer may be lost.
rules: [WAL-06]
world: {players: {ana: {cash: 50.00 EUR}}}
chaos:
  - {at: wallet.debitPlayer, when: {probability: 1/8}, fault: lose_reply}
steps:
  - call: wallet.debitPlayer
    with: {transaction: t1, player: ana, session: s-ana, round: r1, amount: 3.00 EUR}
    retry: 3
then:
  - money: kept
"""
    found = ended(played(text, seed=100, seeds=60, around=planted.new_key_on_retry))
    assert [one.verdict for one in found] == ["pass"] * (len(found) - 1) + ["fail"]
    assert 1 < len(found) < 60
    assert f"--seed {found[-1].seed}" in found[-1].replay
    assert found[-1].seed == 100 + len(found) - 1
