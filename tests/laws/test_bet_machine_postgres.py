"""The bet machine at two servers that share a PostgreSQL database, and the same answers as ever."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from simulator.settings import ClockSetting
from tests.laws.over_postgres import ALONE, Pair, paired
from tests.laws.provider import LONG, Call, run
from tests.laws.stores import Place
from tests.laws.test_bet_machine import BetMachine
from tests.postgres import Server
from tests.support import Got, Sandbox, sandbox


class TwoServers(Place):
    """Every call goes to the next of two servers on one database."""

    def __init__(self, postgres: Server) -> None:
        super().__init__("reference")
        self.postgres = postgres

    async def open(self) -> None:
        self.url = await asyncio.to_thread(self.postgres.make_database)
        self.box: Pair = await self.stack.enter_async_context(paired(self.url, **ALONE))

    async def replace(self, which: int, now_ns: int) -> None:
        """The connection of one ends at once, as a killed process's does, and another comes."""
        writer: Any = self.box.boxes[which].world.parties["wallet"].writer
        if writer._connection is not None:
            writer._connection.terminate()
        another = await self.stack.enter_async_context(sandbox(store=self.url, **ALONE))
        another.world.set_clock(ClockSetting("frozen", now_ns))
        boxes = list(self.box.boxes)
        boxes[which] = another
        self.box.boxes = boxes[0], boxes[1]

    async def close(self) -> None:
        await self.stack.aclose()
        await asyncio.to_thread(self.postgres.drop_database, self.url)


class PostgresBetMachine(BetMachine):
    """The same law where every call goes to the next of two servers on one database, and where now
    and then one of them is gone from one moment to the next and another comes. (WAL-74)"""

    @rule(which=st.integers(0, 1))
    def lose_one_and_start_another(self, which: int) -> None:
        (place,) = self.at
        assert isinstance(place, TwoServers)
        self.run_(place.replace(which, self.now_ns))

    async def both(self, call: Call, twin: Call) -> tuple[Got, Got]:
        """Of two servers either may be first: who was, its answer tells."""
        one, two = await super().both(call, twin)
        return (two, one) if one.replayed and not two.replayed else (one, two)


@LONG
def test_bets_at_two_servers(postgres_server: Server) -> None:
    """The law of `PostgresBetMachine`."""
    run(PostgresBetMachine, lambda: [TwoServers(postgres_server)], examples=3, nightly=1_000)


# The same answers --------------------------------------------------------------------------------


async def _play(box: Sandbox, seed: int) -> list[Any]:
    """A random provider, the same one for the same seed: everything it was answered, and what the
    lists tell afterwards."""
    rng = random.Random(seed)
    sessions = [await box.session(), await box.session("p_jpy", "JPY")]
    told: list[Any] = [sessions]
    for step in range(120):
        which = rng.randrange(2)
        bet, how = f"b{rng.randrange(12)}", {"round_id": f"r{which}-{rng.randrange(3)}"}
        kind = rng.choice(["authorize", "authorize", "settle", "rollback", "again", "close"])
        money: dict[str, Any] = {"currency": ("EUR", "JPY")[which], **how}
        key = f"k{rng.randrange(step + 1) if kind == 'again' else step}"
        if kind == "authorize":
            stake = Decimal(rng.choice([0, 1, 250, 999_999]))
            told.append(await box.authorize(sessions[which], bet, stake, key=key, **money))
        elif kind == "rollback":
            told.append(await box.rollback(bet, key=key, **how))
        elif kind == "close":
            path = f"/v1/rounds/{how['round_id']}/close"
            told.append(await box.call("POST", path, {"outcome": "completed"}, key=key))
        else:
            told.append(await box.settle(bet, Decimal(rng.randrange(3)), key=key, **money))
    answers = [(got.status, got.body, got.replayed) for got in told if isinstance(got, Got)]
    listed = (await box.call("GET", "/v1/bets?limit=200")).json["items"]
    accounts = (await box.admin("GET", "/ledger/accounts?limit=200")).json["items"]
    events = [event for event in await box.events() if "payload" in event]
    await box.require_sound()
    return [
        sessions,
        answers,
        listed,
        sorted(accounts, key=lambda account: str(account["account"])),
        [event for event in events if event["event_type"] != "player.registered"],
    ]


@asynccontextmanager
async def _world(place: str, folder: Path, url: str) -> AsyncIterator[Sandbox]:
    if place == "two servers":
        async with paired(url) as pair:
            yield pair
    else:
        async with sandbox(folder if place == "file" else None) as box:
            yield box


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_store_answers_the_same(tmp_path: Path, postgres: str, seed: int) -> None:
    """One provider, the same calls one after the other: memory, a file and two servers on one
    database give the same bytes, ids, balances, bets and events, in the same order (D3)."""
    found = {}
    for place in ("memory", "file", "two servers"):
        async with _world(place, tmp_path / place, postgres) as box:
            found[place] = await _play(box, seed)
    for place in ("file", "two servers"):
        for ours, theirs in zip(found["memory"], found[place], strict=True):
            assert ours == theirs, place
    statuses = {status for status, _, _ in found["memory"][1]}
    assert statuses >= {200, 404, 409, 422}, "the provider met too little"
