"""Which check asks for which rule, and what it cannot see: `python -m tests.checks_page`."""

import sys
from pathlib import Path

from simulator.certify.check import LEVELS, ROLES, Check
from simulator.certify.checks.table import CHECKS
from simulator.certify.clients.table import CHECKS as DUTIES
from simulator.certify.unseen import UNSEEN
from tests.rules_page import RULES

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "checks.md"

_HEAD = """# Rules and the checks that ask for them

<!-- Written by `make docs` from simulator/certify/checks/. -->

Every rule of the money APIs, the checks of `playmoney certify` that ask for it, and what they
cannot see. A rule that no suite can judge from outside says who does. Checks named `client.…` are
those of `playmoney watch` ([watch.md](watch.md)), and judge whoever calls.
"""


def by_rule() -> dict[str, list[Check]]:
    """Rule → the checks that ask for it."""
    found: dict[str, list[Check]] = {}
    for check in CHECKS:
        for rule in check.rules:
            found.setdefault(rule, []).append(check)
    return found


def page() -> str:
    """The whole page."""
    asked = by_rule()
    lines = [_HEAD]
    for section, rules in RULES.items():
        lines.append(f"## {section}\n")
        for rule, text in rules.items():
            lines.append(f"**{rule}** {text}\n")
            lines += [_line(check) for check in asked.get(rule, [])]
            lines += [f"- `{one.id}`: {one.about}" for one in DUTIES if rule in one.rules]
            if rule in UNSEEN:
                lines.append(f"- not asked: {UNSEEN[rule]}")
            lines.append("")
    lines.append("## Further requirements\n")
    known = {rule for rules in RULES.values() for rule in rules}
    for rule in sorted(set(asked) - known):
        lines.append(f"- **{rule}**: {', '.join(f'`{check.id}`' for check in asked[rule])}")
    lines += ["", "## How many\n", f"| role | {' | '.join(LEVELS)} |", "| --- | --- | --- | --- |"]
    for role in ROLES:
        own = [check for check in CHECKS if check.role == role]
        counts = [sum(LEVELS.index(one.level) <= at for one in own) for at in range(len(LEVELS))]
        lines.append(f"| {role} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines).rstrip() + "\n"


def _line(check: Check) -> str:
    blind = f" It cannot see: {check.blind}" if check.blind else ""
    needs = f" (needs {', '.join(f'`{need}`' for need in check.needs)})" if check.needs else ""
    return f"- `{check.id}`: {check.about}{needs}{blind}"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
