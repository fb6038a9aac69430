"""Two server processes on one PostgreSQL database: one hot player, and a thousand of them.

All bets are of one brand and currency, so the account that their stakes go to is in every batch of
both servers, in either case.
"""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from tests import postgres
from tests.bench.load import Measure, rate, require_wrk, write_ids, wrk
from tests.processes import SERVE_COMMAND, Server, running
from tests.support import BRAND_42

TURNS = 3
SECONDS = 5
IDS_A_TURN = 40_000
PLAYERS = 1000
AT_ONCE = 32


def measures() -> list[Measure]:
    """Authorized bets a second, both servers together."""
    with postgres.server() as database:
        return [
            _measure("postgres_one_player_ops", database, 1),
            _measure("postgres_1000_players_ops", database, PLAYERS),
        ]


def _measure(name: str, database: postgres.Server, players: int) -> Measure:
    samples = []
    store = ("--store", database.make_database())
    with (
        TemporaryDirectory() as folder,
        running(*store, command=SERVE_COMMAND) as one,
        running(*store, command=SERVE_COMMAND) as other,
        ThreadPoolExecutor(2) as both,
    ):
        servers = one, other
        token, sessions = asyncio.run(_prepare(one, players))
        Path(folder, "sessions").write_text("".join(f"{session}\n" for session in sessions))
        for turn in range(TURNS):
            started = [
                both.submit(wrk, server.url, SECONDS, _environment(folder, which, turn, token))
                for which, server in enumerate(servers)
            ]
            results = [each.result() for each in started]
            samples.append(sum(map(rate, results)))
            slow = max(result["p99_ms"] for result in results)
            print(f"{name}: {samples[-1]:,.0f}/s (p99 {slow:.1f} ms)", flush=True)
        books = asyncio.run(_books(one))
        if not books["sound"]:
            sys.exit(f"the books are not sound after the load: {books['breaks']}")
    return Measure(name, round(median(samples), 1), "req/s", samples)


def _environment(folder: str, which: int, turn: int, token: str) -> dict[str, str]:
    ids = Path(folder, f"ids-{which}-{turn}")
    write_ids(ids, IDS_A_TURN)
    sessions = str(Path(folder, "sessions"))
    return {"IDS": str(ids), "TOKEN": token, "SESSIONS": sessions, "MODE": "authorize"}


async def _prepare(server: Server, players: int) -> tuple[str, list[str]]:
    """A token, and a session each of players who can afford the whole benchmark."""
    async with aiohttp.ClientSession(server.url) as http:
        form = {
            "grant_type": "client_credentials",
            "client_id": "studio-demo",
            "client_secret": "studio-demo-secret",
        }
        async with http.post("/oauth/token", data=form) as answer:
            token = str((await answer.json())["access_token"])
        headers = {"Authorization": f"Bearer {token}", "X-Trace-Id": "tr_bench", **BRAND_42}
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> str:
            player = f"p_bench_{number}"
            async with turn:
                made = {"player_id": player, "currency": "EUR", "cash": 1_000_000}
                async with http.post("/__admin/players", json=made) as answer:
                    assert answer.status == 201, await answer.text()
                body = {
                    "player_id": player,
                    "game_id": "studio:slot_forge_02",
                    "currency": "EUR",
                    "locale": "de-DE",
                }
                key = {"X-Idempotency-Key": f"bench-{number}"}
                async with http.post("/v1/sessions", json=body, headers=headers | key) as answer:
                    return str((await answer.json())["session_id"])

        return token, await asyncio.gather(*map(one, range(players)))


async def _books(server: Server) -> Any:
    async with (
        aiohttp.ClientSession(server.url) as http,
        http.get("/__admin/reconcile") as answer,
    ):
        return await answer.json()


if __name__ == "__main__":
    require_wrk()
    for measure in measures():
        print(f"{measure.name:26} {measure.value:>10,.1f} {measure.unit}")
