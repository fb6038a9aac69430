"""docs/signing.md: its examples run as they stand, and its promise about restarts holds."""

import hashlib
import hmac
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT, running
from tests.support import BRAND_42, sandbox

GUIDE = (ROOT / "docs" / "signing.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    return str(block)


@pytest.mark.skipif(
    not all(map(shutil.which, ("sh", "curl", "openssl"))), reason="needs sh, curl and openssl"
)
def test_the_curl_example_works_as_it_stands() -> None:
    """Pasted into a shell, it opens a session at a sandbox that was just started (RGS-07)."""
    script = _block("sh")
    assert script.count("http://127.0.0.1:8080") == 1
    with running() as server:
        server.wait_ready()
        done = subprocess.run(
            ["sh", "-eu", "-c", script.replace("http://127.0.0.1:8080", server.url)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    session = json.loads(done.stdout)
    assert (session["status"], session["player_id"]) == ("open", "p_19f3")


def test_the_python_example_prints_the_first_vector() -> None:
    """Run as it stands, it prints the first signature of the Ed25519 table."""
    done = subprocess.run(
        [sys.executable, "-c", _block("python")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    table = GUIDE.partition("\n### ed25519\n")[2]
    first = re.search(r"`([0-9a-f]{128})` \|$", table, re.MULTILINE)
    assert first is not None
    assert done.stdout.strip() == first[1]


async def test_a_replay_after_a_restart_has_no_second_effect(tmp_path: Path) -> None:
    """Nonces live in memory, so an old signed write passes their check after a restart; its
    idempotency key does not forget, and the first answer comes again (WAL-71, PRV-30)."""
    target = "/v1/sessions"
    body = b'{"player_id":"p_19f3","game_id":"studio:slot_forge_02","currency":"EUR","locale":"de"}'
    string = f"2026-01-01T00:00:00Z\nnonce-0001\nPOST\n{target}\n".encode() + body
    headers = {
        "X-Client-Id": "studio-demo",
        "X-Timestamp": "2026-01-01T00:00:00Z",
        "X-Nonce": "nonce-0001",
        "X-Signature": hmac.new(b"studio-demo-key", string, hashlib.sha256).hexdigest(),
        "X-Trace-Id": "tr_1",
        "X-Idempotency-Key": "session-1",
        "Content-Type": "application/json",
        **BRAND_42,
    }
    async with sandbox(tmp_path) as box:
        first = await box.raw("POST", target, body, headers)
        again = await box.raw("POST", target, body, headers)
        assert (first.status, first.replayed) == (201, False)
        assert (again.status, again.json["details"]) == (401, {"reason": "nonce"})
        events = len(await box.events())
    async with sandbox(tmp_path) as box:
        replayed = await box.raw("POST", target, body, headers)
        assert (replayed.status, replayed.body, replayed.replayed) == (201, first.body, True)
        assert (await box.raw("POST", target, body, headers)).status == 401
        assert len(await box.events()) == events
