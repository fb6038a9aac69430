"""Disaster recovery, exercised: backups under load, the machine is gone, the world comes back
(JP-81)."""

import asyncio
import json
import shutil
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

from tests import processes
from tests.crash.test_kill_play import client
from tests.processes import ROOT

POOL = "grand-eu-01"
CLIENTS = 3
BACKUPS = 1
RPO_S, RTO_S = 300, 1_800


async def send(wire: Any, path: str, body: Any) -> Any:
    async with wire.post(f"/v1/jp{path}", json=body) as got:
        raw = await got.read()
        assert got.status == 201, raw
        return json.loads(raw)


async def play(wire: Any, who: int, done: dict[str, float], stop: asyncio.Event) -> None:
    """Contributions, and a fall after each fourth, until it is over; when each was answered."""
    n = 0
    while not stop.is_set():
        name, n = f"{who}-{n}", n + 1
        body = {
            "jp_contrib_id": f"c-{name}",
            "tenant_id": "brand-42",
            "pool_id": POOL,
            "round_id": f"r-{name}",
            "bet_id": f"b-{name}",
            "player_id": "p_19f3",
            "bet": {"amount": 2, "currency": "EUR"},
            "idempotency_key": f"k-{name}",
        }
        await send(wire, "/contributions", body)
        done[f"c-{name}"] = time.monotonic()
        if n % 4 == 0:
            chosen = {"player_id": "p_19f3", "round_id": f"r-{name}"}
            fall = {"jp_trigger_id": f"t-{name}", "pool_id": POOL, "reason": "random"}
            await send(wire, "/triggers", {**fall, "selection": chosen})


async def more(done: dict[str, float], count: int) -> None:
    """Wait for so many more answers."""
    enough = len(done) + count
    while len(done) < enough:
        await asyncio.sleep(0.01)


async def paid(wire: Any) -> None:
    """Wait until nothing is under way; the books are sound then."""
    for _ in range(5_000):
        async with wire.get("/v1/jp/health") as got:
            if not (await got.json())["under_way"]:
                break
        await asyncio.sleep(0.02)
    async with wire.get("/__admin/reconcile") as got:
        assert (await got.json())["sound"], await got.text()


async def backup(data: Path, file: Path) -> None:
    command = [sys.executable, "-m", "simulator", "backup", "--data", str(data), "--to", str(file)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    assert await process.wait() == 0


def rows(data: Path, party: str, text: str) -> list[Any]:
    database = sqlite3.connect(data / f"{party}.db")
    try:
        return database.execute(text).fetchall()
    finally:
        database.close()


async def test_a_world_comes_back_from_its_backup(tmp_path: Path) -> None:
    """While contributions and payouts go on, a backup is made; then the server is killed and its
    folder is gone. What was answered before the backup began is there again, every party is
    of the same instant, payouts that were under way are paid once, and all books are sound
    (JP-81: RPO ≤ 5 min, RTO ≤ 30 min)."""
    data, back = tmp_path / "world", tmp_path / "back"
    done: dict[str, float] = {}
    files = [tmp_path / f"{n}.tar" for n in range(BACKUPS)]
    began = 0.0
    server = processes.start("--data", str(data))
    try:
        server.wait_ready()
        stop = asyncio.Event()
        async with client(server.url) as wire, asyncio.TaskGroup() as group:
            for who in range(CLIENTS):
                group.create_task(play(wire, who, done, stop))
            await more(done, 4 * CLIENTS + 1)  # somebody's fourth, so a fall
            for file in files:
                began = time.monotonic()
                await backup(data, file)
            await more(done, CLIENTS + 1)  # what nobody has saved: one was begun after the backup
            stop.set()
        server.kill()
    finally:
        server.let_go()
    lost_at = time.monotonic()
    shutil.rmtree(data)

    command = [sys.executable, "-m", "simulator", "restore", str(files[-1]), "--data", str(back)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    assert await process.wait() == 0
    server = processes.start("--data", str(back))
    try:
        server.wait_ready()
        rto_s = time.monotonic() - lost_at
        async with client(server.url) as wire:
            await paid(wire)
        assert server.stop() == 0
    finally:
        server.let_go()
    kept = {name for (name,) in rows(back, "jackpot", "SELECT jp_contrib_id FROM jp_contribution")}
    missing = [at for name, at in done.items() if name not in kept]
    rpo_s = lost_at - min(missing, default=lost_at)
    print(f"RPO {rpo_s:.2f} s ({len(missing)} of {len(done)} lost), RTO {rto_s:.2f} s")
    assert missing, "the load ended with the backup: nothing was tried"
    assert all(at >= began for at in missing), "something from before the backup is lost"
    assert rpo_s <= RPO_S
    assert rto_s <= RTO_S
    owed = rows(back, "jackpot", "SELECT jp_payout_id, amount FROM jp_payout ORDER BY 1")
    text = "SELECT transaction_id, amount FROM txn WHERE reason = 'jackpot' AND status = 'ok'"
    assert owed
    assert owed == rows(back, "wallet", f"{text} ORDER BY 1")
