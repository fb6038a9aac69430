"""`make bench`: starts each server itself, runs pairs in turn, writes `build/bench.json`.

Ratios are what counts: they hold on a slower or busier machine, rates do not.
"""

import json
import sys
import time
import urllib.request
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench import (
    certify,
    chaos,
    core,
    fixture,
    grown,
    jackpots,
    maths,
    postgres,
    rounds,
    sandboxes,
    virtual,
)
from tests.bench.load import Measure, paired, rate, require_wrk, write_ids, wrk
from tests.processes import ROOT, SERVE_COMMAND, Server, running

TURNS = 5
SECONDS = 4
IDS_A_TURN = 80_000
"""More than the fastest echo seen on two cores can ask for in one turn."""

OUT = ROOT / "build" / "bench.json"


def main() -> None:
    """Measure everything and print a table."""
    require_wrk()
    measures = [*throughput(), start_time(), sandbox_creation(), idle_memory()]
    measures += core.measures() + grown.measures() + rounds.measures() + postgres.measures()
    measures += chaos.measures()
    measures += sandboxes.measures() + fixture.measures()
    measures += maths.measures() + virtual.measures()
    measures += jackpots.measures() + certify.measures()
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([measure.as_json() for measure in measures], indent=2) + "\n")
    for measure in measures:
        against = f"  {measure.ratio:.2f} of {measure.against}" if measure.ratio else ""
        print(f"{measure.name:26} {measure.value:>10,.1f} {measure.unit}{against}")
    print(f"written to {OUT.relative_to(ROOT)}")


def throughput() -> list[Measure]:
    """Durable authorize, settle and debit against an echo of the same requests, in turn."""
    echoed, authorized, settled, debited = [], [], [], []
    echo_command = (sys.executable, "-m", "tests.bench.echo")
    with (
        TemporaryDirectory() as folder,
        running("--data", f"{folder}/world", command=SERVE_COMMAND) as server,
        running(command=echo_command) as echo,
    ):
        server.wait_ready()
        ids = Path(folder, "ids")
        base = {"IDS": str(ids), "TOKEN": token(server), "SESSION": session(server)}
        for turn in range(TURNS):
            write_ids(ids, IDS_A_TURN)
            authorize, settle = {**base, "MODE": "authorize"}, {**base, "MODE": "settle"}
            echoed.append(rate(wrk(echo.url, SECONDS, authorize)))
            result = wrk(server.url, SECONDS, authorize)
            authorized.append(rate(result))
            # Settle only what was surely answered, and stop before that runs out.
            settled.append(rate(wrk(server.url, SECONDS * 0.5, settle)))
            debited.append(rate(wrk(server.url, SECONDS * 0.5, {**base, "MODE": "debit"})))
            print(
                f"turn {turn + 1}: echo {echoed[-1]:,.0f}/s, authorize {authorized[-1]:,.0f}/s "
                f"(p99 {result['p99_ms']:.1f} ms), settle {settled[-1]:,.0f}/s, "
                f"debit {debited[-1]:,.0f}/s",
                flush=True,
            )
        found = ask(server, "GET", "/__admin/reconcile")
        if not found["sound"]:
            sys.exit(f"the books are not sound after the load: {found['breaks']}")
    return [
        paired("authorize_vs_echo", authorized, echoed),
        paired("settle_vs_echo", settled, echoed),
        paired("debit_vs_echo", debited, echoed),
    ]


def start_time() -> Measure:
    """From the command to the first answer, with the bytecode that an installation has."""
    samples = []
    for _ in range(1 + TURNS):
        before = time.perf_counter()
        with running(command=SERVE_COMMAND, env={"PYTHONDONTWRITEBYTECODE": ""}) as server:
            ask(server, "GET", "/__admin/health")
            samples.append(time.perf_counter() - before)
    del samples[0]  # which may have compiled it
    return Measure("start_s", round(median(samples), 3), "s", samples)


def sandbox_creation() -> Measure:
    """One more world in memory, with its players, over HTTP."""
    samples = []
    with running(command=SERVE_COMMAND) as server:
        for _ in range(50):
            before = time.perf_counter()
            made = ask(server, "POST", "/__admin/sandboxes", {})
            samples.append((time.perf_counter() - before) * 1000)
            ask(server, "DELETE", f"/__admin/sandboxes/{made['sandbox']}")
    return Measure("sandbox_create_ms", round(median(samples), 2), "ms", samples)


def idle_memory() -> Measure:
    """Resident memory of a server that has answered once and now waits."""
    samples = []
    for _ in range(3):
        with (
            TemporaryDirectory() as folder,
            running("--data", f"{folder}/world", command=SERVE_COMMAND) as server,
        ):
            ask(server, "GET", "/__admin/health")
            status = Path(f"/proc/{server.process.pid}/status").read_text()
            line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
            samples.append(int(line.split()[1]) / 1024)
    return Measure("idle_rss_mb", round(median(samples), 1), "MB", samples)


def token(server: Server) -> str:
    """A bearer token of the demo client."""
    form = b"grant_type=client_credentials&client_id=studio-demo&client_secret=studio-demo-secret"
    request = urllib.request.Request(f"{server.url}/oauth/token", form)
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["access_token"])


def session(server: Server) -> str:
    """A session of a player who can afford the whole benchmark."""
    player = {"player_id": "p_bench", "currency": "EUR", "cash": 1_000_000_000}
    ask(server, "POST", "/__admin/players", player)
    headers = {
        "Authorization": f"Bearer {token(server)}",
        "X-Trace-Id": "tr_bench",
        "X-Brand-Id": "brand-42",
        "X-Region": "EU",
        "X-Provider-Id": "studio",
        "X-Idempotency-Key": "bench-session",
    }
    body = {
        "player_id": "p_bench",
        "game_id": "studio:slot_forge_02",
        "currency": "EUR",
        "locale": "de-DE",
    }
    return str(ask(server, "POST", "/v1/sessions", body, headers)["session_id"])


def ask(
    server: Server,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> Any:
    """One small call, decoded."""
    data = None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(server.url + path, data, sent, method=method)
    with urllib.request.urlopen(request) as answer:
        raw = answer.read()
    return json.loads(raw) if raw else None


if __name__ == "__main__":
    main()
