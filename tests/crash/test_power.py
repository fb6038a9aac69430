"""The power fails at any moment of SQLite's own writing: nothing acknowledged is lost, and what is
found keeps every law. A disk that lies, and a database that does not wait, are caught."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import apsw
import pytest

from simulator.ledger import audit
from simulator.ledger.reconcile import reconcile
from simulator.store import checkpoint, sqlite
from simulator.wallet.laws import COUNTED, LAWS
from simulator.wallet.operations import ROWS
from tests.crash.disk import Diary, Disk, diary
from tests.store.tools import open_database
from tests.support import Sandbox, sandbox

CRASHES = 500
ROUNDS = 80
AT_ONCE = 6


class Promise(NamedTuple):
    """What a client was told of a bet."""

    bet_id: str
    status: str


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Diary:
    """Rounds on a durable store, written down; checkpoints come often, so that the log starts
    again many times."""
    return record(tmp_path_factory.mktemp("played"))


def record(folder: Path) -> Diary:
    with pytest.MonkeyPatch.context() as patch, diary() as kept:
        patch.setattr(checkpoint, "ASIDE_PAGES", 30)
        patch.setattr(checkpoint, "REST_PAGES", 60)
        asyncio.run(_play(folder, kept))
    return kept


async def _play(folder: Path, kept: Diary) -> None:
    async with sandbox(folder / "world", strict=False) as box:
        session = await box.session()
        bets = iter(range(ROUNDS))
        await asyncio.gather(*(_client(box, session, bets, kept) for _ in range(AT_ONCE)))


async def _client(box: Sandbox, session: str, bets: Iterator[int], kept: Diary) -> None:
    for n in bets:
        bet_id = f"b-{n}"
        got = await box.authorize(session, bet_id, 1, round_id=f"r-{n}")
        assert got.status == 200, got.body
        kept.promise(Promise(bet_id, "authorized"))
        if n % 3 == 0:
            got, status = await box.rollback(bet_id, round_id=f"r-{n}"), "rolled_back"
        else:
            got, status = await box.settle(bet_id, n % 2, round_id=f"r-{n}"), "settled"
        assert got.status == 200, got.body
        kept.promise(Promise(bet_id, status))


def after(moments: list[int], kept: Diary, folder: Path, *, lies: bool = False) -> Iterator[str]:
    """What is wrong after a power failure at each of these moments."""
    disk, dice = Disk(kept, syncs_are_lies=lies), Random(7)
    for n, moment in enumerate(sorted(moments)):
        disk.advance(moment)
        place = folder / str(n)
        disk.fail(dice, place)
        promised = {what.bet_id: what.status for at, what in kept.promises if at <= moment}
        for wrong in recovered(place / "wallet.db", promised):
            yield f"moment {moment}: {wrong}"


def recovered(path: Path, promised: dict[str, str]) -> Iterator[str]:
    """Open what is left, and ask for everything that was acknowledged."""
    try:
        database = open_database(path)
    except Exception as wrong:
        yield f"cannot be opened: {wrong!r}"
        return
    try:
        if (found := database.writer.pragma("integrity_check")) != "ok":
            yield f"integrity: {found}"
        status = dict(database.rows("SELECT bet_id, status FROM bet"))
        for bet_id, told in promised.items():
            if status.get(bet_id) != told and not (told == "authorized" and bet_id in status):
                yield f"{bet_id} was acknowledged as {told} and is {status.get(bet_id)}"
        for broken in reconcile(database, LAWS, COUNTED).breaks:
            yield f"{broken.law}: {broken.where} {broken.message}"
        if (bad := audit.verify(database, ROWS).first_bad) is not None:
            yield f"chain: {bad}"
    except apsw.Error as wrong:
        yield f"cannot be read: {wrong!r}"
    finally:
        database.close()


def moments(kept: Diary, count: int, seed: int) -> list[int]:
    """Any moments of the play, once the world was there."""
    first = kept.promises[0][0]
    dice = Random(seed)
    return [dice.randint(first, len(kept.steps)) for _ in range(count)]


def test_a_power_failure_loses_nothing_that_was_acknowledged(played: Diary, tmp_path: Path) -> None:
    """500 power failures, with what was not synced dropped, torn or reordered: every acknowledged
    bet is there as it was acknowledged, the books keep their laws, the chain its links (QLT-05,
    QLT-11, PRV-30)."""
    assert list(after(moments(played, CRASHES, 1), played, tmp_path)) == []


def test_the_play_has_met_what_it_is_about(played: Diary) -> None:
    """The diary holds commits, checkpoints into the database and logs that started again."""
    writes = [step for step in played.steps if step.what == "write"]
    assert sum(step.what == "sync" for step in played.steps) > ROUNDS / AT_ONCE
    assert sum(step.file == "wallet.db" for step in writes) > 100
    restarts = sum(step.file == "wallet.db-wal" and step.offset == 0 for step in writes)
    assert restarts > 3


def test_a_disk_that_lies_about_its_syncs_is_caught(played: Diary, tmp_path: Path) -> None:
    """Negative control: where a sync does nothing, acknowledged bets are lost, and named."""
    found = list(after(moments(played, 20, 2), played, tmp_path, lies=True))
    assert any("was acknowledged" in wrong or "cannot be" in wrong for wrong in found)


def test_a_database_that_does_not_wait_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: with synchronous=NORMAL a commit is not synced, and its bets are lost."""
    monkeypatch.setitem(sqlite._FILE_PRAGMAS, "synchronous", 1)
    kept = record(tmp_path)
    found = list(after(moments(kept, 40, 3), kept, tmp_path))
    assert any("was acknowledged" in wrong for wrong in found)
