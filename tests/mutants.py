"""`make mutants`: changes the ledger and the wallet one place at a time, and asks the tests.

    python -m tests.mutants [SAMPLE]

mutmut makes the mutants and learns which tests reach which function; this prepares a folder for it
(`build/mutants`), draws the sample, has it tried (`tests/mutants_tried.py`) and counts. Without a
sample all are tried, which takes a night. Survivors are listed, each with what it has changed.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from tests.processes import ROOT

FOLDER = ROOT / "build" / "mutants"
TOOL = ROOT / "build" / "mutmut"
SEED = 20
AT_ONCE = 2

CONFIG = """
[tool.mutmut]
source_paths = ["simulator"]
only_mutate = ["simulator/ledger/*.py", "simulator/wallet/*.py"]
also_copy = ["openapi", "contracts", "scenarios", "docs"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "no:xdist", "--timeout", "300"{ignored}]
pytest_add_cli_args_test_selection = {selected}
use_git_change_detection = false
"""

TESTS = (
    "tests/ledger",
    "tests/wallet",
    "tests/cli/test_audit.py",
    "tests/cli/test_reconcile.py",
    "tests/contract/test_wallet_refusals.py",
    "tests/play/test_scripted.py",
)
"""Where the laws of the two rooms are, in this process and without a database server."""

LEFT_OUT = (
    # A server of its own does not know which mutant is meant.
    "tests/wallet/test_profiles.py::test_serve_takes_a_profile",
    "tests/wallet/test_profiles.py::test_a_scope_is_a_databases_too",
    "tests/ledger/test_audit.py::test_a_server_audits_itself_while_it_runs",
    "tests/cli/test_audit.py::test_a_running_server_is_checked_beside",
    "tests/cli/test_reconcile.py::test_a_running_server_is_reconciled_beside",
)


def main() -> None:
    """Prepare, draw, try, count."""
    sample = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1] else None
    _prepare()
    # By a name that none has: the mutants are made, and which tests reach which of them is learnt.
    _mutmut("run", "--max-children", str(AT_ONCE), "none.of.them")
    names = sorted(_names())
    if not names:
        sys.exit("no mutants were made; what mutmut said stands above")
    chosen = names if sample is None else sorted(random.Random(SEED).sample(names, sample))
    print(f"{len(chosen)} of {len(names)} mutants", flush=True)
    counts = Counter[str]()
    for line in _tried(chosen):
        fate, _, name = line.partition(": ")
        counts[fate] += 1
        if fate != "killed":
            print(line, flush=True)
            _mutmut("show", name.partition(" ")[0])
    print(", ".join(f"{count} {fate}" for fate, count in counts.most_common()))
    print(f"score {counts['killed'] / len(chosen):.1%} of {len(chosen)}, seed {SEED}")


def _tried(chosen: Sequence[str]) -> Iterator[str]:
    """What became of each, as it comes, from so many processes at once. Exits where one fails."""
    command = [sys.executable, "-m", "tests.mutants_tried"]
    with ExitStack() as running:
        parts = [
            running.enter_context(
                subprocess.Popen(
                    [*command, *chosen[n::AT_ONCE]],
                    cwd=FOLDER / "mutants",
                    env=_environment(),
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for n in range(AT_ONCE)
        ]
        for part in parts:
            assert part.stdout is not None
            yield from map(str.rstrip, part.stdout)
    if any(part.returncode for part in parts):
        sys.exit("not all were tried; why stands above")


def _prepare() -> None:
    """A folder with what the tests need, and mutmut's settings in its own pyproject.toml."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for name in ("simulator", "tests", "openapi", "contracts", "scenarios", "docs"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, FOLDER / name, ignore=ignore)
    ignored = "".join(f', "--deselect={name}"' for name in LEFT_OUT)
    chosen = CONFIG.format(ignored=ignored, selected=json.dumps(TESTS))
    settings = (ROOT / "pyproject.toml").read_text() + chosen
    (FOLDER / "pyproject.toml").write_text(settings)


def _mutmut(*arguments: str) -> None:
    command = [sys.executable, "-m", "mutmut", *arguments]
    subprocess.run(command, cwd=FOLDER, env=_environment(), check=False)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(TOOL)}


def _names() -> Iterator[str]:
    for path in (FOLDER / "mutants").rglob("*.meta"):
        yield from json.loads(path.read_text())["exit_code_by_key"]


if __name__ == "__main__":
    main()
