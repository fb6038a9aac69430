"""docs/rgs.md says what is so: its tables are the data."""

import re
from pathlib import Path

from simulator.rgs import practice
from simulator.rgs.markets import load_markets

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "rgs.md").read_text(encoding="utf-8")


def _table(first: str) -> list[list[str]]:
    """The rows of the table whose first column has this name."""
    lines = GUIDE.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows


def test_the_test_players_are_the_ones_that_there_are() -> None:
    """Name and story of each (RGS-32)."""
    assert {row[0]: row[1] for row in _table("player")} == practice.PLAYERS


def test_the_markets_are_the_presets() -> None:
    """Countries, pauses, what is allowed and what is to be displayed (RGS-21)."""
    markets = load_markets().markets
    rows = _table("market")
    assert [row[0] for row in rows] == list(markets)
    for name, countries, pace, buy, ante, autoplay, jackpots, shown in rows:
        market = markets[name]
        assert countries.split() == market.countries
        interval_ms = market.min_spin_interval_ms
        assert (f"{interval_ms / 1000} s apart" in pace) == bool(interval_ms)
        allowed = (market.bonus_buy, market.ante, market.autoplay, market.jackpots)
        assert tuple(word == "yes" for word in (buy, ante, autoplay, jackpots)) == allowed
        assert re.findall(r"[a-z]+_[a-z0-9]+", shown) == market.warnings
