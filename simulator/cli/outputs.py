"""Where verdicts go: the options of the commands that give them, and the outputs behind those."""

import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import click

from simulator.base.errors import ConfigError
from simulator.cli.options import FILE, Option
from simulator.reports.outputs import Output
from simulator.reports.runs import console as run_console
from simulator.reports.runs import files as run_files
from simulator.reports.runs.html import Html as RunHtml
from simulator.reports.verdicts import console as suite_console
from simulator.reports.verdicts import files as suite_files
from simulator.reports.verdicts.html import Html as SuiteHtml

INTERRUPTED = 130

Options = Mapping[str, Any]
Kinds = Mapping[str, Callable[[Path], Output]]
"""Option → what writes its file."""

_JUNIT = click.option("--junit", type=FILE, help="Write JUnit's XML.")
_HTML = click.option("--html", type=FILE, help="Write a report: one file, readable offline.")
_JSON = click.option("--json", "json_", type=FILE, help="Write everything as JSON.")
_NDJSON = click.option("--ndjson", type=FILE, help="Write each event as it happens.")
_MARKDOWN = click.option("--md", type=FILE, help="Write Markdown, for a CI job's summary.")

OF_RUNS: tuple[Option, ...] = (_JUNIT, _HTML, _JSON, _NDJSON)
OF_SUITES: tuple[Option, ...] = (_JUNIT, _JSON, _HTML, _MARKDOWN)


class Outputs:
    """All outputs as one, a context: leaving it closes each, and ends an interrupted command."""

    def __init__(self, *outputs: Output) -> None:
        self._outputs = outputs

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with contextlib.ExitStack() as closing:
            for output in self._outputs:
                closing.callback(output.close)
        if kind is KeyboardInterrupt:
            click.echo("interrupted", err=True)
            sys.exit(INTERRUPTED)

    def take(self, happening: object) -> None:
        """Tell each."""
        for output in self._outputs:
            output.take(happening)


def of_run(options: Options) -> Outputs:
    """Of `playmoney run`. Raises ConfigError for a file that cannot be had."""
    kinds: Kinds = {
        "junit": run_files.Junit,
        "html": RunHtml,
        "json_": run_files.Json,
        "ndjson": run_files.Ndjson,
    }
    return Outputs(_lines(run_console.Console), *_files(kinds, options))


def of_suite(options: Options, *more: Output) -> Outputs:
    """Of a contract suite. Raises ConfigError for a file that cannot be had."""
    kinds: Kinds = {
        "junit": suite_files.Junit,
        "json_": suite_files.Json,
        "html": SuiteHtml,
        "md": suite_files.Markdown,
    }
    return Outputs(_lines(suite_console.Console), *_files(kinds, options), *more)


def _lines(kind: Callable[..., Output]) -> Output:
    """Lines, with colours and progress where somebody looks."""
    if not sys.stdout.isatty():
        return kind(click.echo)

    def live(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    return kind(click.echo, colours=True, live=live)


def _files(kinds: Kinds, options: Options) -> list[Output]:
    asked = {name: options[name] for name in kinds if options[name]}
    for path in asked.values():
        _require_writable(path)
    try:
        return [kinds[name](path) for name, path in asked.items()]
    except OSError as wrong:
        raise ConfigError(f"{wrong.filename}: cannot be written ({wrong.strerror})") from None


def _require_writable(path: Path) -> None:
    """Asked before hours are spent on what cannot be written. Raises ConfigError."""
    if not path.parent.is_dir():
        raise ConfigError(f"{path}: cannot be written (there is no folder {path.parent})")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ConfigError(f"{path}: cannot be written (no permission)")


def require_folder(option: str, path: Path) -> None:
    """Make the folder that an option names, before anything is played. Raises ConfigError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise ConfigError(f"{option} {path}: cannot be written ({wrong.strerror})") from None
    if not os.access(path, os.W_OK):
        raise ConfigError(f"{option} {path}: cannot be written (no permission)")
