"""What failed, as scenarios: a file for each check that found one, for `playmoney run`."""

from pathlib import Path

from simulator.reports.outputs import Write
from simulator.reports.verdicts import happenings as h


class Scenarios:
    """Writes into a folder, which is made when there is something to write. Raises OSError."""

    def __init__(self, folder: Path, write: Write) -> None:
        self._folder = folder
        self._write = write

    def take(self, happening: object) -> None:
        """Save the scenario of a failure, and say where it is."""
        if not isinstance(happening, h.CheckEnded) or not happening.scenario:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        place = self._folder / f"{happening.check.replace('.', '-')}.yaml"
        place.write_text(happening.scenario, "utf-8")
        self._write(f"     saved: {place}")

    def close(self) -> None:
        """Each file is whole when it is written."""
