"""What chaos costs while no rule is in force: a server against the same one without
chaos, turn by turn (percent; the goal is below 2).

Compared is the server's own processor time for each authorize in memory. It is what bounds the
throughput of a core, and other processes on the machine disturb it far less than they do rates.
"""

import json
import os
import sys
import urllib.request
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.load import Measure, require_wrk, write_ids, wrk
from tests.processes import SERVE, SERVE_COMMAND, Server, running

TURNS = 20
SECONDS = 1
IDS_A_TURN = 20_000
NAME = "chaos_idle_overhead"
CLIENT = "studio-demo"

WITHOUT = (sys.executable, "-m", "tests.bench.unarmed", *SERVE[2:])


def measures() -> list[Measure]:
    """One line, from the cheapest turns of each: what other processes do only ever adds to one."""
    costs_s: dict[str, list[float]] = {}
    with (
        TemporaryDirectory() as folder,
        running("--journal", "0", command=SERVE_COMMAND) as armed,
        running("--journal", "0", command=WITHOUT) as unarmed,
    ):
        ids = Path(folder, "ids")
        chosen = {server.url: _prepare(server, ids) for server in (armed, unarmed)}
        for turn in range(TURNS):
            pair = (armed, unarmed) if turn % 2 else (unarmed, armed)
            for server in pair:
                cost_s = _cost_s(server, chosen[server.url], ids)
                costs_s.setdefault(server.url, []).append(cost_s)
        with_it, without = (_cheapest_s(costs_s[server.url]) for server in (armed, unarmed))
    print(f"{NAME}: {1e6 * with_it:.1f} µs a call, {1e6 * without:.1f} without", flush=True)
    percent = round(100 * (with_it / without - 1), 2)
    return [Measure(NAME, percent, "%", [percent])]


def _cheapest_s(costs_s: list[float]) -> float:
    """The median of the cheapest quarter."""
    return median(sorted(costs_s)[: TURNS // 4])


def _cost_s(server: Server, chosen: dict[str, str], ids: Path) -> float:
    """Seconds of processor time for each call."""
    write_ids(ids, IDS_A_TURN)
    before = _used_s(server)
    calls = wrk(server.url, SECONDS, chosen)["requests"]
    return (_used_s(server) - before) / calls


def _used_s(server: Server) -> float:
    """Processor time of a server, its own and the kernel's for it (proc(5))."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _prepare(server: Server, ids: Path) -> dict[str, str]:
    """A session of a player who can afford it all."""
    server.wait_ready()
    form = f"grant_type=client_credentials&client_id={CLIENT}&client_secret={CLIENT}-secret"
    token = str(_ask(f"{server.url}/oauth/token", form.encode(), {})["access_token"])
    player = {"player_id": "p_bench", "currency": "EUR", "cash": 1_000_000_000}
    json_type = {"Content-Type": "application/json"}
    _ask(f"{server.url}/__admin/players", json.dumps(player).encode(), json_type)
    opened = {
        "player_id": "p_bench",
        "game_id": "studio:slot_forge_02",
        "currency": "EUR",
        "locale": "de-DE",
    }
    headers = {
        **json_type,
        "Authorization": f"Bearer {token}",
        "X-Trace-Id": "tr_bench",
        "X-Brand-Id": "brand-42",
        "X-Region": "EU",
        "X-Provider-Id": "studio",
        "X-Idempotency-Key": "bench",
    }
    session = _ask(f"{server.url}/v1/sessions", json.dumps(opened).encode(), headers)
    return {
        "IDS": str(ids),
        "TOKEN": token,
        "SESSION": str(session["session_id"]),
        "MODE": "authorize",
    }


def _ask(url: str, body: bytes, headers: dict[str, str]) -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        return json.load(answer)


if __name__ == "__main__":
    require_wrk()
    for measure in measures():
        print(f"{measure.name:26} {measure.value:>10,.2f} {measure.unit}")
