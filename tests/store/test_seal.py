"""Seals: the hashes are those of RFC 6962, and every batch has exactly one (QLT-05)."""

import asyncio
import hashlib
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.errors import NotFound
from simulator.ledger import book
from simulator.ledger.rows import Move
from simulator.store import seal as seals
from simulator.store.rows import Fact, Seal
from simulator.store.tx import Query
from simulator.store.unit import Unit
from tests.store.tools import commit, decision, open_database, open_unit
from tests.store.writers import FUNDING, HOUSE, fail_commit, note, opened, outcomes

# The hashes --------------------------------------------------------------------------------------

TREE = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The roots of 0 to 8 of these leaves: the test vectors of Certificate Transparency."""


@pytest.mark.parametrize(("size", "root"), list(enumerate(ROOTS)))
def test_the_tree_is_that_of_rfc_6962(size: int, root: str) -> None:
    """Known roots of known leaves (RFC 6962 §2.1)."""
    leaves = [hashlib.sha256(b"\0" + leaf).digest() for leaf in TREE[:size]]
    assert seals.root_of(leaves).hex() == root


VALUES = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.text(max_size=5), st.binary(max_size=5)
)


@given(st.lists(VALUES, max_size=4), st.lists(VALUES, max_size=4))
def test_two_rows_never_have_the_same_hash(one: list[object], other: list[object]) -> None:
    """Fields do not run into each other, and a text is not the bytes of that text."""
    same = seals.leaf_of_values("t", one) == seals.leaf_of_values("t", other)  # type: ignore[arg-type]
    assert same == (one == other)


def test_a_row_of_another_table_is_another_row() -> None:
    """The same columns elsewhere are not the same."""
    assert seals.leaf_of_values("a", [1]) != seals.leaf_of_values("b", [1])


def test_a_row_hashes_as_its_columns_do() -> None:
    """What a decision wrote and what an audit reads are hashed alike."""
    fact = Fact(n=3, name="seed", value="7")
    leaf = seals.leaf_of(fact)
    assert leaf == seals.leaf_of_values("fact", (3, "seed", "7"))
    assert leaf == seals.leaves_in(seals.seal_of(None, {}, [fact]))[0][2]


@pytest.mark.parametrize("column", ["n", "positions", "leaves", "root"])
def test_a_link_binds_every_column(column: str) -> None:
    """Another value of any column, or another seal before it, is another chain."""
    seal = seals.seal_of(None, {"fact": 3}, [Fact(n=3, name="seed", value="7")])
    other = seal.but(**{column: 2 if column == "n" else b"other"})
    assert seals.chain_of(seals.START, seal) == seal.chain
    assert seals.chain_of(seals.START, other) != seal.chain
    assert seals.chain_of(seal.chain, seal) != seal.chain


# Batches -----------------------------------------------------------------------------------------


def sealed(unit: Unit) -> list[list[tuple[str, int]]]:
    """The rows of each seal, in order."""
    found = unit.database.rows("SELECT n, positions, leaves, root, chain FROM seal ORDER BY n")
    chain = seals.START
    told = []
    for n, positions, leaves, root, link in found:
        seal = Seal(n=n, positions=positions, leaves=leaves, root=root, chain=link)
        assert seals.chain_of(chain, seal) == link
        chain = link
        told.append([(table, place) for table, place, _ in seals.leaves_in(seal)])
    return told


def test_a_batch_has_one_seal(path: Path | None) -> None:
    """Over every row that it wrote, new or changed, however many decisions wrote it; the chain goes
    on in the next batch."""
    unit = open_unit(path)
    for key in ("a", "b"):
        with decision(unit, key) as tx:
            book.post(tx, FUNDING, HOUSE, 1)
    commit(unit)
    with decision(unit, "c") as tx:
        book.post(tx, FUNDING, HOUSE, 1)
    commit(unit)
    first, second = sealed(unit)
    assert sorted(first) == [
        ("account", 1), ("account", 2), ("move", 1), ("move", 2), ("op", 1), ("op", 2),
    ]  # fmt: skip
    assert sorted(second) == [("account", 1), ("account", 2), ("move", 3), ("op", 3)]
    unit.database.close()


def test_a_page_in_the_middle_does_not_end_a_batch() -> None:
    """Rows are written early for a decision that pages; the transaction has one seal all the
    same, with the last of what each row was."""
    unit = open_unit()
    for key in ("a", "b", "c"):
        with decision(unit, key) as tx:
            tx.page(Query(Move), None, 10)
            book.post(tx, FUNDING, HOUSE, 1)
    commit(unit)
    (rows,) = sealed(unit)
    assert rows.count(("op", 1)) == 1
    account = unit.database.rows(
        "SELECT n, tenant, kind, owner, currency, posted_debits, posted_credits, pending_debits, "
        "pending_credits, overdraft FROM account WHERE n = 1"
    )[0]
    blob = unit.database.rows("SELECT leaves FROM seal")[0][0]
    leaves = {
        (table, n): leaf
        for table, n, leaf in seals.leaves_in(Seal(positions=b"", leaves=blob, root=b"", chain=b""))
    }
    assert leaves["account", 1] == seals.leaf_of_values("account", account)


def _post_in_vain(tx: Unit) -> None:
    book.post(tx, FUNDING, HOUSE, 1)
    raise NotFound("no such thing")


def test_a_batch_that_wrote_nothing_has_none() -> None:
    """A refusal that is not kept leaves no seal, and no hole in the chain."""
    unit = open_unit()
    with pytest.raises(NotFound), decision(unit, "a") as tx:
        _post_in_vain(tx)
    commit(unit)
    assert sealed(unit) == []
    with decision(unit, "b"):
        pass
    commit(unit)
    assert sealed(unit) == [[("op", 1)]]


def test_a_batch_that_was_rolled_back_has_none() -> None:
    """The chain goes on from what is in the database."""
    unit = open_unit()
    for key, kept in (("a", True), ("b", False), ("c", True)):
        with decision(unit, key):
            pass
        unit.spill()
        if kept:
            unit.database.commit()
        else:
            unit.database.rollback()
            unit.forget()
    assert sealed(unit) == [[("op", 1)], [("op", 2)]]


def test_the_chain_goes_on_after_a_restart(tmp_path: Path) -> None:
    """The next seal of another process links to the last one of this."""
    for key in ("a", "b"):
        unit = open_unit(tmp_path / "wallet.db")
        with decision(unit, key):
            pass
        commit(unit)
        rows = sealed(unit)
        unit.database.close()
    assert rows == [[("op", 1)], [("op", 2)]]


async def test_a_commit_that_failed_leaves_no_seal(tmp_path: Path) -> None:
    """A full disk: the batch never was, and the next one is sealed in its place."""
    async with opened(tmp_path / "wallet.db") as (writer, _):
        await writer.submit(note("a"))
        fail_commit(writer, apsw.FullError)
        await outcomes(writer.submit(note("b")))
        await writer.submit(note("c"))
        assert sealed(writer.unit) == [[("op", 1)], [("op", 2)]]
        keys = writer.unit.database.rows("SELECT key FROM op ORDER BY n")
        assert keys == [("a",), ("c",)]


async def test_what_is_queued_together_is_sealed_together(path: Path | None) -> None:
    """One seal for each commit of the writer, over all its decisions."""
    async with opened(path) as (writer, _):
        await asyncio.gather(*(writer.submit(note(f"k{n}")) for n in range(20)))
        assert sealed(writer.unit) == [[("op", n) for n in range(1, 21)]]


def test_a_seal_is_written_once() -> None:
    """No code can write over one, or take one away."""
    database = open_database()
    seal = seals.seal_of(None, {}, [Fact(n=1, name="a", value="b")])
    database.write([seal], ())
    database.commit()
    with pytest.raises(apsw.ConstraintError, match="a seal is never changed"):
        database.writer.execute("UPDATE seal SET root = zeroblob(32)")
    with pytest.raises(apsw.ConstraintError, match="a seal is never deleted"):
        database.writer.execute("DELETE FROM seal")
