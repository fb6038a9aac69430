"""A slot's rules, from checked data: what pays, what triggers, what a mode plays (RGS-13)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.rgs.maths.reels import Reels, Window, read_reel

Opening = tuple[int, int, tuple[tuple[int, tuple[int, ...]], ...]]
"""Rows of the first and the second reel, and the lines through both: number from 1, and all rows.

Most lines end at their second symbol, and those through the same two end together."""


@dataclass(frozen=True, slots=True)
class Pays:
    """What a window of all reels pays, in coins."""

    table: Mapping[str, Mapping[int, int]]
    """Symbol → symbols in a row from the first reel (anywhere, for a scatter) → coins."""
    wild: str | None
    scatters: frozenset[str]
    lines: tuple[tuple[int, ...], ...] | None
    """Row of each reel, from 0; None pays by ways."""
    shortest: int = field(init=False)
    """No fewer symbols in a row than this pay anything."""
    openings: tuple[Opening, ...] = field(init=False)
    """All lines, by where they begin."""
    anywhere: tuple[str, ...] = field(init=False)
    """Scatters that pay, in the order their wins are told."""

    def __post_init__(self) -> None:
        lengths = [length for line in self.table.values() for length in line]
        object.__setattr__(self, "shortest", min(lengths, default=1))
        object.__setattr__(self, "openings", _openings(self.lines or ()))
        object.__setattr__(self, "anywhere", tuple(sorted(self.scatters & self.table.keys())))

    def of(self, symbol: str, length: int) -> int:
        """Coins for so many of a symbol; 0 where the table names none."""
        return self.table.get(symbol, _NONE).get(length, 0)


_NONE: Mapping[int, int] = {}


def _openings(lines: tuple[tuple[int, ...], ...]) -> tuple[Opening, ...]:
    found: dict[tuple[int, int], list[tuple[int, tuple[int, ...]]]] = {}
    for number, rows in enumerate(lines, 1):
        found.setdefault((rows[0], rows[1]), []).append((number, rows))
    return tuple((first, second, tuple(through)) for (first, second), through in found.items())


@dataclass(frozen=True, slots=True, eq=False)
class FreeSpins:
    """Spins that cost nothing, on reels of their own; more of them are won on the way.

    Told apart by identity, as the rules are."""

    name: str
    symbol: str
    awards: Mapping[int, int]
    retriggers: Mapping[int, int]
    most: int
    """No more spins than this in one feature, retriggers included."""
    reels: str
    multipliers: Mapping[int, int]
    """Multiplier of one spin's win → weight."""


@dataclass(frozen=True, slots=True)
class Respins:
    """A reel that shows enough of a symbol is held, and the others spin again."""

    name: str
    reel: int
    symbol: str
    at_least: int
    spins: int
    reels: str

    def held_by(self, window: Window) -> bool:
        """True for a window of the reel that triggers."""
        return window.count(self.symbol) >= self.at_least


@dataclass(frozen=True, slots=True)
class Pick:
    """Prizes and ends lie face down; they are turned over until an end shows."""

    name: str
    symbol: str
    at_least: int
    prizes: tuple[int, ...]
    ends: int


Feature = FreeSpins | Respins | Pick


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to stake: what it costs, in coins, and what it starts with."""

    name: str
    cost: int
    reels: str | None
    feature: str | None
    count: int
    """For a mode that buys a feature: as many symbols as were shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """Everything a slot plays by, apart from a profile's reels. Told apart by identity."""

    rows: int
    pays: Pays
    features: Mapping[str, Feature]
    modes: Mapping[str, Mode]
    reels: Mapping[str, Reels]
    profile_reels: Mapping[str, Mapping[str, str]]
    """Profile → role, such as `base` → name of a reel set."""

    def reels_of(self, profile: str, role: str) -> Reels:
        """The reels that a role has in a profile."""
        return self.reels[self.profile_reels[profile][role]]


def read_rules(data: Mapping[str, Any]) -> Rules:
    """The rules in checked data. Raises ValueError where two parts do not fit each other."""
    rows: int = data["rows"]
    roles = {code: symbol.get("role") for code, symbol in data["symbols"].items()}
    wins = data["wins"]
    return Rules(
        rows=rows,
        pays=Pays(
            table={
                symbol: {int(length): coins for length, coins in line.items()}
                for symbol, line in data["paytable"].items()
            },
            wild=next((code for code, role in roles.items() if role == "wild"), None),
            scatters=frozenset(code for code, role in roles.items() if role == "scatter"),
            lines=tuple(tuple(row - 1 for row in line) for line in wins["lines"])
            if wins["by"] == "lines"
            else None,
        ),
        features={name: _feature(part) for name, part in data.get("features", {}).items()},
        modes={
            name: Mode(
                name, mode["cost"], mode.get("reels"), mode.get("feature"), mode.get("count", 0)
            )
            for name, mode in data["modes"].items()
        },
        reels={
            name: tuple(read_reel(reel, rows) for reel in reels)
            for name, reels in data["reels"].items()
        },
        profile_reels={name: dict(part["reels"]) for name, part in data["profiles"].items()},
    )


def _feature(data: Mapping[str, Any]) -> Feature:
    if data["type"] == "free_spins":
        return FreeSpins(
            data["name"],
            data["symbol"],
            _numbers(data["awards"]),
            _numbers(data.get("retriggers", {})),
            data["most"],
            data["reels"],
            _numbers(data.get("multipliers", {"1": 1})),
        )
    if data["type"] == "respins":
        return Respins(
            data["name"],
            data["reel"] - 1,
            data["symbol"],
            data["at_least"],
            data["spins"],
            data["reels"],
        )
    return Pick(data["name"], data["symbol"], data["at_least"], tuple(data["prizes"]), data["ends"])


def _numbers(part: Mapping[str, int]) -> dict[int, int]:
    return {int(key): value for key, value in part.items()}
