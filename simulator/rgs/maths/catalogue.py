"""The shipped games, read and checked once: by schema, then by what none can say (RGS-13).

Wrong data stops the start with one line that names the file, the line, the key and the choices. A
return outside 75–100 % in any profile and mode is wrong data too.
"""

import difflib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jsonschema_rs

from simulator.base.errors import ConfigError
from simulator.rgs.maths.checks import check_returns, check_slot
from simulator.rgs.maths.crash import CrashGame
from simulator.rgs.maths.game import ENGINE_VERSION, Game, canonical
from simulator.rgs.maths.slot import SlotGame
from simulator.rgs.maths.source import Path_, Source, parse_source, read_source

FOLDER = Path(__file__).resolve().parent.parent / "games"
SCHEMA = FOLDER / "game.schema.json"


@cache
def load_games() -> Mapping[str, Game]:
    """The shipped games by id, `studio:slot_forge_02`. Raises ConfigError for wrong data."""
    return MappingProxyType(read_folder(FOLDER))


def read_folder(folder: Path) -> dict[str, Game]:
    """The games of a folder, one in each `*.yaml`, by their ids."""
    games: dict[str, Game] = {}
    for path in sorted(folder.glob("*.yaml")):
        game = read_game(read_source(path))
        if game.game_id in games:
            raise ConfigError(f"{path.name}: game_id: {game.game_id!r} is another file's too")
        games[game.game_id] = game
    return games


def read_game(source: Source) -> Game:
    """One game. Raises ConfigError with the place of the first thing that is wrong."""
    for path, message in _breaks(source.data):
        raise source.wrong(path, message)
    if source.data["kind"] == "crash":
        game: Game = CrashGame(source.data)
    else:
        for path, message in check_slot(source.data):
            raise source.wrong(path, message)
        game = SlotGame(source.data)
    for path, message in check_returns(game):
        raise source.wrong(path, message)
    return game


def game_of(text: str, name: str = "game.yaml") -> Game:
    """A game from the text of its file."""
    return read_game(parse_source(text, name))


def read_canonical(raw: bytes) -> Game:
    """The game that `Game.canonical` was written from, for the replay of an old spin (RGS-11).

    Raises ConfigError where the bytes are another engine's: only that one can replay them.
    """
    kept = json.loads(raw)
    if kept["engine"] != ENGINE_VERSION:
        raise ConfigError(
            f"this game was played with engine {kept['engine']}; this release has {ENGINE_VERSION}"
        )
    game = read_game(Source("kept data", kept["game"], {}))
    if canonical(kept) != raw:
        raise ConfigError("the kept data of a game is not in its canonical form")
    return game


@cache
def _schema() -> tuple[Any, Any]:
    schema = json.loads(SCHEMA.read_bytes())
    return schema, jsonschema_rs.Draft202012Validator(schema)


def _breaks(data: Any) -> Iterator[tuple[Path_, str]]:
    schema, validator = _schema()
    errors = [e for e in validator.iter_errors(data) if e.schema_path[-1] != "const"]
    for error in sorted(errors, key=_rank):
        yield tuple(error.instance_path), _message(schema, error)
    for error in validator.iter_errors(data):
        yield tuple(error.instance_path), error.message


def _rank(error: Any) -> tuple[int, int]:
    """A wrong word explains a missing one, so it is told first."""
    order = {"enum": 0, "additionalProperties": 1}
    return order.get(str(error.schema_path[-1]), 2), len(error.instance_path)


def _message(schema: Any, error: Any) -> str:
    place: Any = schema
    for part in list(error.schema_path)[:-1]:
        place = place[part]
    kind = error.schema_path[-1]
    if kind == "additionalProperties":
        word = error.kind.unexpected[0]
        return _unknown("key", word, list(place["properties"]))
    if kind == "enum":
        return _unknown("value", str(error.instance), place["enum"])
    if kind == "required":
        return f"{error.kind.property} is missing"
    if error.instance_path and len(str(error.instance)) > 120:
        return f"{kind} {place[kind]} is not kept"
    return str(error.message)


def _unknown(what: str, word: str, choices: list[str]) -> str:
    near = difflib.get_close_matches(word, choices, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{what} {word[:80]!r} is not one of {', '.join(choices)}{hint}"
