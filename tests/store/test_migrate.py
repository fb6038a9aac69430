"""Schema versions: an older file is brought up to date at start, all of it or nothing.

`tests/data/schema-1` is the schema of version 1, and what a server of that version wrote.
"""

import asyncio
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import apsw
import pytest

from simulator.base.errors import ConfigError, StoreError
from simulator.ledger.reconcile import reconcile
from simulator.store import migrate
from simulator.store.migrate import SCHEMA_VERSION, STEPS
from simulator.store.reading import reading
from simulator.store.sqlite import APPLICATION_ID, Database
from simulator.wallet.laws import COUNTED, LAWS
from simulator.wallet.operations import ROWS
from tests.ledger.forged import audited
from tests.processes import ROOT
from tests.store.tools import SCHEMAS, dump, open_database
from tests.support import sandbox

OLD = ROOT / "tests" / "data" / "schema-1"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file of version 1, as a server that has ended leaves it."""
    path = tmp_path / "wallet.db"
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "wal")
    with connection:
        for name in ("store", "ledger", "wallet", "rows"):
            connection.execute((OLD / f"{name}.sql").read_text())
        connection.pragma("application_id", APPLICATION_ID)
        connection.pragma("user_version", 1)
    connection.close()
    return path


def content(path: Path) -> dict[str, Any]:
    """Version and every row of every table."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    found = {"version": connection.pragma("user_version"), **dump(connection)}
    connection.close()
    return found


def test_there_is_a_way_from_every_version() -> None:
    """No version is left behind when another one comes."""
    assert sorted(STEPS) == list(range(1, SCHEMA_VERSION))


def test_every_row_is_kept(old: Path) -> None:
    """What the columns of version 1 said they still say; a column that came later has its neutral
    value. Stakes and wins of bets are on the clearing account instead of the house's, and no
    player has more or less."""
    before = content(old)
    columns = {table: _columns(old, table) for table in before if table != "version"}
    open_database(old).close()
    with reading(old) as books:
        for table, names in columns.items():
            after = books.rows(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1, 2")
            if table == "account":
                assert _of_players(after) == _of_players(before[table])
            elif table == "move":
                assert [(row[:3], row[5]) for row in after[: len(before[table])]] == [
                    (row[:3], row[5]) for row in before[table]
                ]
            elif table == "fact":
                assert set(after) == {*before[table], ("made_with", "7")}
            else:
                assert after == before[table], table
        assert books.rows("SELECT round_id, provider, held FROM round") == [
            ("r-1", "studio", 0),
            ("r-2", "studio", 300),
        ]
        assert books.rows("SELECT DISTINCT bonus_amount FROM bet") == [(0,)]
        assert books.rows("SELECT DISTINCT kind FROM payment") == [("fund",)]


def _of_players(accounts: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [row for row in accounts if "player" in row]


def _columns(path: Path, table: str) -> list[str]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    found = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
    connection.close()
    return found


def test_it_has_the_schema_of_a_new_file(old: Path, tmp_path: Path) -> None:
    """Tables, columns, CHECKs, indexes and triggers: text by text the same."""
    open_database(old).close()
    open_database(tmp_path / "new.db").close()
    schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name"
    with reading(old) as books, reading(tmp_path / "new.db") as fresh:
        assert books.rows(schema) == fresh.rows(schema)


def test_all_there_was_is_one_batch(old: Path) -> None:
    """The first seal of the chain covers every row; from there on a forgery is found, and the
    books keep every law of the present."""
    open_database(old).close()
    found = audited(old)
    assert found.sound, found.first_bad
    assert found.checked["seals"] == 1
    assert found.checked["rows"] > 60
    with reading(old) as books:
        assert reconcile(books, LAWS, COUNTED).breaks == []


def test_a_migrated_world_goes_on(old: Path) -> None:
    """Same seeds, players and money; it plays, and its chain goes on."""

    async def main() -> None:
        async with sandbox(old.parent, seed=7) as box:
            assert box.world.rng.seed == 8
            assert await box.balance() == (Decimal("1008.00"), Decimal("3.00"))
            box.keys = 1000  # the keys below that were used in the old world are remembered
            assert (await box.settle("open", 5, round_id="r-2")).status == 200
            session = await box.session()
            assert (await box.authorize(session, "new", 2, round_id="r-3")).status == 200
            assert (await box.rollback("new", round_id="r-3")).status == 200
            assert (await box.authorize(session, "tomb", 2, round_id="r-3")).status == 409
            assert await box.balance() == (Decimal("1013.00"), Decimal("0.00"))
            await box.require_sound()

    asyncio.run(main())
    found = audited(old)
    assert found.sound, found.first_bad
    assert found.checked["seals"] > 3


def test_a_crash_in_between_leaves_the_old_file(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is on the disk at any moment of a step is, opened again, the old file as it was; the
    next start brings it up to date."""
    before = content(old)
    moments: list[Path] = []

    def step(connection: apsw.Connection, *rest: Any) -> None:
        def remember(_cursor: Any, _text: str, _values: Any) -> bool:
            moment = tmp_path / f"moment-{len(moments)}"
            moment.mkdir()
            for part in old.parent.glob("wallet.db*"):
                shutil.copy(part, moment)
            moments.append(moment)
            return True

        # So small a cache makes SQLite write into its log long before the commit.
        connection.pragma("cache_size", 1)
        connection.exec_trace = remember
        STEP(connection, *rest)
        connection.exec_trace = None

    STEP = STEPS[1]  # noqa: N806 - the step itself
    monkeypatch.setitem(migrate.STEPS, 1, step)
    open_database(old).close()
    monkeypatch.undo()
    assert len(moments) > 20
    assert any((moment / "wallet.db-wal").stat().st_size > 100_000 for moment in moments)
    for moment in moments[::5]:
        (moment / "wallet.db-shm").unlink(missing_ok=True)
        assert content(moment / "wallet.db") == before
    open_database(moments[-1] / "wallet.db").close()
    assert audited(moments[-1] / "wallet.db").sound


def test_a_step_that_fails_leaves_the_old_file(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that says from where to where, and why; nothing has changed."""
    before = content(old)

    def step(connection: apsw.Connection, *rest: Any) -> None:
        STEPS_1(connection, *rest)
        connection.execute("INSERT INTO move VALUES (99, 99, 'post', 98, 99, 1, NULL)")

    STEPS_1 = STEPS[1]  # noqa: N806 - the step itself
    monkeypatch.setitem(migrate.STEPS, 1, step)
    with pytest.raises(StoreError, match="from schema version 1 to 2, and is as it was: move 99"):
        open_database(old)
    assert content(old) == before


def test_a_newer_file_is_refused(old: Path) -> None:
    """Written by a playmoney that is not here: one line, and not a byte of it changes."""
    with apsw.Connection(str(old)) as connection:
        connection.pragma("user_version", SCHEMA_VERSION + 1)
    before = content(old)
    with pytest.raises(ConfigError, match=r"version 3; .* reads version 2: .* newer one"):
        open_database(old)
    assert content(old) == before


def test_an_old_file_is_not_read_as_it_is(old: Path) -> None:
    """A command that only reads does not bring it up to date; it says what does."""
    before = content(old)
    with pytest.raises(ConfigError, match="start a server with it once"), reading(old):
        pass
    assert content(old) == before


def test_a_file_of_the_present_is_not_touched(tmp_path: Path) -> None:
    """Opening it again runs no step."""
    path = tmp_path / "wallet.db"
    Database(path, SCHEMAS, ROWS).close()
    before = path.read_bytes()
    Database(path, SCHEMAS, ROWS).close()
    assert path.read_bytes() == before
