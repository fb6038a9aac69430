"""The writer on a store that fails: refused or unknown, and who is told what."""

import asyncio
from pathlib import Path
from typing import Any

import apsw
import pytest

from simulator.base.errors import Internal, StoreError, Unavailable
from simulator.store.writer import MAX_BATCH, Writer
from tests.store.writers import fail_commit, in_the_house, keys, note, opened, outcomes, pay


def _fill(writer: Writer, spare: int = 0) -> None:
    """Let the disk be full from now on, for the connection that is open now."""
    connection = writer.unit.database.writer
    pages = connection.pragma("page_count") + spare
    assert connection.pragma("max_page_count", pages) == pages


LARGE = bytes(100_000)


async def test_a_full_disk_is_a_503_and_goes_on_later(path: Path | None) -> None:
    """No room: the whole batch is told that nothing was done, and nothing was; as soon as there
    is room again the same keys succeed. The store is not broken. (WAL-74)"""
    async with opened(path) as (writer, broken):
        await writer.submit(pay("before"))
        _fill(writer)
        works = [pay("a"), note("large", LARGE), pay("b")]
        found = await outcomes(*map(writer.submit, works))
        assert [type(each) for each in found] == [Unavailable] * 3
        assert all("nothing was done" in each.message for each in found)
        assert all(each.retry_after_s for each in found)
        assert keys(writer) == ["before"]
        assert broken == []
        writer.unit.database.writer.pragma("max_page_count", 10**6)
        assert await outcomes(*map(writer.submit, works)) == ["a", "large", "b"]
        assert keys(writer) == ["before", "a", "large", "b"]
        assert in_the_house(writer) == 3


@pytest.mark.parametrize("wrong", [apsw.FullError, apsw.BusyError])
async def test_a_commit_that_surely_failed_is_done_later(
    wrong: type[apsw.Error], tmp_path: Path
) -> None:
    """No room or a lock at the COMMIT itself: 503, nothing done, the next call succeeds."""
    async with opened(tmp_path / "wallet.db") as (writer, broken):
        fail_commit(writer, wrong)
        found = await outcomes(*map(writer.submit, (pay("a"), pay("b"))))
        assert [type(each) for each in found] == [Unavailable] * 2
        assert await outcomes(*map(writer.submit, (pay("b"), pay("c")))) == ["b", "c"]
        assert keys(writer) == ["b", "c"]
        assert broken == []


@pytest.mark.parametrize("durable", [True, False])
async def test_an_unknown_outcome_stops_everything(durable: bool, tmp_path: Path) -> None:
    """A failed fsync: every waiter gets 503 with an unknown outcome, those in the queue too;
    `broken` is told once; nothing is answered from this store any more. (WAL-74)"""
    async with opened(tmp_path / "wallet.db" if durable else None) as (writer, broken):
        await writer.submit(pay("before"))
        fail_commit(writer, apsw.IOError)
        asked = [writer.submit(pay(f"k{n}")) for n in range(MAX_BATCH + 10)]
        found = await outcomes(*asked)
        assert {type(each) for each in found} == {Unavailable}
        assert {each.message for each in found} == {
            "the outcome is unknown; repeat with the same key to learn it"
        }
        assert writer.closed
        later = await outcomes(writer.submit(pay("later")))
        assert isinstance(later[0], Unavailable)
        assert len(broken) == 1
        assert "as a test wants it" in str(broken[0])


async def test_readers_do_not_notice_a_full_disk(tmp_path: Path) -> None:
    """A list that is being read while a commit is refused is read to its end."""
    async with opened(tmp_path / "wallet.db") as (writer, _):
        await outcomes(*(writer.submit(note(f"k{n}")) for n in range(3)))
        reading = writer.unit.database.pager.execute("SELECT key FROM op ORDER BY n")
        assert next(reading) == ("k0",)
        _fill(writer)
        assert isinstance((await outcomes(writer.submit(note("x", LARGE))))[0], Unavailable)
        assert list(reading) == [("k1",), ("k2",)]
        assert await writer.submit(note("y")) == "y"


async def test_a_full_disk_names_only_what_was_not_done(path: Path | None) -> None:
    """Where a batch has to be taken apart, each call hears its own outcome: done, refused, no
    room."""
    async with opened(path) as (writer, broken):
        await writer.submit(note("before"))
        _fill(writer, spare=8)
        works = (note("a"), note("a"), note("large", LARGE), note("b"))
        found = await outcomes(*map(writer.submit, works))
        assert [found[0], found[3]] == ["a", "b"]
        assert isinstance(found[1], Internal)
        assert isinstance(found[2], Unavailable)
        assert "nothing was done" in found[2].message
        assert keys(writer) == ["before", "a", "b"]
        assert broken == []


async def test_a_store_that_does_not_open_again_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a refused commit the store is opened anew; where that fails, nobody waits for ever:
    503, and the process is told."""
    async with opened(tmp_path / "wallet.db") as (writer, broken):
        fail_commit(writer, apsw.FullError)

        def refuse() -> None:
            raise StoreError("cannot be opened")

        monkeypatch.setattr(writer.unit.database, "reopen", refuse)
        found = await asyncio.wait_for(outcomes(writer.submit(pay("a"))), 60)
        assert isinstance(found[0], Unavailable)
        assert len(broken) == 1
        assert writer.closed


async def test_a_store_that_cannot_be_read_is_broken(tmp_path: Path) -> None:
    """A disk that fails while a batch is decided: 503 for all of it, and the process is told."""
    async with opened(tmp_path / "wallet.db") as (writer, broken):

        def unreadable(_cursor: Any, _text: str, _values: Any) -> bool:
            raise apsw.IOError("disk I/O error")

        writer.unit.database.writer.exec_trace = unreadable
        found = await asyncio.wait_for(
            outcomes(writer.submit(pay("a")), writer.submit(pay("b"))), 60
        )
        assert [type(each) for each in found] == [Unavailable] * 2
        assert len(broken) == 1
