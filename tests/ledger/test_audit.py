"""The audit finds whatever is done to a file by hand, and says in which row (QLT-05)."""

import asyncio
import shutil
from pathlib import Path

import pytest

from simulator.ledger.audit import Anchor, head
from simulator.store.reading import reading
from simulator.store.rows import Seal
from simulator.store.seal import leaves_in, seal_of
from simulator.wallet.operations import ROWS
from simulator.wire.control import Audit
from tests.ledger.forged import EVERY, KINDS, ROWS_OF_A_KIND, Forgery, audited, fill, unguarded
from tests.store.tools import commit, decision, open_unit
from tests.support import sandbox

COPIED_BEYOND_THE_LAST = next(
    forgery.statements[0]
    for forgery in EVERY
    if str(forgery) == f"bet copied to {ROWS_OF_A_KIND + 1}"
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of every kind, sealed in many batches."""
    path = tmp_path_factory.mktemp("filled") / "wallet.db"
    fill(path)
    return path


def forged(source: Path, folder: Path, *statements: str) -> Audit:
    """What an audit of a copy finds after these statements."""
    path = Path(shutil.copy(source, folder / "wallet.db"))
    with unguarded(path) as connection:
        for statement in statements:
            connection.execute(statement)
            assert connection.changes() > 0, f"nothing was forged by {statement}"
    return audited(path)


# Every row ---------------------------------------------------------------------------------------


def test_what_nobody_touched_is_sound(filled: Path, tmp_path: Path) -> None:
    """All rows are looked at, changed ones too; taking the guards away changes no row."""
    found = forged(filled, tmp_path)
    assert found.sound
    assert found.first_bad is None
    assert found.checked == {
        "seals": len(ROWS) * ROWS_OF_A_KIND,
        "rows": len(ROWS) * ROWS_OF_A_KIND,
    }
    assert found.head.seal == found.checked["seals"]


@pytest.mark.parametrize("forgery", EVERY, ids=str)
def test_every_forgery_is_found_where_it_is(forgery: Forgery, filled: Path, tmp_path: Path) -> None:
    """Any column of any row of any kind changed, a row deleted, inserted, put elsewhere: the first
    bad row is named by table, position and name. Seals are rows too. (QLT-05)"""
    found = forged(filled, tmp_path, *forgery.statements)
    assert not found.sound
    bad = found.first_bad
    assert bad is not None
    assert (bad.table, bad.position) == (forgery.kind.TABLE, forgery.position), bad


def test_no_table_is_outside_the_audit(filled: Path) -> None:
    """A table that no kind names would be nobody's to look at."""
    with reading(filled) as books:
        tables = books.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
    assert {name for (name,) in tables} == {kind.TABLE for kind in KINDS}


def test_a_bad_row_is_told_with_its_name_and_its_seal(filled: Path, tmp_path: Path) -> None:
    """What it is now called, and the last seal that says what it was."""
    found = forged(filled, tmp_path, "UPDATE bet SET win = win + 1 WHERE n = 1")
    bad = found.first_bad
    assert bad is not None
    assert (bad.table, bad.position) == ("bet", 1)
    assert bad.name == "tenant-1/bet_id-1"
    assert bad.message == "is not what was written"
    with reading(filled) as books:
        blobs = books.rows("SELECT leaves FROM seal WHERE n = $1", (bad.seal,))
    leaves = leaves_in(Seal(positions=b"", leaves=blobs[0][0], root=b"", chain=b""))
    assert ("bet", 1) in [(table, n) for table, n, _ in leaves]


def test_the_first_of_many_is_named(filled: Path, tmp_path: Path) -> None:
    """Lowest position of the first table; what is missing counts at its place."""
    found = forged(
        filled, tmp_path, "DELETE FROM move WHERE n = 2", "UPDATE move SET amount = 0 WHERE n = 3"
    )
    assert found.first_bad is not None
    assert (found.first_bad.position, found.first_bad.message) == (2, "is missing")


@pytest.mark.parametrize("first", range(1, ROWS_OF_A_KIND + 1))
def test_rows_taken_away_at_the_end_of_a_table_are_missed(
    first: int, filled: Path, tmp_path: Path
) -> None:
    """No row behind them shows that they are gone; the seals do."""
    found = forged(filled, tmp_path, f"DELETE FROM bet WHERE n >= {first}")
    bad = found.first_bad
    assert bad is not None
    assert (bad.table, bad.position, bad.message) == ("bet", first, "is missing")


@pytest.mark.parametrize(
    ("forgery", "says"),
    [
        ("UPDATE bet SET n = 99 WHERE n = 3", "is missing"),
        ("UPDATE bet SET n = -1 WHERE n = 1", "was never sealed"),
        (COPIED_BEYOND_THE_LAST, "was never sealed"),
        ("UPDATE bet SET k = zeroblob(16) WHERE n = 2", "is filed under another name"),
        ("UPDATE seal SET leaves = x'c1' WHERE n = 2", "is not a seal: "),
    ],
)
def test_what_is_wrong_with_a_row_is_said(
    forgery: str, says: str, filled: Path, tmp_path: Path
) -> None:
    """So that whoever reads it knows what to look for."""
    found = forged(filled, tmp_path, forgery)
    assert found.first_bad is not None
    assert found.first_bad.message.startswith(says)


@pytest.mark.parametrize("n", [1, ROWS_OF_A_KIND])
def test_a_text_that_cannot_be_read_is_a_bad_row(n: int, filled: Path, tmp_path: Path) -> None:
    """Bytes that are no text where one was: found like any other change."""
    found = forged(filled, tmp_path, f"UPDATE player SET name = CAST(x'ff' AS TEXT) WHERE n = {n}")
    assert found.first_bad is not None
    assert (found.first_bad.table, found.first_bad.position) == ("player", n)


@pytest.mark.parametrize("column", ["positions", "leaves"])
@pytest.mark.parametrize("value", ["x''", "x'c1'", "x'93'", "x'80'", "zeroblob(40)"])
def test_a_seal_of_garbage_is_a_bad_row(
    column: str, value: str, filled: Path, tmp_path: Path
) -> None:
    """Whatever stands in it, the audit ends with an answer."""
    found = forged(filled, tmp_path, f"UPDATE seal SET {column} = {value} WHERE n = 4")
    assert found.first_bad is not None
    assert (found.first_bad.table, found.first_bad.position) == ("seal", 4)


# Heads and anchors -------------------------------------------------------------------------------


def test_the_last_seal_taken_away_leaves_rows_unsealed(filled: Path, tmp_path: Path) -> None:
    """Cutting off seals without their rows is found without an anchor."""
    found = forged(filled, tmp_path, "DELETE FROM seal WHERE n = (SELECT max(n) FROM seal)")
    assert found.first_bad is not None
    assert found.first_bad.table == ROWS[-1].TABLE


@pytest.fixture
def shorter(tmp_path: Path) -> tuple[Path, Path]:
    """A history, and the same one with its last batches cut off, rows and all."""
    unit = open_unit(tmp_path / "long.db")
    with decision(unit, "a"):
        pass
    commit(unit)
    unit.database.writer.execute("VACUUM INTO ?", (str(tmp_path / "short.db"),))
    for key in ("b", "c"):
        with decision(unit, key):
            pass
        commit(unit)
    unit.database.close()
    return tmp_path / "long.db", tmp_path / "short.db"


def anchor_of(path: Path) -> Anchor:
    with reading(path) as books:
        noted = head(books)
    return Anchor.parse(f"{noted.seal}:{noted.chain}")


def test_a_chain_that_was_cut_off_needs_an_anchor(shorter: tuple[Path, Path]) -> None:
    """A shorter history is a history; only a head that was noted outside tells them apart."""
    long, short = shorter
    assert audited(short).sound
    found = audited(short, anchor_of(long))
    assert not found.sound
    assert found.first_bad is not None
    assert (found.first_bad.table, found.first_bad.position) == ("seal", 2)
    assert "cut off" in found.first_bad.message
    assert audited(long, anchor_of(long)).sound


def test_an_old_anchor_holds_for_ever(shorter: tuple[Path, Path]) -> None:
    """What was anchored is still there under everything that came after."""
    long, short = shorter
    assert audited(long, anchor_of(short)).sound
    assert audited(long, Anchor(0, bytes(32))).sound


def test_a_chain_that_was_written_anew_needs_an_anchor(
    shorter: tuple[Path, Path], tmp_path: Path
) -> None:
    """Who forges a row and then every seal after it is found by an anchor, and by nothing else."""
    long, _ = shorter
    noted = anchor_of(long)
    path = Path(shutil.copy(long, tmp_path / "wallet.db"))
    with unguarded(path) as connection:
        connection.execute("UPDATE op SET answer = x'00' WHERE n = 2")
    unit = open_unit(path)
    with unguarded(path) as connection:
        connection.execute("DELETE FROM seal")
        previous = None
        for position in (1, 2, 3):
            row = unit.at(ROWS[0], position)
            assert row is not None
            previous = seal_of(previous, {"op": position}, [row])
            unit.database.writer.execute(
                "INSERT INTO seal (n, positions, leaves, root, chain) VALUES (?, ?, ?, ?, ?)",
                (previous.n, previous.positions, previous.leaves, previous.root, previous.chain),
            )
    unit.database.close()
    assert audited(path).sound
    found = audited(path, noted)
    assert found.first_bad is not None
    assert found.first_bad.table == "seal"
    assert "written anew" in found.first_bad.message


@pytest.mark.parametrize("text", ["", "1", "1:", ":" + "00" * 32, "x:" + "00" * 32, "1:zz", "1:00"])
def test_an_anchor_is_read_as_it_is_printed(text: str) -> None:
    """N:HEX and nothing else."""
    with pytest.raises(ValueError, match=r"N:HEX|non-hexadecimal"):
        Anchor.parse(text)
    assert Anchor.parse(f"7:{'0a' * 32}\n") == Anchor(7, bytes([10]) * 32)


# What a server writes ----------------------------------------------------------------------------


async def play(folder: Path) -> None:
    async with sandbox(folder) as box:
        session = await box.session()
        for bet in ("won", "back", "open"):
            await box.authorize(session, bet, 2)
        await box.settle("won", 3)
        await box.rollback("back")
        await box.rollback("tomb")
        await box.admin("PUT", "/seed", {"seed": 8})


def test_a_world_that_was_played_is_sound(tmp_path: Path) -> None:
    """Whatever decisions write is read back exactly as it was sealed, over restarts."""
    for _ in range(2):
        asyncio.run(play(tmp_path))
    found = audited(tmp_path / "wallet.db")
    assert found.sound, found.first_bad
    assert found.checked["rows"] > 20


async def test_a_server_audits_itself_while_it_runs(tmp_path: Path) -> None:
    """`GET /__admin/audit` sees committed rows, in memory and on a file, and names the bad one."""
    for folder in (None, tmp_path):
        async with sandbox(folder) as box:
            await box.session()
            got = await box.admin("GET", "/audit")
            assert got.status == 200
            assert got.json["sound"] is True
            heads = got.json["heads"]
            assert heads["wallet"] == got.json["head"]
            assert sum(head["seal"] for head in heads.values()) == got.json["checked"]["seals"] > 0
            box.world.parties["wallet"].writer.unit.database.writer.execute(
                "UPDATE player SET city = 'Elsewhere' WHERE player_id = 'p_19f3'"
            )
            bad = (await box.admin("GET", "/audit")).json
            assert bad["sound"] is False
            assert bad["first_bad"]["table"] == "player"
            assert bad["first_bad"]["name"].endswith("p_19f3")


async def test_changes_of_the_seed_are_operations(tmp_path: Path) -> None:
    """The seed that was, the seed that is, who and when: a row of the chain (QLT-05, JP-32)."""
    async with sandbox(tmp_path, seed=7) as box:
        assert (await box.admin("PUT", "/seed", {"seed": 8})).status == 200
    with reading(tmp_path / "wallet.db") as books:
        found = books.rows(
            "SELECT operation, answer FROM op WHERE operation IN ('MakeWorld', 'SetSeed')"
        )
    assert [operation for operation, _ in found] == ["MakeWorld", "SetSeed"]
    assert b'"seed":["7","8"]' in found[1][1]


async def test_another_configuration_is_an_operation(tmp_path: Path) -> None:
    """A start with other settings leaves a row that says which; one with the same leaves none."""
    for strict in (True, True, False):
        async with sandbox(tmp_path, strict=strict):
            pass
    with reading(tmp_path / "wallet.db") as books:
        found = books.rows("SELECT answer FROM op WHERE operation = 'Configure'")
    assert len(found) == 2
    assert found[1][0] == b'{"changed":{"setting.strict":["True","False"]}}'
