"""What the studio publishes is true: exact law, its shortcut and chance agree (RGS-13)."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from simulator.base.exact import number
from simulator.rgs.drbg import SpinDice
from simulator.rgs.maths.catalogue import load_games
from simulator.rgs.maths.game import Choice, Game
from simulator.rgs.maths.plays import Tally
from simulator.rgs.maths.rules import Pays
from simulator.rgs.maths.sheet import exact_interval
from simulator.rgs.maths.simulate import simulate
from simulator.rgs.maths.slot import SlotGame

GAMES = load_games()
SPINS = 400_000


def choices(game: Game) -> Iterator[Choice | None]:
    if game.kind == "crash":
        yield from (Choice(Decimal(text)) for text in ("1.01", "2.00", "100.00"))
    else:
        yield None


def tally_of(
    game: Game, profile: str, mode: str, choice: Choice | None, spins: int = SPINS
) -> Tally:
    *_, last = simulate(game, profile, mode, spins, 42, choice)
    assert last.plays == spins
    return last


def within(tally: Tally, game: Game, profile: str, mode: str, choice: Choice | None) -> bool:
    """The simulated return lies in the 99.9 % interval of the exact one."""
    cost = game.cost(mode)
    low, high = exact_interval(game.stats(profile, mode, choice), cost, tally.plays)
    return low <= number(Fraction(tally.coins, tally.plays * cost)) <= high


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_simulation_agrees_with_the_exact_law(game: Game) -> None:
    """In every profile and mode the simulated return lies in the 99.9 % interval of the exact one,
    hits come as often as they should, and nothing wins more than the highest win.

    The exact mean is found in two ways, and both are the same fraction within 75–100 %.
    """
    for name, profile in game.profiles.items():
        for mode in game.modes:
            for choice in choices(game):
                law = game.stats(name, mode, choice)
                rtp = game.rtp(name, mode)
                assert law.mean == rtp * game.cost(mode)
                assert Fraction(3, 4) <= rtp + profile.jackpot_share <= 1
                off = abs(rtp + profile.jackpot_share - Fraction(profile.rtp_percent, 100))
                assert off < Fraction(1, 1000)
                spins = SPINS // 10 if mode.startswith("buy") else SPINS
                tally = tally_of(game, name, mode, choice, spins)
                assert within(tally, game, name, mode, choice), (name, mode, choice)
                hits = Tally(plays=spins, coins=tally.hits)
                hit = 1 - law.nothing
                low, high = exact_interval(replace(law, mean=hit, second=hit), 1, spins)
                assert low <= number(Fraction(hits.coins, spins)) <= high, (name, mode, choice)
                assert tally.most <= law.most


def test_a_wrong_paytable_lies_outside() -> None:
    """Negative control: a game that pays three coins more for three tens than it says is found."""
    game = GAMES["studio:slot_forge_02"]
    assert isinstance(game, SlotGame)
    wrong = SlotGame(game.data)
    table = dict(game.rules.pays.table)
    table["T"] = {**table["T"], 3: table["T"][3] + 3}
    pays = Pays(table, game.rules.pays.wild, game.rules.pays.scatters, game.rules.pays.lines)
    wrong.rules = replace(game.rules, pays=pays)
    wrong.laws = type(game.laws)(wrong.rules)
    tally = tally_of(wrong, "rtp_96", "base", None, 4_000_000)
    assert not within(tally, game, "rtp_96", "base", None)
    right = tally_of(game, "rtp_96", "base", None, 4_000_000)
    assert within(right, game, "rtp_96", "base", None)


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_the_scalar_engine_with_its_own_dice_agrees_too(game: Game) -> None:
    """The spins that players get, on the studio's dice, return what is published."""
    mode, profile = "base", "rtp_96"
    choice = next(iter(choices(game)))
    stake = game.limits(mode).step_minor
    tally = Tally()
    for n in range(4_000):
        won = game.play(profile, mode, stake, SpinDice(42, "s", "r", f"{n}"), choice).win_minor
        tally.plays += 1
        tally.coins += won
    assert within(tally, game, profile, mode, choice)


def test_a_simulation_is_repeatable() -> None:
    """The same seed gives the same tally, another one another, however often it is asked."""
    game = GAMES["studio:slot_tidal_ways"]
    first, again = (tally_of(game, "rtp_92", "base", None, 50_000) for _ in range(2))
    assert first == again
    *_, other = simulate(game, "rtp_92", "base", 50_000, 43)
    assert other != first
