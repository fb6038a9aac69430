"""A server as a child process: it never outlives the process that started it."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.processes import ROOT

PARENT = """
import sys, time
from pathlib import Path
from simulator.server.child import Child
child = Child(Path(sys.argv[1])).start()
print(child.url, child._process.pid, flush=True)
time.sleep(60)
"""


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_parent_that_is_killed_leaves_no_server(tmp_path: Path) -> None:
    """SIGKILL runs no handler: the end of its pipe is what tells the server."""
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        url, pid = parent.stdout.readline().split()
        with urllib.request.urlopen(f"{url}/__admin/health", timeout=60) as answer:
            assert answer.status == 200
        assert _runs(int(pid))
        assert os.getsid(int(pid)) != os.getsid(parent.pid), "Ctrl-C would reach it first"
        parent.send_signal(signal.SIGKILL)
    deadline_s = time.monotonic() + 100
    while _runs(int(pid)) and time.monotonic() < deadline_s:
        time.sleep(0.02)
    assert not _runs(int(pid))
