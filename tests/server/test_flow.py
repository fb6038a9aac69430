"""Operations that must hear another party: begun once, answered once, and never lost between.

(PRV-30, PRV-31, PRV-33, PRV-34, WAL-26, WAL-72, WAL-73)
"""

import asyncio
from collections import deque
from pathlib import Path

import pytest

from simulator.base.clock import NS_PER_S
from simulator.server import transactions
from tests.server.tools import require_problem
from tests.server.toy_party import (
    Act,
    Bank,
    closed_bank,
    do,
    do_and_cut,
    do_and_lose,
    do_not_send,
    fill_the_disk_once,
    give_up,
    kiosk,
    say,
    until,
)

STEPS = ["pay-o-1", "brew-o-1"]
EVENTS = ["order.reserved", "order.confirmed", "order.finished"]


# One flow ----------------------------------------------------------------------------------------


async def test_a_flow_answers_once_and_the_same_again(tmp_path: Path) -> None:
    """Every decision lands, every call is sent once, every decision's event is in the outbox with
    it, under an id of its own and the caller's key; a repeat gets the first answer byte for byte,
    and other parameters a mismatch (PRV-30, PRV-31, PRV-34)."""
    async with kiosk(tmp_path) as toy:
        first = await toy.order()
        assert (first.status, first.json["state"], first.replayed) == (200, "finished", False)
        again = await toy.order()
        assert (again.status, again.body, again.replayed) == (200, first.body, True)
        require_problem(await toy.order(amount=6), 409, "IDEMPOTENCY_MISMATCH")
        assert toy.bank.keys == STEPS
        assert toy.orders() == {"o-1": "finished"}
        assert toy.tasks() == {"placeOrder": "done"}
        assert toy.topics() == EVENTS
        assert len({event["event_id"] for event in toy.events()}) == len(EVENTS)
        assert {event["idempotency_key"] for event in toy.events()} == {"k-1"}


async def test_a_parallel_repeat_is_told_to_come_back(tmp_path: Path) -> None:
    """The first decision has committed the key as pending: while the other party thinks, every
    repeat gets 425 with Retry-After and has no effect; once the answer is remembered, the same
    repeat gets it byte for byte (PRV-26, PRV-30)."""
    async with kiosk(tmp_path) as toy:
        toy.bank.doors.clear()
        first = asyncio.ensure_future(toy.order())
        await until(lambda: toy.bank.keys == ["pay-o-1"])
        assert toy.orders() == {"o-1": "reserved"}
        assert toy.tasks() == {"placeOrder": "pending"}
        for early in await asyncio.gather(*(toy.order() for _ in range(16))):
            require_problem(early, 425, "IN_PROGRESS")
            assert (early.headers["retry-after"], early.json["retryable"]) == ("1", True)
        require_problem(await toy.order(key="k-2"), 409, "DUPLICATE")
        assert not first.done()
        toy.bank.doors.set()
        answer = await first
        again = await toy.order()
        assert (again.status, again.body, again.replayed) == (200, answer.body, True)
        assert toy.bank.keys == STEPS


async def test_64_copies_at_once_are_one_flow(tmp_path: Path) -> None:
    """One of them runs; the others are told to come back, and each other party is asked once
    (WAL-10, PRV-30)."""
    async with kiosk(tmp_path) as toy:
        answers = await asyncio.gather(*(toy.order() for _ in range(64)))
        assert sorted({got.status for got in answers}) == [200, 425]
        assert sum(got.status == 200 and not got.replayed for got in answers) == 1
        assert len({got.body for got in answers if got.status == 200}) == 1
        assert toy.bank.keys == STEPS
        assert toy.topics() == EVENTS


async def test_the_control_a_flow_that_is_not_kept_is_begun_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: were the key not committed as pending, a repeat would not be told to
    come back, and a crash would leave nothing to resume."""
    monkeypatch.setattr(transactions, "_keep", lambda *_: None)
    async with kiosk(tmp_path) as toy:
        toy.bank.doors.clear()
        first = asyncio.ensure_future(toy.order())
        await until(lambda: toy.bank.keys == ["pay-o-1"])
        assert (await toy.order()).status != 425
        assert toy.tasks() == {}
        await give_up(first)


# Outcomes of the other party ---------------------------------------------------------------------


UNCERTAIN: dict[str, Act] = {
    "lost": do_and_lose,
    "not sent": do_not_send,
    "503": say(503, "UNAVAILABLE"),
    "500": say(500, "INTERNAL"),
    "425": say(425, "IN_PROGRESS"),
    "429": say(429, "RATE_LIMITED"),
    "no error model": do_and_cut,
}


@pytest.mark.parametrize("name", UNCERTAIN)
async def test_an_uncertain_call_is_repeated_until_it_is_definite(
    tmp_path: Path, name: str
) -> None:
    """Nobody knows what became of it, or it was surely not done: the very same call, key and all,
    goes out again after growing pauses, and has one effect (WAL-72)."""
    async with kiosk(tmp_path, Bank(deque([UNCERTAIN[name]] * 4))) as toy:
        assert (await toy.order()).json["state"] == "finished"
        assert toy.bank.keys == ["pay-o-1"] * 5 + ["brew-o-1"]
        assert len(set(map(repr, toy.bank.calls[:5]))) == 1
        assert list(toy.bank.done) == STEPS
        half_s = NS_PER_S // 2
        for number, pause_ns in enumerate(toy.bank.pauses):
            assert half_s * 2**number // 2 <= pause_ns <= half_s * 2**number
        assert len(toy.bank.pauses) == 4


async def test_retry_after_is_honoured(tmp_path: Path) -> None:
    """The other party's Retry-After is waited for, then the same key is used (WAL-73)."""
    busy = say(429, "RATE_LIMITED", **{"retry-after": "7"})
    async with kiosk(tmp_path, Bank(deque([busy]))) as toy:
        assert (await toy.order()).status == 200
        assert toy.bank.pauses == [7 * NS_PER_S]


@pytest.mark.parametrize(
    ("status", "code"),
    [(422, "INSUFFICIENT_FUNDS"), (403, "RG_BLOCK"), (409, "DUPLICATE"), (401, "AUTH_FAILED")],
)
async def test_a_definite_refusal_is_heard_and_compensated(
    tmp_path: Path, status: int, code: str
) -> None:
    """A refusal is not repeated; the flow takes back what it had done, and its own refusal is
    remembered (PRV-30, PRV-33)."""
    async with kiosk(tmp_path, Bank(deque([say(status, code)]))) as toy:
        got = await toy.order()
        require_problem(got, 422, "INSUFFICIENT_FUNDS")
        assert str(status) in got.json["message"]
        assert toy.orders() == {"o-1": "cancelled"}
        assert (toy.bank.keys, toy.bank.pauses) == (["pay-o-1"], [])
        again = await toy.order()
        assert (again.status, again.body, again.replayed) == (422, got.body, True)
        assert toy.topics() == ["order.reserved", "order.cancelled"]
        assert toy.tasks() == {"placeOrder": "done"}


@pytest.mark.parametrize("doubt", [do_and_lose, do_and_cut, say(500, "INTERNAL")])
async def test_who_is_turned_away_in_doubt_asks_on(tmp_path: Path, doubt: Act) -> None:
    """After an attempt that may have been done, being turned away at the door (401, 403) says
    nothing about it: the call is repeated until its key is answered (WAL-72)."""
    script = deque([doubt, say(401, "AUTH_FAILED"), say(403, "SCOPE_DENIED")])
    async with kiosk(tmp_path, Bank(script)) as toy:
        assert (await toy.order()).json["state"] == "finished"
        assert toy.bank.keys == ["pay-o-1"] * 4 + ["brew-o-1"]
        assert list(toy.bank.done) == STEPS


# Refusals of its own -----------------------------------------------------------------------------


async def test_a_refused_decision_is_compensated_inside_the_flow(tmp_path: Path) -> None:
    """A decision in the middle refuses: its writes are undone, the flow gives the money back,
    cancels, and answers that refusal with its details, remembered (PRV-30, PRV-33)."""
    async with kiosk(tmp_path) as toy:
        got = await toy.order(amount=101)
        require_problem(got, 422, "LIMIT_EXCEEDED")
        assert got.json["details"] == {"largest": 100}
        assert toy.bank.keys == ["pay-o-1", "refund-o-1"]
        assert toy.orders() == {"o-1": "cancelled"}
        assert toy.topics() == ["order.reserved", "order.cancelled"]
        again = await toy.order(amount=101)
        assert (again.status, again.body, again.replayed) == (422, got.body, True)


async def test_a_flow_whose_first_decision_refuses_asks_nobody(tmp_path: Path) -> None:
    """A definite refusal is remembered at once; a bad request is not, and its key stays free; no
    task is left of either (PRV-30)."""
    async with kiosk(tmp_path) as toy:
        assert (await toy.order()).status == 200
        refused = await toy.order(key="k-2")
        require_problem(refused, 409, "DUPLICATE")
        again = await toy.order(key="k-2")
        assert (again.body, again.replayed) == (refused.body, True)
        require_problem(await toy.order("o-3", 0, "k-3"), 400, "VALIDATION_FAILED")
        assert toy.orders() == {"o-1": "finished"}
        assert toy.bank.keys == STEPS
        assert (await toy.order("o-3", 5, "k-3")).status == 200


# Crashes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("effect", ["before", "after"])
@pytest.mark.parametrize("number", [0, 1], ids=STEPS)
async def test_a_crash_is_resumed_where_it_stopped(
    tmp_path: Path, number: int, effect: str
) -> None:
    """The power fails while another party is being asked, before it has done it or after: the next
    start asks it again with the same call and goes on from there; nothing that was recorded is
    decided or asked twice, and the caller's repeat gets the one answer (PRV-30, WAL-72)."""
    before = closed_bank(lets_in=number)
    async with kiosk(tmp_path, before) as toy:
        caller = asyncio.ensure_future(toy.order())
        await until(lambda: len(before.calls) == number + 1)
        if effect == "after":
            do(before, before.calls[-1])
        left = toy.power_cut()
        await give_up(caller)
    after = Bank(done=dict(before.done))
    async with kiosk(left, after) as toy:
        await until(lambda: toy.tasks() == {"placeOrder": "done"})
        assert after.keys == STEPS[number:]
        assert after.calls[0] == before.calls[-1]
        got = await toy.order()
        assert (got.status, got.json["state"], got.replayed) == (200, "finished", True)
        assert toy.topics() == EVENTS
        assert list(after.done) == STEPS


async def test_who_is_turned_away_after_a_crash_asks_on(tmp_path: Path) -> None:
    """What was under way when the power failed may have been done: after the restart too, being
    turned away at the door is no answer to it (WAL-72)."""
    before = closed_bank()
    async with kiosk(tmp_path, before) as toy:
        caller = asyncio.ensure_future(toy.order())
        await until(lambda: before.keys == ["pay-o-1"])
        do(before, before.calls[0])
        left = toy.power_cut()
        await give_up(caller)
    after = Bank(deque([say(401, "AUTH_FAILED")]), done=dict(before.done))
    async with kiosk(left, after) as toy:
        await until(lambda: toy.tasks() == {"placeOrder": "done"})
        assert after.keys == ["pay-o-1", *STEPS]
        assert toy.orders() == {"o-1": "finished"}


async def test_a_stop_in_the_middle_is_resumed(tmp_path: Path) -> None:
    """The same for a server that is closed in good order: what waits for another party stays
    pending, and the next start, whose caller has gone, ends it; a crash in the middle of that is
    resumed too. Every start gives the order the same ids (PRV-30)."""
    bank = closed_bank()
    for _ in range(2):
        async with kiosk(tmp_path, bank) as toy:
            calls = len(bank.calls)
            caller = asyncio.ensure_future(toy.order())
            await until(lambda calls=calls: len(bank.calls) > calls)  # type: ignore[misc]
            await give_up(caller)
        assert set(bank.keys) == {"pay-o-1"}
    bank.doors.set()
    async with kiosk(tmp_path, bank) as toy:
        await until(lambda: toy.tasks() == {"placeOrder": "done"})
        resumed = await toy.order()
        assert resumed.replayed
    async with kiosk(tmp_path / "straight") as toy:
        assert (await toy.order()).body == resumed.body


async def test_a_resumed_flow_keeps_its_key_busy(tmp_path: Path) -> None:
    """After a restart, while the other party still thinks, a repeat is told to come back: it does
    not begin a second flow, and the start has not waited for the first (PRV-30)."""
    async with kiosk(tmp_path, closed_bank()) as toy:
        caller = asyncio.ensure_future(toy.order())
        await until(lambda: toy.bank.keys == ["pay-o-1"])
        await give_up(caller)
    async with kiosk(tmp_path, closed_bank()) as toy:
        await until(lambda: toy.bank.keys == ["pay-o-1"])
        require_problem(await toy.order(), 425, "IN_PROGRESS")
        assert (await toy.note()).status == 200
        toy.bank.doors.set()
        await until(lambda: toy.tasks()["placeOrder"] == "done")
        assert (await toy.order()).replayed


async def test_a_step_that_cannot_be_stored_goes_on_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full when the second decision commits: its caller gets 503, which is not
    remembered; the flow goes on behind, asks nobody twice for what it has recorded, and the repeat
    finds its answer (PRV-30, WAL-26)."""
    async with kiosk(tmp_path) as toy:
        toy.bank.doors.clear()
        caller = asyncio.ensure_future(toy.order())
        await until(lambda: toy.bank.keys == ["pay-o-1"])
        fill_the_disk_once(monkeypatch)
        toy.bank.doors.set()
        require_problem(await caller, 503, "UNAVAILABLE")
        await until(lambda: toy.tasks() == {"placeOrder": "done"})
        got = await toy.order()
        assert (got.status, got.json["state"], got.replayed) == (200, "finished", True)
        assert list(toy.bank.done) == STEPS
        assert toy.topics() == EVENTS
