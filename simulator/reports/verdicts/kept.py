"""What a suite has told, kept until all of it can be written."""

from pathlib import Path

from simulator.reports.verdicts import happenings as h


class Kept:
    """The base of outputs that write a file when the suite is over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._started: h.SuiteStarted | None = None
        self._checks: list[h.CheckEnded] = []
        self._ended: h.SuiteEnded | None = None

    @property
    def _title(self) -> str:
        return self._started.title if self._started else "playmoney certify"

    def take(self, happening: object) -> None:
        """Keep the start, the checks that have ended, and the end."""
        match happening:
            case h.SuiteStarted():
                self._started = happening
            case h.CheckEnded():
                self._checks.append(happening)
            case h.SuiteEnded():
                self._ended = happening
            case _:
                pass
