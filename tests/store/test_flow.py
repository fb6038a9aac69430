"""A flow on its way: fed once while the process lives, from the start where it does not go on."""

from collections.abc import Generator
from typing import Any

import msgspec
import pytest

from simulator.base.errors import InsufficientFunds
from simulator.store import flow
from simulator.store.flow import Decide, Done, Hear, Result, Step, Walk, record
from simulator.store.tx import Tx
from simulator.wire.calls import Call, Reply

CALL = Call(to="wallet", method="POST", target="/v1/x")
REPLY = Reply(status=200, headers={}, body=b"{}")


class Order(msgspec.Struct, frozen=True):
    """What is asked, and what each step gives back."""

    amount: int
    notes: tuple[str, ...] = ()


def reserve(tx: Tx, ask: Order) -> Order:
    raise AssertionError("only the courier runs decisions", tx, ask)


class Orders:
    """A flow that counts how often it was begun."""

    def __init__(self) -> None:
        self.begun = 0

    def place(self, ask: Order) -> Generator[Step, Any, Order]:
        self.begun += 1
        reserved: Order = yield Decide(reserve, ask)
        try:
            reply: Reply = yield Hear(CALL)
            finished: Order = yield Decide(reserve, Order(reserved.amount, (str(reply.status),)))
        except InsufficientFunds:
            yield Hear(CALL)
            raise
        return finished


RESULTS = [record(Order(7)), record(REPLY), record(Order(7, ("done",)))]


def test_a_walk_goes_the_same_way_as_one_from_the_start() -> None:
    """After every step the flow that lives is where a new one is that was fed the same results, and
    it was begun once (PRV-30)."""
    orders = Orders()
    walk = Walk(orders.place, Order(5))
    for known in range(len(RESULTS) + 1):
        results = RESULTS[:known]
        assert walk.next(results) == Walk(Orders().place, Order(5)).next(results)
        assert walk.next(results) == walk.next(list(results))
    assert walk.next(RESULTS) == Done(Order(7, ("done",)))
    assert orders.begun == 1


@pytest.mark.parametrize(
    "other",
    [
        [],
        RESULTS[:1],
        [record(Order(8)), record(REPLY)],
        [RESULTS[0], record(InsufficientFunds("no"))],
    ],
    ids=["taken back whole", "taken back", "decided otherwise", "refused otherwise"],
)
def test_a_walk_begins_anew_where_the_results_do_not_go_on(other: list[Result]) -> None:
    """A transaction that was taken back is decided anew, and may come out otherwise: nothing of
    what the flow had learnt of it is left."""
    orders = Orders()
    walk = Walk(orders.place, Order(5))
    walk.next(RESULTS[:2])
    assert walk.next(other) == Walk(Orders().place, Order(5)).next(other)
    assert orders.begun == 2


def test_a_walk_that_has_ended_begins_anew_too() -> None:
    """The last transaction of a flow may be taken back as well."""
    walk = Walk(Orders().place, Order(5))
    assert walk.next(RESULTS) == Done(Order(7, ("done",)))
    assert walk.next(RESULTS[:2]) == Decide(reserve, Order(7, ("200",)))
    refused = walk.next([*RESULTS[:2], record(InsufficientFunds("no")), record(REPLY)])
    assert isinstance(refused, Done)
    assert isinstance(refused.answer, InsufficientFunds)


def test_a_walk_with_a_bug_tells_of_it_each_time() -> None:
    """What is no refusal is raised, and raised again when it is asked again."""

    def broken(ask: Order) -> Generator[Step, Any, Order]:
        yield Decide(reserve, ask)
        raise RuntimeError("a bug")

    walk = Walk(broken, Order(5))
    walk.next([])
    for _ in range(2):
        with pytest.raises(RuntimeError, match="a bug"):
            walk.next(RESULTS[:1])


def test_a_decision_made_for_each_call_leaves_nothing_behind() -> None:
    """What a decision answers is looked up by its code, so a flow that binds a decision to its
    call does not fill the memory call by call."""

    def place(ask: Order) -> Generator[Step, Any, Order]:
        def bound(tx: Tx, more: Order) -> Order:
            raise AssertionError(tx, ask, more)

        answer: Order = yield Decide(bound, ask)
        return answer

    Walk(place, Order(1)).next(RESULTS[:1])
    known = len(flow._ANSWERS)
    for amount in range(3):
        assert Walk(place, Order(amount)).next(RESULTS[:1]) == Done(Order(7))
    assert len(flow._ANSWERS) == known
