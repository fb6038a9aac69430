"""`playmoney run --jobs`: several processes, and the output of one (SBX-07)."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from simulator.cli import run as command_file
from simulator.cli.crew import Crew
from simulator.cli.run import _processes
from simulator.cli.sandboxes import Room, Sandboxes
from simulator.reports.runs import happenings as h
from simulator.scenarios import virtual
from simulator.scenarios.at_once import campaign_at_once
from simulator.scenarios.campaign import Order
from simulator.scenarios.document import Scenario
from simulator.scenarios.reading import read_text
from tests.cli.command import Command
from tests.processes import ROOT, clean_environment
from tests.support import CONTRACTS

LOST = ROOT / "scenarios" / "lost-settle.yaml"

FAILS = """\
scenario: {name}
why: Two steps that no failure needs, and one that is expected to do what it does not.
rules: [SBX-07]
seed: 7
world: {{players: {{ana: {{cash: 5.00 EUR}}}}}}
steps:
  - advance: 1s
  - {{call: wallet.readBalance, with: {{player: ana}}, expect: {{status: {status}}}}}
  - advance: 1s
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, playmoney: Command) -> Command:
    monkeypatch.setattr(command_file, "load_contracts", lambda: CONTRACTS)
    monkeypatch.setattr(command_file, "configure_logs", lambda _level: None)
    return playmoney


def test_several_processes_tell_what_one_tells(run: Command, tmp_path: Path) -> None:
    """One that passes, one that fails and is made smaller, one that cannot run: exit code, lines
    and files are the same, byte for byte but for what real time it took."""
    files = [tmp_path / name for name in ("fails.yaml", "passes.yaml", "cannot.yaml")]
    files[0].write_text(FAILS.format(name="fails", status=404))
    files[1].write_text(FAILS.format(name="passes", status=200))
    cannot = FAILS.format(name="cannot", status=200).replace("player: ana", "player: '${ben.body}'")
    files[2].write_text(cannot)
    seen = []
    for jobs in ("1", "2"):
        out = {kind: tmp_path / f"run.{kind}" for kind in ("junit", "json", "ndjson", "html")}
        options = [word for kind, path in out.items() for word in (f"--{kind}", path)]
        options += ["--seeds", "2", "--shrink-to", tmp_path / "shrunk", "--jobs", jobs]
        done = run("run", *files, *options)
        smaller = list((tmp_path / "shrunk").iterdir())
        told = [done.out, *(path.read_text() for path in (*out.values(), *smaller))]
        seen.append((done.code, done.err, [_timeless(text) for text in told]))
        for path in smaller:
            path.unlink()
    one, several = seen
    assert several == one
    assert (one[0], one[1], len(one[2])) == (2, "", 6)
    assert "2 passed, 1 failed, 1 could not run" in one[2][0]
    assert "(3 → 1 steps" in one[2][0]


def _timeless(text: str) -> str:
    return re.sub(r'\b\d+ ms|"took_[mu]s": ?\d+|time="[\d.]+"', "T", text)


class Mortal(Sandboxes):
    """The process dies when seed 8 is played, and waits for nothing at seed 9."""

    @asynccontextmanager
    async def open(self, scenario: Scenario, seed: int) -> AsyncIterator[Room]:
        if seed == 8:
            os.kill(os.getpid(), signal.SIGKILL)
        if seed == 9:
            await asyncio.get_running_loop().create_future()
        async with super().open(scenario, seed) as room:
            yield room


def mortal() -> Sandboxes:
    virtual.STUCK_S = 0.01
    return Mortal(CONTRACTS)


def test_a_process_that_is_killed_is_named_and_replaced() -> None:
    """File, seed and signal of what it played, or why it could not go on; what was left is played
    by another (never a hang, never a pass)."""
    read = [
        read_text(FAILS.format(name=name, status=200).replace("seed: 7", f"seed: {seed}"), name)
        for name, seed in (("a.yaml", 8), ("b.yaml", 9), ("c.yaml", 7))
    ]
    crew = Crew(Order(read, "t"), 1, mortal)
    try:
        told = list(campaign_at_once(Order(read, "t"), crew))
    finally:
        crew.close()
    ended = [one for one in told if isinstance(one, h.ScenarioEnded)]
    assert [(one.file, one.verdict) for one in ended] == [
        ("a.yaml", "could_not_run"),
        ("b.yaml", "could_not_run"),
        ("c.yaml", "pass"),
    ]
    assert ended[0].failures == ["the process that played it ended by SIGKILL"]
    assert ended[1].failures == ["nothing is left that could happen, and something still waits"]


def _heed_interrupts() -> None:
    """Tests that run in the background of a shell inherit that SIGINT is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_run_exits_130(tmp_path: Path, jobs: str) -> None:
    """Ctrl-C, which reaches each process of a terminal, ends it at once, with its files written and
    every process that it had begun; none of those says anything."""
    lines, junit = tmp_path / "run.ndjson", tmp_path / "run.xml"
    command = [sys.executable, "-m", "simulator", "run", str(LOST), "--seeds", "100000"]
    process = subprocess.Popen(
        [*command, "--jobs", jobs, "--ndjson", str(lines), "--junit", str(junit)],
        cwd=tmp_path,
        env={**clean_environment(), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heed_interrupts,  # noqa: PLW1509 - no other thread runs in this process
        start_new_session=True,
    )
    try:
        until = time.monotonic() + 120
        while time.monotonic() < until and not (
            lines.exists() and "scenarioended" in lines.read_text()
        ):
            time.sleep(0.05)
        players = _begun_by(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 130
    assert err == "interrupted\n"
    assert ET.parse(junit).getroot().get("failures") == "0"
    assert len(players) >= (0 if jobs == "1" else 2)
    until = time.monotonic() + 60  # one that heard of it by the end of a pipe may need a moment
    while (left := [pid for pid in players if _lives(pid)]) and time.monotonic() < until:
        time.sleep(0.05)
    assert not left


def _begun_by(pid: int) -> list[int]:
    """The processes that a process has begun."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = [line.split() for line in listed.stdout.splitlines()]
    return [int(own) for own, parent in pairs if int(parent) == pid]


def _lives(pid: int) -> bool:
    """Whether a process does anything; one that nobody has asked after does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)  # noqa: PLW1510
    return not state.stdout.startswith("Z") and bool(state.stdout.strip())


def test_what_is_behind_a_url_is_played_one_after_the_other(run: Command) -> None:
    """Its clock is moved, its limits are everybody's: two at once would disturb each other."""
    done = run("run", LOST, "--target", "wallet=http://127.0.0.1:9", "--jobs", 2)
    assert done.code == 2
    assert "--jobs 2: a party behind a URL is one system with one clock" in done.err


@pytest.mark.parametrize(
    ("asked", "plays", "cpus", "processes"),
    [
        (None, 1, 8, 1),
        (None, 31, 8, 1),
        (None, 80, 8, 5),
        (None, 1_000, 4, 4),
        (None, 1_000, 64, 8),
        (1, 1_000, 8, 1),
        (12, 1_000, 8, 12),
        (12, 3, 8, 3),
    ],
)
def test_how_many_processes_play(
    asked: int | None, plays: int, cpus: int, processes: int, monkeypatch: Any
) -> None:
    """As many as are asked for, else one for each CPU as long as it is worth its start; never more
    than there is to play."""
    monkeypatch.setattr(command_file, "_cpus", lambda: cpus)
    assert _processes(asked, plays, real=False) == processes
