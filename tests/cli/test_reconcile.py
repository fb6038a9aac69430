"""`playmoney reconcile`: the laws of a folder, and a statement of another system (SBX-11)."""

import csv
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from simulator.base.clock import NS_PER_S
from simulator.ledger.statement import FIELDS, Line
from simulator.store.reading import reading
from simulator.wallet.statement import Part, lines
from tests.cli.command import Command
from tests.ledger.forged import unguarded
from tests.processes import running
from tests.support import sandbox
from tests.wallet.tools import grant, pass_time


@pytest.fixture
def ours(folder: Path) -> list[Line]:
    """The statement that agrees with the folder."""
    with reading(folder / "wallet.db") as books:
        return list(lines(books))


def write_csv(path: Path, statement: Sequence[Line]) -> Path:
    with path.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(FIELDS)
        writer.writerows(statement)
    return path


def write_ndjson(path: Path, statement: Sequence[Line]) -> Path:
    rows = [line._asdict() | {"amount": str(line.amount)} for line in statement]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


# The laws ----------------------------------------------------------------------------------------


def test_sound_books_are_0(playmoney: Command, folder: Path) -> None:
    """One line that says what was looked at."""
    done = playmoney("reconcile", "--data", folder)
    assert (done.code, done.err) == (0, "")
    (line,) = done.out.splitlines()
    assert line.startswith("sound: ")
    assert "5 bets" in line


def test_broken_books_are_1_and_each_law_is_named(playmoney: Command, folder: Path) -> None:
    """The same laws as `/__admin/reconcile` asks, with where each is broken."""
    with unguarded(folder / "wallet.db") as connection:
        connection.execute("UPDATE round SET won = won + 1 WHERE round_id = 'r-1'")
    done = playmoney("reconcile", "--data", folder)
    assert done.code == 1
    *told, last = done.out.splitlines()
    assert any(
        line.startswith("a round's sums are those of its bets: round r-1: ") for line in told
    )
    assert last.startswith(f"breaks: {len(told)} broken laws; ")


def test_a_folder_that_is_none_is_2(playmoney: Command, tmp_path: Path) -> None:
    """One line on stderr, and nothing is made."""
    done = playmoney("reconcile", "--data", tmp_path / "none")
    assert (done.code, done.out) == (2, "")
    assert "there is no" in done.err
    assert not (tmp_path / "none").exists()


def test_a_running_server_is_reconciled_beside(playmoney: Command, tmp_path: Path) -> None:
    """Committed rows of one moment, while another process holds the folder."""
    with running("--data", str(tmp_path)) as server:
        server.wait_ready()
        done = playmoney("reconcile", "--data", tmp_path)
        assert done.code == 0, done.out
        server.stop()


# A statement -------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [write_csv, write_ndjson])
@pytest.mark.parametrize("how", [list, lambda ours: ours[::-1]])
def test_a_statement_that_agrees_is_0(
    write: Callable[[Path, Sequence[Line]], Path],
    how: Callable[[list[Line]], list[Line]],
    playmoney: Command,
    folder: Path,
    ours: list[Line],
    tmp_path: Path,
) -> None:
    """Bets won, lost, open and rolled back, payments: in any order, in either format."""
    path = write(tmp_path / "statement", how(ours))
    form = write.__name__.removeprefix("write_")
    done = playmoney("reconcile", "--data", folder, "--statement", path, "--format", form)
    assert done.code == 0, done.out
    assert done.out.startswith("sound: ")


def test_the_lines_are_what_was_played(ours: list[Line]) -> None:
    """A stake for each bet, a win for each settled one, a rollback for each that came too late; the
    tombstone of a bet that never came moved nothing."""
    found = {(line.kind, line.id): line.amount for line in ours if line.player_id == "p_19f3"}
    assert found.pop(("fund", "pay-1")) == 5
    started_with = [name for name in found if name[0] == "fund"]
    for name in started_with:
        del found[name]
    assert found == {
        **{("debit", bet): Decimal(2) for bet in ("won", "lost", "back", "open")},
        ("credit", "won"): Decimal(7),
        ("credit", "lost"): Decimal(0),
        ("rollback", "back"): Decimal(2),
    }


def _line(ours: list[Line], kind: str, name: str) -> int:
    return next(i for i, line in enumerate(ours) if (line.kind, line.id) == (kind, name))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda ours, i: ours.pop(i),
            "missing there: debit won: here 2.00 EUR of p_19f3",
        ),
        (
            lambda ours, i: ours.append(ours[i]._replace(id="other")),
            "missing here: debit other: there 2.00 EUR of p_19f3",
        ),
        (
            lambda ours, i: ours.append(ours[i]),
            "duplicate: debit won: there once more 2.00 EUR of p_19f3",
        ),
        (
            lambda ours, i: ours.__setitem__(i, ours[i]._replace(amount=Decimal("2.01"))),
            "amount differs: debit won: here 2.00 EUR of p_19f3, there 2.01 EUR of p_19f3",
        ),
        (
            lambda ours, i: ours.__setitem__(i, ours[i]._replace(currency="USD")),
            "currency differs: debit won: here 2.00 EUR of p_19f3, there 2.00 USD of p_19f3",
        ),
        (
            lambda ours, i: ours.__setitem__(i, ours[i]._replace(player_id="p_x")),
            "player differs: debit won: here 2.00 EUR of p_19f3, there 2.00 EUR of p_x",
        ),
    ],
)
def test_each_break_is_named_by_its_kind(
    change: Callable[[list[Line], int], Any],
    says: str,
    playmoney: Command,
    folder: Path,
    ours: list[Line],
    tmp_path: Path,
) -> None:
    """Exit 1, with one line for the break and one that counts."""
    change(ours, _line(ours, "debit", "won"))
    path = write_csv(tmp_path / "statement.csv", ours)
    done = playmoney("reconcile", "--data", folder, "--statement", path)
    assert done.code == 1
    told, counted = done.out.splitlines()
    assert told == says
    assert counted.startswith(f"breaks: 1 {says.partition(':')[0]}; ")


@pytest.mark.parametrize(
    ("form", "text", "says"),
    [
        ("csv", "", "names no column id, player_id, kind, amount, currency"),
        ("csv", "id,kind,amount,currency\n", "names no column player_id"),
        ("csv", "id,player_id,kind,amount,currency\nb,p,debit,2.00\n", "s:2: currency is missing"),
        ("csv", "id,player_id,kind,amount,currency\nb,,debit,2,EUR\n", "s:2: player_id is missing"),
        ("csv", "id,player_id,kind,amount,currency\nb,p,debt,2,EUR\n", "did you mean 'debit'?"),
        ("csv", "id,player_id,kind,amount,currency\nb,p,debit,two,EUR\n", "s:2: amount is not"),
        ("csv", "id,player_id,kind,amount,currency\nb,p,debit,NaN,EUR\n", "s:2: amount is not"),
        ("csv", "id,player_id,kind,amount,currency\nb,p,debit,1e999,EUR\n", "s:2: amount is not"),
        ("ndjson", "{}", "s:1: id is missing"),
        ("ndjson", "\n[]", "s:2: is not an object"),
        ("ndjson", "{", "s:1: is not JSON"),
        ("ndjson", '{"id": ["b"], "player_id": {}}', "s:1: kind is missing"),
        ("text", "", "Invalid value for '--format'"),
    ],
)
def test_a_statement_that_cannot_be_read_is_2(
    form: str, text: str, says: str, playmoney: Command, folder: Path, tmp_path: Path
) -> None:
    """The file, the line and what is wrong with it; not a break, and not silence."""
    (tmp_path / "s").write_text(text)
    arguments = ("--data", folder, "--statement", tmp_path / "s", "--format", form)
    done = playmoney("reconcile", *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_a_statement_that_is_not_there_or_no_text_is_2(
    playmoney: Command, folder: Path, tmp_path: Path
) -> None:
    """Nothing to read, bytes that are no text, a name that does not say the format."""
    (tmp_path / "s.csv").write_bytes(b"id\xff")
    for name, says in (
        ("none.csv", "cannot be read"),
        ("s.csv", "is not UTF-8"),
        ("s", "--format csv or ndjson"),
    ):
        done = playmoney("reconcile", "--data", folder, "--statement", tmp_path / name)
        assert (done.code, done.out) == (2, "")
        assert says in done.err


# A part of it ------------------------------------------------------------------------------------


async def test_a_statement_can_be_of_a_tenant_and_a_period(tmp_path: Path) -> None:
    """Lines of that tenant only, from one time on and before another: a stake when it was held, a
    win when it was settled, payments and bonuses when they were made."""
    async with sandbox(tmp_path) as box:
        session = await box.session()
        await box.authorize(session, "b-1", 2)
        await grant(box, "p_19f3", 5)
        await pass_time(box, 60)
        await box.settle("b-1", 7)
        payment = {"payment_id": "pay-1", "amount": {"amount": 3, "currency": "EUR"}}
        await box.admin("POST", "/players/p_19f3/fund", payment)
        payment |= {"payment_id": "pay-uk", "brand_id": "brand-7"}
        payment["amount"] = {"amount": 3, "currency": "GBP"}
        got = await box.admin("POST", "/players/p_uk/fund", payment)
        assert got.status == 200, got.body
        start = box.world.clock.now_ns() - 60 * NS_PER_S
    with reading(tmp_path / "wallet.db") as books:
        later = {(line.kind, line.id) for line in lines(books, Part(from_ns=start + 1))}
        first = {(line.kind, line.id) for line in lines(books, Part(to_ns=start + 1))}
        whole = {(line.kind, line.id) for line in lines(books)}
        own = {line.id for line in lines(books, Part(tenant="brand-7"))}
        both = list(lines(books, Part("brand-42", start, start + 60 * NS_PER_S)))
    assert later == {("credit", "b-1"), ("fund", "pay-1"), ("fund", "pay-uk")}
    assert first >= {("debit", "b-1"), ("bonus", "bonus-p_19f3")}
    assert whole == first | later
    assert own == {"pay-uk"}, "of the other tenant there is nothing else"
    assert {("debit", "b-1"), ("bonus", "bonus-p_19f3")} <= {(x.kind, x.id) for x in both}
    assert not later & {(line.kind, line.id) for line in both}


def test_a_period_is_asked_by_options(
    playmoney: Command, folder: Path, ours: list[Line], tmp_path: Path
) -> None:
    """An empty statement is the truth of a period in which nothing was; not of all time."""
    nothing = write_csv(tmp_path / "nothing.csv", [])
    asked = ("reconcile", "--data", folder, "--statement", nothing)
    assert ours
    assert playmoney(*asked).code == 1
    assert playmoney(*asked, "--to", "2025-01-01T00:00:00Z").code == 0
    assert playmoney(*asked, "--from", "2025-01-01T00:00:00Z").code == 1
    assert playmoney(*asked, "--tenant", "nobody").code == 0
    done = playmoney(*asked, "--from", "yesterday")
    assert done.code == 2
    assert "--from" in done.err
    done = playmoney("reconcile", "--data", folder, "--tenant", "brand-42")
    assert done.code == 2
    assert "--statement" in done.err
