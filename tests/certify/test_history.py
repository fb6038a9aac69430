"""The checker of histories finds an order where there is one, and none where there is not."""

import itertools
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.certify.history import UNKNOWN_ENDS, Call, Kind, Result, legal_order


def call(
    kind: Kind,
    name: str,
    minor: int,
    at: tuple[int, int],
    result: Result = "ok",
    balance: int | None = None,
) -> Call:
    return Call(kind, name, minor, at[0], at[1], result, balance)


def test_calls_one_after_the_other_keep_their_order() -> None:
    """WAL-01: what was over before the next began cannot be exchanged with it."""
    history = [call("debit", "a", 60, (0, 1)), call("read", "", 0, (2, 3), balance=40)]
    assert legal_order(history, 100) == history
    stale = [history[0], call("read", "", 0, (2, 3), balance=100)]
    assert legal_order(stale, 100) is None


def test_parallel_calls_may_be_in_either_order() -> None:
    """WAL-10: while the debit is under way a read may see it or not."""
    for seen in (40, 100):
        history = [call("debit", "a", 60, (0, 9)), call("read", "", 0, (2, 3), balance=seen)]
        assert legal_order(history, 100) is not None
    torn = [call("debit", "a", 60, (0, 9)), call("read", "", 0, (2, 3), balance=70)]
    assert legal_order(torn, 100) is None


def test_a_refusal_needs_a_moment_without_funds() -> None:
    """WAL-11: two debits of 60 on 100: one is refused, and not both, and not none."""
    both = [call("debit", name, 60, (0, 9)) for name in "ab"]
    assert legal_order(both, 100) is None
    one = [both[0], call("debit", "b", 60, (0, 9), "refused")]
    assert legal_order(one, 100) is not None
    none = [call("debit", name, 60, (0, 9), "refused") for name in "ab"]
    assert legal_order(none, 100) is None


def test_a_copy_has_no_second_effect() -> None:
    """WAL-06: two copies of a debit, and the balance after both."""
    twice = [call("debit", "a", 60, (0, 9)), call("debit", "a", 60, (0, 9))]
    assert legal_order([*twice, call("read", "", 0, (10, 11), balance=40)], 100) is not None
    assert legal_order([*twice, call("read", "", 0, (10, 11), balance=-20)], 100) is None


def test_a_call_in_doubt_may_have_happened_or_not() -> None:
    """WAL-72: both balances are legal afterwards, but not one and then the other."""
    lost = call("debit", "a", 60, (0, UNKNOWN_ENDS), "unknown")
    for seen in (40, 100):
        assert legal_order([lost, call("read", "", 0, (2, 3), balance=seen)], 100) is not None
    later = [call("read", "", 0, (2, 3), balance=100), call("read", "", 0, (4, 5), balance=40)]
    assert legal_order([lost, *later], 100) is not None
    back = [call("read", "", 0, (2, 3), balance=40), call("read", "", 0, (4, 5), balance=100)]
    assert legal_order([lost, *back], 100) is None


def test_a_rollback_first_bars_its_debit() -> None:
    """WAL-42, WAL-44: in parallel either order is legal, and in both nothing is taken."""
    for result in ("ok", "refused"):
        pair = [call("debit", "a", 60, (0, 9), result), call("rollback", "a", 60, (0, 9))]
        assert legal_order([*pair, call("read", "", 0, (10, 11), balance=100)], 100) is not None
        assert legal_order([*pair, call("read", "", 0, (10, 11), balance=40)], 100) is None


def brute_force(history: Sequence[Call], available: int) -> bool:
    """Every order that time allows, without cleverness: one call at a time."""
    for order in itertools.permutations(range(len(history))):
        place = {at: n for n, at in enumerate(order)}
        if any(
            history[one].ended < history[other].begun and place[one] > place[other]
            for one in order
            for other in order
        ):
            continue
        one_by_one = [
            Call(c.kind, c.id, c.minor, 2 * n, 2 * n + 1, c.result, c.balance)
            for n, c in enumerate(history[at] for at in order)
        ]
        if legal_order(one_by_one, available) is not None:
            return True
    return False


@st.composite
def histories(draw: st.DrawFn) -> list[Call]:
    found = []
    for _ in range(draw(st.integers(2, 5))):
        kind: Kind = draw(st.sampled_from(["debit", "credit", "rollback", "read"]))
        begun = draw(st.integers(0, 6))
        ended = begun + draw(st.integers(0, 4))
        name = "c" if kind == "credit" else draw(st.sampled_from("ab"))
        result: Result = "ok" if kind == "read" else draw(st.sampled_from(["ok", "refused"]))
        balance = draw(st.sampled_from([100, 70, 40])) if kind == "read" else None
        minor = 0 if kind == "read" else 30
        found.append(Call(kind, name, minor, begun, ended, result, balance))
    return found


@given(histories())
@settings(max_examples=150, deadline=None)
def test_the_search_agrees_with_trying_every_order(history: list[Call]) -> None:
    """The remembered states and the cut by time lose no order and invent none."""
    assert (legal_order(history, 100) is not None) == brute_force(history, 100)
