"""Where the contracts lie: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

from simulator.base.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parent.parent


def find(*parts: str) -> Path:
    """The path of a carried file, such as `find("openapi", "platform.yaml")`."""
    for root in (_PACKAGE / "_files", _PACKAGE.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise ConfigError(f"{'/'.join(parts)} is missing from this installation of playmoney")
