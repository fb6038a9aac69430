"""No binary float where money or chance is computed (PRV-03): read from the source itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import simulator

PACKAGE = Path(simulator.__file__).parent

MAY_WAIT = {
    "adapters": "back-off and time-outs are seconds of asyncio, which takes floats",
    "certify/drive.py": "it waits as long as it is asked to, in seconds of asyncio",
    "certify/checks/jackpot/live_follows.py": "it listens for a while, in seconds of asyncio",
    "certify/eventually.py": "it polls, in seconds of asyncio",
    "certify/linked.py": "it waits a little before it asks again, in seconds of asyncio",
    "certify/roles/jackpot.py": "it polls, in seconds of asyncio",
    "certify/wires/asgi.py": "it listens for a while, in seconds of asyncio",
    "certify/wires/sockets.py": "time-outs are seconds of asyncio",
    "pytest_plugin/asking.py": "it waits for answers, in seconds",
    "server/alarm.py": "time-outs are seconds of asyncio",
    "server/child.py": "it waits for another process, in seconds",
    "server/deliveries.py": "it polls, in seconds of asyncio",
    "server/deliveries_control.py": "it polls, in seconds of asyncio",
    "server/feed.py": "it polls, in seconds of asyncio",
    "server/live.py": "it polls, in seconds of asyncio",
    "server/metrics.py": "the text format of Prometheus has floats and nothing else",
    "server/watch.py": "it polls, in seconds of asyncio",
    "cli": "how long a run took, for people",
    "rgs/maths/game.py": "it looks for floats, to refuse them",
    "scenarios/virtual.py": "asyncio's time is a float; what clocks follow is whole nanoseconds",
    "server/protocol.py": "asyncio's timers take floats",
}
"""Rooms and files that may handle a float, each with its reason. None of them computes money or
chance."""

STRICT = {"base", "wire", "store", "ledger", "wallet"}
"""Rooms in which nothing is divided but with `//`; elsewhere `/` joins paths."""

PATHS = {
    "wire/files.py": "`/` joins paths",
    "store/folder.py": "`/` joins paths",
}
"""Files of the strict rooms in which `/` joins paths too."""


def _sources() -> list[str]:
    names = (path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
    return sorted(name for name in names if not {name, name.partition("/")[0]} & MAY_WAIT.keys())


def _floats(source: str) -> Iterator[tuple[int, str]]:
    """Line and kind of everything that is, makes or asks for a float."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=float() | complex()):
                yield node.lineno, "a float literal"
            case ast.Name(id="float" | "complex") | ast.Attribute(attr="as_integer_ratio"):
                yield node.lineno, "float by name"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield node.lineno, "a true division"
            case ast.Import(names=names) if any(a.name == "statistics" for a in names):
                yield node.lineno, "an import of floating-point functions"
            case ast.ImportFrom(module="statistics"):
                yield node.lineno, "an import of floating-point functions"
            case ast.ImportFrom(module="math", names=names) if {a.name for a in names} - _EXACT:
                yield node.lineno, "an import of floating-point functions"
            case ast.Attribute(value=ast.Name(id="math"), attr=name) if name not in _EXACT:
                yield node.lineno, f"math.{name}, which is a float"
            case ast.Attribute(value=ast.Name(id="time"), attr=name) if name in _SECONDS:
                yield node.lineno, f"time.{name}, which is a float"


_EXACT = {"ceil", "comb", "factorial", "floor", "gcd", "isqrt", "lcm", "perm", "prod"}
"""The functions of `math` that are exact for whole numbers and fractions."""

_SECONDS = ("time", "monotonic", "perf_counter", "process_time")


def test_there_is_no_float() -> None:
    """No literal, call, annotation or division in these files is a binary float (PRV-03)."""
    found = [
        f"{name}:{line}: {what}"
        for name in _sources()
        for line, what in _floats(PACKAGE.joinpath(name).read_text())
        if what != "a true division" or (name.partition("/")[0] in STRICT and name not in PATHS)
    ]
    assert not found


def test_the_rooms_of_money_and_chance_are_read() -> None:
    """The list above holds the rooms that matter, so an empty list cannot pass for a clean one."""
    rooms = {name.partition("/")[0] for name in _sources() if "/" in name}
    assert rooms >= STRICT
    assert not rooms & set(MAY_WAIT)


@pytest.mark.parametrize(
    "source",
    [
        "x = 1.0",
        "x = -2e3",
        "x = 3j",
        "x = float('1')",
        "def f(x: float) -> None: ...",
        "x: list[float] = []",
        "x = y / 2",
        "x /= 2",
        "x = math.sqrt(4)",
        "from math import exp",
        "now = time.time()",
        "call(key=0.5)",
        "f'{1.5}'",
    ],
)
def test_a_float_is_found(source: str) -> None:
    """Negative control: each way to a float is seen."""
    assert len(list(_floats(source))) == 1


@pytest.mark.parametrize(
    "source", ["x = 1", "x = '1.0'", "x = y // 2", "x = math.gcd(4, 6)", "from math import comb"]
)
def test_what_is_no_float_is_not_found(source: str) -> None:
    """Integers, texts and whole divisions are left alone."""
    assert not list(_floats(source))
