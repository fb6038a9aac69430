"""A statement of another system against the ledger: every line has its like, or is a break.

A line is a movement of a player's money, named by its kind and the id of the transaction, bet,
payment or bonus. The two sides may list them in any order; a movement of nothing needs no like.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from simulator.base.errors import ConfigError
from simulator.settings import unknown
from simulator.wire import json

KINDS = (
    "debit",
    "credit",
    "rollback",
    "reserve",
    "release",
    "deposit",
    "withdrawal",
    "fund",
    "bonus",
)
"""What a line can be: a stake, a win, a stake given back, an amount set aside or let go, money in
and out, the money that a test put there, and a bonus that was given."""

FIELDS = ("id", "player_id", "kind", "amount", "currency")


class Line(NamedTuple):
    """One movement: the amount in major units, as decimal text says it."""

    id: str
    player_id: str
    kind: str
    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency} of {self.player_id}"


class Difference(NamedTuple):
    """What one line of one side has against the other."""

    break_kind: str
    line: Line
    message: str


def compare(ours: Iterable[Line], theirs: Iterable[Line]) -> list[Difference]:
    """Every break, in the order of our lines and then of theirs."""
    here, there = _by_name(ours), _by_name(theirs)
    found: list[Difference] = []
    for name, lines in here.items():
        found += _pair(lines, there.pop(name, []))
    for lines in there.values():
        found += _pair([], lines)
    return found


def _by_name(lines: Iterable[Line]) -> dict[tuple[str, str], list[Line]]:
    named: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        named.setdefault((line.kind, line.id), []).append(line)
    return named


def _pair(ours: list[Line], theirs: list[Line]) -> Iterator[Difference]:
    """Lines of one name: the same ones cancel out, the others are compared in their order."""
    known = bool(ours)
    left: list[Line] = []
    for line in ours:
        if line in theirs:
            theirs.remove(line)
        else:
            left.append(line)
    for here, there in zip(left, theirs, strict=False):
        yield Difference(_unlike(here, there), here, f"here {here}, there {there}")
    for here in left[len(theirs) :]:
        if here.amount:
            yield Difference("missing there", here, f"here {here}")
    for there in theirs[len(left) :]:
        if known:
            yield Difference("duplicate", there, f"there once more {there}")
        elif there.amount:
            yield Difference("missing here", there, f"there {there}")


def _unlike(here: Line, there: Line) -> str:
    if here.currency != there.currency:
        return "currency differs"
    return "amount differs" if here.amount != there.amount else "player differs"


# Files -------------------------------------------------------------------------------------------


def read_csv(text: Iterable[str], name: str) -> Iterator[Line]:
    """Lines of a CSV file whose first row names the columns; more columns than ours are ignored.

    Raises ConfigError, with the line.
    """
    reader = csv.DictReader(text)
    missing = [field for field in FIELDS if field not in (reader.fieldnames or ())]
    if missing:
        raise ConfigError(f"{name}: its first line names no column {', '.join(missing)}")
    try:
        for row in reader:
            yield _line(row, f"{name}:{reader.line_num}")
    except csv.Error as wrong:
        raise ConfigError(f"{name}:{reader.line_num}: is not CSV: {wrong}") from None


def read_ndjson(text: Iterable[str], name: str) -> Iterator[Line]:
    """Lines of a file with a JSON object a line; more fields than ours are ignored.

    Raises ConfigError, with the line.
    """
    for number, line in enumerate(text, 1):
        if not line.strip():
            continue
        place = f"{name}:{number}"
        try:
            row = json.decode(line.encode())
        except json.NotJson as wrong:
            raise ConfigError(f"{place}: {wrong}") from None
        if not isinstance(row, dict):
            raise ConfigError(f"{place}: is not an object")
        yield _line(row, place)


Reader = Callable[[Iterable[str], str], Iterator[Line]]

READERS: Mapping[str, Reader] = {"csv": read_csv, "ndjson": read_ndjson}


def _line(row: Mapping[str, Any], place: str) -> Line:
    for field in FIELDS:
        if row.get(field) in (None, ""):
            raise ConfigError(f"{place}: {field} is missing")
    if row["kind"] not in KINDS:
        raise unknown(f"{place}: kind", str(row["kind"]), KINDS)
    return Line(
        str(row["id"]),
        str(row["player_id"]),
        str(row["kind"]),
        _amount(row["amount"], place),
        str(row["currency"]),
    )


def _amount(value: Any, place: str) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, str | int | Decimal) else Decimal("nan")
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or abs(amount.adjusted()) > 40:
        raise ConfigError(f"{place}: amount is not a decimal number such as 2.00")
    return amount


def kinds_of(differences: Sequence[Difference]) -> dict[str, int]:
    """How many there are of each kind of break."""
    counted: dict[str, int] = {}
    for difference in differences:
        counted[difference.break_kind] = counted.get(difference.break_kind, 0) + 1
    return counted
