"""One SQLite database: settings that took, files that are ours, laws that no code can break."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from simulator.base.errors import ConfigError, StoreBroken, StoreError
from simulator.store import sqlite
from simulator.store.facts import SetSeed, set_facts
from simulator.store.migrate import SCHEMA_VERSION
from simulator.store.reading import reading
from simulator.store.rows import Fact, Row, Seal
from simulator.store.sqlite import APPLICATION_ID, Database
from simulator.wallet.operations import ROWS
from tests.store.tools import at_commit, commit, decision, open_database, open_unit
from tests.support import sandbox

# Settings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pragma", "wanted"), sqlite._FILE_PRAGMAS.items())
def test_a_file_has_every_setting(pragma: str, wanted: str | int, tmp_path: Path) -> None:
    """What the connection itself says, for the first opening and for a later one (WAL-74)."""
    for _ in range(2):
        database = open_database(tmp_path / "wallet.db")
        assert database.writer.pragma(pragma) == wanted
        database.close()


def test_a_commit_is_on_the_disk_when_it_returns() -> None:
    """The two settings that an answer's promise rests on, whatever else is tuned: WAL with
    synchronous=FULL, not NORMAL (WAL-74)."""
    assert sqlite._FILE_PRAGMAS["journal_mode"] == "wal"
    assert sqlite._FILE_PRAGMAS["synchronous"] == 2
    assert sqlite._FILE_PRAGMAS["foreign_keys"] == sqlite._MEMORY_PRAGMAS["foreign_keys"] == 1


def test_a_setting_that_does_not_take_is_refused() -> None:
    """SQLite answers with what it has, without an error: a database in memory cannot be in WAL."""
    with pytest.raises(StoreError, match="PRAGMA journal_mode is 'memory', wanted 'wal'"):
        sqlite.connect(":memory:", sqlite._FILE_PRAGMAS)


def test_an_unknown_setting_is_refused() -> None:
    """A misspelled PRAGMA is silently nothing to SQLite; here it stops the start."""
    with pytest.raises(StoreError, match="PRAGMA synchronos is None"):
        sqlite.connect(":memory:", {"synchronos": 2})


def test_a_sqlite_with_a_known_bug_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An apsw that carries an older SQLite: the message says what to install."""
    monkeypatch.setattr(apsw, "SQLITE_VERSION_NUMBER", sqlite.OLDEST_SQLITE - 1)
    with pytest.raises(ConfigError, match=r"install apsw >= "):
        open_database()


def test_the_readers_of_a_file_cannot_write(tmp_path: Path) -> None:
    """Reads go over connections that refuse everything else."""
    database = open_database(tmp_path / "wallet.db")
    for connection in (database.reader, database.pager):
        with pytest.raises(apsw.ReadOnlyError):
            connection.execute("DELETE FROM task")
    database.close()


# Files -------------------------------------------------------------------------------------------


def test_our_files_are_marked(tmp_path: Path) -> None:
    """Any SQLite can tell whose file it is and which schema it has."""
    open_database(tmp_path / "wallet.db").close()
    with sqlite3.connect(tmp_path / "wallet.db") as other:
        assert other.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert other.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    other.close()


def test_another_programs_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    """One line that names the file; its tables stay as they are."""
    path = tmp_path / "wallet.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE photo (name TEXT)")
    with pytest.raises(ConfigError, match="is a database of another program") as refused:
        open_database(path)
    assert str(path) in str(refused.value)
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("photo",)]
    other.close()


@pytest.mark.parametrize("version", [0, SCHEMA_VERSION + 1])
def test_another_schema_is_refused(version: int, tmp_path: Path) -> None:
    """A file of a newer playmoney is not written into, nor one that no step leads from; the line
    names both versions."""
    path = tmp_path / "wallet.db"
    database = open_database(path)
    database.writer.pragma("user_version", version)
    database.close()
    before = path.read_bytes()
    wanted = f"has schema version {version}; this playmoney reads version {SCHEMA_VERSION}: "
    with pytest.raises(ConfigError, match=wanted):
        open_database(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ALTER TABLE task DROP COLUMN attempts", "its table task has no attempts"),
        ("DROP TABLE fact", "it has no table fact"),
    ],
)
def test_a_file_of_another_build_is_refused(change: str, said: str, tmp_path: Path) -> None:
    """The version says yes and the catalogue no: the catalogue is believed, and one line says what
    is not there; a command that only reads has one too."""
    path = tmp_path / "wallet.db"
    open_database(path).close()
    with closing(apsw.Connection(str(path))) as other:
        other.execute(change)
    with pytest.raises(ConfigError, match=f"{said}.* another build of playmoney"):
        open_database(path)
    with (
        pytest.raises(ConfigError, match="another build of playmoney"),
        reading(path) as books,
    ):
        books.rows("SELECT t.attempts, f.name FROM task t, fact f")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Some text under our name: one line, and the text is still there."""
    path = tmp_path / "wallet.db"
    path.write_text("a shopping list\n" * 100)
    with pytest.raises(ConfigError, match="is not a database"):
        open_database(path)
    assert path.read_text().startswith("a shopping list")


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """A folder in its place."""
    (tmp_path / "wallet.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        open_database(tmp_path / "wallet.db")


def test_facts_are_kept(tmp_path: Path) -> None:
    """Written once or again, read after a restart; what was never written is None."""
    unit = open_unit(tmp_path / "wallet.db")
    for seed in ("7", "8"):
        with decision(unit, seed) as tx:
            set_facts(tx, SetSeed(facts={"seed": seed}))
    commit(unit)
    unit.database.close()
    again = open_database(tmp_path / "wallet.db")
    assert again.fact("seed") == "8"
    assert again.fact("run") is None
    again.close()


# Commits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "becomes"),
    [
        (apsw.FullError, StoreError),
        (apsw.BusyError, StoreError),
        (apsw.IOError, StoreBroken),
        (apsw.CorruptError, StoreBroken),
        (apsw.NoMemError, StoreBroken),
    ],
)
def test_a_failed_commit_is_known_or_unknown(
    wrong: type[apsw.Error], becomes: type[StoreError], tmp_path: Path
) -> None:
    """No room and a lock did surely not happen, and are rolled back; anything else only recovery
    can tell (a failed fsync may or may not be on the disk)."""
    database = open_database(tmp_path / "wallet.db")

    def fail() -> None:
        raise wrong("as a test wants it")

    at_commit(database, fail)
    database.write([Fact(n=1, name="seed", value="7")], ())
    with pytest.raises(StoreError) as refused:
        database.commit()
    assert type(refused.value) is becomes
    assert database.writer.in_transaction is (becomes is StoreBroken)
    database.writer.exec_trace = None
    database.rollback()
    assert database.fact("seed") is None
    database.close()


# Laws of the schema ------------------------------------------------------------------------------


async def _play(folder: Path) -> None:
    async with sandbox(folder) as box:
        session = await box.session()
        for bet in ("open", "won", "back"):
            await box.authorize(session, bet, 2)
        await box.settle("won", 3)
        await box.rollback("back")
        await box.rollback("tomb")
        payment = {"payment_id": "pay-1", "amount": {"amount": 5, "currency": "EUR"}}
        await box.admin("POST", "/players/p_19f3/fund", payment)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A file with rows of every kind that must not be rewritten."""
    folder = tmp_path_factory.mktemp("played")
    asyncio.run(_play(folder))
    database = open_database(folder / "wallet.db")
    yield database
    database.close()


def changed_by(database: Database, statement: str) -> int:
    """How many rows a statement changes; all of it is taken back."""
    connection = database.writer
    connection.execute("BEGIN")
    try:
        connection.execute(statement)
        return connection.changes()
    finally:
        connection.execute("ROLLBACK")


@pytest.mark.parametrize("table", ["op", "move", "payment", "seal"])
def test_what_was_written_stays(table: str, played: Database) -> None:
    """Operations, entries, payments and seals are append-only: no statement of any code rewrites or
    removes one, not even into what it is already (PRV-33, PRV-34)."""
    assert played.rows(f"SELECT count(*) > 0 FROM {table}") == [(1,)]
    columns = [name for _, name, *_ in played.rows(f"PRAGMA table_info({table})")]
    for column in columns:
        with pytest.raises(apsw.ConstraintError, match="is never changed"):
            changed_by(played, f"UPDATE {table} SET {column} = {column}")
    with pytest.raises(apsw.ConstraintError, match="is never deleted"):
        changed_by(played, f"DELETE FROM {table} WHERE n = (SELECT max(n) FROM {table})")
    with pytest.raises(apsw.ConstraintError, match=r"UNIQUE|is never"):
        changed_by(played, f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1")


def test_every_kind_without_changes_is_append_only(played: Database) -> None:
    """A new kind of row that never changes needs its two triggers, and a case above."""
    kinds: tuple[type[Row], ...] = (*ROWS, Seal)
    frozen = {kind.TABLE for kind in kinds if not kind.CHANGES}
    assert frozen == {"op", "move", "payment", "seal"}
    triggers = {
        name for (name,) in played.rows("SELECT name FROM sqlite_schema WHERE type='trigger'")
    }
    for table in frozen:
        assert {f"{table}_is_never_changed", f"{table}_is_never_deleted"} <= triggers


def test_an_account_is_never_deleted(played: Database) -> None:
    """Its entries would have no owner."""
    with pytest.raises(apsw.ConstraintError, match="an account is never deleted"):
        changed_by(played, "DELETE FROM account")


@pytest.mark.parametrize("bet", ["won", "back", "tomb"])
def test_a_bet_that_has_ended_never_changes(bet: str, played: Database) -> None:
    """Settled, rolled back or entombed: for good (WAL-24, WAL-42). An open one does change."""
    where = f"WHERE bet_id = '{bet}'"
    for change in ("status = 'authorized'", "win = 9", "closed_ns = closed_ns"):
        with pytest.raises(apsw.ConstraintError, match="a bet that has ended never changes"):
            changed_by(played, f"UPDATE bet SET {change} {where}")
    end = "status = 'settled', win = 9, closed_op = 1"
    assert changed_by(played, f"UPDATE bet SET {end} WHERE bet_id = 'open'") == 1


FORBIDDEN = {
    "a player below zero": "UPDATE account SET posted_debits = posted_credits + 1 "
    "WHERE owner = 'p_19f3'",
    "a negative sum": "UPDATE account SET pending_debits = -1 WHERE kind = 'clearing'",
    "a fraction of a cent": "UPDATE account SET posted_debits = 0.5 WHERE kind = 'clearing'",
    "an amount as text": "UPDATE bet SET amount = 'two' WHERE bet_id = 'open'",
    "a settled bet without a win": "UPDATE bet SET status = 'settled', closed_op = 1 "
    "WHERE bet_id = 'open'",
    "an open bet that was closed": "UPDATE bet SET closed_op = 1 WHERE bet_id = 'open'",
    "an unknown status": "UPDATE bet SET status = 'lost' WHERE bet_id = 'open'",
    "a round that ends with open bets": "UPDATE round SET status = 'completed', closed_ns = 1",
    "fewer bets than have ended": "UPDATE round SET bets = 0",
    "an entry to itself": "INSERT INTO move VALUES (99, 1, 'post', 1, 1, 5, NULL)",
    "a negative entry": "INSERT INTO move VALUES (99, 1, 'post', 1, 2, -5, NULL)",
    "a capture of nothing": "INSERT INTO move VALUES (99, 1, 'capture', 1, 2, 5, NULL)",
    "a hold that refers": "INSERT INTO move VALUES (99, 1, 'hold', 1, 2, 5, 1)",
    "an entry of no account": "INSERT INTO move VALUES (99, 1, 'post', 1, 999, 5, NULL)",
    "a hold that ends twice": "INSERT INTO move SELECT 99, op, 'release', debit, credit, amount, "
    "refers_to FROM move WHERE kind = 'capture'",
    "a hold of two bets": "UPDATE bet SET hold_move = (SELECT hold_move FROM bet "
    "WHERE bet_id = 'won') WHERE bet_id = 'open'",
    "two rows of a name": "INSERT INTO payment SELECT k, n + 1, tenant, payment_id, player_id, "
    "kind, currency, amount, op FROM payment",
    "an event without a topic": "INSERT INTO op (status, client, operation, answer, at_ns, tenant, "
    "brand, region, trace_id, event) VALUES (200, 'c', 'o', x'', 0, 't', 'b', 'r', 'tr', x'00')",
    "a key without a digest": "INSERT INTO op (status, client, operation, answer, at_ns, tenant, "
    "brand, region, trace_id, key) VALUES (200, 'c', 'o', x'', 0, 't', 'b', 'r', 'tr', 'k')",
}


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN)
def test_the_schema_refuses(statement: str, played: Database) -> None:
    """A law that holds whatever the code above does (WAL-11, PRV-03)."""
    with pytest.raises(apsw.ConstraintError):
        changed_by(played, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account SET posted_debits = posted_debits + 1 WHERE owner = 'p_19f3'",
        "UPDATE round SET bets = bets + 1",
        "INSERT INTO move VALUES (99, 1, 'post', 1, 2, 5, NULL)",
        (
            "INSERT INTO move SELECT 99, m.op, 'release', debit, credit, m.amount, b.hold_move "
            "FROM bet b JOIN move m ON m.n = b.hold_move WHERE bet_id = 'open'"
        ),
    ],
)
def test_the_schema_allows(statement: str, played: Database) -> None:
    """The control: lawful neighbours of what is refused above do go in."""
    assert changed_by(played, statement) == 1
