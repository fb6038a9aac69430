"""Does what is played keep the published mathematics? (RGS-62, QLT-04)

Spins of one game, profile and mode are looked at one after the other, as an operator would who asks
after each of them. The figures are handed in as data, as `playmoney games math GAME --all --json`
prints them; nothing here knows a game. An alert is wrong in at most the share `alpha` of all
reports: it is split evenly among the tests that the figures allow, whatever is played of them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from simulator.base.errors import ConfigError
from simulator.reports.blocks import count, total
from simulator.reports.collect import Collected, Settled
from simulator.reports.evidence import AimedHits, AimedReturn, HitTest, ReturnTest, needed
from simulator.reports.periods import Period
from simulator.reports.revenue import Row, events
from simulator.reports.terms import Contract
from simulator.wire import json

Test = ReturnTest | HitTest | AimedReturn | AimedHits

_SHOWN = Context(prec=6, rounding=ROUND_HALF_EVEN, Emax=10**15, Emin=-(10**15))
"""Shares and evidence are shown with six digits; nothing is computed from them."""


class Cell(NamedTuple):
    """What one law of chance governs."""

    game_id: str
    profile: str
    mode: str


class Law(NamedTuple):
    """The published law of a cell, wins in stakes. `aimed` where the player chooses a target:
    variance and chance are then of each spin's own, and None here."""

    mean: Fraction
    variance: Fraction | None
    chance: Fraction | None
    aimed: bool = False

    @property
    def tests(self) -> int:
        """How many tests it allows."""
        return 1 + (self.aimed or self.chance is not None)


class _Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A mathematics sheet, as much of it as is needed."""

    game_id: str
    profile: str
    mode: str
    rtp_exact: str
    variance: Decimal
    hit_frequency: Decimal
    target: Decimal | None = None


class Watch:
    """What a cell's spins have come to. `alert_at` is the number of the first that was too much."""

    def __init__(self, law: Law, alpha: Fraction) -> None:
        self.law = law
        self.needed = needed(alpha)
        self.spins = 0
        self.hits = 0
        self.alert_at: int | None = None
        self.alert_by = ""
        self._won: Counter[int] = Counter()
        self._tests: dict[str, Test] = {}
        if law.aimed:
            self._tests = {"rtp": AimedReturn(law.mean), "hit_frequency": AimedHits(law.mean)}
        else:
            self._tests["rtp"] = ReturnTest(law.mean, law.variance)
            if law.chance is not None:
                self._tests["hit_frequency"] = HitTest(law.chance)

    def take(self, stake: int, win: int, target: Decimal | None = None) -> None:
        """One spin, in minor units; the stake is above zero."""
        self.spins += 1
        self.hits += win > 0
        self._won[stake] += win
        aim = None if target is None else Fraction(target)
        for name, test in self._tests.items():
            if isinstance(test, AimedReturn):
                test.take(stake, win, aim)
            elif isinstance(test, AimedHits):
                test.take(win, aim)
            else:
                test.take(stake, win)
            if self.alert_at is None and test.wealth.highest >= self.needed:
                self.alert_at, self.alert_by = self.spins, name

    @property
    def rtp(self) -> Fraction:
        """The mean win in stakes, each spin weighing the same."""
        return sum((Fraction(won, stake) for stake, won in self._won.items()), Fraction(0)) / (
            self.spins or 1
        )

    def evidence(self, name: str) -> Decimal | None:
        """The highest that a test has come to, where there is such a test."""
        test = self._tests.get(name)
        return test.wealth.highest if test else None


def read_laws(path: Path) -> dict[Cell, Law]:
    """The laws in a file of sheets: one, or `{"sheets": […]}`. Raises ConfigError."""
    try:
        data = json.decode(path.read_bytes())
        sheets = data["sheets"] if isinstance(data, dict) and "sheets" in data else [data]
        found = msgspec.convert(sheets, list[_Sheet])
        return {Cell(each.game_id, each.profile, each.mode): _law(each) for each in found}
    except OSError as wrong:
        raise ConfigError(f"--maths {path}: cannot be read ({wrong.strerror})") from None
    except (json.NotJson, msgspec.ValidationError, ValueError, ZeroDivisionError) as wrong:
        raise ConfigError(
            f"--maths {path}: {wrong}; write it with `playmoney games math GAME --all --json`"
        ) from None


def watch(
    settled: Iterable[Settled], laws: Mapping[Cell, Law], alpha: Fraction
) -> tuple[dict[Cell, Watch], int]:
    """Every cell whose law is known, and how many spins have none. Spins come in order of time.

    Spins of every type count: they are played by the same law.
    """
    tests = sum(law.tests for law in laws.values())
    watches: dict[Cell, Watch] = {}
    unjudged = 0
    for _, played, _, _ in settled:
        cell = Cell(played.game_id, played.profile, played.mode)
        if cell not in laws or not played.stake:
            unjudged += 1
            continue
        if cell not in watches:
            watches[cell] = Watch(laws[cell], alpha / tests)
        watches[cell].take(played.stake, played.win, played.target)
    return watches, unjudged


def report(
    collected: Collected,
    settled: Sequence[Settled],
    laws: Mapping[Cell, Law],
    contract: Contract,
    alpha: Fraction,
) -> dict[str, Any]:
    """Each cell with its evidence, and what of each game is bonus play and eligible."""
    watches, unjudged = watch(settled, laws, alpha)
    rows = [_row(cell, watches[cell]) for cell in sorted(watches)]
    return {
        "report": "drift",
        "feed": collected.feed,
        "alpha": shown(alpha),
        "alerts": sum(row["alert"] != "" for row in rows),
        "rows": rows,
        "games": _games(settled, contract),
        "unjudged_spins": unjudged,
        "events": events(collected),
    }


def shown(value: Fraction) -> Decimal:
    """A share with six digits, for people."""
    found = _SHOWN.divide(Decimal(value.numerator), Decimal(value.denominator))
    return found.normalize(_SHOWN) if abs(found.adjusted()) > 6 else Decimal(f"{found:f}")


def _law(sheet: _Sheet) -> Law:
    """A crash game's variance and frequency are of one target; its mean holds at all of them, and a
    spin's event says which was chosen."""
    mean = Fraction(sheet.rtp_exact)
    if mean <= 0 or sheet.variance < 0:
        raise ValueError(f"{sheet.game_id}: an rtp is above zero, a variance not below")
    if sheet.target is not None:
        return Law(mean, None, None, aimed=True)
    chance = Fraction(sheet.hit_frequency)
    return Law(mean, Fraction(sheet.variance) or None, chance if 0 < chance < 1 else None)


def _row(cell: Cell, found: Watch) -> Row:
    law, spins = found.law, found.spins
    rtp, hits = found.evidence("rtp"), found.evidence("hit_frequency")
    return {
        **cell._asdict(),
        "spins": spins,
        "rtp": shown(found.rtp),
        "rtp_exact": shown(law.mean),
        "rtp_evidence": None if rtp is None else shown(Fraction(rtp)),
        "hits": shown(Fraction(found.hits, spins)),
        "hits_exact": None if law.chance is None else shown(law.chance),
        "hits_evidence": None if hits is None else shown(Fraction(hits)),
        "alert_from": shown(Fraction(found.needed)),
        "alert": found.alert_by,
        "alert_at_spin": found.alert_at,
    }


def _games(settled: Sequence[Settled], contract: Contract) -> list[Row]:
    """Bonus frequency, how often a spin sets off a feature, and eligible share of each game
    (RGS-62)."""
    if not settled:
        return []
    set_off = Counter(one.played.game_id for one in settled if one.played.features)
    whole = Period("", settled[0].played.at_ns, settled[-1].played.at_ns + 1)
    leaves, _ = count(settled, [whole], contract)
    games: dict[str, list[Any]] = {}
    for leaf, blocks in leaves.items():
        games.setdefault(leaf.game_id, []).append(blocks)
    rows = []
    for game_id, parts in sorted(games.items()):
        sums = total(parts)
        bonus = sums.free_spins + sums.bonus_spins
        spins = sums.spins_total or 1
        rows.append(
            {
                "game_id": game_id,
                "spins": sums.spins_total,
                "bonus_spins": bonus,
                "bonus_frequency": shown(Fraction(bonus, spins)),
                "feature_spins": set_off[game_id],
                "feature_frequency": shown(Fraction(set_off[game_id], spins)),
                "eligible_spins": sums.eligible_spins,
                "eligible_share": shown(Fraction(sums.eligible_spins, spins)),
            }
        )
    return rows
