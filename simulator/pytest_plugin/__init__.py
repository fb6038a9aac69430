"""Floor 9, a door: the pytest plugin. `sandbox` is a world of the test's own (SBX-13).

pytest loads this file in every project that has playmoney installed, so it imports nothing but
pytest: what a sandbox needs is imported, by its name as the commands are, for the first test that
asks for one.
"""

import importlib
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from simulator.pytest_plugin.asking import Answer, ControlError, NoAnswer
    from simulator.pytest_plugin.held import Credentials, Sandbox
    from simulator.pytest_plugin.parts import BooksUnsound, JournalMismatch, Player
    from simulator.pytest_plugin.servers import Servers

__all__ = [
    "Answer",
    "BooksUnsound",
    "ControlError",
    "Credentials",
    "JournalMismatch",
    "NoAnswer",
    "Player",
    "Sandbox",
    "Servers",
]

_WHERE = {
    "Answer": "asking",
    "BooksUnsound": "parts",
    "ControlError": "asking",
    "Credentials": "held",
    "JournalMismatch": "parts",
    "NoAnswer": "asking",
    "Player": "parts",
    "Sandbox": "held",
    "Servers": "servers",
}
"""Public name → the file that has it, read when somebody asks for it. None is called as a fixture
is: once read, it would stand here under that name."""

MARKER = (
    "playmoney(seed=42, clock='frozen', profile='reference', chaos=[], books=True): "
    "how the sandbox of this test begins, and whether its books are reconciled after it"
)


CERTIFY = (
    "playmoney_certify(role, suite='standard', only=(), target=URL, config=FILE, profile=NAME): "
    "the checks of `playmoney certify ROLE`, each as a test that takes `playmoney_check`"
)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_load(_WHERE[name]), name)


def _load(file: str) -> Any:
    return importlib.import_module(f"simulator.pytest_plugin.{file}")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The two options."""
    group = parser.getgroup("playmoney", "sandboxes for iGaming integrations")
    group.addoption(
        "--playmoney-seed",
        type=int,
        metavar="N",
        help="seed of every sandbox whose test names none (default: 42)",
    )
    group.addoption(
        "--playmoney-url",
        metavar="URL",
        help="make the sandboxes on this running server, not on one of our own "
        "(its admin token: PLAYMONEY_ADMIN_TOKEN)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The markers, for `--strict-markers`; and a seed that is none stops the run."""
    config.addinivalue_line("markers", MARKER)
    config.addinivalue_line("markers", CERTIFY)
    if config.getoption("--playmoney-seed") is not None:
        _load("lifetime").require_seed(config)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A marker with a word that is none fails its test, whether or not it uses its sandbox."""
    if item.get_closest_marker("playmoney") is not None:
        _load("lifetime").wanted(item)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `playmoney_check` is one test for each check of its marker."""
    if "playmoney_check" in metafunc.fixturenames:
        _load("certifying").questions(metafunc)


@pytest.fixture(scope="session")
def playmoney(pytestconfig: pytest.Config) -> Iterator["Servers"]:
    """The servers of this process: one for each profile that is asked for, on first use."""
    with _load("lifetime").servers(pytestconfig) as servers:
        yield servers


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, playmoney: "Servers") -> Iterator["Sandbox"]:
    """A sandbox of this test's own: seeded, isolated, gone afterwards, its books reconciled."""
    yield from _load("lifetime").sandbox_of(request.node, playmoney)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test's report says what its sandbox saw, and how to see it again."""
    report = yield
    if report.failed and "sandbox" in getattr(item, "fixturenames", ()):
        report.sections += _load("lifetime").told(item, report.when)
    return report
