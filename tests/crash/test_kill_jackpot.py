"""kill -9 of the jackpot service between the steps of a payout: it is paid once, after a restart.

The wallet is another system behind `--target`, which says when a step is reached.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests import processes
from tests.crash.test_kill_play import client
from tests.processes import Server
from tests.support import Sandbox, sandbox

POOL = "grand-eu-01"
CREDIT, RESERVE = "/v1/wallet/credit", "/v1/wallet/reserve"
SENT, DONE, NEVER = "the call is sent", "it is done", "never"
STEPS = ("the fall was answered", SENT, DONE, "the answer is there", NEVER)
"""When the power fails; the last one is the control."""


@dataclass
class Wallet:
    """Somebody else's wallet, on a socket; `strike` is called at each step of a call to `path`."""

    box: Sandbox
    path: str = CREDIT
    url: str = ""
    strike: Callable[[str], None] = lambda _step: None
    asked: Counter[str] = field(default_factory=Counter)

    async def answer(self, request: web.Request) -> web.Response:
        """What the wallet says, if somebody is there to hear it."""
        body = await request.read()
        if request.path == self.path:
            self.asked[(await request.json())["jp_payout_id"]] += 1
            self.strike(SENT)
        got = await self.box.raw(request.method, request.raw_path, body, request.headers)
        kept = ("content-type", "date", "retry-after")
        headers = {name: value for name, value in got.headers.items() if name in kept}
        if request.path == self.path:
            self.strike(DONE)
            asyncio.get_running_loop().call_later(0.001, self.strike, "the answer is there")
        return web.Response(status=got.status, body=got.body, headers=headers)

    def paid(self) -> list[tuple[Any, ...]]:
        """What it has paid for jackpots."""
        database = self.box.world.parties["wallet"].writer.unit.database
        text = "SELECT transaction_id, amount FROM txn WHERE reason = 'jackpot' AND status = 'ok'"
        found: list[tuple[Any, ...]] = database.rows(f"{text} ORDER BY 1")
        return found

    def set_aside(self) -> list[tuple[Any, ...]]:
        """What it has set aside, and what became of it."""
        database = self.box.world.parties["wallet"].writer.unit.database
        found: list[tuple[Any, ...]] = database.rows("SELECT status FROM set_aside")
        return found


@asynccontextmanager
async def wallet(path: str = CREDIT) -> AsyncIterator[Wallet]:
    async with sandbox() as box:
        found = Wallet(box, path)
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", found.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        found.url = site.name
        try:
            yield found
        finally:
            await runner.cleanup()


async def win(server: Server, name: str, amount: Decimal) -> None:
    """A fall on a round of this name, unless it was told of before."""
    body = {
        "jp_contrib_id": f"c-{name}",
        "tenant_id": "brand-42",
        "pool_id": POOL,
        "round_id": f"r-{name}",
        "bet_id": f"b-{name}",
        "player_id": "p_19f3",
        "bet": {"amount": float(amount), "currency": "EUR"},
        "idempotency_key": f"k-{name}",
    }
    chosen = {"player_id": "p_19f3", "round_id": f"r-{name}"}
    fall = {"jp_trigger_id": f"t-{name}", "pool_id": POOL, "reason": "random", "selection": chosen}
    async with client(server.url) as wire:
        for path, asked in (("contributions", body), ("triggers", fall)):
            async with wire.post(f"/v1/jp/{path}", json=asked) as got:
                assert got.status == 201, await got.text()


async def set_aside_first(server: Server) -> None:
    """From now on the wallet sets payouts aside before it pays them (JP-13)."""
    body = {"change_id": "c-1", "reason": "so", "approved_by": "e.vance", "sets_aside": True}
    path = f"/v1/jp/pools/{POOL}/terms"
    async with client(server.url) as wire, wire.post(path, json=body) as got:
        assert got.status == 201, await got.text()


async def settled(server: Server) -> list[dict[str, Any]]:
    """Every payout, once nothing is under way; the books are sound."""
    async with client(server.url) as wire:
        for _ in range(5_000):
            async with wire.get("/v1/jp/health") as got:
                if not (await got.json())["under_way"]:
                    break
            await asyncio.sleep(0.02)
        async with wire.get("/__admin/reconcile") as got:
            assert (await got.json())["sound"], await got.text()
        async with wire.get("/v1/jp/payouts") as got:
            found: list[dict[str, Any]] = (await got.json())["items"]
    return found


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        pytest.param(CREDIT, (SENT, DONE, NEVER), id="while the wallet pays"),
        pytest.param(CREDIT, STEPS, id="each", marks=pytest.mark.nightly),
        pytest.param(RESERVE, STEPS, id="each of setting aside", marks=pytest.mark.nightly),
    ],
)
async def test_a_payout_survives_a_kill_at_each_step(
    tmp_path: Path, path: str, steps: tuple[str, ...]
) -> None:
    """After the fall, when the wallet is called, when it has paid or set aside, when it has
    answered: the next server goes on by itself, with the same jp_payout_id, and the player is paid
    once (WAL-72, WAL-97, JP-13, JP-40)."""
    async with wallet(path) as bank:
        options = ("--data", str(tmp_path), "--target", f"wallet={bank.url}")
        for n, step in enumerate(steps):
            server = processes.start(*options)
            try:
                gone = asyncio.Event()

                def strike(
                    reached: str, server: Server = server, gone: Any = gone, at: str = step
                ) -> None:
                    if reached == at and not gone.is_set():
                        server.process.kill()
                        gone.set()

                await asyncio.to_thread(server.wait_ready)
                assert len(await settled(server)) == n  # what the life before has left is paid
                assert len(bank.paid()) == n
                if path == RESERVE and n == 0:
                    await set_aside_first(server)
                bank.strike = strike
                await win(server, str(n), Decimal(n + 1))
                strike("the fall was answered")
                if step != NEVER:
                    await asyncio.wait_for(gone.wait(), 100)
                    server.process.wait(100)
                bank.strike = lambda _step: None
                if step == NEVER:
                    payouts = await settled(server)
            finally:
                server.let_go()
        assert [one["status"] for one in payouts] == ["credited"] * len(steps)
        assert [(one["jp_payout_id"], round(one["amount"]["amount"] * 100)) for one in payouts] == (
            bank.paid()
        )
        assert bank.set_aside() == [("paid",)] * (len(steps) if path == RESERVE else 0)
        calls = [bank.asked[one["jp_payout_id"]] for one in payouts]
        asked = dict(zip(steps, calls, strict=True))
        assert asked[SENT] >= 2, "the kill met no call under way"
        assert asked[DONE] >= 2, "the kill met no answer under way"
        assert asked[NEVER] == 1
