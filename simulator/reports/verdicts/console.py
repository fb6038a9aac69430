"""A suite for people: a line for each check, and of those that fail what was wrong."""

from simulator.reports.outputs import Lines
from simulator.reports.verdicts import happenings as h


class Console(Lines):
    """A line for each check."""

    def take(self, happening: object) -> None:
        """Show what has happened."""
        match happening:
            case h.SuiteStarted():
                self._count = happening.checks
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
        word = self._word(ended.verdict, "acc." if ended.accepted else "")
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
