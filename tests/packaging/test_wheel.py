"""What is shipped works where it is installed: the wheel in an empty environment, offline.

The environment sees the dependencies of this one, so that nothing is fetched, and none of the
checkout: a copy of playmoney that is found is the wheel's.
"""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import urllib.request
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator import __version__
from simulator.wire.files import find
from tests.processes import ROOT, clean_environment, running

CARRIED = ("openapi", "contracts", "scenarios")
"""Folders that stand beside the package in a checkout, and inside it in a wheel."""

WHEEL = f"playmoney-{__version__}-py3-none-any.whl"
SDIST = f"playmoney-{__version__}.tar.gz"


@dataclass(frozen=True)
class Installed:
    """An environment with nothing but the wheel, and dependencies from this one."""

    folder: Path

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    def python(self, *arguments: str) -> str:
        """Run its Python far from the checkout; what it prints."""
        return _run(str(self.bin / "python"), *arguments, cwd=self.folder)


def _run(*command: str, cwd: Path) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=_far(), capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _far() -> dict[str, str]:
    """This environment without what would lead to the checkout or to a package index."""
    environment = clean_environment()
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        environment.pop(name, None)
    return {**environment, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, and the wheel that is built from the sdist alone."""
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install first, while the environment is empty; then let it see the dependencies."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(folder, symlinks=True)
    python = str(folder / "bin" / "python")
    pip = (sys.executable, "-m", "pip", "--python", python)
    _run(*pip, "install", "--quiet", "--no-deps", "--no-index", str(dist / WHEEL), cwd=folder)
    (own,) = folder.glob("lib/python*/site-packages")
    # A line of a .pth file adds the folder and does not read the .pth files in it, so the editable
    # install of the checkout is not among what is seen.
    lines = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (own / "dependencies.pth").write_text("\n".join(lines) + "\n")
    return Installed(folder)


# What is in them ---------------------------------------------------------------------------------


def test_the_wheel_has_the_package_and_what_it_carries(dist: Path) -> None:
    """Every file of the package, with the data folders inside of it, and nothing else: no test,
    no tool, no second top-level package."""
    with zipfile.ZipFile(dist / WHEEL) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = _walk(ROOT / "simulator")
    for folder in CARRIED:
        expected |= {f"simulator/_files/{path}" for path in _walk(ROOT / folder)}
    assert names == expected
    assert {f"simulator/{room}/schema.sql" for room in ("store", "ledger", "wallet")} <= names


def _walk(folder: Path) -> set[str]:
    """Every file below a folder of the checkout but caches, as the archive names it."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_sdist_has_what_the_project_lists(dist: Path) -> None:
    """Everything that `pyproject.toml` names, the tests included: who has it can build the wheel
    and run the tests."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = project["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"]
    with tarfile.open(dist / SDIST) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    for entry in listed:
        wanted = _walk(ROOT / entry) if (ROOT / entry).is_dir() else {entry}
        assert wanted <= names, entry
        assert wanted, f"{entry} is listed and does not exist"
    assert {"pyproject.toml", "README.md", "LICENSE"} <= names
    assert not [name for name in names if name.startswith((".venv", "build/", ".git/"))]


def test_the_wheel_tells_what_it_is(dist: Path) -> None:
    """Name, version, licence, command and the dependencies that `pyproject.toml` names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    info = f"playmoney-{__version__}.dist-info"
    with zipfile.ZipFile(dist / WHEEL) as wheel:
        metadata = wheel.read(f"{info}/METADATA").decode()
        scripts = wheel.read(f"{info}/entry_points.txt").decode()
        assert f"{info}/licenses/LICENSE" in wheel.namelist()
    head = metadata.partition("\n\n")[0].splitlines()
    assert "Name: playmoney" in head
    assert f"Version: {__version__}" in head
    assert "License-Expression: Apache-2.0" in head
    needs = [line.removeprefix("Requires-Dist: ") for line in head if "Requires-Dist" in line]
    plain = {_name(need) for need in needs if "extra ==" not in need}
    assert plain == {_name(need) for need in project["dependencies"]}
    assert scripts.split("\n")[:2] == ["[console_scripts]", "playmoney = simulator.cli:main"]
    assert "[pytest11]\nplaymoney = simulator.pytest_plugin\n" in scripts


def _name(requirement: str) -> str:
    return requirement.partition(">")[0].strip()


# What it does ------------------------------------------------------------------------------------


def test_the_installed_copy_is_the_wheels(installed: Installed) -> None:
    """The proof that the tests below say something: package and contracts come from the
    environment, and nothing that is imported from the checkout."""
    look = (
        "import json, sys, simulator.cli.serve, simulator.world\n"
        "from simulator.wire.files import find\n"
        "names = [name for name in sys.modules if name.partition('.')[0] == 'simulator']\n"
        "ours = [sys.modules[name].__file__ for name in names]\n"
        "print(json.dumps([ours, [str(find(f)) for f in json.loads(sys.argv[1])], sys.path]))\n"
    )
    told = installed.python("-c", look, json.dumps(CARRIED))
    modules, carried, path = json.loads(told)
    assert len(modules) > 30
    for place in (*modules, *carried):
        assert Path(place).resolve().is_relative_to(installed.folder.resolve()), place
    assert all("/_files/" in place for place in carried)
    assert str(ROOT) not in path
    for folder in CARRIED:  # and byte for byte what the checkout has
        inside = Path(carried[CARRIED.index(folder)])
        for name in _walk(ROOT / folder):
            below = Path(name).relative_to(folder)
            assert (inside / below).read_bytes() == find(folder, *below.parts).read_bytes()


def test_the_installed_command_serves(installed: Installed, tmp_path: Path) -> None:
    """`playmoney serve` from an unrelated folder: it answers, by the contract that it carries, and
    keeps its world where it was told to."""
    command = (str(installed.bin / "playmoney"), "serve", "--port", "0")
    data = tmp_path / "world"
    with running("--data", str(data), command=command, cwd=tmp_path, env=_emptied()) as server:
        health = json.loads(_get(f"{server.url}/__admin/health"))
        assert (health["status"], health["version"]) == ("ok", __version__)
        for name in ("platform", "wallet", "control"):
            carried = find("openapi", f"{name}.yaml").read_bytes()
            assert _get(f"{server.url}/openapi/{name}.yaml") == carried
        assert b"swagger" in _get(f"{server.url}/docs").lower()
        token = _run(str(installed.bin / "playmoney"), "token", "--url", server.url, cwd=tmp_path)
        assert token.count(".") == 2
        assert server.stop() == 0
        assert server.errors() == ""
    assert (data / "wallet.db").is_file()


def _emptied() -> dict[str, str]:
    """What `_far` takes away, for `running`, which adds to the environment."""
    return {"PYTHONPATH": ""} if "PYTHONPATH" in os.environ else {}


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return bytes(answer.read())


def test_the_installed_module_is_the_command_too(installed: Installed, tmp_path: Path) -> None:
    """`python -m simulator` and `playmoney` say the same, from anywhere."""
    told = _run(str(installed.bin / "playmoney"), "--version", cwd=tmp_path)
    assert told == installed.python("-m", "simulator", "--version") == f"playmoney {__version__}\n"


def test_the_installed_plugin_gives_a_sandbox(installed: Installed, tmp_path: Path) -> None:
    """pytest finds the plugin by the wheel's entry point, with the wheel's server (SBX-13)."""
    test = tmp_path / "test_it.py"
    test.write_text(
        "import simulator\n"
        "def test_it(sandbox):\n"
        "    assert sandbox.players.get('p_19f3').available == 1000\n"
        f"    assert simulator.__file__.startswith({str(installed.folder)!r})\n"
    )
    others = [f"-pno:{name}" for name in ("schemathesis", "hypothesispytest", "anyio", "xdist")]
    told = installed.python("-m", "pytest", "-q", "-pno:cacheprovider", *others, str(test))
    assert "1 passed" in told
