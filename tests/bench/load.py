"""Driving servers with wrk (a C client), and what it found."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

SCRIPT = Path(__file__).with_name("post.lua")
CONNECTIONS = 64


@dataclass(frozen=True)
class Measure:
    """One line of `build/bench.json`."""

    name: str
    value: float
    unit: str
    samples: list[float]
    ratio: float | None = None
    against: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The shape that other tools read."""
        return {name: value for name, value in vars(self).items() if value is not None}


def require_wrk() -> None:
    """wrk comes from the system's packages; without it there is nothing to measure with."""
    if shutil.which("wrk") is None:
        sys.exit("make bench drives the servers with wrk; install it (Debian: apt-get install wrk)")


def write_ids(path: Path, count: int) -> None:
    """Random ids, one a line."""
    path.write_text("".join(f"{uuid.uuid4()}\n" for _ in range(count)))


def wrk(
    url: str, seconds: float, environment: dict[str, str], connections: int = CONNECTIONS
) -> dict[str, float]:
    """Requests, seconds and percentiles of one closed-loop run. Any error ends the benchmark."""
    command = [
        "wrk", "--threads", "1", "--connections", str(connections),
        "--duration", f"{seconds:g}s", "--script", str(SCRIPT), url,
    ]  # fmt: skip
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), None)
    if line is None:
        sys.exit(f"wrk failed: {done.stdout}{done.stderr}")
    result: dict[str, float] = json.loads(line.removeprefix("RESULT "))
    if result["errors"] or result["refused"]:
        sys.exit(f"wrk against {url}: {result}: a run with errors measures nothing")
    return result


def rate(result: dict[str, float]) -> float:
    """Requests a second."""
    return result["requests"] / result["seconds"]


def paired(name: str, ours: list[float], echo: list[float]) -> Measure:
    """A rate beside the echo's of the same turn."""
    ratio = median(mine / base for mine, base in zip(ours, echo, strict=True))
    return Measure(name, round(median(ours), 1), "req/s", ours, round(ratio, 3), "echo")
