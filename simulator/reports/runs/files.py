"""A run for machines: JUnit for CI, JSON for scripts, NDJSON as it happens."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import IO, Any

from simulator.reports.outputs import clean, seconds, write_json, write_junit
from simulator.reports.runs import happenings as h


class Junit:
    """JUnit's XML: a test case for each scenario and seed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ended: list[h.ScenarioEnded] = []

    def take(self, happening: object) -> None:
        """Keep what ends."""
        if isinstance(happening, h.ScenarioEnded):
            self._ended.append(happening)

    def close(self) -> None:
        """Write the file."""
        count = dict.fromkeys(("pass", "fail", "could_not_run"), 0)
        for one in self._ended:
            count[one.verdict] += 1
        suite = ET.Element(
            "testsuite",
            name="playmoney run",
            tests=str(len(self._ended)),
            failures=str(count["fail"]),
            errors=str(count["could_not_run"]),
            time=seconds(sum(one.took_ms for one in self._ended)),
        )
        for one in self._ended:
            case = ET.SubElement(
                suite,
                "testcase",
                classname=one.file,
                name=f"{one.scenario} (seed {one.seed})",
                time=seconds(one.took_ms),
            )
            if one.verdict != "pass":
                kind = "failure" if one.verdict == "fail" else "error"
                part = ET.SubElement(case, kind, message=clean(one.failures[0]))
                part.text = clean("\n".join([*one.failures, f"again: {one.replay}"]))
        write_junit(self._path, suite)


class Json:
    """One JSON document: the run and every scenario with its exchanges."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: dict[str, Any] = {"scenarios": [], "smaller": []}

    def take(self, happening: object) -> None:
        """Keep what is to be written."""
        match happening:
            case h.RunStarted():
                self._told |= {"run": happening.run, "playmoney": happening.playmoney}
            case h.ScenarioEnded():
                self._told["scenarios"].append(happening)
            case h.Shrunk():
                self._told["smaller"].append(happening)
            case h.RunEnded():
                self._told["counts"] = happening
            case _:
                pass

    def close(self) -> None:
        """Write the file."""
        write_json(self._path, self._told)


class Ndjson:
    """Each event as a line, written as it happens."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("wb")

    def take(self, happening: object) -> None:
        """Write a line."""
        if isinstance(happening, h.Happening):
            self._file.write(h.as_json(happening) + b"\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
