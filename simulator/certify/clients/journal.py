"""The journal as `GET /__admin/journal/export` writes it, read back line by line (SBX-10)."""

from typing import TypeVar

import msgspec

from simulator.base.errors import ConfigError

T = TypeVar("T")

FORMAT = 1
"""The version of the lines; a newer one may say things that are not understood here."""


class Half(msgspec.Struct, frozen=True):
    """A request or an answer; a body that is not UTF-8 is in Base64."""

    headers: list[tuple[str, str]]
    method: str = ""
    target: str = ""
    status: int = 0
    body: str = ""
    body_base64: str = ""


class Line(msgspec.Struct, frozen=True):
    """One exchange. Without `answer`, nothing was answered."""

    exchange: int
    at: str
    direction: str
    party: str
    operation: str
    request: Half
    answer: Half | None = None
    client: str = ""
    key: str = ""
    injected: list[str] = []
    took_us: int = 0


class Start(msgspec.Struct, frozen=True):
    """The first line: what the sandbox was."""

    journal: int
    seed: int
    profile: str = "reference"
    dropped: int = 0


class Journal(msgspec.Struct, frozen=True):
    """A whole file."""

    start: Start
    lines: list[Line]


def read(raw: bytes, name: str = "journal") -> Journal:
    """Raises ConfigError with the line that is none."""
    rows = raw.splitlines()
    if not rows:
        raise ConfigError(f"{name}: is empty; it is what GET /__admin/journal/export answers")
    start = _line(rows[0], Start, f"{name}:1")
    if start.journal > FORMAT:
        raise ConfigError(f"{name}:1: has version {start.journal}; {FORMAT} is the newest known")
    lines = [_line(row, Line, f"{name}:{at}") for at, row in enumerate(rows[1:], 2)]
    return Journal(start, lines)


def _line(row: bytes, kind: type[T], place: str) -> T:
    try:
        return msgspec.json.decode(row, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise ConfigError(f"{place}: is no line of an exported journal ({wrong})") from None
