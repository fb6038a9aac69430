"""What one play does: from the dice alone, in whole coins, within its limits (RGS-10..14)."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.errors import ValidationFailed
from simulator.rgs.drbg import SpinDice
from simulator.rgs.maths.catalogue import load_games
from simulator.rgs.maths.crash import CrashGame, crash_point
from simulator.rgs.maths.game import Choice, Game
from simulator.rgs.maths.paying import Win, wins
from simulator.rgs.maths.rules import Pays
from tests.rgs.maths.tools import LINES, every_way, tiny

GAMES = load_games()


class Script:
    """Dice that throw what the test says."""

    def __init__(self, *throws: int) -> None:
        self.throws = list(throws)
        self.draws = 0

    def below(self, bound: int) -> int:
        self.draws += 1
        assert self.throws[0] < bound
        return self.throws.pop(0)


def choice_for(game: Game) -> Choice | None:
    return Choice(Decimal("1.50")) if game.kind == "crash" else None


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_the_same_dice_give_the_same_outcome(game: Game) -> None:
    """A play is a function of profile, mode, stake, choice and dice; wins are whole multiples of
    the coin, steps add up to the win, and all of it is JSON (RGS-11, RGS-12)."""
    for profile in game.profiles:
        for mode in game.modes:
            stake = 3 * game.limits(mode).step_minor
            for n in range(20):
                first, again = (
                    game.play(
                        profile, mode, stake, SpinDice(42, "s", "r", f"{n}"), choice_for(game)
                    )
                    for _ in range(2)
                )
                assert first == again
                assert first.win_minor == 3 * sum(step["coins"] for step in first.steps)
                assert first.multiplier == Fraction(first.win_minor, stake)
                assert first.draws > 0
                json.dumps([first.symbols, first.features, first.steps])


def test_known_outcomes_of_known_spins() -> None:
    """Mechanics are frozen with their version: these spins win this, on any machine (RGS-12)."""
    won = {
        game_id: [
            game.play(
                "rtp_96", "base", game.limits().step_minor, SpinDice(7, "s", "r", f"{n}"),
                choice_for(game),
            ).win_minor
            for n in range(12)
        ]
        for game_id, game in GAMES.items()
    }  # fmt: skip
    assert won == {
        "studio:classic_3x3": [20, 0, 0, 20, 0, 8, 8, 0, 0, 0, 0, 8],
        "studio:crash_comet": [0, 0, 150, 150, 0, 0, 0, 150, 0, 150, 150, 0],
        "studio:slot_forge_02": [29, 8, 0, 15, 0, 0, 32, 0, 0, 11, 0, 4],
        "studio:slot_tidal_ways": [60, 7, 0, 8, 4, 16, 5, 0, 0, 14, 0, 0],
        "studio:slot_vault_x": [9, 0, 0, 0, 19, 0, 21, 10, 0, 0, 0, 60],
    }


PAYS = Pays(
    table={"W": {2: 8, 3: 50}, "A": {2: 1, 3: 10}, "B": {3: 100}, "S": {2: 7}},
    wild="W",
    scatters=frozenset("S"),
    lines=((0, 0, 0),),
)


@pytest.mark.parametrize(
    ("line", "won"),
    [
        ("AAB", [Win("A", 2, 1, 1)]),
        ("AWA", [Win("A", 3, 10, 1)]),
        ("WAA", [Win("A", 3, 10, 1)]),
        ("WWA", [Win("A", 3, 10, 1)]),
        ("WWB", [Win("B", 3, 100, 1)]),
        ("WWW", [Win("W", 3, 50, 1)]),
        ("WWS", [Win("W", 2, 8, 1)]),
        ("WSA", []),
        ("BAA", []),
        ("SAS", [Win("S", 2, 7)]),
        ("WAB", [Win("A", 2, 1, 1)]),
    ],
)
def test_a_line_pays_its_better_reading(line: str, won: list[Win]) -> None:
    """Wilds stand for the first other symbol or for themselves, whichever is more; a scatter ends a
    line and pays anywhere."""
    assert wins(PAYS, [(symbol,) for symbol in line]) == won


def test_leading_wilds_win_where_they_pay_more() -> None:
    """Two wilds pay 8, so they beat two wilds and an ace that would pay 5."""
    pays = Pays({"W": {2: 8}, "A": {3: 5}}, "W", frozenset(), ((0, 0, 0),))
    assert wins(pays, [("W",), ("W",), ("A",)]) == [Win("W", 2, 8, 1)]


def test_ways_multiply_what_shows_on_each_reel() -> None:
    """2 × 1 × 2 ways of three aces, a wild counting as one; two bees pay nothing."""
    pays = Pays({"A": {3: 4}, "B": {3: 9}}, "W", frozenset(), None)
    shown = [("A", "A", "B"), ("W", "B", "C"), ("A", "C", "A"), ("C", "C", "C")]
    assert wins(pays, shown) == [Win("A", 3, 16, ways=4)]


def test_free_spins_retrigger_up_to_their_limit() -> None:
    """A retrigger adds spins, never beyond `most`; each is announced and none is lost."""
    game = tiny(LINES)
    most = 0
    for _, outcome in every_way(lambda dice: game.play("only", "buy", 17, dice)):
        spins = [step for step in outcome.steps if step["type"] == "free_spin"]
        told = sum(part["count"] for part in outcome.features)
        assert told == len(spins) == 2
        most = max(most, outcome.win_minor)
    assert most == game.stats("only", "buy").most


def test_a_stake_outside_its_limits_is_refused() -> None:
    """Too little, too much, or no whole coins: refused with what would be right (RGS-50)."""
    game = GAMES["studio:slot_forge_02"]
    assert (game.limits().min_minor, game.limits().max_minor) == (20, 10_000)
    assert game.limits("ante").step_minor == 25
    for stake in (0, 19, 30, 10_020, -20):
        with pytest.raises(ValidationFailed, match=r"within 20\.\.10000 in steps of 20"):
            game.play("rtp_96", "base", stake, Script())


def test_an_unknown_word_is_refused_with_the_nearest() -> None:
    """Profile and mode are named from the game's own; the message offers them (RGS-23)."""
    game = GAMES["studio:slot_forge_02"]
    with pytest.raises(ValidationFailed, match="did you mean 'rtp_96'"):
        game.play("rtp96", "base", 20, Script())
    with pytest.raises(ValidationFailed, match="mode 'buy' is not 'base', 'ante'"):
        game.play("rtp_96", "buy", 20, Script())
    with pytest.raises(ValidationFailed, match="no target"):
        game.play("rtp_96", "base", 20, Script(), Choice(Decimal(2)))


@pytest.mark.parametrize("target", ["1.00", "0", "-2", "2.505", "10000.01", "NaN", "Infinity"])
def test_a_target_off_the_scale_is_refused(target: str) -> None:
    """A crash game's target has two decimals and lies on its scale."""
    with pytest.raises(ValidationFailed, match=r"1\.01\.\.10000 in steps of 0\.01"):
        GAMES["studio:crash_comet"].play("rtp_96", "base", 100, Script(), Choice(Decimal(target)))


def test_a_crash_game_without_a_target_is_refused() -> None:
    """There is no default that would decide for the player."""
    with pytest.raises(ValidationFailed, match="none was given"):
        GAMES["studio:crash_comet"].play("rtp_96", "base", 100, Script())


@given(
    target=st.integers(101, 1_000_000),
    percent=st.integers(75, 100),
    off=st.integers(-3, 3),
)
def test_the_crash_point_reaches_a_target_with_exactly_its_chance(
    target: int, percent: int, off: int
) -> None:
    """The point is ≥ t just where U ≤ return × 100 ÷ t, on both sides of the edge (RGS-13)."""
    share = Fraction(percent, 100)
    edge = (share * 100 * 2**64 / target).__floor__()
    drawn = edge + off
    if not 0 <= drawn < 2**64:
        return
    for rest in (0, 2**63, 2**64 - 1):
        point = crash_point(share, 1_000_000, Script(drawn, rest, rest, rest))
        if drawn + 1 <= share * 100 * 2**64 / target:
            assert point >= target
        elif drawn >= share * 100 * 2**64 / target:
            assert point < target or point == 100


def test_the_return_of_a_crash_game_is_the_same_at_every_target() -> None:
    """Target × chance is the profile's return, from the lowest to the highest (RGS-13)."""
    game = GAMES["studio:crash_comet"]
    assert isinstance(game, CrashGame)
    for profile in game.profiles:
        for target in (101, 133, 200, 1000, 99_999, 1_000_000):
            law = game.stats(profile, "base", Choice(Decimal(target) / 100))
            assert law.mean == game.rtp(profile, "base") * 100
            assert law.most_chance == game.rtp(profile, "base") * 100 / target
