"""Which test proves which rule: `python -m tests.rules_page` writes docs/rules.md.

A test's docstring names the rules of which it states the law (WAL-06, or WAL-20..22 for several).
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "rules.md"

RULES: dict[str, dict[str, str]] = yaml.safe_load(
    (ROOT / "tests" / "rules.yaml").read_text(encoding="utf-8")
)
"""Section → id → what the rule says."""

_NAMED = re.compile(r"WAL-(\d{2})(?:\.\.(?:WAL-)?(\d{2}))?")

_HEAD = """# Rules and their tests

<!-- Written by `make docs` from tests/rules.yaml and the docstrings of the tests. -->

Every rule of the money APIs that concerns a server, and the tests that name it. Run one with
`.venv/bin/pytest PATH::NAME`.
"""


def named(text: str) -> Iterator[str]:
    """The ids of the rules that a docstring names, ranges written out."""
    for first, last in _NAMED.findall(text):
        for number in range(int(first), int(last or first) + 1):
            yield f"WAL-{number:02}"


def proofs(folder: Path = ROOT / "tests") -> dict[str, list[str]]:
    """Rule → the tests that name it, as `path::name` below the checkout."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for owner, node in _tests(tree):
            docstring = ast.get_docstring(node) or ""
            where = "::".join([path.relative_to(folder.parent).as_posix(), *owner, node.name])
            for rule in dict.fromkeys(named(docstring)):
                found.setdefault(rule, []).append(where)
    return found


def page() -> str:
    """The whole page."""
    found = proofs()
    lines = [_HEAD]
    for section, rules in RULES.items():
        lines.append(f"## {section}\n")
        for rule, text in rules.items():
            lines.append(f"**{rule}** {text}\n")
            lines += [f"- `{where}`" for where in found.get(rule, [])]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _tests(tree: ast.Module) -> Iterator[tuple[list[str], ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The test functions of a module, with the classes they stand in."""
    for node in tree.body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        owner = [node.name] if isinstance(node, ast.ClassDef) else []
        for part in inside:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and part.name.startswith(
                "test_"
            ):
                yield owner, part


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {sum(map(len, RULES.values()))} rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
