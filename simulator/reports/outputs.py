"""What runs of scenarios and contract suites are shown by: lines for people, files for the rest."""

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree as ET

import msgspec

Write = Callable[[str], None]

_MARKS = {"pass": ("pass", "32"), "fail": ("FAIL", "31")}
"""Verdict → how a line begins, and the colour of that on a terminal."""

_UNCLEAR = ("????", "33")


class Output(Protocol):
    """Takes what happens, and shows it at once or when all is over."""

    def take(self, happening: object) -> None:
        """One event; those that mean nothing here are passed over."""

    def close(self) -> None:
        """All is over, or was interrupted. Raises OSError where a file cannot be written."""


class Lines:
    """Writes lines. `colours` only where somebody looks; `live` overwrites a progress line."""

    def __init__(self, write: Write, *, colours: bool = False, live: Write | None = None) -> None:
        self._write = write
        self._colours = colours
        self._live = live
        self._count = 0
        self._done = 0

    def close(self) -> None:
        """Every line is written when it is known."""

    def _word(self, verdict: str, instead: str = "") -> str:
        word, colour = _MARKS.get(verdict, _UNCLEAR)
        word = instead or word
        return f"\x1b[{colour}m{word}\x1b[0m" if self._colours else word

    def _progress(self, text: str) -> None:
        if self._live is not None:
            self._live(f"\r\x1b[K{f'{self._done}/{self._count} {text}' if text else ''}")


def write_json(path: Path, told: object) -> None:
    """One JSON document, for people to read too."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2))


# --- JUnit's XML ----------------------------------------------------------------------------------


def write_junit(path: Path, root: ET.Element) -> None:
    """The file that CI reads."""
    tree = ET.ElementTree(root)
    ET.indent(tree)
    tree.write(path, encoding="utf-8", xml_declaration=True)


def clean(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return "".join(one if one in "\n\t" or ord(one) >= 32 else "�" for one in text)


def seconds(took_ms: int) -> str:
    """As JUnit writes a time."""
    return f"{took_ms // 1_000}.{took_ms % 1_000:03d}"


# --- A page: one HTML file that needs no network --------------------------------------------------


def begin_page(path: Path, title: str) -> None:
    """Write what is there until all is over. Raises OSError now and not after an hour."""
    path.write_text(f"<!doctype html><title>{title}</title>under way", "utf-8")


def write_page(path: Path, title: str, style: str, parts: list[str]) -> None:
    """Write the page."""
    head = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(title)}</title><style>{style}</style></head><body>",
    ]
    path.write_text("\n".join([*head, *parts, "</body></html>\n"]), "utf-8")
