"""Contributions over HTTP against the echo, under 64 connections; and how long it takes from a fall
to the wallet's credit under that load, with wallet and jackpot service in one process."""

import json
import sys
import threading
import time
import urllib.request
from datetime import datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench import contributions
from tests.bench.load import Measure, paired, rate, require_wrk, write_ids, wrk
from tests.processes import SERVE_COMMAND, Server, running

TURNS = 3
SECONDS = 4
IDS_A_TURN = 80_000
"""More than the fastest echo seen on two cores can ask for in one turn."""
POOL = "grand-eu-01"
EVERY_S = 0.05
"""Between two falls."""
IN_VIRTUAL_TIME = 50_000


def measures() -> list[Measure]:
    """Rates, percentiles, and what the fifty-thousandth contribution costs."""
    contributed, echoed, p95, p99 = [], [], [], []
    echo_command = (sys.executable, "-m", "tests.bench.echo")
    with (
        TemporaryDirectory() as folder,
        running("--data", f"{folder}/world", command=SERVE_COMMAND) as server,
        running(command=echo_command) as echo,
    ):
        server.wait_ready()
        base = {"IDS": f"{folder}/ids", "TOKEN": _token(server), "MODE": "contribute"}
        falls = Falls(server, base["TOKEN"])
        for turn in range(TURNS):
            write_ids(Path(base["IDS"]), IDS_A_TURN)
            echoed.append(rate(wrk(echo.url, SECONDS, base)))
            with falls:
                result = wrk(server.url, SECONDS, base)
            contributed.append(rate(result))
            p95.append(result["p95_ms"])
            p99.append(result["p99_ms"])
            print(
                f"turn {turn + 1}: echo {echoed[-1]:,.0f}/s, contribute {contributed[-1]:,.0f}/s "
                f"(p95 {p95[-1]:.1f} ms, p99 {p99[-1]:.1f} ms)",
                flush=True,
            )
        taken = falls.taken_ms()
        found = _ask(server, "/__admin/reconcile")
        if not found["sound"]:
            sys.exit(f"the books are not sound after the load: {found['breaks']}")
    flat = contributions.measure(IN_VIRTUAL_TIME)
    return [
        paired("contribution_vs_echo", contributed, echoed),
        Measure("contribution_p95_ms", round(median(p95), 2), "ms", p95),
        Measure("contribution_p99_ms", round(median(p99), 2), "ms", p99),
        Measure("trigger_to_credit_p95_ms", _percentile(taken, 95), "ms", taken),
        Measure("contribution_late_vs_early", round(flat.ratio, 3), "×", flat.cpu_us),
        Measure("contribution_grown_mb", flat.grown_mb, "MB", [flat.grown_mb]),
    ]


class Falls:
    """Lets the pool fall again and again beside the load, from a thread of its own."""

    def __init__(self, server: Server, token: str) -> None:
        self._server = server
        self._token = token
        self._n = 0

    def __enter__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._fall)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def taken_ms(self) -> list[float]:
        """From each fall to its credit, by the service's own clock."""
        while self._call("/v1/jp/health")["under_way"]:
            time.sleep(0.1)
        taken: list[float] = []
        cursor = ""
        while True:
            page = self._call(f"/v1/jp/payouts?limit=200{cursor}")
            for one in page["items"]:
                if one["status"] != "credited":
                    sys.exit(f"a payout under load: {one}")
                taken.append((_time(one["ended_at"]) - _time(one["due_at"])) * 1000)
            if not page["has_more"]:
                return taken
            cursor = f"&cursor={page['next_cursor']}"

    def _fall(self) -> None:
        while not self._over.wait(EVERY_S):
            self._n += 1
            name = f"fall-{self._n}"
            chosen = {"player_id": "p_19f3", "round_id": f"r-{name}"}
            body = {"jp_contrib_id": f"c-{name}", "tenant_id": "brand-42", "pool_id": POOL}
            body |= {"bet_id": f"b-{name}", "idempotency_key": f"k-{name}", **chosen}
            stake = {"bet": {"amount": 2, "currency": "EUR"}}
            self._call("/v1/jp/contributions", {**body, **stake})
            fall = {"jp_trigger_id": f"t-{name}", "pool_id": POOL, "reason": "random"}
            self._call("/v1/jp/triggers", {**fall, "selection": chosen})

    def _call(self, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "X-Trace-Id": "tr_fall"}
        return _ask(self._server, path, body, headers)


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _percentile(values: list[float], percent: int) -> float:
    """The value that so many percent of them do not pass."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 2)


def _token(server: Server) -> str:
    form = "grant_type=client_credentials&client_id=platform-demo"
    form += "&client_secret=platform-demo-secret"
    request = urllib.request.Request(f"{server.url}/oauth/token", form.encode())
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["access_token"])


def _ask(server: Server, path: str, body: Any = None, headers: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **(headers or {})}
    with urllib.request.urlopen(urllib.request.Request(server.url + path, data, sent)) as answer:
        return json.load(answer)


if __name__ == "__main__":
    require_wrk()
    for measure in measures():
        against = f"  {measure.ratio:.2f} of {measure.against}" if measure.ratio else ""
        print(f"{measure.name:26} {measure.value:>10,.1f} {measure.unit}{against}")
