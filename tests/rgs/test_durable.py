"""The studio over a restart: what was played is answered, read and played again as it was."""

import asyncio
from pathlib import Path

from tests.rgs.tools import Studio, minor, studio
from tests.server.tools import require_problem
from tests.support import sandbox


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


async def test_a_world_in_postgres_says_where_the_studio_is(postgres: str) -> None:
    """A database holds the wallet alone: studio and play are 404 there, in words that say what to
    do; what they name, a sandbox, plays (RGS-01, PRV-50)."""
    async with sandbox(store=postgres) as box:
        there = Studio(box)
        for got in (
            await there.call("GET", "/games"),
            await there.call("POST", "/spins", {}),
            await box.call("GET", "/play/v1/rounds", client="platform-demo"),
        ):
            require_problem(got, 404, "NOT_FOUND")
            assert got.json["details"] == {"reason": "party_left_out"}
            assert "PostgreSQL" in got.json["message"]
            assert "POST /__admin/sandboxes" in got.json["message"]
        made = await box.admin("POST", "/sandboxes", {"name": "play"})
        assert made.status == 201, made.body
        at = Studio(type(box)(box.app, box.worlds, "play"))
        await at.open()
        await at.played()
