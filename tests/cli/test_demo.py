"""`playmoney demo`, as a process."""

import signal
import subprocess
import sys
import time
from pathlib import Path

DEMO = (sys.executable, "-m", "simulator", "demo")
ROOT = Path(__file__).resolve().parents[2]


def demo(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*DEMO, *options), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_demo_is_sound_and_says_how_to_play_it_again(tmp_path: Path) -> None:
    """Exit 0, the verdict as the last line, the replay command before it; a kept world is played
    in again under fresh ids."""
    for _ in range(2):
        done = demo("--rounds", "40", "--seed", "5", "--keep", str(tmp_path))
        assert done.returncode == 0, done.stdout + done.stderr
        *_, again, verdict = done.stdout.splitlines()
        assert verdict == "sound: 40 rounds, 0 lost, 0 repeated"
        assert again.startswith("again: playmoney demo --rounds 40 --seed 5")
    assert (tmp_path / "world").is_dir()


def test_a_sandbox_that_does_not_start_is_one_line(tmp_path: Path) -> None:
    """Exit 2 and the server's own words."""
    assert demo("--rounds", "1", "--keep", str(tmp_path)).returncode == 0
    refused = demo("--rounds", "1", "--seed", "9", "--keep", str(tmp_path))
    assert refused.returncode == 2
    assert "the sandbox did not start: --seed 9: the world in" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_nobody_there_is_one_line() -> None:
    """A URL where nothing listens: exit 2."""
    refused = demo("--rounds", "1", "--url", "http://127.0.0.1:9")
    assert refused.returncode == 2
    assert refused.stderr.startswith("playmoney: ")


def test_a_demo_that_is_stopped_leaves_no_server_behind(tmp_path: Path) -> None:
    """SIGTERM ends the sandbox too: its folder can be taken by another one at once."""
    running = subprocess.Popen(
        (*DEMO, "--rounds", "100000", "--keep", str(tmp_path)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline().startswith("playing")
    time.sleep(0.3)
    running.send_signal(signal.SIGTERM)
    assert running.wait(120) == 128 + signal.SIGTERM
    running.stdout.close()
    assert demo("--rounds", "5", "--keep", str(tmp_path)).returncode == 0
