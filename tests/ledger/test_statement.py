"""A statement against the ledger: whatever differs is a break, and nothing else is."""

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from simulator.ledger.statement import KINDS, Line, compare, kinds_of

AMOUNTS = st.integers(0, 500).map(lambda cents: Decimal(cents).scaleb(-2))
LINES = st.builds(
    Line,
    id=st.sampled_from(["a", "b", "c", "d", "e", "f"]),
    player_id=st.sampled_from(["p1", "p2"]),
    kind=st.sampled_from(KINDS[:3]),
    amount=AMOUNTS,
    currency=st.sampled_from(["EUR", "USD"]),
)
BOOKS = st.lists(LINES, max_size=12, unique_by=lambda line: (line.kind, line.id))


@st.composite
def injected(draw: st.DrawFn) -> tuple[list[Line], list[Line], Counter[str]]:
    """Books, a statement with mismatches put into it, and how many of each kind."""
    ours = draw(BOOKS)
    theirs: list[Line] = []
    expected: Counter[str] = Counter()
    for line in ours:
        what = draw(st.sampled_from(["same", "gone", "twice", "amount", "currency", "player"]))
        changed = {
            "amount": line._replace(amount=line.amount + draw(AMOUNTS) + 1),
            "currency": line._replace(currency="JPY"),
            "player": line._replace(player_id="p3"),
        }.get(what, line)
        theirs += [] if what == "gone" else [line, line] if what == "twice" else [changed]
        if what == "gone":
            expected["missing there"] += line.amount > 0
        elif what == "twice":
            expected["duplicate"] += 1
        elif what != "same":
            expected[f"{what} differs"] += 1
    for i in range(draw(st.integers(0, 3))):
        theirs.append(draw(LINES)._replace(id=f"new-{i}", amount=Decimal(1)))
        expected["missing here"] += 1
    return ours, draw(st.permutations(theirs)), +expected


@given(injected())
def test_every_injected_mismatch_is_found_and_no_other(
    case: tuple[list[Line], list[Line], Counter[str]],
) -> None:
    """As many breaks of each kind as were put in, in any order of the lines."""
    ours, theirs, expected = case
    assert kinds_of(compare(ours, theirs)) == expected


@given(BOOKS)
def test_clean_books_have_no_break(ours: list[Line]) -> None:
    """The same lines in another order, and with amounts written otherwise, are the same."""
    theirs = [line._replace(amount=Decimal(f"{line.amount:f}0")) for line in reversed(ours)]
    assert compare(ours, theirs) == []


@given(st.lists(LINES, max_size=12))
def test_ids_that_both_sides_give_twice_are_no_duplicates(lines: list[Line]) -> None:
    """Where an id is one per round, both sides have it several times, and agree."""
    assert compare(lines, lines[::-1]) == []


def test_a_movement_of_nothing_needs_no_like() -> None:
    """One system writes a lost bet's win of zero, another does not."""
    nothing = Line("b", "p", "credit", Decimal("0.00"), "EUR")
    assert compare([nothing], []) == compare([], [nothing]) == []
    assert kinds_of(compare([nothing], [nothing._replace(amount=Decimal(1))])) == {
        "amount differs": 1
    }
