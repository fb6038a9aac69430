"""`playmoney games`: published mathematics, simulation and lab package (RGS-13, RGS-63)."""

import json
import sys
from pathlib import Path

import pytest

from simulator.cli import games_simulate
from simulator.rgs.maths.catalogue import load_games
from simulator.rgs.maths.plays import Tally
from tests.cli.command import Command


def test_list_names_every_game(playmoney: Command) -> None:
    """The table and the JSON have all games of the catalogue, with modes and profiles."""
    done = playmoney("games", "list")
    told = json.loads(playmoney("games", "list", "--json").out)["games"]
    assert done.code == 0
    assert [part["game_id"] for part in told] == list(load_games())
    for part in told:
        assert part["game_id"] in done.out
        assert part["modes"]["base"] > 0
        assert part["profiles"] == {"rtp_92": 92, "rtp_94": 94, "rtp_96": 96}


def test_math_of_a_profile(playmoney: Command) -> None:
    """Return, hit frequency, variance and the highest win with its odds, as exact numbers."""
    done = playmoney("games", "math", "classic_3x3", "--profile", "rtp_94", "--json")
    told = json.loads(done.out)
    assert done.code == 0
    assert told["game_id"] == "studio:classic_3x3"
    assert told["profile"] == "rtp_94"
    assert told["rtp_exact"] == str(load_games()["studio:classic_3x3"].rtp("rtp_94", "base"))
    assert told["rtp"] == pytest.approx(0.9397069872)
    assert told["hit_frequency"] == pytest.approx(1 - 0.5246055597)
    assert told["variance"] == pytest.approx(198.9600203930 / 25)
    assert told["standard_deviation"] == pytest.approx(told["variance"] ** 0.5)
    assert (told["max_win"], told["max_win_odds"]) == (101.8, 10_648)
    table = playmoney("games", "math", "classic_3x3", "--profile", "rtp_94").out
    assert "0.939707" in table
    assert "10648" in table


def test_math_of_all_profiles(playmoney: Command) -> None:
    """`--all` has a sheet for every profile and mode."""
    told = json.loads(playmoney("games", "math", "studio:crash_comet", "--all", "--json").out)
    assert [part["rtp"] for part in told["sheets"]] == [0.92, 0.94, 0.96]


def test_math_of_a_crash_game_is_stated_for_a_target(playmoney: Command) -> None:
    """The return is the same at each target; hit frequency and variance are the target's own."""
    for target, hits in (("1.5", 0.64), ("4.00", 0.24)):
        done = playmoney("games", "math", "crash_comet", "--target", target, "--json")
        told = json.loads(done.out)
        assert told["rtp"] == 0.96
        assert told["hit_frequency"] == hits
        assert told["max_win"] == told["target"] == float(target)


def test_simulate_is_within_and_repeatable(playmoney: Command) -> None:
    """The same seed prints the same bytes, with an interval around what was measured."""
    ask = ("games", "simulate", "slot_tidal_ways", "--spins", 200_000, "--seed", 7, "--json")
    first, again = playmoney(*ask), playmoney(*ask)
    assert first == again
    assert first.code == 0
    told = json.loads(first.out)
    low, high = told["interval"]
    assert low < told["rtp"] < high
    assert told["exact"]["within"] is True
    assert (told["spins"], told["seed"]) == (200_000, 7)
    assert "is within the 99.9 % interval" in playmoney(*ask[:-1]).out
    assert json.loads(playmoney(*ask[:-3], "--seed", 8, "--json").out)["rtp"] != told["rtp"]


def test_simulate_says_so_when_it_is_outside(
    playmoney: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: plays that return too much exit 1 and are told as OUTSIDE."""

    def lucky(*_: object) -> list[Tally]:
        return [Tally(plays=100_000, coins=600_000, squares=9_000_000, hits=50_000, most=100)]

    monkeypatch.setattr(games_simulate, "plays_of", lucky)
    done = playmoney("games", "simulate", "classic_3x3")
    assert done.code == 1
    assert "OUTSIDE the 99.9 % interval" in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("math", "slot_forg_02"), "did you mean 'studio:slot_forge_02'?"),
        (("math", "classic_3x3", "--profile", "rtp96"), "did you mean 'rtp_96'?"),
        (("math", "classic_3x3", "--mode", "bse"), "--mode: 'bse' is not 'base'"),
        (("math", "slot_forge_02", "--all", "--mode", "ante"), "leave out --profile and --mode"),
        (("math", "classic_3x3", "--all", "--profile", "rtp_92"), "--all shows every profile"),
        (("math", "classic_3x3", "--target", "2"), "is a slot, it has no target"),
        (("math", "crash_comet", "--target", "two"), "is no number such as 2.50"),
        (("math", "crash_comet", "--target", "1.001"), "1.01..10000 in steps of 0.01"),
        (("simulate", "crash_comet", "--target", "1"), "1.01..10000 in steps of 0.01"),
        (("simulate", "classic_3x3", "--spins", "0"), "0 is not in the range"),
        (("lab", "classic_3x3", "--out", "/"), "--out /: cannot be written"),
    ],
)
def test_what_is_wrong_is_told(
    playmoney: Command, arguments: tuple[str, ...], message: str
) -> None:
    """A wrong word is exit 2, with its place and the nearest right one."""
    done = playmoney("games", *arguments)
    assert done.code == 2
    assert message in done.err


def test_without_numpy_the_extra_is_named(
    playmoney: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exact mathematics need no numpy; what does names the extra that brings it."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    for name in ("games_simulate", "games_lab"):
        monkeypatch.delitem(sys.modules, f"simulator.cli.{name}", raising=False)
    for name in ("lab", "plays", "simulate", "tables"):
        monkeypatch.delitem(sys.modules, f"simulator.rgs.maths.{name}", raising=False)
    assert playmoney("games", "math", "classic_3x3").code == 0
    done = playmoney("games", "simulate", "classic_3x3")
    assert (done.code, "pip install 'playmoney[maths]'" in done.err) == (2, True)


def test_help_lists_all_four(playmoney: Command) -> None:
    """The commands that are loaded late are in the help all the same."""
    told = playmoney("games", "--help").out
    assert all(f"  {name} " in told for name in ("lab", "list", "math", "simulate"))


def test_lab_writes_the_same_bytes(playmoney: Command, tmp_path: Path) -> None:
    """Twice the same command, twice the same zip."""
    for name in ("a.zip", "b.zip"):
        done = playmoney("games", "lab", "crash_comet", "--out", tmp_path / name)
        assert done.code == 0
        assert load_games()["studio:crash_comet"].data_hash in done.out
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
