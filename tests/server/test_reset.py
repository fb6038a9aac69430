"""A durable world that is reset, by many at once and over restarts."""

import asyncio
from pathlib import Path

import pytest

from simulator.base.errors import ConfigError
from tests.support import FROZEN, Sandbox, sandbox


async def reset(box: Sandbox, **body: int) -> int:
    return (await box.admin("POST", "/reset", body)).status


async def test_resets_at_once_are_one_after_the_other(tmp_path: Path) -> None:
    """Three resets in parallel leave one whole world: what it then acknowledges is there after a
    restart (SBX-04, PRV-30)."""
    async with sandbox(tmp_path) as box:
        assert await asyncio.gather(*(reset(box) for _ in range(3))) == [200] * 3
        box.tokens.clear()
        session = await box.session()
        for n in range(5):
            assert (await box.authorize(session, f"b-{n}", 1)).status == 200
        await box.require_sound()
    assert not (tmp_path / "wallet.db.new").exists()
    async with sandbox(tmp_path) as again:
        for n in range(5):
            got = await again.call("GET", f"/v1/bets/b-{n}")
            assert got.json["status"] == "authorized"
        await again.require_sound()


async def test_reads_during_a_reset_are_answered_or_told_to_come_again(tmp_path: Path) -> None:
    """A list or a reconciliation that meets a reset gets an answer or a 503, never a 500."""
    async with sandbox(tmp_path) as box:
        seen: set[int] = set()

        async def read() -> None:
            while not done.is_set():
                seen.add((await box.admin("GET", "/reconcile")).status)
                seen.add((await box.admin("GET", "/ledger/entries?limit=5")).status)
                await asyncio.sleep(0)  # a refusal is answered without a pause

        done = asyncio.Event()
        readers = [asyncio.ensure_future(read()) for _ in range(3)]
        while 200 not in seen:
            await asyncio.sleep(0)
        for _ in range(6):
            assert await reset(box) == 200
        done.set()
        await asyncio.gather(*readers)
    assert seen <= {200, 503}
    assert 200 in seen


async def test_the_folder_keeps_the_seed_it_was_made_with(tmp_path: Path) -> None:
    """After a reset with another seed the same command starts again, and goes on with that seed; a
    seed that the folder never had is refused."""
    async with sandbox(tmp_path, seed=5) as box:
        assert await reset(box, seed=9) == 200
    async with sandbox(tmp_path, seed=5) as box:
        assert (await box.admin("GET", "/seed")).json == {"seed": 9}
    with pytest.raises(ConfigError, match="made with seed 5"):
        async with sandbox(tmp_path, seed=6):
            pass


async def test_a_token_outlives_another_seed_and_a_restart(tmp_path: Path) -> None:
    """Setting the seed changes what is drawn from now on, not what was given out (PRV-10)."""
    async with sandbox(tmp_path) as box:
        token = await box.token("studio-demo")
        got = await box.admin("PUT", "/seed", {"seed": 99})
        assert got.status == 200, got.body
    async with sandbox(tmp_path) as again:
        again.tokens["studio-demo"] = token
        assert (await again.call("GET", "/v1/players/p_19f3")).status == 200


async def test_time_goes_on_over_a_restart(tmp_path: Path) -> None:
    """What has expired stays so when the folder is opened again (WAL-14, SBX-03)."""
    async with sandbox(tmp_path, clock=FROZEN) as box:
        session = await box.session()
        await box.admin("POST", "/clock/advance", {"by_ms": 86_400_000})
        now = (await box.admin("GET", "/clock")).json
        box.tokens.clear()
        assert (await box.authorize(session, "b-1", 1)).status == 409
    async with sandbox(tmp_path, clock=FROZEN) as again:
        assert (await again.admin("GET", "/clock")).json == now
        got = await again.authorize(session, "b-2", 1)
        assert (got.status, got.json["details"]["reason"]) == (409, "session_expired")
