"""A run for people: a line for each scenario, and of those that fail everything that was wrong."""

from simulator.reports.outputs import Lines
from simulator.reports.runs import happenings as h


class Console(Lines):
    """A line for each scenario."""

    def take(self, happening: object) -> None:
        """Show what has happened."""
        match happening:
            case h.RunStarted():
                self._count = happening.scenarios
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
        word = self._word(ended.verdict)
        digest = f"  {ended.journal[:12]}" if ended.journal else ""
        self._write(f"{word} {ended.scenario}  seed {ended.seed}  {ended.took_ms} ms{digest}")
        for text in ended.failures:
            self._write(f"     {text}")
        if ended.verdict != "pass":
            self._write(f"     again: {ended.replay}")
