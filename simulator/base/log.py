"""What the parts of playmoney say of themselves, by structlog (QLT-02).

structlog is loaded when something is first said. It imports rich and what that imports, a tenth of
the start of a server that has nothing to say.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from simulator.base.lazy import lazy

if TYPE_CHECKING:
    import structlog
else:
    structlog = lazy("structlog")

Level = Literal["debug", "info", "warning", "error", "critical"]
LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error", "critical")


class _Manner:
    """How things are said in this process: from which level on, and what is left to do before."""

    least: Level = "debug"
    prepare: Callable[[], None] | None = None


def say_from(least: Level, prepare: Callable[[], None] | None = None) -> None:
    """Say nothing below a level; `prepare` configures structlog before anything is said."""
    _Manner.least, _Manner.prepare = least, prepare


class Log:
    """The voice of one part."""

    def __init__(self, name: str) -> None:
        self._name = name

    def info(self, event: str, **said: object) -> None:
        """What is worth knowing and needs nobody."""
        self._say("info", "info", event, said)

    def warning(self, event: str, **said: object) -> None:
        """What went wrong and is done again."""
        self._say("warning", "warning", event, said)

    def error(self, event: str, **said: object) -> None:
        """What went wrong for good."""
        self._say("error", "error", event, said)

    def exception(self, event: str, **said: object) -> None:
        """The same, with the traceback of the exception that is being handled."""
        self._say("error", "exception", event, said)

    def critical(self, event: str, **said: object) -> None:
        """What ends the process."""
        self._say("critical", "critical", event, said)

    def _say(self, level: Level, how: str, event: str, said: dict[str, object]) -> None:
        if LEVELS.index(level) < LEVELS.index(_Manner.least):
            return
        if _Manner.prepare is not None:
            prepare, _Manner.prepare = _Manner.prepare, None
            prepare()
        getattr(structlog.get_logger(self._name), how)(event, **said)
