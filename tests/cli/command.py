"""A command in this process: its exit code and what it printed."""

import sys
from typing import NamedTuple

import pytest

from simulator.cli import main


class Done(NamedTuple):
    """How it ended."""

    code: int
    out: str
    err: str


class Command:
    """`playmoney` with some arguments, again and again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Done:
        self._monkeypatch.setattr(sys, "argv", ["playmoney", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self._capsys.readouterr()
        return Done(int(ended.value.code or 0), printed.out, printed.err)
