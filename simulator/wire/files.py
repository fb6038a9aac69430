"""Files: where the contracts lie (beside the package in a checkout, inside it in a wheel), and
the text of what a user names."""

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


def text_of(path: Path) -> str:
    """The text of a file. Raises ConfigError where it cannot be read or is not UTF-8."""
    try:
        return path.read_text("utf-8")
    except OSError as wrong:
        raise ConfigError(f"{path}: cannot be read ({wrong.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8") from None
