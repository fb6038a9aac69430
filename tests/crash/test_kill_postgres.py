"""kill -9 of one of two servers that share a PostgreSQL database, under load: the other goes on,
what was acknowledged by either is there, once."""

import asyncio
import random
from contextlib import AsyncExitStack

from tests import processes
from tests.crash.load import Journal, audit, open_sessions, play, provider, until
from tests.processes import Server

KILLS = 5
CLIENTS = 4
"""At each of the two servers."""


async def test_nothing_is_lost_when_one_of_two_servers_is_killed(postgres: str) -> None:
    """Both play with the same players; one is killed in the middle, and started again later. What
    it had acknowledged is there in its acknowledged state and none twice; what it never answered
    is asked of the other one, under its key, and has one effect; the books and the audit chain
    are sound. (WAL-06, WAL-08, WAL-10, PRV-30, PRV-34, QLT-05)"""
    journal = Journal(random.Random(21))
    servers = [_start(postgres), _start(postgres)]
    try:
        async with provider(servers[0].url) as wire:
            await open_sessions(wire, journal)
        for journal.burst in range(KILLS):
            doomed, survivor = journal.rng.sample(servers, 2)
            await _play_at_both_and_kill(doomed, survivor, journal)
            async with provider(survivor.url) as wire:
                assert await audit(wire, journal) == []
            doomed.let_go()
            servers = [survivor, _start(postgres)]
        for server in servers:
            async with provider(server.url) as wire:
                assert await audit(wire, journal, whole=True) == []
                chain = await wire.read("/__admin/audit")
                assert chain["sound"], chain
        assert journal.unanswered.total() > KILLS, "the kills met no call under way"
        for server in servers:
            assert server.stop() == 0, server.errors()
    finally:
        for server in servers:
            server.let_go()


def _start(url: str) -> Server:
    return processes.start("--store", url)


async def _play_at_both_and_kill(doomed: Server, survivor: Server, journal: Journal) -> None:
    """Let clients play at both; kill one, let the other answer some more, then its clients leave
    in the middle of whatever they do."""
    async with AsyncExitStack() as stack:
        dying = await stack.enter_async_context(provider(doomed.url))
        living = await stack.enter_async_context(provider(survivor.url))
        lost = [asyncio.create_task(play(dying, journal)) for _ in range(CLIENTS)]
        others = [asyncio.create_task(play(living, journal)) for _ in range(CLIENTS)]
        await _until(journal, journal.rng.randint(20, 120), *lost, *others)
        # Somewhere within the next commits, not only just after an answer.
        await asyncio.sleep(journal.rng.uniform(0, 0.003))
        doomed.kill()
        await asyncio.gather(*lost)
        await _until(journal, 30, *others)
        for task in others:
            task.cancel()
        for ended in await asyncio.gather(*others, return_exceptions=True):
            assert isinstance(ended, asyncio.CancelledError), ended


async def _until(journal: Journal, more: int, *playing: asyncio.Task[None]) -> None:
    """Wait for so many more answers; a client that ends meanwhile has met what no kill excuses."""
    waiting = asyncio.create_task(until(journal, journal.acknowledged + more))
    await asyncio.wait({waiting, *playing}, return_when=asyncio.FIRST_COMPLETED)
    for client in playing:
        if client.done():
            waiting.cancel()
            await client
            raise AssertionError("a client has left a server that lives")
    await waiting
