"""What a client is judged by: `python -m tests.watch_page`.

Writes the tables of docs/watch.md from the checks and the plans, and contracts/plan.schema.json.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from simulator.certify.clients.plan import load, shipped
from simulator.certify.clients.schema import PATH, written
from simulator.certify.clients.table import CHECKS, names

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "watch.md"
SCHEMA = ROOT / "contracts" / PATH

PART = "<!-- {name}: written by `make docs` -->\n{text}<!-- end -->"


def page(text: str) -> str:
    """The page with its tables as they are now."""
    for name, lines in (("plans", _plans()), ("checks", _checks())):
        part = PART.format(name=name, text="\n" + "\n".join(lines) + "\n\n")
        marks = rf"<!-- {name}: written by `make docs` -->\n.*?<!-- end -->"
        text, found = re.subn(marks, part.replace("\\", r"\\"), text, flags=re.DOTALL)
        if found != 1:
            raise ValueError(f"docs/watch.md has {found} places for {name}")
    return text


def _plans() -> Iterator[str]:
    yield "| plan | rules | what it is |"
    yield "| --- | --- | --- |"
    for name in shipped():
        plan, _ = load(name, names())
        yield f"| `{name}` | {len(plan.chaos)} | {plan.about} |"


def _checks() -> Iterator[str]:
    yield "| check | rules | the law | judged when there was |"
    yield "| --- | --- | --- | --- |"
    for check in CHECKS:
        blind = f" *Blind to {check.blind}.*" if check.blind else ""
        rules = ", ".join(check.rules)
        yield f"| `{check.id}` | {rules} | {check.about}{blind} | {check.needs} |"


def main() -> int:
    """Write both."""
    SCHEMA.write_text(written(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
