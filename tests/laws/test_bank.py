"""Readers beside writers see one moment, never half a transfer (the bank test)."""

import asyncio
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from simulator.ledger.rows import Account
from simulator.server.clients import BRANDS
from simulator.server.owner import owner
from simulator.store.tx import Query, Reads
from simulator.store.unit import Snapshot
from tests.support import Sandbox, sandbox

PLAYERS = 12
ROUNDS_EACH = 25
CASH = 100
TOTAL = PLAYERS * CASH
AT_MOST = 50
"""Times that the negative control plays before it gives up: one alone misses it now and then."""
OWNER = owner(BRANDS["brand-42"], "tr_bank")


async def open_bank(box: Sandbox) -> list[str]:
    """Players with the same money each, and a session for each of them."""
    for n in range(PLAYERS):
        player = {"player_id": f"bank-{n}", "currency": "EUR", "cash": CASH}
        assert (await box.admin("POST", "/players", player)).status == 201
    return await come_again(box)


async def come_again(box: Sandbox) -> list[str]:
    """A new session for each player, whose bets have names of their own."""
    return [await box.session(f"bank-{n}") for n in range(PLAYERS)]


async def play(box: Sandbox, session: str, dice: Random) -> None:
    """Bets that win their own stake back: money moves all the time, and none comes or goes."""
    for n in range(ROUNDS_EACH):
        bet, stake = f"{session}-{n}", dice.randint(1, 9)
        assert (await box.authorize(session, bet, stake, round_id=bet)).status == 200
        assert (await box.settle(bet, stake, round_id=bet)).status == 200


async def watch(box: Sandbox, done: asyncio.Event) -> list[str]:
    """Totals that were never true."""
    wrong = []
    while not done.is_set():
        found = (await box.admin("GET", "/players?limit=200")).json["items"]
        total = sum(_worth(player) for player in found if player["player_id"].startswith("bank"))
        if total != TOTAL:
            wrong.append(f"players hold {total}, not {TOTAL}")
        wallet = box.world.parties["wallet"]
        if any(sums := await wallet.read(OWNER, _balance_of_all, pages=True)):
            wrong.append(f"debits and credits differ by {sums}, posted and pending")
        await asyncio.sleep(0)
    return wrong


def _worth(player: dict[str, Any]) -> Decimal:
    return Decimal(player["available"]["amount"]) + Decimal(player["held"]["amount"])


def _balance_of_all(tx: Reads) -> tuple[int, int]:
    """Debits minus credits over all accounts, posted and pending, each account read by itself."""
    posted = pending = after = 0
    while rows := tx.page(Query(Account, (("currency", "=", "EUR"),)), after, 1):
        (account,) = rows
        assert isinstance(account, Account)
        posted += account.posted_debits - account.posted_credits
        pending += account.pending_debits - account.pending_credits
        after = account.n
    return posted, pending


async def run(box: Sandbox, sessions: list[str]) -> list[str]:
    """All writers, with two readers beside them; what the readers saw wrong."""
    done = asyncio.Event()
    readers = [asyncio.ensure_future(watch(box, done)) for _ in range(2)]
    await asyncio.gather(*(play(box, s, Random(n)) for n, s in enumerate(sessions)))
    done.set()
    return [wrong for found in await asyncio.gather(*readers) for wrong in found]


@pytest.mark.parametrize("kept", ["memory", "file"])
async def test_totals_are_never_wrong(kept: str, tmp_path: Path) -> None:
    """Whatever moves, every read sees the whole of it or nothing (PRV-60, WAL-10)."""
    async with sandbox(tmp_path if kept == "file" else None, strict=False) as box:
        assert await run(box, await open_bank(box)) == []
        await box.require_sound()


def _itself(snapshot: Snapshot) -> Snapshot:
    return snapshot


def _do_nothing(_: Snapshot, *_raised: object) -> None:
    return None


async def test_a_reader_without_a_snapshot_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: rows read one by one are of different moments. On a machine that is
    busy elsewhere a reader may hardly come in between, so they play until it has been seen."""
    monkeypatch.setattr(Snapshot, "__enter__", _itself)
    monkeypatch.setattr(Snapshot, "__exit__", _do_nothing)
    async with sandbox(tmp_path, strict=False) as box:
        sessions = await open_bank(box)
        for _ in range(AT_MOST):
            if await run(box, sessions):
                return
            sessions = await come_again(box)
    pytest.fail(f"{AT_MOST} times {PLAYERS * ROUNDS_EACH} rounds, and every total was right")
