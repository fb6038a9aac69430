"""Game data as it is written: YAML with the line of every key, for errors that say where.

Keys become text and numbers stay whole, so that the data is the same in YAML and in its canonical
JSON. A float, a date or a switch is refused.
"""

import re
from pathlib import Path

from simulator.base.errors import ConfigError
from simulator.base.source import Path_, Source, parse

__all__ = ["Path_", "Source", "parse_source", "read_source"]

_TOP = "a game is a mapping of keys such as game_id and kind"


def read_source(path: Path) -> Source:
    """Read a file. Raises ConfigError where it cannot be read, is not YAML or holds a float."""
    try:
        return parse_source(path.read_text("utf-8"), path.name)
    except OSError as wrong:
        raise ConfigError(f"{path}: cannot be read ({wrong.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path.name}: is not UTF-8") from None


def parse_source(text: str, name: str) -> Source:
    """The same, from text."""
    return Source(name, *parse(text, name, _scalar, _TOP))


def _scalar(kind: str, text: str, place: str) -> int | str:
    if kind not in ("str", "int"):
        raise ConfigError(
            f"{place}: {text[:40]!r} is a {kind}; "
            "game data has whole numbers and text only (write text in quotes)"
        )
    if kind == "str":
        return text
    if not re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text):
        raise ConfigError(f"{place}: {text[:40]!r} is a number; write it as plain digits, like 20")
    return int(text)
