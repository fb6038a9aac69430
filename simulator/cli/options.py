"""Options that several commands have, and how a command gets its options."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

Option = Callable[[Any], Any]

DEFAULT_URL = "http://127.0.0.1:8080"
"""Where `playmoney serve` listens."""

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


def _admin_token(help_: str) -> Option:
    return click.option("--admin-token", envvar="PLAYMONEY_ADMIN_TOKEN", help=help_)


ADMIN_TOKEN = _admin_token("Token of a sandbox that asks for one (or PLAYMONEY_ADMIN_TOKEN).")
ADMIN_TOKEN_ASKED = _admin_token("Token that /__admin asks for (or PLAYMONEY_ADMIN_TOKEN).")


def with_options(*options: Option) -> Callable[[F], F]:
    """A decorator that gives a command these options; `--help` lists them in this order."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
