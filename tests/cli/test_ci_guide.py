"""docs/ci.md: what it has to be pasted runs, as far as it is ours."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest
import yaml

from simulator.base.errors import ConfigError
from simulator.cli import CommandTable
from simulator.pytest_plugin import Servers
from tests.processes import ROOT, clean_environment, running

GUIDE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|yaml)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
TEST = """
def test_a_player_has_money(sandbox):
    assert sandbox.players.get("p_19f3").available == 1000
"""


def _lines(text: str) -> list[list[str]]:
    """Each call of `playmoney` in a block, as its words; those of a container too."""
    whole = text.replace("\\\n", " ")
    found = re.findall(r"^[ -]*(?:run: |docker run .*)?playmoney +(\w+ .*)$", whole, re.MULTILINE)
    return [shlex.split(line) for line in found]


def test_its_shell_lines_run(tmp_path: Path) -> None:
    """Plain shell, in a project with a scenario and a test: both pass, and leave their reports."""
    first = BLOCKS[0][1]
    mine = [line for line in first.splitlines() if line.startswith(("playmoney run", "pytest"))]
    assert len(mine) == 2
    (tmp_path / "scenarios").mkdir()
    shutil.copy(ROOT / "scenarios" / "lost-authorize.yaml", tmp_path / "scenarios")
    (tmp_path / "test_it.py").write_text(TEST)
    own = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-e", "-c", "\n".join(mine)],
        cwd=tmp_path,
        env={**clean_environment(), "PATH": own},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("scenarios.xml", "pytest.xml"):
        cases = list(ElementTree.parse(tmp_path / name).iter("testcase"))
        assert len(cases) == 1, name
    assert "<html" in (tmp_path / "scenarios.html").read_text("utf-8")


def test_its_lines_have_options_that_there_are() -> None:
    """Every call of `playmoney` in every recipe, in whichever language."""
    table = CommandTable(name="playmoney")
    calls = [words for _, block in BLOCKS for words in _lines(block)]
    assert len(calls) == 10
    for words in calls:
        found: click.Command | None = table
        for word in words:
            if not isinstance(found, click.Group):
                break
            found = found.get_command(click.Context(found), word)
        assert found is not None, words
        known = {name for parameter in found.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, words


def test_its_yaml_is_yaml() -> None:
    """A GitHub workflow with its steps, a GitLab job with its script."""
    github, gitlab = (yaml.safe_load(block) for kind, block in BLOCKS if kind == "yaml")
    assert [step.get("run", "").split()[:2] for step in github["jobs"]["integration"]["steps"]][
        3:5
    ] == [
        ["playmoney", "run"],
        ["pytest", "--junitxml"],
    ]
    assert len(gitlab["integration"]["script"]) == 6


def test_a_shared_service_is_opened_with_its_token() -> None:
    """As the container's recipe has it: without the token there is no sandbox, and it is said."""
    with running(env={"PLAYMONEY_ADMIN_TOKEN": "ci-1"}) as server:
        with Servers(url=server.url, admin_token="ci-1") as servers, servers.sandbox() as sandbox:
            assert sandbox.url == f"{server.url}/s/{sandbox.name}"
            assert sandbox.clock.mode == "frozen"
            sandbox.ledger.reconcile()
        with (
            Servers(url=server.url) as servers,
            pytest.raises(ConfigError, match="401 AUTH_FAILED"),
        ):
            servers.sandbox()


def _pins(name: str) -> set[str]:
    found = re.findall(r"^\S+==\S+", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    assert found, name
    return set(found)


def test_the_image_has_what_its_commands_need() -> None:
    """The extras too, so that `certify` leaves no check out; the releases that the tests run."""
    image, tested = _pins("requirements-image.txt"), _pins("requirements-dev.txt")
    assert _pins("requirements.txt") <= image <= tested
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {pin.partition("==")[0] for pin in image}
    for extra in ("certify", "maths", "postgres"):
        wanted = {re.split("[<>=]", one)[0] for one in extras["optional-dependencies"][extra]}
        assert wanted <= names, extra
    assert "--requirement requirements-image.txt" in (ROOT / "Dockerfile").read_text("utf-8")
