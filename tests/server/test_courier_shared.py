"""A task that two servers take up at once: each of its steps is done by one of them."""

import asyncio
from decimal import Decimal
from functools import partial

from simulator.server import courier, transactions
from simulator.server.party import Party
from simulator.store.recall import Command
from simulator.wire import wallet as w
from simulator.wire.calls import Caller
from simulator.wire.messages import Money
from tests.laws.over_postgres import paired
from tests.store.pg_tools import rows
from tests.support import Sandbox, sandbox

ITEMS = 4
KEY = "k-batch"


def wallet(box: Sandbox) -> Party:
    return box.world.parties["wallet"]


def command() -> Command:
    """A batch of debits of 1.00 each."""
    caller = Caller(
        client="studio-demo",
        tenant="brand-42",
        brand="brand-42",
        region="EU",
        licence="",
        provider="studio",
        trace_id="tr_test",
    )
    debits = [
        w.Debit(
            transaction_id=f"t{i}",
            player_id="p_19f3",
            round_id="r",
            amount=Money(Decimal(1), "EUR"),
        )
        for i in range(ITEMS)
    ]
    message = w.Batch(items=[w.BatchItem(debit=debit) for debit in debits])
    return Command(caller=caller, operation="sendBatch", key=KEY, message=message)


async def begin(box: Sandbox) -> None:
    """The first step, by a server that then dies."""
    party = wallet(box)
    walk = courier._walk(party.routes["sendBatch"], command())
    work = partial(transactions.begin, walk=walk, command=command())
    assert isinstance(await party.writer.submit(work), list)


async def until_done(box: Sandbox) -> None:
    party = wallet(box)
    name = transactions.name_of(command())
    for _ in range(6_000):
        if await party.writer.submit(partial(transactions.results_of, name=name)) is None:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the batch has not ended")


async def test_two_servers_take_up_one_task(postgres: str) -> None:
    """Both find the batch that a third one left, and drive it at the same time: every item happens
    once, every step is one operation, as where one server drives it alone (PRV-30, WAL-62)."""
    async with paired(postgres) as pair:
        await begin(pair.boxes[0])
        for box in pair.boxes:
            wallet(box).courier.wake()
        for box in pair.boxes:
            await until_done(box)
            while wallet(box).courier._driven:
                await asyncio.sleep(0.01)
        assert await pair.balance() == (Decimal(1000 - ITEMS), Decimal(0))
        assert await steps_of(postgres) == await steps_alone()
        await pair.require_sound()


async def steps_of(url: str) -> int:
    found = await rows(url, "SELECT count(*) FROM op WHERE operation = 'sendBatch'")
    return int(found[0][0])


async def steps_alone() -> int:
    async with sandbox() as box:
        await begin(box)
        wallet(box).courier.wake()
        await until_done(box)
        database = wallet(box).writer.unit.database
        found = database.rows("SELECT count(*) FROM op WHERE operation = 'sendBatch'")
        return int(found[0][0])
