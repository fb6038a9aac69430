"""What a schema cannot say about a game: that its parts fit each other, and what it pays back.

Each check yields (path, message) for the first reader who can say where that path is written.
"""

import difflib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from simulator.rgs.maths.game import RTP_CEILING, RTP_FLOOR, Game
from simulator.rgs.maths.reels import read_reel, symbols_of
from simulator.rgs.maths.source import Path_

Found = Iterator[tuple[Path_, str]]

NOMINAL_SLACK = Fraction(1, 200)
"""How far the exact return of the base mode may lie from the profile's nominal one."""

MAX_WINDOWS = 4096
"""Windows of one reel: beyond it, the exact mathematics of a game would take minutes."""


def check_slot(data: Mapping[str, Any]) -> Found:
    """Names that lead nowhere, lines and reels that do not fit, rules that cannot be computed."""
    yield from _symbols(data)
    yield from _reels(data)
    yield from _wins(data)
    yield from _features(data)
    yield from _modes(data)
    yield from _roles(data)


def check_returns(game: Game) -> Found:
    """The long-run return of every profile and mode, jackpot share included, is within bounds."""
    for name, profile in game.profiles.items():
        for mode in game.modes:
            rtp = game.rtp(name, mode) + profile.jackpot_share
            if not RTP_FLOOR <= rtp <= RTP_CEILING:
                yield (
                    ("modes", mode, "cost"),
                    (
                        f"profile {name} would return {_percent(rtp)}, jackpot share included; "
                        "75 % to 100 % is allowed"
                    ),
                )
        nominal = Fraction(profile.rtp_percent, 100)
        exact = game.rtp(name, "base") + profile.jackpot_share
        if abs(exact - nominal) > NOMINAL_SLACK:
            yield (
                ("profiles", name, "rtp_percent"),
                f"is {profile.rtp_percent}, but the data returns {_percent(exact)}",
            )


def _symbols(data: Mapping[str, Any]) -> Found:
    symbols = data["symbols"]
    if sum(part.get("role") == "wild" for part in symbols.values()) > 1:
        yield ("symbols",), "has more than one wild; one at most is allowed"
    for code in data["paytable"]:
        yield from _known(("paytable", code), code, symbols, "symbol")
    for name, reels in data["reels"].items():
        for at, reel in enumerate(reels):
            for code in sorted(symbols_of(reel)):
                yield from _known(("reels", name, at), code, symbols, "symbol")


def _reels(data: Mapping[str, Any]) -> Found:
    widths = {name: len(reels) for name, reels in data["reels"].items()}
    first = next(iter(widths))
    for name, reels in data["reels"].items():
        if widths[name] != widths[first]:
            yield ("reels", name), f"has {widths[name]} reels, but {first} has {widths[first]}"
        for at, part in enumerate(reels):
            cells = len(part["cells"]) if isinstance(part, dict) and "cells" in part else 1
            if cells ** data["rows"] > MAX_WINDOWS:
                yield (
                    ("reels", name, at),
                    (
                        f"{cells} symbols in {data['rows']} cells are more than {MAX_WINDOWS} "
                        "windows: write a strip, or fewer symbols"
                    ),
                )
                return
            try:
                read_reel(part, data["rows"])
            except ValueError as wrong:
                yield ("reels", name, at), str(wrong)


def _wins(data: Mapping[str, Any]) -> Found:
    rows, width = data["rows"], len(next(iter(data["reels"].values())))
    for at, line in enumerate(data["wins"].get("lines", ())):
        if len(line) != width or max(line) > rows:
            yield (
                ("wins", "lines", at),
                f"{line} is no line of {width} reels with rows 1..{rows}",
            )
    wild = [code for code, part in data["symbols"].items() if part.get("role") == "wild"]
    for symbol, table in data["paytable"].items():
        anywhere = data["symbols"][symbol].get("role") == "scatter"
        most = width * rows if anywhere else width
        if max(map(int, table)) > most:
            yield ("paytable", symbol), f"pays for {max(map(int, table))}, but {most} is the most"
    if data["wins"]["by"] == "ways" and wild:
        if wild[0] in data["paytable"]:
            yield ("paytable", wild[0]), "a wild has no pays of its own where ways pay"
        for name, reels in data["reels"].items():
            if wild[0] in symbols_of(reels[0]):
                yield ("reels", name, 0), f"wild {wild[0]} on the first reel: ways start without it"


def _features(data: Mapping[str, Any]) -> Found:
    kinds = [part["type"] for part in data.get("features", {}).values()]
    if kinds.count("respins") > 1:
        yield ("features",), "has more than one feature of respins; one at most is allowed"
    width = len(next(iter(data["reels"].values())))
    for name, part in data.get("features", {}).items():
        place: Path_ = ("features", name)
        yield from _known((*place, "symbol"), part["symbol"], data["symbols"], "symbol")
        if part["type"] == "respins":
            if part["reel"] > width:
                yield (*place, "reel"), f"{part['reel']} is not one of 1..{width}"
        elif data["symbols"][part["symbol"]].get("role") != "scatter":
            yield (
                (*place, "symbol"),
                f"{part['symbol']} is no scatter; what triggers is counted anywhere",
            )
        if part["type"] == "free_spins" and max(part["awards"].values()) > part["most"]:
            yield (*place, "most"), f"{part['most']} is less than an award"


def _modes(data: Mapping[str, Any]) -> Found:
    features = data.get("features", {})
    for name, mode in data["modes"].items():
        place: Path_ = ("modes", name)
        if ("reels" in mode) == ("feature" in mode):
            yield place, "a mode plays either reels or a feature: give one of the two"
            continue
        if "reels" in mode:
            continue
        yield from _known((*place, "feature"), mode["feature"], features, "feature")
        bought = features.get(mode["feature"], {})
        if bought.get("type") == "respins":
            yield (*place, "feature"), "respins hold a reel of a spin and cannot be bought"
        if bought.get("type") == "free_spins" and str(mode.get("count")) not in bought["awards"]:
            counts = ", ".join(bought["awards"])
            yield (
                (*place, "count"),
                f"is {mode.get('count', 'missing')}; {mode['feature']} is awarded for {counts}",
            )
    if "reels" not in data["modes"]["base"]:
        yield ("modes", "base"), "the base mode plays reels"


def _roles(data: Mapping[str, Any]) -> Found:
    """Every role of reels has a set in every profile, and every set is used."""
    roles = {
        mode["reels"]: ("modes", name) for name, mode in data["modes"].items() if "reels" in mode
    }
    for name, part in data.get("features", {}).items():
        if "reels" in part:
            roles.setdefault(part["reels"], ("features", name))
    used = set()
    for name, part in data["profiles"].items():
        for role, place in roles.items():
            if role not in part["reels"]:
                yield ("profiles", name, "reels"), f"{role} is missing; {'.'.join(place)} plays it"
        for role, reels in part["reels"].items():
            used.add(reels)
            yield from _known(("profiles", name, "reels", role), role, roles, "role of reels")
            yield from _known(("profiles", name, "reels", role), reels, data["reels"], "reel set")
    for name in data["reels"]:
        if name not in used:
            yield ("reels", name), "is used by no profile"


def _known(path: Path_, word: str, choices: Mapping[str, Any], what: str) -> Found:
    if word not in choices:
        near = difflib.get_close_matches(word, list(choices), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        yield path, f"{what} {word!r} is not one of {', '.join(choices)}{hint}"


def _percent(value: Fraction) -> str:
    hundredths = round(value * 10_000)
    return f"{hundredths // 100}.{hundredths % 100:02} %"
