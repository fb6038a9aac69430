"""kill -9 under load: what was acknowledged is there, once; and a server that cheats is caught."""

import asyncio
import random
import sys
from pathlib import Path

import pytest

from tests import processes
from tests.crash.load import Journal, audit, open_sessions, play, provider, until
from tests.processes import Server

KILLS = 20
CLIENTS = 6
AT_MOST = 20
"""Kills that the negative control gets away with: one may come between two commits."""

CHEATER = (sys.executable, "-m", "tests.crash.broken_server", "serve", "--port", "0")


async def test_nothing_acknowledged_is_lost_by_a_kill(tmp_path: Path) -> None:
    """After kill -9 under load, every acknowledged bet is there in its acknowledged state and
    none twice; a repeat of an unanswered call under its key gives one effect; the books are sound.
    (WAL-06, WAL-08, PRV-30, PRV-34)"""
    journal = Journal(random.Random(20))
    server = processes.start("--data", str(tmp_path))
    try:
        async with provider(server.url) as wire:
            await open_sessions(wire, journal)
        for journal.burst in range(KILLS):
            await _play_and_kill(server, journal, journal.rng.randint(20, 150))
            server.let_go()
            server = processes.start("--data", str(tmp_path))
            async with provider(server.url) as wire:
                assert await audit(wire, journal) == []
        async with provider(server.url) as wire:
            assert await audit(wire, journal, whole=True) == []
        assert journal.unanswered.total() > KILLS, "the kills met no call under way"
    finally:
        server.let_go()


async def test_a_server_that_answers_before_its_commit_is_caught(tmp_path: Path) -> None:
    """The negative control: the same audit names the acknowledged bets that a cheater loses."""
    for attempt in range(AT_MOST):
        journal = Journal(random.Random(attempt))
        data = str(tmp_path / str(attempt))
        with processes.running("--data", data, command=CHEATER) as server:
            async with provider(server.url) as wire:
                await open_sessions(wire, journal)
            await _play_and_kill(server, journal, 20)
        with processes.running("--data", data) as server:
            async with provider(server.url) as wire:
                found = await audit(wire, journal)
        if any("acknowledged was" in wrong for wrong in found):
            return
    pytest.fail(f"a server that answers before its commit passed the audit {AT_MOST} times")


async def _play_and_kill(server: Server, journal: Journal, answers: int) -> None:
    """Let some clients play until so many answers have come; then end the server at once."""
    async with provider(server.url) as wire, asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(play(wire, journal))
        await until(journal, journal.acknowledged + answers)
        # Somewhere within the next commits, not only just after an answer.
        await asyncio.sleep(journal.rng.uniform(0, 0.003))
        server.kill()
