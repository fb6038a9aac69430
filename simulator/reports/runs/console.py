"""A run for people: a line for each scenario, and of those that fail everything that was wrong."""

from collections.abc import Callable

from simulator.reports.runs import happenings as h

Write = Callable[[str], None]

_COLOURS = {"pass": "32", "fail": "31", "could_not_run": "33"}
_WORDS = {"pass": "pass", "fail": "FAIL", "could_not_run": "????"}


class Console:
    """Writes lines. `colours` only where somebody looks; `live` overwrites a progress line."""

    def __init__(self, write: Write, *, colours: bool = False, live: Write | None = None) -> None:
        self._write = write
        self._colours = colours
        self._live = live
        self._scenarios = 0
        self._done = 0

    def take(self, happening: object) -> None:
        """Show what has happened."""
        match happening:
            case h.RunStarted():
                self._scenarios = happening.scenarios
            case h.ScenarioStarted():
                self._progress(f"{happening.scenario} (seed {happening.seed})")
            case h.ScenarioEnded():
                self._ended(happening)
            case h.Shrunk():
                before, after = happening.steps
                self._write(
                    f"     smaller: {happening.file} ({before} → {after} steps, "
                    f"{happening.rules[0]} → {happening.rules[1]} rules)"
                )
            case h.RunEnded():
                self._progress("")
                more = f", {happening.could_not_run} could not run" * bool(happening.could_not_run)
                self._write(f"{happening.passed} passed, {happening.failed} failed{more}")
            case _:
                pass

    def _ended(self, ended: h.ScenarioEnded) -> None:
        self._done += 1
        self._progress("")
        word = _WORDS[ended.verdict]
        if self._colours:
            word = f"\x1b[{_COLOURS[ended.verdict]}m{word}\x1b[0m"
        digest = f"  {ended.journal[:12]}" if ended.journal else ""
        self._write(f"{word} {ended.scenario}  seed {ended.seed}  {ended.took_ms} ms{digest}")
        for text in ended.failures:
            self._write(f"     {text}")
        if ended.verdict != "pass":
            self._write(f"     again: {ended.replay}")

    def _progress(self, text: str) -> None:
        if self._live is not None:
            self._live(f"\r\x1b[K{f'{self._done}/{self._scenarios} {text}' if text else ''}")
