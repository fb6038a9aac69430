"""Game data that is wrong stops the start, with its place and what would be right (RGS-13)."""

import re
from pathlib import Path

import pytest

from simulator.base.errors import ConfigError
from simulator.rgs.maths.catalogue import (
    FOLDER,
    game_of,
    load_games,
    read_canonical,
    read_folder,
)
from simulator.rgs.maths.crash import CrashGame
from simulator.rgs.maths.rules import FreeSpins, Pick, Respins
from simulator.rgs.maths.slot import SlotGame
from tests.rgs.maths.tools import LINES, WAYS

CRASH = (FOLDER / "crash_comet.yaml").read_text("utf-8")


def test_the_shipped_games_are_of_different_kinds() -> None:
    """Lines, ways, crash; free spins, respins, a pick; an ante and a buy; three profiles each."""
    games = load_games()
    slots = [game for game in games.values() if isinstance(game, SlotGame)]
    assert sum(isinstance(game, CrashGame) for game in games.values()) == 1
    assert {game.rules.pays.lines is None for game in slots} == {True, False}
    features = {type(part) for game in slots for part in game.rules.features.values()}
    assert features == {FreeSpins, Respins, Pick}
    modes = {mode for game in games.values() for mode in game.modes}
    assert modes == {"base", "ante", "buy_free_spins"}
    for game in games.values():
        percents = sorted(part.rtp_percent for part in game.profiles.values())
        assert percents == [92, 94, 96]
        assert game.default_profile() == "rtp_96"
    assert load_games() is games


def test_the_hash_names_the_data_and_the_engine() -> None:
    """Another symbol, pay or version is another hash; comments and order are not (RGS-20)."""
    game = game_of(WAYS)
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", game.data_hash)
    assert game_of("# a comment\n" + WAYS).data_hash == game.data_hash
    for was, now in (("B B", "B A"), ("{2: 1, 3: 2}", "{2: 1,  3: 2}"), ("1.0.0", "1.0.1")):
        other = game_of(WAYS.replace(was, now))
        assert (other.data_hash == game.data_hash) == (other.data == game.data)
    moved = WAYS.replace("title: Tiny\nkind: slot\n", "kind: slot\ntitle: Tiny\n")
    assert moved != WAYS
    assert game_of(moved).data_hash == game.data_hash


def test_a_kept_game_is_the_same_again() -> None:
    """What is kept with old spins makes the very game again; another engine's is not (RGS-11)."""
    for game in load_games().values():
        again = read_canonical(game.canonical)
        assert (again.data_hash, again.canonical) == (game.data_hash, game.canonical)
    with pytest.raises(ConfigError, match="engine 0; this release has 1"):
        read_canonical(game.canonical.replace(b'"engine":"1"', b'"engine":"0"'))
    with pytest.raises(ConfigError, match="canonical"):
        read_canonical(game.canonical + b" ")


WRONG = [
    (LINES, "kind: slot", "kind: slut", r"game.yaml:4: kind: value 'slut' .* mean 'slot'"),
    (LINES, "title:", "titel:", r"key 'titel' is not one of .* mean 'title'"),
    (LINES, "title: Tiny\n", "", r"game.yaml:2: title is missing"),
    (LINES, "rows: 2", "rows: 2.5", r":\d+: rows: '2.5' is a float; .* whole numbers"),
    (LINES, "rows: 2", "rows: 0", r"rows: 0 is less than the minimum of 1"),
    (LINES, "rows: 2", "rows: 2\nrows: 3", r":9: rows: is given twice, first in line 8"),
    (LINES, "rows: 2", "rows: [", r"is not YAML"),
    (LINES, "rows: 2", "rows: 0x2", r":8: rows: '0x2' is a number; write it as plain digits"),
    (LINES, "rows: 2", "rows: 010", r"rows: '010' is a number; write it as plain digits"),
    (LINES, "rows: 2", "rows: 2026-01-01", r"rows: '2026-01-01' is a timestamp"),
    (LINES, "rows: 2", "rows: &two [*two]", r":8: \*two is an alias; write it out"),
    (LINES, "A: {name: Ace}", "A: {nam: Ace}", r"symbols.A: key 'nam' .* mean 'name'"),
    (LINES, "A: {2: 1, 3: 2}", "Q: {3: 2}", r"paytable.Q: symbol 'Q' is not one of W, S, V, A, B"),
    (LINES, "B: {3: 1}", "B: {4: 1}", r"paytable.B: pays for 4, but 3 is the most"),
    (LINES, "- S A V", "- S A X", r":\d+: reels.base.1: symbol 'X' is not one of"),
    (
        LINES,
        "- S A V",
        "- S",
        r"reels.base.1: a strip of 1 symbols is shorter than its window of 2",
    ),
    (LINES, "weights: 1 1 0 1", "weights: 1 1 1", r"reels.base.0: 3 weights for 4 stops"),
    (
        LINES,
        "weights: 1 0",
        "weights: 0 0",
        r"reels.free.2: weights are whole numbers .* not all 0",
    ),
    (LINES, "    - S A V\n", "", r"reels.free: has 3 reels, but base has 2"),
    (LINES, "[1, 2, 1]]", "[1, 3, 1]]", r"wins.lines.2: \[1, 3, 1\] is no line of 3 reels"),
    (LINES, "symbol: S, awards", "symbol: A, awards", r"free.symbol: A is no scatter"),
    (LINES, "most: 2", "most: 1", r"free.most: 1 is less than an award"),
    (
        LINES,
        "reels: free, mult",
        "reels: fre, mult",
        r"reels: fre is missing; features.free plays it",
    ),
    (LINES, "free: free}}", "free: frei}}", r"reel set 'frei' is not one of .* mean 'free'"),
    (LINES, "feature: free, count: 3", "feature: free, count: 4", r"count: is 4; free is .* 2, 3"),
    (LINES, "feature: vault}", "feature: valt}", r"feature: feature 'valt' .* mean 'vault'"),
    (LINES, "{cost: 19, reels: base}", "{cost: 19}", r"modes.base: a mode plays either reels or"),
    (LINES, "cost: 19", "cost: 12", r"modes.base.cost: profile only would return 144.44 %"),
    (LINES, "cost: 2,", "cost: 3,", r"modes.crack.cost: profile only would return 55.56 %"),
    (
        LINES,
        "rtp_percent: 91",
        "rtp_percent: 95",
        r"rtp_percent: is 95, but the data returns 91.23",
    ),
    (
        LINES,
        "rtp_percent: 91",
        "rtp_percent: 91, jackpot_permille: 90",
        r"base.cost: profile only would return 100.23 %, jackpot share included",
    ),
    (WAYS, "A: {2: 1, 3: 2}", "W: {3: 2}", r"paytable.W: a wild has no pays of its own"),
    (WAYS, "base: [A B A,", "base: [A W A,", r"reels.base.0: wild W on the first reel"),
    (WAYS, "reel: 2", "reel: 4", r"tide.reel: 4 is not one of 1..3"),
    (WAYS, "{by: ways}", "{by: ways, lines: []}", r"wins.lines"),
    (WAYS, "{by: ways}", "{by: lines}", r"wins: lines is missing"),
    (WAYS, "{cost: 17, reels: base}", "{cost: 17, feature: tide}", r"respins hold a reel"),
    (CRASH, "min: 101", "min: 100", r"targets.min: 100 is less than the minimum of 101"),
    (CRASH, "rtp_percent: 92", "rtp_percent: 74", r"74 is less than the minimum of 75"),
    (CRASH, "rtp_percent: 96", "rtp_percent: 96, jackpot_permille: 50", r"101.00 %"),
]


@pytest.mark.parametrize(("text", "was", "now", "message"), WRONG, ids=[w[2] for w in WRONG])
def test_wrong_data_is_refused_with_its_place(text: str, was: str, now: str, message: str) -> None:
    """File, line, key, the choices and the nearest word: one line that says what to mend."""
    assert was in text
    with pytest.raises(ConfigError, match=message) as refused:
        game_of(text.replace(was, now))
    assert str(refused.value).startswith("game.yaml")
    assert "\n" not in str(refused.value).strip() or "not YAML" in str(refused.value)


def test_a_folder_has_each_game_once(tmp_path: Path) -> None:
    """Two files of one game id are refused; so is what cannot be read."""
    (tmp_path / "a.yaml").write_text(WAYS)
    assert list(read_folder(tmp_path)) == ["test:tiny"]
    (tmp_path / "b.yaml").write_text(LINES)
    with pytest.raises(ConfigError, match=r"b.yaml: game_id: 'test:tiny' is another file's too"):
        read_folder(tmp_path)
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_folder(tmp_path)
    (tmp_path / "b.yaml").write_text("- a list")
    with pytest.raises(ConfigError, match="a game is a mapping"):
        read_folder(tmp_path)
    (tmp_path / "b.yaml").unlink()
    (tmp_path / "b.yaml").mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        read_folder(tmp_path)


def test_too_many_windows_are_refused() -> None:
    """Cells whose windows would take minutes to enumerate are refused before anyone waits."""
    cells = ", ".join(f"{code}: 1" for code in "ABCDEFGHIJKLMNOP")
    names = "\n".join(f"  {code}: {{name: {code}}}" for code in "CDEFGHIJKLMNOP")
    text = WAYS.replace("  B: {name: Bee}", f"  B: {{name: Bee}}\n{names}")
    text = text.replace("rows: 2", "rows: 4").replace("A B A,", f"{{cells: {{{cells}}}}},")
    with pytest.raises(ConfigError, match="16 symbols in 4 cells are more than 4096 windows"):
        game_of(text)
