"""A suite for people: a line for each check, and of those that fail what was wrong."""

from collections.abc import Callable

from simulator.reports.verdicts import happenings as h

Write = Callable[[str], None]

_COLOURS = {"pass": "32", "fail": "31", "inconclusive": "33"}
_WORDS = {"pass": "pass", "fail": "FAIL", "inconclusive": "????"}


class Console:
    """Writes lines. `colours` only where somebody looks; `live` overwrites a progress line."""

    def __init__(self, write: Write, *, colours: bool = False, live: Write | None = None) -> None:
        self._write = write
        self._colours = colours
        self._live = live
        self._checks = 0
        self._done = 0

    def take(self, happening: object) -> None:
        """Show what has happened."""
        match happening:
            case h.SuiteStarted():
                self._checks = happening.checks
                self._write(
                    f"{happening.role} at {happening.target}, {happening.checks} checks "
                    f"({happening.suite}, profile {happening.profile}, seed {happening.seed}, "
                    f"run {happening.run})"
                )
            case h.CheckStarted():
                self._progress(happening.check)
            case h.CheckEnded():
                self._ended(happening)
            case h.SuiteEnded():
                self._progress("")
                self._over(happening)
            case _:
                pass

    def _ended(self, ended: h.CheckEnded) -> None:
        self._done += 1
        self._progress("")
        word = "acc." if ended.accepted else _WORDS[ended.verdict]
        if self._colours:
            word = f"\x1b[{_COLOURS[ended.verdict]}m{word}\x1b[0m"
        self._write(f"{word} {ended.check}  {', '.join(ended.rules)}  {ended.took_ms} ms")
        if ended.verdict == "pass":
            return
        self._write(f"     {ended.why}")
        if ended.accepted:
            self._write(f"     accepted: {ended.accepted}")
        elif ended.verdict == "fail":
            self._write(f"     again: {ended.replay}")

    def _over(self, ended: h.SuiteEnded) -> None:
        for note in ended.notes:
            self._write(f"note: {note}")
        if ended.could_not:
            self._write(f"could not judge: {ended.could_not}")
        more = f", {ended.accepted} accepted" * bool(ended.accepted)
        self._write(
            f"{ended.passed} passed, {ended.failed} failed, {ended.inconclusive} inconclusive{more}"
        )

    def _progress(self, text: str) -> None:
        if self._live is not None:
            self._live(f"\r\x1b[K{f'{self._done}/{self._checks} {text}' if text else ''}")
