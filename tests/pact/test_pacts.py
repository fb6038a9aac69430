"""The adapters' pacts: written by making each call, committed as they are written, kept by our own
platform (issue 7, part 9). Pact's native library runs in processes of its own."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simulator.adapters.operations import OPERATIONS
from simulator.pytest_plugin import Servers
from tests.pact.interactions import INTERACTIONS
from tests.pact.messages import MESSAGES
from tests.processes import ROOT, clean_environment

PACTS = ROOT / "contracts" / "pacts"
NAMES = ("playmoney-studio-platform.json", "playmoney-studio-platform-events.json")


def _run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def url(playmoney: Servers) -> str:
    with playmoney.sandbox() as sandbox:
        return sandbox.url.partition("/s/")[0]


def _pact(name: str) -> Any:
    return json.loads((PACTS / name).read_text("utf-8"))


def test_the_committed_pacts_are_what_the_adapters_expect(tmp_path: Path) -> None:
    """Every call is made and every answer read by the adapter; the files are the same byte for byte
    (`make docs` writes them anew)."""
    done = _run("tests.pact.write", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES)
    assert {path.name for path in PACTS.glob("*.json")} == set(NAMES)
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (PACTS / name).read_bytes(), name


def test_every_operation_of_the_client_is_in_a_pact() -> None:
    """None is left out, and no two interactions share a description or a key."""
    assert {one.operation.name for one in INTERACTIONS} == {one.name for one in OPERATIONS}
    described = [one["description"] for one in _pact(NAMES[0])["interactions"]]
    assert described == sorted({"a token", *(one.says for one in INTERACTIONS)})
    told = [one["description"] for one in _pact(NAMES[1])["interactions"]]
    assert told == sorted(one.event_type for one in MESSAGES)


def test_the_guide_has_every_state() -> None:
    """docs/pact.md names each provider state of the pacts with the parameters that it comes with,
    and no other."""
    used: dict[str, set[str]] = {}
    for one in (one for name in NAMES for one in _pact(name)["interactions"]):
        for state in one["providerStates"]:
            used.setdefault(state["name"], set()).update(state.get("params", {}))
    guide = (ROOT / "docs" / "pact.md").read_text("utf-8").partition("| state |")[2]
    rows = re.findall(r"^\| `([a-z -]+)` \| ?([^|]*?) ?\|", guide, re.MULTILINE)
    same = set(re.findall(r"`(\w+)`", dict(rows)["a held bet"]))
    told = {n: same if p == "the same" else set(re.findall(r"`(\w+)`", p)) for n, p in rows}
    assert told == used


def test_our_platform_keeps_the_pacts(url: str) -> None:
    """Every call is answered as expected under its provider state, and every event comes; the books
    are sound afterwards."""
    done = _run("tests.pact.verify", str(PACTS), url)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "says", "path", "value", "found"),
    [
        (NAMES[0], "a win", ("response", "status"), 201, "expected 201 but was 200"),
        (NAMES[1], "bet.settled", ("contents", "content", "payload", "odds"), 2, "odds"),
    ],
    ids=["call", "event"],
)
def test_a_pact_that_is_not_kept_is_found(
    tmp_path: Path, url: str, name: str, says: str, path: tuple[str, ...], value: int, found: str
) -> None:
    """The negative control: one expectation changed in one of the files, and it is named."""
    for known in NAMES:
        pact = _pact(known)
        wanted = says if known == name else pact["interactions"][0]["description"]
        pact["interactions"] = [one for one in pact["interactions"] if one["description"] == wanted]
        if known == name:
            place = pact["interactions"][0]
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = value
        (tmp_path / known).write_text(json.dumps(pact), "utf-8")
    done = _run("tests.pact.verify", str(tmp_path), url)
    assert done.returncode == 1, done.stdout + done.stderr
    assert found in done.stdout
