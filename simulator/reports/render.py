"""A report as text: a table for people, CSV for sheets, JSON for programs, with the same digits.

CSV has the rows alone; JSON has everything.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from simulator.wire import json

FORMATS = ("table", "csv", "json")

WIDTH = 200
"""Columns of a table that nobody's terminal bounds: nothing of a figure is cut."""

Found = Mapping[str, Any]


def render(found: Found, form: str, parts: Sequence[str]) -> str:
    """The report in a format; `parts` are its lists that a table shows, the first is the rows."""
    return _WRITERS[form](found, parts)


def _json(found: Found, _parts: Sequence[str]) -> str:
    return json.encode(found).decode() + "\n"


def _csv(found: Found, parts: Sequence[str]) -> str:
    rows = found[parts[0]]
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _plain(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _table(found: Found, parts: Sequence[str]) -> str:
    text = io.StringIO()
    console = Console(file=text, width=WIDTH, highlight=False)
    for part in parts:
        rows = found[part]
        if not rows:
            continue
        table = Table(title=None if part == "rows" else part, box=None, title_justify="left")
        for name, value in rows[0].items():
            right = isinstance(value, int | Decimal)
            table.add_column(name, justify="right" if right else "left", no_wrap=True)
        for row in rows:
            table.add_row(*(_plain(value) for value in row.values()))
        console.print(table)
    lines = (line.rstrip() for line in text.getvalue().splitlines())
    return "\n".join([*lines, _footer(found)]) + "\n"


def _footer(found: Found) -> str:
    """What was read, in a line."""
    events = found["events"]
    skipped = sum(events["skipped"].values())
    told = f"{events['read']} events of the {found['feed']}'s feed"
    more = {
        "repeated": events["repeated"],
        "of other types": skipped,
        "spins void": events["voided"],
        "spins missing": events["without_spin"],
    }
    return ", ".join([told, *(f"{number} {what}" for what, number in more.items() if number)])


def _plain(value: Any) -> str:
    """A value as a cell: decimals without an exponent."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)


_WRITERS: Mapping[str, Callable[[Found, Sequence[str]], str]] = {
    "table": _table,
    "csv": _csv,
    "json": _json,
}
