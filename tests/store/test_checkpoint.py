"""Checkpoints: under a load that never pauses the log stays bounded, and nothing is lost."""

import asyncio
from pathlib import Path

import pytest

from simulator.store import checkpoint
from simulator.store.checkpoint import Checkpointer
from simulator.store.writer import Writer
from tests.store.writers import keys, note, opened, outcomes

ASIDE = 20
REST = 60
"""Pages, small enough to be passed many times in a test."""

WRITERS = 4
CALLS = 400
ANSWER = bytes(5_000)

BOUND = 1_000
"""Pages that the log stays below: far above REST, for on a busy machine the checkpoint's thread is
let in late, and far below the 3 000 and more that the calls write in all."""


AT_MOST = 20
"""Loads that a busy machine may need to let the checkpoint's thread in."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wallet.db"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "ASIDE_PAGES", ASIDE)
    monkeypatch.setattr(checkpoint, "REST_PAGES", REST)


async def write_steadily(writer: Writer, calls: int = CALLS, name: str = "k") -> list[int]:
    """Several callers, each with its next call at once; the log's length in pages as it went."""
    pages: list[int] = []

    async def one(caller: int) -> None:
        for n in range(calls):
            await writer.submit(note(f"{name}-{caller}-{n}", ANSWER))
            pages.append(writer.unit.database.wal_pages)

    await asyncio.gather(*map(one, range(WRITERS)))
    return pages


def files_beside(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir())


def started_again(pages: list[int]) -> bool:
    """True where the log was written from its beginning once more."""
    return pages != sorted(pages)


async def test_the_log_is_bounded_under_steady_writes(path: Path) -> None:
    """However much is written without a pause, the log starts again from its beginning: it and
    its file stay below a bound, and every answer is in the database."""
    async with opened(path) as (writer, broken):
        pages = await write_steadily(writer)
        assert started_again(pages)
        assert max(pages) <= BOUND
        assert path.with_name("wallet.db-wal").stat().st_size <= BOUND * 4_200
        assert len(keys(writer)) == WRITERS * CALLS
        assert broken == []


async def test_without_checkpoints_it_is_not(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same writes pass the bound by far where nobody moves the log."""
    monkeypatch.setattr(Checkpointer, "_checkpoint", lambda _self: None)
    async with opened(path) as (writer, _):
        pages = await write_steadily(writer)
        assert not started_again(pages)
        assert max(pages) > 3 * BOUND


async def test_a_reader_in_the_way_only_defers(path: Path) -> None:
    """While somebody reads an old state the log has to grow; nothing fails, and when they have
    finished it starts again."""
    async with opened(path) as (writer, broken):
        await outcomes(*(writer.submit(note(f"first-{n}")) for n in range(3)))
        reading = writer.unit.database.pager.execute("SELECT key FROM op ORDER BY n")
        next(reading)
        assert not started_again(await write_steadily(writer, 60))
        assert len(list(reading)) == 2
        for n in range(AT_MOST):
            if started_again(await write_steadily(writer, 60, f"later-{n}")):
                break
        else:
            pytest.fail("the log never starts again")
        assert broken == []


async def test_a_checkpoint_that_fails_loses_nothing(path: Path) -> None:
    """Its connection is closed, so every checkpoint fails: the calls are answered, and the next
    opening finds all of it."""
    async with opened(path) as (writer, broken):
        assert writer._checkpointer is not None
        writer._checkpointer._connection.close()
        await write_steadily(writer, 40)
        assert broken == []
    async with opened(path) as (writer, _):
        assert len(keys(writer)) == WRITERS * 40


async def test_the_log_is_folded_back_at_the_end(path: Path) -> None:
    """A store that was closed is one file: it can be copied as it is."""
    async with opened(path) as (writer, _):
        await write_steadily(writer, 5)
    assert files_beside(path) == ["wallet.db"]
