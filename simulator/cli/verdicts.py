"""Where verdicts go: the options of the commands that give them, and the outputs behind those."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from simulator.base.errors import ConfigError
from simulator.reports.verdicts.console import Console
from simulator.reports.verdicts.files import Json, Junit, Markdown
from simulator.reports.verdicts.html import Html

FILE = click.Path(path_type=Path, dir_okay=False)

OPTIONS: tuple[Callable[..., Any], ...] = (
    click.option("--junit", type=FILE, help="Write JUnit's XML."),
    click.option("--json", "json_", type=FILE, help="Write everything as JSON."),
    click.option("--html", type=FILE, help="Write a report: one file, readable offline."),
    click.option("--md", type=FILE, help="Write Markdown, for a CI job's summary."),
)


def files(options: dict[str, Any]) -> list[Any]:
    """The outputs that the options ask for. Raises ConfigError for a file that cannot be had."""
    kinds: dict[str, Any] = {"junit": Junit, "json_": Json, "html": Html, "md": Markdown}
    for name in kinds:
        if options[name]:
            _writable(options[name])
    try:
        return [kind(options[name]) for name, kind in kinds.items() if options[name]]
    except OSError as wrong:
        raise ConfigError(f"{wrong.filename}: cannot be written ({wrong.strerror})") from None


def _writable(path: Path) -> None:
    """Asked before hours are spent on what cannot be written. Raises ConfigError."""
    if not path.parent.is_dir():
        raise ConfigError(f"{path}: cannot be written (there is no folder {path.parent})")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ConfigError(f"{path}: cannot be written (no permission)")


def console() -> Console:
    """Lines, with colours and progress where somebody looks."""
    if not sys.stdout.isatty():
        return Console(click.echo)

    def live(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    return Console(click.echo, colours=True, live=live)
