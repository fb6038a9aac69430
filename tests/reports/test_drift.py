"""The drift report: figures as data, alerts, and what it cannot judge (RGS-62, QLT-04)."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from simulator.base.errors import ConfigError
from simulator.reports.drift import Cell, Law, read_laws, report, shown, watch
from simulator.reports.feed import BadFeed
from simulator.wire import json
from tests.reports.tools import CLASSIC, FORGE, Feed, contract

SHEET = {
    "game_id": FORGE,
    "profile": "rtp_96",
    "mode": "base",
    "rtp_exact": "24/25",
    "variance": Decimal("14.8"),
    "hit_frequency": Decimal("0.3"),
}
CELL = Cell(FORGE, "rtp_96", "base")
LAW = Law(Fraction(24, 25), Fraction("14.8"), Fraction(3, 10))


def drift(feed: Feed, laws: dict[Cell, Law], alpha: Fraction = Fraction(1, 100)) -> dict[str, Any]:
    """The report of a feed."""
    collected = feed.collected()
    return report(collected, list(collected.settled()), laws, contract(), alpha)


def written(path: Path, data: Any) -> Path:
    path.write_bytes(json.encode(data))
    return path


def test_figures_are_read_as_they_are_printed(tmp_path: Path) -> None:
    """One sheet, or several; a crash game's variance and frequency are of its target alone, so its
    mean is the law, and each spin's target the rest."""
    path = written(tmp_path / "one.json", SHEET)
    assert read_laws(path) == {CELL: LAW}
    crash = SHEET | {"game_id": "studio:crash_comet", "target": Decimal("2.00")}
    path = written(tmp_path / "two.json", {"sheets": [SHEET, crash]})
    assert read_laws(path)[Cell("studio:crash_comet", "rtp_96", "base")] == Law(
        Fraction(24, 25), None, None, aimed=True
    )
    always = written(tmp_path / "always.json", SHEET | {"hit_frequency": Decimal(1)})
    assert read_laws(always)[CELL].chance is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], r"Expected `object`, got `array` - at `\$\[0\]`"),
        ({}, "missing required field `game_id`"),
        (SHEET | {"rtp_exact": "much"}, "Invalid literal for Fraction"),
        (SHEET | {"rtp_exact": "1/0"}, "Fraction"),
        (SHEET | {"rtp_exact": "0"}, "an rtp is above zero"),
        (SHEET | {"variance": -1}, "a variance not below"),
    ],
)
def test_figures_that_are_none_are_named(tmp_path: Path, data: Any, message: str) -> None:
    """The file, what is wrong, and the command that writes a right one."""
    path = written(tmp_path / "odd.json", data)
    with pytest.raises(ConfigError, match=f"--maths .*odd.json: .*{message}.*games math"):
        read_laws(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_laws(tmp_path / "none.json")


def test_an_alert_names_the_test_and_the_spin() -> None:
    """A game that never pays is found by its hits before its return says so; the number of the spin
    is that of the first look that was enough."""
    feed = Feed()
    for number in range(60):
        feed.spin(f"s{number:02d}", 1, day=number)
    found = drift(feed, {CELL: LAW})
    (row,) = found["rows"]
    assert (found["alerts"], row["alert"], row["spins"]) == (1, "hit_frequency", 60)
    at = row["alert_at_spin"]
    assert 5 < at < 60
    feed.events = feed.events[: at - 1]
    assert drift(feed, {CELL: LAW})["alerts"] == 0


def test_every_test_there_could_be_shares_alpha() -> None:
    """The evidence that is needed grows with the figures handed in, whatever was played: else the
    chance of a wrong alert somewhere would."""
    feed = Feed()
    feed.spin("a", 1)
    many = {Cell(f"g{number}", "p", "base"): LAW for number in range(9)}
    assert drift(feed, {CELL: LAW})["rows"][0]["alert_from"] == 200
    assert drift(feed, {CELL: LAW} | many)["rows"][0]["alert_from"] == 2_000


def test_too_much_is_found_without_a_variance() -> None:
    """A crash game that pays too much at whatever target; one that pays too little cannot be told
    from one whose targets are high."""
    law = {CELL: Law(Fraction(24, 25), None, None)}
    much, little = Feed(), Feed()
    for number in range(300):
        much.spin(f"s{number:03d}", 1, 2 if number % 5 < 3 else 0, day=number % 30)
        little.spin(f"s{number:03d}", 1, 0, day=number % 30)
    assert drift(much, law)["rows"][0]["alert"] == "rtp"
    assert drift(little, law)["alerts"] == 0


def aimed(wins: int, of: int) -> Feed:
    """A crash game's spins at 2.00 and 5.00 in turn; of so many at 2.00, so many win."""
    feed = Feed()
    for number in range(400):
        target = Decimal(5 if number % 2 else 2)
        turn = number // 2
        hit = turn % of < wins if target == 2 else turn % 100 < 19
        feed.spin(f"s{number:03d}", 1, target * hit, day=number % 30, target=target)
    return feed


def test_a_spin_is_held_to_its_own_target() -> None:
    """A crash game that pays too little is found too, by its return and its hits; one that keeps
    its return at both targets is left alone. Without targets, as older feeds tell them, too little
    is no evidence (RGS-62)."""
    law = {CELL: Law(Fraction(24, 25), None, None, aimed=True)}
    good, little = drift(aimed(12, 25), law), drift(aimed(1, 4), law)
    assert good["alerts"] == 0
    assert good["rows"][0]["hits_evidence"] is not None
    assert little["alerts"] == 1
    for event in (silent := aimed(1, 4)).events:
        del event["payload"]["target"]
    assert drift(silent, law)["alerts"] == 0


def test_what_a_target_cannot_be_is_refused() -> None:
    """Nothing, or less than nothing: the event is named (QLT-12)."""
    feed = Feed()
    feed.spin("a", 1, target=Decimal(0))
    with pytest.raises(BadFeed, match="spin_finished evt_0: target: 0 is not above zero"):
        feed.collected()


def test_features_are_counted() -> None:
    """How many spins of a game set off a feature (RGS-62)."""
    feed = Feed()
    feed.spin("a", 1, features=["free_spins", "respin"])
    for name in "bcd":
        feed.spin(name, 1)
    (game,) = drift(feed, {CELL: LAW})["games"]
    assert (game["feature_spins"], game["feature_frequency"]) == (1, Decimal("0.25"))


def test_spins_without_figures_are_counted() -> None:
    """Of another game, profile or mode, or of a feed that does not name them."""
    feed = Feed()
    feed.spin("a", 1)
    feed.spin("b", 1, game_id=CLASSIC)
    feed.spin("c", 1, mode="ante")
    feed.spin("d", 1, rtp_profile="rtp_92")
    found = drift(feed, {CELL: LAW})
    assert (found["unjudged_spins"], found["rows"][0]["spins"]) == (3, 1)


def test_the_order_of_events_changes_nothing() -> None:
    """Spins are looked at in the order they were played, however a file has them."""
    feed = Feed()
    for number in range(80):
        feed.spin(f"s{number:02d}", 1 + number % 3, number % 7, day=number)
    found = drift(feed, {CELL: LAW})
    feed.events.reverse()
    assert drift(feed, {CELL: LAW}) == found


def test_every_spin_weighs_the_same() -> None:
    """The return is the mean of win ÷ stake: one large stake does not speak for many small ones."""
    feed = Feed()
    feed.spin("a", 100, 0)
    feed.spin("b", 1, 3)
    watches, _ = watch(feed.collected().settled(), {CELL: LAW}, Fraction(1, 10))
    assert watches[CELL].rtp == Fraction(3, 2)


def test_bonus_frequency_and_eligible_share() -> None:
    """By game, of all its settled spins (RGS-62)."""
    feed = Feed()
    for number in range(6):
        feed.spin(f"s{number}", 1 if number else "0.10")
    feed.spin("free", 1, spin_type="free")
    feed.spin("bonus", 1, spin_type="bonus")
    assert drift(feed, {CELL: LAW})["games"] == [
        {
            "game_id": FORGE,
            "spins": 8,
            "bonus_spins": 2,
            "bonus_frequency": Decimal("0.25"),
            "feature_spins": 0,
            "feature_frequency": Decimal(0),
            "eligible_spins": 5,
            "eligible_share": Decimal("0.625"),
        }
    ]
    assert drift(Feed(), {CELL: LAW})["games"] == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1, 3), "0.333333"),
        (Fraction(2, 1000), "0.002"),
        (Fraction(10) ** 40, "1E+40"),
        (Fraction(0), "0"),
    ],
)
def test_shares_are_shown_with_six_digits(value: Fraction, text: str) -> None:
    """And large evidence by its magnitude."""
    assert str(shown(value)) == text
