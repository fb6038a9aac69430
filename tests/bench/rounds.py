"""Spins of the studio against the echo, and whole rounds: stake, spin, win, each of them durable.

`round_per_s` is one server that plays all three parties, which call each other in its process;
`round_over_http_per_s` has wallet and studio in another process, behind `--target`.
"""

import json
import sys
import urllib.request
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.load import Measure, paired, rate, require_wrk, write_ids, wrk
from tests.processes import SERVE_COMMAND, Server, running

TURNS = 3
SECONDS = 4
IDS_A_TURN = 60_000
"""More than the fastest echo seen on two cores can ask for in one turn."""
CONNECTIONS = 32
"""As many as the goal of 50 ms at the 99th percentile is for."""
GAME = "studio:slot_forge_02"
AGENT = ("platform-demo", "platform-demo-secret")


def measures() -> list[Measure]:
    """Spins, replays of them, and rounds a second."""
    return [*_spins(), _rounds("round_per_s", apart=False), _rounds(OVER_HTTP, apart=True)]


OVER_HTTP = "round_over_http_per_s"


def _spins() -> list[Measure]:
    """Spins beside the echo, and replays of those very spins beside them: a replay draws and pays
    the same, and writes nothing."""
    spun, echoed, replayed = [], [], []
    echo_command = (sys.executable, "-m", "tests.bench.echo")
    with (
        TemporaryDirectory() as folder,
        running("--data", f"{folder}/world", command=SERVE_COMMAND) as server,
        running(command=echo_command) as echo,
    ):
        server.wait_ready()
        base = _base(server, folder)
        for turn in range(TURNS):
            write_ids(Path(base["IDS"]), IDS_A_TURN)
            spin = {**base, "MODE": "spin"}
            echoed.append(rate(wrk(echo.url, SECONDS, spin, CONNECTIONS)))
            result = wrk(server.url, SECONDS, spin, CONNECTIONS)
            spun.append(rate(result))
            _keep(Path(base["IDS"]), int(result["requests"]) // 2)
            replay = {**base, "MODE": "replay"}
            replayed.append(rate(wrk(server.url, SECONDS * 0.5, replay, CONNECTIONS)))
            print(
                f"turn {turn + 1}: echo {echoed[-1]:,.0f}/s, spin {spun[-1]:,.0f}/s "
                f"(p99 {result['p99_ms']:.1f} ms), replay {replayed[-1]:,.0f}/s",
                flush=True,
            )
        _require_sound(server)
    replays = paired("replay_vs_spin", replayed, spun)
    return [paired("spin_vs_echo", spun, echoed), replace(replays, against="spin")]


def _rounds(name: str, *, apart: bool) -> Measure:
    samples = []
    with TemporaryDirectory() as folder, ExitStack() as servers:
        targets: list[str] = []
        if apart:
            other = servers.enter_context(
                running("--data", f"{folder}/other", command=SERVE_COMMAND)
            )
            other.wait_ready()
            _make_player(other)
            targets = [f"--target=wallet={other.url}", f"--target=rgs={other.url}"]
        server = servers.enter_context(
            running("--data", f"{folder}/world", *targets, command=SERVE_COMMAND)
        )
        server.wait_ready()
        base = _base(server, folder)
        for _ in range(TURNS):
            write_ids(Path(base["IDS"]), IDS_A_TURN)
            result = wrk(server.url, SECONDS, {**base, "MODE": "round"}, CONNECTIONS)
            samples.append(rate(result))
            print(f"{name}: {samples[-1]:,.0f}/s (p99 {result['p99_ms']:.1f} ms)", flush=True)
        _require_sound(server)
        if apart:
            _require_sound(other)
    return Measure(name, round(median(samples), 1), "rounds/s", samples)


def _keep(ids: Path, count: int) -> None:
    """Leave only the first ids of a file: those of spins that were surely answered. wrk asks its
    script for one request more, which it only looks at: the first."""
    lines = ids.read_text().splitlines(keepends=True)
    ids.write_text("".join(lines[1:count]))


# Preparing ----------------------------------------------------------------------------------------


def _base(server: Server, folder: str) -> dict[str, str]:
    token = _token(server)
    _make_player(server)
    body = {"player_id": "p_bench", "game_id": GAME, "currency": "EUR", "locale": "de-DE"}
    headers = {
        "Authorization": f"Bearer {token}",
        "X-Trace-Id": "tr_bench",
        "X-Idempotency-Key": "bench",
    }
    session = _ask(server, "/play/v1/sessions", body, headers)["session_id"]
    return {"IDS": f"{folder}/ids", "TOKEN": token, "SESSION": session}


def _make_player(server: Server) -> None:
    player = {"player_id": "p_bench", "currency": "EUR", "cash": 1_000_000_000}
    _ask(server, "/__admin/players", player)


def _token(server: Server) -> str:
    client, secret = AGENT
    form = f"grant_type=client_credentials&client_id={client}&client_secret={secret}"
    request = urllib.request.Request(f"{server.url}/oauth/token", form.encode())
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["access_token"])


def _ask(server: Server, path: str, body: Any = None, headers: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **(headers or {})}
    with urllib.request.urlopen(urllib.request.Request(server.url + path, data, sent)) as answer:
        return json.load(answer)


def _require_sound(server: Server) -> None:
    found = _ask(server, "/__admin/reconcile")
    if not found["sound"]:
        sys.exit(f"the books are not sound after the load: {found['breaks']}")


if __name__ == "__main__":
    require_wrk()
    for measure in measures():
        against = f"  {measure.ratio:.2f} of {measure.against}" if measure.ratio else ""
        print(f"{measure.name:26} {measure.value:>10,.1f} {measure.unit}{against}")
