"""The studio over a restart: what was played is answered, read and played again as it was."""

import asyncio
import json
from pathlib import Path

from tests.rgs.tools import minor, studio


async def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    """The store is a file of its own; after it was closed and opened again a repeat has the same
    bytes, the replay is the same, the token stays used, the session goes on, and all is sound
    (RGS-02, RGS-11, RGS-12, WAL-74)."""
    async with studio(data=tmp_path) as at:
        body = await at.session_body(wallet="transfer")
        opened = await at.call("POST", "/sessions", body)
        money = {"transfer_id": "in-1", "amount": {"amount": 5, "currency": "EUR"}}
        await at.ok("POST", "/sessions/s-1/transfer-in", money)
        first = await at.spin("spin-1")
        events = await at.events()
    stores = await asyncio.to_thread(lambda: {path.name for path in tmp_path.glob("*.db")})
    assert stores >= {"wallet.db", "rgs.db"}
    async with studio(data=tmp_path) as at:
        assert (await at.spin("spin-1")).body == first.body
        assert (await at.call("POST", "/sessions", body)).body == opened.body
        assert (await at.ok("GET", "/spins/spin-1/replay"))["same"] is True
        assert await at.events() == events
        reused = await at.call("POST", "/sessions", {**body, "session_id": "s-2"})
        assert reused.json["details"] == {"reason": "jti"}
        before = minor((await at.ok("GET", "/sessions/s-1"))["balance"])
        played = await at.played("spin-2")
        assert minor(played["balance"]) == before - 100 + minor(played["outcome"]["win"])
        await at.require_sound()


async def test_the_same_spins_in_a_new_folder_are_the_same(tmp_path: Path) -> None:
    """Another machine, another kind of store, the same seed: the same outcomes (RGS-12)."""
    answers = []
    for settings in ({"data": tmp_path}, {}, {"seed": 42}):
        async with studio(**settings) as at:
            await at.open(jwt=at.token(jti="jti-same"))
            answers.append([(await at.spin(f"spin-{n}")).body for n in range(5)])
    assert answers[0] == answers[1] == answers[2]


async def test_a_database_plays_what_a_memory_plays(postgres: str) -> None:
    """The same seed, another kind of store, its statements in batches: the same bytes, one after
    the other and all at once; a repeat too (RGS-11, RGS-12)."""
    answers = []
    for settings in ({}, {"store": postgres}):
        async with studio(**settings) as at:
            await at.open(jwt=at.token(jti="jti-same"))
            single = [(await at.spin(f"spin-{n}")).body for n in range(3)]
            many = await asyncio.gather(*(at.spin(f"many-{n}") for n in range(8)))
            again = await asyncio.gather(*(at.spin(f"many-{n}") for n in range(8)))
            assert [got.body for got in again] == [got.body for got in many]
            assert (await at.ok("GET", "/spins/many-3/replay"))["same"] is True
            answers.append([json.loads(body)["outcome"] for body in single])
            answers[-1] += [got.json["outcome"] for got in many]
            await at.require_sound()
    assert answers[0] == answers[1]
