"""`playmoney audit`: heads to note, verdicts with exit codes, exports to be checked (QLT-05)."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.store.folder import DataFolder
from simulator.store.migrate import SCHEMA_VERSION
from tests.cli.command import Command
from tests.ledger.forged import unguarded
from tests.processes import running


def forge(folder: Path, statement: str) -> None:
    with unguarded(folder / "wallet.db") as connection:
        connection.execute(statement)
        assert connection.changes() > 0


# Folders -----------------------------------------------------------------------------------------


def test_a_sound_folder_is_0(playmoney: Command, folder: Path) -> None:
    """One line that says what was looked at, and the head; the head alone is N:HEX."""
    done = playmoney("audit", "verify", "--data", folder)
    assert (done.code, done.err) == (0, "")
    (line,) = done.out.splitlines()
    noted = playmoney("audit", "head", "--data", folder)
    assert noted.code == 0
    assert line.startswith("sound: ")
    assert line.endswith(f"head {noted.out.strip()}")


def test_a_forged_row_is_1_and_named(playmoney: Command, folder: Path) -> None:
    """Table, position, name, and the seal that says what it was."""
    forge(folder, "UPDATE bet SET win = 900 WHERE bet_id = 'won'")
    done = playmoney("audit", "verify", "--data", folder)
    assert done.code == 1
    (line,) = done.out.splitlines()
    assert line.startswith("tampered: bet 1 (")
    assert "/won) is not what was written; seal " in line


def test_every_party_of_a_folder_has_its_chain(
    playmoney: Command, folder: Path, tmp_path: Path
) -> None:
    """A row of another party than the wallet is found as well; head and export are of whom one
    names."""
    with unguarded(folder / "jackpot.db") as connection:
        connection.execute("UPDATE jp_pool SET size = size + 1 WHERE pool_id = 'grand-eu-01'")
    out = tmp_path / "jackpot.ndjson"
    done = playmoney("audit", "export", "--data", folder, "--party", "jackpot", "--out", out)
    assert done.code == 0
    noted = playmoney("audit", "head", "--data", folder, "--party", "jackpot").out.strip()
    assert noted != playmoney("audit", "head", "--data", folder).out.strip()
    assert playmoney("audit", "verify", "--export", out, "--anchor", noted).code == 0
    done = playmoney("audit", "verify", "--data", folder)
    assert done.code == 1
    assert done.out.startswith("tampered: jackpot: jp_pool ")
    (folder / "rgs.db").write_bytes(b"a shopping list " * 300)
    assert playmoney("audit", "verify", "--data", folder).code == 2


def test_a_party_that_a_folder_does_not_keep_is_2(playmoney: Command, folder: Path) -> None:
    """A folder of before there were jackpots is sound without them; to ask for them says so."""
    (folder / "jackpot.db").unlink()
    assert playmoney("audit", "verify", "--data", folder).code == 0
    done = playmoney("audit", "verify", "--data", folder, "--party", "jackpot")
    assert done.code == 2
    assert "jackpot.db" in done.err


def test_a_damaged_file_is_1(playmoney: Command, folder: Path) -> None:
    """Bytes written over whole pages: tampered with, and not a crash."""
    path = folder / "wallet.db"
    raw = bytearray(path.read_bytes())
    raw[4096 * 2 :] = b"\xa5" * (len(raw) - 4096 * 2)
    path.write_bytes(raw)
    done = playmoney("audit", "verify", "--data", folder)
    assert done.code == 1
    assert done.out.startswith("tampered: the file is damaged")


@pytest.mark.parametrize("pages", [1, 10])
def test_a_file_that_was_cut_off_is_1(playmoney: Command, folder: Path, pages: int) -> None:
    """Its last pages taken away: named by both commands, and not a crash (QLT-05)."""
    path = folder / "wallet.db"
    os.truncate(path, path.stat().st_size - pages * 4096)
    done = playmoney("audit", "verify", "--data", folder)
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith(f"tampered: the file is damaged: {path}: ")
    done = playmoney("reconcile", "--data", folder)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"playmoney: the file is damaged: {path}: ")


def test_a_file_that_was_copied_without_its_log_is_2(playmoney: Command, folder: Path) -> None:
    """Nothing has come into it yet: it says so, and is no other program's (QLT-05)."""
    path = folder / "wallet.db"
    path.write_bytes(b"")
    for command in (["audit", "verify"], ["reconcile"]):
        done = playmoney(*command, "--data", folder)
        assert done.code == 2
        assert done.err.startswith(f"playmoney: {path} is empty; if it is a copy, {path}-wal")


def test_an_index_that_was_moved_is_1(playmoney: Command, folder: Path) -> None:
    """Rows as they were written, and an index that finds none of them: a server would take a
    known bet for a new one, so this is no sound file (QLT-05, WAL-06)."""
    with unguarded(folder / "wallet.db") as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema "
            "WHERE name = 'sqlite_autoindex_payment_1') WHERE name = 'sqlite_autoindex_bet_1'"
        )
        assert connection.changes() == 1
    done = playmoney("audit", "verify", "--data", folder)
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("tampered: the file is damaged: ")


def test_an_anchor_finds_what_was_cut_off(playmoney: Command, folder: Path) -> None:
    """A head that was noted is still there, or the chain is not the one that it was noted of."""
    noted = playmoney("audit", "head", "--data", folder).out.strip()
    assert playmoney("audit", "verify", "--data", folder, "--anchor", noted).code == 0
    number, _, digest = noted.partition(":")
    later = f"{int(number) + 3}:{digest}"
    done = playmoney("audit", "verify", "--data", folder, "--anchor", later)
    assert done.code == 1
    assert done.out.startswith(f"tampered: seal {int(number) + 1} is missing")
    other = f"{number}:{digest[::-1]}"
    done = playmoney("audit", "verify", "--data", folder, "--anchor", other)
    assert done.code == 1
    assert "written anew" in done.out


@pytest.mark.parametrize("command", [("head",), ("verify",), ("export",)])
def test_a_folder_that_is_none_is_2(
    command: tuple[str, ...], playmoney: Command, folder: Path, tmp_path: Path
) -> None:
    """No folder, another program's file, another version: one line, and nothing is made."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "wallet.db").write_bytes(b"a shopping list " * 300)
    shutil.copytree(folder, tmp_path / "newer")
    with unguarded(tmp_path / "newer" / "wallet.db") as connection:
        connection.pragma("user_version", SCHEMA_VERSION + 1)
    for name, says in (
        ("none", "there is no"),
        ("other", "is not a database"),
        ("newer", f"has schema version {SCHEMA_VERSION + 1}"),
    ):
        done = playmoney("audit", *command, "--data", tmp_path / name)
        assert (done.code, done.out) == (2, "")
        (line,) = done.err.splitlines()
        assert line.startswith("playmoney: ")
        assert says in line
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("anchor", ["", "12", "12:", "x:00", "1:zz"])
def test_an_anchor_that_is_none_is_2(anchor: str, playmoney: Command, folder: Path) -> None:
    """It is refused, not taken for one that does not fit."""
    assert playmoney("audit", "verify", "--data", folder, "--anchor", anchor).code == 2


def test_a_folder_that_is_held_can_be_checked(playmoney: Command, folder: Path) -> None:
    """Checking takes nothing from the server that holds it, and changes no byte of the store."""
    held = DataFolder(folder)
    before = (folder / "wallet.db").read_bytes()
    assert playmoney("audit", "verify", "--data", folder).code == 0
    assert (folder / "wallet.db").read_bytes() == before
    held.close()


def test_a_running_server_is_checked_beside(playmoney: Command, tmp_path: Path) -> None:
    """A process that writes the folder at this moment; what it has committed is in the chain."""
    with running("--data", str(tmp_path)) as server:
        server.wait_ready()
        done = playmoney("audit", "verify", "--data", tmp_path)
        assert done.code == 0, done.out
        server.kill()
    done = playmoney("audit", "verify", "--data", tmp_path)
    assert done.code == 0, done.out


# Exports -----------------------------------------------------------------------------------------


@pytest.fixture
def exported(playmoney: Command, folder: Path, tmp_path: Path) -> Path:
    out = tmp_path / "audit.ndjson"
    done = playmoney("audit", "export", "--data", folder, "--out", out)
    assert done.code == 0, done.err
    return out


def test_an_export_is_read_by_anybody(exported: Path, playmoney: Command, folder: Path) -> None:
    """Each line an object; operations with their answers and events as they were given; every seal
    in its order; on stdout as in a file."""
    lines = [json.loads(line) for line in exported.read_text().splitlines()]
    tables = [line["table"] for line in lines]
    assert set(tables) == {"op", "move", "seal"}
    numbers = [line["n"] for line in lines if line["table"] == "seal"]
    assert numbers == list(range(1, len(numbers) + 1))
    settled = next(line for line in lines if line.get("topic") == "bet.settled")
    assert settled["event"]["payload"]["bet_id"] == "won"
    assert settled["answer"]["status"] == "credited"
    done = playmoney("audit", "export", "--data", folder)
    assert done.out == exported.read_text()


def test_rows_of_other_tables_stay_in_the_store(exported: Path) -> None:
    """Their leaves are in the seals all the same."""
    text = exported.read_text()
    assert '"table":"player"' not in text
    assert '["player",1,' in text


def test_an_export_is_verified_without_the_store(
    exported: Path, playmoney: Command, folder: Path
) -> None:
    """Sound, with the same head; an anchor holds for it too."""
    noted = playmoney("audit", "head", "--data", folder).out.strip()
    shutil.rmtree(folder)
    done = playmoney("audit", "verify", "--export", exported, "--anchor", noted)
    assert done.code == 0
    assert done.out.strip().endswith(f"head {noted}")


def _without(table: str) -> Callable[[list[str]], None]:
    def forge(lines: list[str]) -> None:
        lines.remove(next(line for line in reversed(lines) if f'"table":"{table}"' in line))

    return forge


def _replaced(old: str, new: str) -> Callable[[list[str]], None]:
    def forge(lines: list[str]) -> None:
        place = next(i for i, line in enumerate(lines) if old in line)
        lines[place] = lines[place].replace(old, new, 1)

    return forge


def _twice(lines: list[str]) -> None:
    lines.insert(1, lines[0])


def _again_at_the_end(lines: list[str]) -> None:
    lines.append(lines[0])


def _swapped(lines: list[str]) -> None:
    lines[-1], lines[-2] = lines[-2], lines[-1]


def _cut(lines: list[str]) -> None:
    del lines[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_replaced('"amount":200', '"amount":201'), "tampered: move "),
        (_replaced('"status":"credited"', '"status":"Credited"'), "tampered: op "),
        (_replaced('"kind":"hold"', '"kind":"post"'), "tampered: move "),
        (_replaced('"positions":{', '"positions":{"x":1,'), "tampered: seal 1 does not link"),
        (_replaced('"n":3,"positions"', '"n":4,"positions"'), "tampered: seal 3 is missing"),
        (_replaced('{"table"', '{"tables"'), "tampered: line 1 "),
        (_replaced('"kind":"hold"', '"kind":"hold","more":1'), "tampered: line "),
        (_replaced('"root":"', '"root":"00'), "tampered: seal 1 "),
        (_without("op"), "tampered: op "),
        (_without("move"), "tampered: move "),
        (_without("seal"), "was never sealed"),
        (_twice, "tampered: line 2 "),
        (_again_at_the_end, "was never sealed"),
        (_swapped, "is missing"),
        (_cut, "tampered: op 1 is missing"),
    ],
)
def test_a_forged_export_is_1(
    change: Callable[[list[str]], None], says: str, exported: Path, playmoney: Command
) -> None:
    """Lines changed, taken away, repeated or moved: found, and where."""
    lines = exported.read_text().splitlines(keepends=True)
    change(lines)
    exported.write_text("".join(lines))
    done = playmoney("audit", "verify", "--export", exported)
    assert done.code == 1
    assert says in done.out


@pytest.mark.parametrize("junk", ["", "null", "[]", "{}", "7", "\xff", '{"table": "op"}', "{"])
def test_a_line_of_junk_is_1(junk: str, exported: Path, playmoney: Command) -> None:
    """Whatever it is, it is no line of an export."""
    with exported.open("ab") as lines:
        lines.write(junk.encode("latin-1") + b"\n")
    done = playmoney("audit", "verify", "--export", exported)
    assert done.code == 1
    assert "is no line of an export" in done.out


def test_an_export_of_a_forged_store_is_found(
    folder: Path, playmoney: Command, tmp_path: Path
) -> None:
    """An export does not launder what was done to the file."""
    forge(folder, "UPDATE op SET answer = CAST('{}' AS BLOB) WHERE n = 3")
    out = tmp_path / "audit.ndjson"
    assert playmoney("audit", "export", "--data", folder, "--out", out).code == 0
    done = playmoney("audit", "verify", "--export", out)
    assert done.code == 1
    assert done.out.startswith("tampered: op 3 is not what was written")


def test_files_that_cannot_be_opened_are_2(
    playmoney: Command, folder: Path, tmp_path: Path
) -> None:
    """To read or to write: one line that names them."""
    done = playmoney("audit", "verify", "--export", tmp_path / "none.ndjson")
    assert done.code == 2
    assert "cannot be read" in done.err
    done = playmoney("audit", "export", "--data", folder, "--out", tmp_path / "none" / "out")
    assert done.code == 2
    assert "cannot be written" in done.err
