"""Market presets: what a market build adds to a game (RGS-21). Data, dated, no legal advice."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from simulator.base.errors import ConfigError
from simulator.base.source import NotYaml, plain
from simulator.wire.rgs import MarketRules

FILE = Path(__file__).resolve().parent / "markets.yaml"


class Market(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One market: where it is, what it asks for, what it forbids."""

    title: str
    countries: list[str]
    languages: list[str]
    warnings: list[str]
    min_spin_interval_ms: int
    autoplay: bool
    bonus_buy: bool
    ante: bool
    jackpots: bool
    reminder_min: int | None
    max_stakes: dict[str, int]
    games_not: list[str]

    @property
    def rules(self) -> MarketRules:
        """What a client and a platform see of it."""
        return MarketRules(
            languages=self.languages,
            warnings=self.warnings,
            min_spin_interval_ms=self.min_spin_interval_ms,
            autoplay=self.autoplay,
            bonus_buy=self.bonus_buy,
            ante=self.ante,
            jackpots=self.jackpots,
            reminder_min=self.reminder_min,
        )

    def allows(self, mode: Mapping[str, Any], name: str) -> bool:
        """True for a mode of betting that may be offered here: the base one, a bought feature where
        buying is allowed, any other option where ante is (RGS-23)."""
        if name == "base":
            return True
        return self.bonus_buy if mode.get("feature") else self.ante


class Markets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file of presets. A country is in one market at most."""

    dated: str
    note: str
    markets: dict[str, Market]

    def __post_init__(self) -> None:
        seen: dict[str, str] = {}
        for name, market in self.markets.items():
            for country in market.countries:
                if country in seen:
                    raise ValueError(f"{country} is in {seen[country]} and in {name}")
                seen[country] = name


@cache
def load_markets() -> Markets:
    """The shipped presets. Raises ConfigError that names the place of what is wrong."""
    return read_markets(FILE.read_text(encoding="utf-8"))


def read_markets(text: str) -> Markets:
    """The presets in the text of their file."""
    try:
        found = msgspec.convert(plain(text), Markets)
    except (NotYaml, msgspec.ValidationError) as wrong:
        raise ConfigError(f"{FILE.name}: {wrong}") from wrong
    return msgspec.structs.replace(found, markets=MappingProxyType(found.markets))
