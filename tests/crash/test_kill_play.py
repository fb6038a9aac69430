"""kill -9 while rounds are played: the next server finishes each, once, on all three sides."""

import asyncio
import json
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests import processes
from tests.play.tools import GAME, MODELS
from tests.processes import Server

KILLS = 3
CLIENTS = 6
SECRET = {"client_id": "platform-demo", "client_secret": "platform-demo-secret"}


@dataclass
class Front:
    """The platform's game client, which remembers what it asked and what it was answered."""

    rng: random.Random
    sessions: dict[str, str] = field(default_factory=dict)
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    heard: dict[str, bytes] = field(default_factory=dict)
    made: int = 0

    def next(self) -> str:
        """A round of some session, under a name of its own."""
        self.made += 1
        name = f"r-{self.made}"
        session = self.sessions[self.rng.choice(sorted(self.sessions))]
        stake = {"amount": 0.2, "currency": "EUR"}
        self.asked[name] = {"session_id": session, "round_id": name, "stake": stake}
        return name


@asynccontextmanager
async def client(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A connection with a token of this life of the server."""
    async with aiohttp.ClientSession(url) as bare:
        form = {"grant_type": "client_credentials", **SECRET}
        got = await bare.post("/oauth/token", data=form)
        token = (await got.json())["access_token"]
    headers = {"Authorization": f"Bearer {token}", "X-Trace-Id": "tr_kill"}
    async with aiohttp.ClientSession(url, headers=headers) as wire:
        yield wire


async def post(wire: aiohttp.ClientSession, path: str, key: str, body: Any) -> tuple[int, bytes]:
    """One write, asked for again under its key while it is under way."""
    while True:
        headers = {"X-Idempotency-Key": key}
        async with wire.post(f"/play/v1{path}", json=body, headers=headers) as got:
            raw = await got.read()
            if got.status != 425:
                return got.status, raw
        await asyncio.sleep(0.05)


async def play_on(wire: aiohttp.ClientSession, front: Front) -> None:
    """Rounds, one after the other, until the server is gone."""
    while True:
        name = front.next()
        try:
            status, raw = await post(wire, "/rounds", name, front.asked[name])
        except aiohttp.ClientError:
            return
        assert status == 200, raw
        front.heard[name] = raw


async def play_and_kill(server: Server, front: Front) -> None:
    """Several clients play; the server ends somewhere within their rounds."""
    enough = len(front.heard) + front.rng.randint(15, 40)
    async with client(server.url) as wire, asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(play_on(wire, front))
        while len(front.heard) < enough:
            await asyncio.sleep(0.002)
        await asyncio.sleep(front.rng.uniform(0, 0.006))
        server.kill()


async def audit(wire: aiohttp.ClientSession, front: Front) -> int:
    """Every round that was asked for has an answer now, and the one that was heard; how many had
    none before."""
    silent = [name for name in front.asked if name not in front.heard]
    for name, body in front.asked.items():
        status, raw = await post(wire, "/rounds", name, body)
        assert status == 200, raw
        assert front.heard.setdefault(name, raw) == raw
    return len(silent)


def rows(data: Path, party: str, text: str) -> list[Any]:
    """Rows of a party's file; its server has ended."""
    database = sqlite3.connect(data / f"{party}.db")
    try:
        return database.execute(text).fetchall()
    finally:
        database.close()


async def test_rounds_survive_a_kill(tmp_path: Path) -> None:
    """After kill -9 in the middle of rounds of every model, the next server finishes them by
    itself: what was answered is answered again, byte for byte, what was not comes to an end, and
    wallet, studio and play say the same of each (PRV-33, WAL-06, WAL-72, RGS-03)."""
    front, unheard = Front(random.Random(5)), 0
    server = processes.start("--data", str(tmp_path))
    try:
        async with client(server.url) as wire:
            for model, asked in MODELS.items():
                body = {"player_id": "p_19f3", "game_id": GAME, "currency": "EUR"}
                body |= {"locale": "de-DE", **asked}
                status, raw = await post(wire, "/sessions", model, body)
                assert status == 201, raw
                front.sessions[model] = json.loads(raw)["session_id"]
        for _ in range(KILLS):
            await play_and_kill(server, front)
            server.let_go()
            server = processes.start("--data", str(tmp_path))
            async with client(server.url) as wire:
                unheard += await audit(wire, front)
        async with client(server.url) as wire:
            for session in front.sessions.values():
                status, raw = await post(wire, f"/sessions/{session}/end", f"{session}-bye", {})
                assert status == 200, raw
            async with wire.get("/__admin/reconcile") as got:
                assert (await got.json())["sound"], await got.text()
        assert server.stop() == 0
    finally:
        server.let_go()
    assert unheard >= KILLS, "the kills met no round under way"
    mine = rows(tmp_path, "play", "SELECT round_id, stake, win, status FROM play_round ORDER BY 1")
    text = "SELECT round_id, stake, win, 'completed' FROM spin WHERE status = 'played' ORDER BY 1"
    assert mine == rows(tmp_path, "rgs", text)
    assert {name for name, *_ in mine} == set(front.asked)
    text = "SELECT sum(posted_credits - posted_debits) FROM account WHERE kind = 'house'"
    assert rows(tmp_path, "wallet", text) == [(sum(stake - win for _, stake, win, _ in mine),)]
    assert rows(tmp_path, "wallet", "SELECT count(*) FROM round WHERE status = 'open'") == [(0,)]
