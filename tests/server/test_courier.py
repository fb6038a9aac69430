"""Calls that a decision asks for: sent right after its commit, until they are answered, never else.

(PRV-34, WAL-72)
"""

import asyncio
import threading
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from simulator.server import courier
from simulator.store.sqlite import Database
from tests.server.tools import require_problem
from tests.server.toy_party import (
    Bank,
    closed_bank,
    do,
    do_and_lose,
    do_not_send,
    fill_the_disk_once,
    kiosk,
    say,
    until,
)


async def test_an_asked_call_leaves_right_after_its_commit(tmp_path: Path) -> None:
    """The answer does not wait for the other party; the call goes out by itself, once, and a repeat
    of the request does not send another (PRV-34)."""
    async with kiosk(tmp_path, closed_bank()) as toy:
        first = await toy.note()
        assert (first.status, first.json["state"]) == (200, "noted")
        await until(lambda: toy.bank.keys == ["note-n-1"])
        assert toy.tasks() == {"send": "pending"}
        toy.bank.doors.set()
        await until(lambda: toy.tasks() == {"send": "done"})
        assert (await toy.note()).replayed
        assert (await toy.note("n-2", "k-2")).status == 200
        await until(lambda: toy.bank.keys == ["note-n-1", "note-n-2"])


async def test_an_asked_call_is_sent_until_it_is_answered(tmp_path: Path) -> None:
    """Lost, turned away, busy: the same call again; then it is done for good (WAL-72)."""
    script = deque([do_and_lose, do_not_send, say(503, "UNAVAILABLE")])
    async with kiosk(tmp_path, Bank(script)) as toy:
        assert (await toy.note()).status == 200
        await until(lambda: toy.tasks() == {"send": "done"})
        assert toy.bank.keys == ["note-n-1"] * 4
        assert list(toy.bank.done) == ["note-n-1"]


async def test_many_asked_calls_are_all_sent(tmp_path: Path) -> None:
    """More of them at once than the courier sends side by side, in many batches: none is forgotten
    and none is sent twice (PRV-34)."""
    async with kiosk(tmp_path) as toy:
        names = [f"n-{n}" for n in range(3 * courier.AT_ONCE)]
        answers = await asyncio.gather(*(toy.note(name, name) for name in names))
        assert {got.status for got in answers} == {200}
        await until(lambda: len(toy.bank.keys) == len(names))
        await until(lambda: set(toy.tasks().values()) == {"done"})
        assert sorted(toy.bank.keys) == sorted(f"note-{name}" for name in names)


async def test_what_is_asked_about_many_things_is_of_one_kind(tmp_path: Path) -> None:
    """Of calls that differ only in an id of their path no more than some are sent side by side, so
    who is away is not called for each of them at once; the rest go when these are answered."""
    async with kiosk(tmp_path, closed_bank()) as toy:
        names = [f"n-{n}" for n in range(2 * courier.AT_ONCE)]
        await asyncio.gather(*(toy.note(name, name) for name in names))
        await until(lambda: len(toy.bank.keys) >= courier.AT_ONCE)
        for _ in range(1_000):
            await asyncio.sleep(0)
        assert len(toy.bank.keys) == courier.AT_ONCE
        assert set(toy.tasks().values()) == {"pending"}
        toy.bank.doors.set()
        await until(lambda: set(toy.tasks().values()) == {"done"})
        assert sorted(toy.bank.keys) == sorted(f"note-{name}" for name in names)


async def test_a_decision_that_was_not_kept_sends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused after it had asked, or not committed: no call leaves; the repeat of what was not
    committed sends it once (PRV-34)."""
    async with kiosk(tmp_path) as toy:
        require_problem(await toy.note("bad"), 409, "DUPLICATE")
        fill_the_disk_once(monkeypatch)
        require_problem(await toy.note(key="k-2"), 503, "UNAVAILABLE")
        assert toy.tasks() == {}
        assert (await toy.note(key="k-2")).status == 200
        await until(lambda: toy.tasks() == {"send": "done"})
        assert toy.bank.keys == ["note-n-1"]


@pytest.mark.parametrize("effect", ["before", "after"])
async def test_an_asked_call_survives_a_crash(tmp_path: Path, effect: str) -> None:
    """The power fails before its answer: the next start sends the same call; the start after that
    sends nothing (PRV-34, WAL-72)."""
    before = closed_bank()
    async with kiosk(tmp_path, before) as toy:
        assert (await toy.note()).status == 200
        await until(lambda: before.keys == ["note-n-1"])
        if effect == "after":
            do(before, before.calls[0])
        left = toy.power_cut()
    bank = Bank(done=dict(before.done))
    for _ in range(2):
        async with kiosk(left, bank) as toy:
            await until(lambda: toy.tasks() == {"send": "done"})
            assert (await toy.note("n-2", "k-2")).status == 200  # it has looked for what is pending
            await until(lambda: "note-n-2" in bank.done)
    assert bank.calls[0] == before.calls[0]
    assert bank.keys == ["note-n-1", "note-n-2"]


async def test_a_call_is_not_forgotten_when_the_next_commit_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The courier's look for what was asked shares a batch with a decision that the full disk
    refuses: it looks again, though nobody asks for anything any more (PRV-34)."""
    commit, begun, go_on = Database.commit, threading.Event(), threading.Event()

    def commit_slowly(self: Database) -> None:
        begun.set()
        go_on.wait(60)
        monkeypatch.setattr(Database, "commit", commit)
        fill_the_disk_once(monkeypatch)
        commit(self)

    async with kiosk(tmp_path) as toy:
        await toy.note("bad", "k-0")  # the start's own look is over
        monkeypatch.setattr(Database, "commit", commit_slowly)
        first = asyncio.ensure_future(toy.note("n-1", "k-1"))
        await until(begun.is_set)
        second = asyncio.ensure_future(toy.note("n-2", "k-2"))
        writer: Any = toy.party.writer
        await until(lambda: bool(writer._queue))  # it is behind the commit
        go_on.set()
        assert (await first).status == 200
        require_problem(await second, 503, "UNAVAILABLE")
        await until(lambda: toy.bank.keys == ["note-n-1"])
