"""What a client may do, and no check may hold against it; and what has to be seen all the same."""

from email.utils import formatdate

import pytest

from simulator.base.errors import ConfigError
from simulator.certify.clients.journal import read
from tests.certify.clients.lines import BEGIN_NS, BET, Lines, answer, problem

BUSY = problem(503, "UNAVAILABLE", retryable=True)
NO = problem(422, "INSUFFICIENT_FUNDS")
LIMITED = problem(429, "RATE_LIMITED", retryable=True, retry_after="2")


def test_an_answer_that_came_too_late_may_be_repeated() -> None:
    """SBX-09: after latency a client may have gone: its retry of a refusal is no fault of its."""
    late, prompt = Lines(), Lines()
    for lines, injected in ((late, ("latency",)), (prompt, ())):
        lines.call(reply=NO, injected=injected)
        lines.call(reply=NO)
        lines.call(reply=NO, after_ms=60_000, key="other", body={**BET, "bet_id": "c"})
    assert late.whys("refusal.no-retry") == ["", ""]
    assert any("sent again" in why for why in prompt.whys("refusal.no-retry"))


def test_a_refusal_after_a_lost_answer_tells_nothing_unless_it_is_remembered() -> None:
    """PRV-30: 400 is not remembered, so what the lost attempt did is still unknown."""
    lines = Lines()
    lines.call(injected=("lose_reply",), reply=answer())
    lines.call(reply=problem(400, "VALIDATION_FAILED"))
    lines.call(reply=answer())
    assert lines.whys("refusal.no-retry") == []
    assert lines.whys("unknown.resolved") == [""]


@pytest.mark.parametrize("fault", ["lose_reply", "cut_body", "malformed_body", "time_out"])
def test_an_answer_that_nobody_could_read_is_none(fault: str) -> None:
    """WAL-72: whatever the journal says was answered, the client does not have it."""
    lines = Lines()
    lines.call(injected=(fault,), reply=answer())
    lines.call(key="later", body={**BET, "bet_id": "c"}, after_ms=60_000, reply=answer())
    (why,) = lines.whys("unknown.resolved")
    assert "may have been done" in why


def test_a_bet_that_is_still_tried_is_not_abandoned() -> None:
    """SBX-09: the watch may end while a client waits; that is no verdict."""
    lines = Lines()
    lines.call()
    lines.call(key="later", body={**BET, "bet_id": "c"}, after_ms=9_000, reply=answer())
    assert lines.whys("unknown.resolved") == []
    assert lines.whys("unknown.resolved", patience_ms=5_000) != []


def test_a_rollback_that_did_not_land_resolves_nothing() -> None:
    """WAL-42: sent is not landed."""
    undo = {"bet_id": "b", "round_id": "r"}
    lines = Lines()
    lines.call()
    lines.call("rollbackBet", key="u", body=undo, reply=BUSY)
    lines.call("createSession", key="later", after_ms=60_000, reply=answer())
    assert lines.whys("unknown.resolved")[0]
    assert lines.whys("rollback.until-definite")[0]
    lines.call("rollbackBet", key="u", body=undo, reply=problem(404, "BET_NOT_FOUND"))
    assert lines.whys("unknown.resolved") == [""]
    assert lines.whys("rollback.until-definite") == [""]


def test_retry_after_as_a_date_is_until_that_second() -> None:
    """RFC 9110 §10.2.3: a date is up to a second nearer than the seconds that it was made of."""
    until = formatdate(BEGIN_NS // 1_000_000_000 + 3, usegmt=True)
    dated = problem(503, "UNAVAILABLE", retryable=True, retry_after=until)
    for gap_ms, early in ((2_100, False), (1_700, True)):
        lines = Lines()
        lines.call(after_ms=900, reply=dated)
        lines.call(after_ms=gap_ms, reply=answer())
        assert bool(lines.whys("retry-after.honoured")[0]) is early


def test_the_same_amount_written_otherwise_is_the_same_body() -> None:
    """PRV-30: parameters are compared by meaning; keys of an object have no order."""
    lines = Lines()
    other = dict(reversed(BET.items())) | {"amount": {"currency": "EUR", "amount": 2.0}}
    lines.call(reply=BUSY)
    lines.call(reply=BUSY, body=other)
    lines.call(reply=answer(), body={**BET, "amount": {"amount": 2.01, "currency": "EUR"}})
    first, second = lines.whys("key.same-body")
    assert not first
    assert "another body" in second


def test_a_new_bet_of_the_same_stake_is_a_new_bet() -> None:
    """SBX-09: a player bets the same again; only what was left in doubt makes a twin of it."""
    lines = Lines()
    lines.call(reply=BUSY)
    lines.call(reply=answer())
    lines.call(key="k2", body={**BET, "bet_id": "c"}, reply=answer())
    assert lines.whys("intent.same-transaction") == [""]
    assert not any(lines.whys("key.same-on-retry"))


def test_full_jitter_is_growth_and_steady_pauses_are_none() -> None:
    """WAL-75: judged over several calls, because one drawn pause may be short."""
    pauses = {True: [(90, 150, 380), (10, 190, 100), (60, 20, 290), (80, 170, 220)]}
    pauses[False] = [(90, 95, 100), (100, 96, 90), (91, 99, 101), (97, 90, 95)]
    for grows, calls in pauses.items():
        lines = Lines()
        for n, (first, second, third) in enumerate(calls):
            lines.call(key=f"k{n}", reply=BUSY)
            lines.call(key=f"k{n}", reply=BUSY, after_ms=first)
            lines.call(key=f"k{n}", reply=BUSY, after_ms=second)
            lines.call(key=f"k{n}", reply=answer(), after_ms=third)
        (why,) = lines.whys("backoff.grows")
        assert (why == "") is grows
        assert lines.whys("backoff.grows", backoff="constant") == []


def test_a_pause_that_the_server_asked_for_is_not_the_clients() -> None:
    """WAL-75: Retry-After, and a time-out of its own, tell nothing of a client's back-off."""
    lines = Lines()
    for n in range(8):
        lines.call(key=f"k{n}", reply=LIMITED)
        lines.call(key=f"k{n}", after_ms=2_000)
        lines.call(key=f"k{n}", after_ms=5_000, reply=answer())
    assert lines.whys("backoff.jitter") == []
    assert lines.whys("retry-after.honoured") == [""] * 8


def test_a_copy_of_an_event_is_acknowledged() -> None:
    """docs/events.md: whoever refuses a copy is asked for ever; a 503 for it may be bad luck."""
    for status, refused in ((204, False), (503, False), (409, True)):
        lines = Lines()
        lines.event("e1", 204)
        lines.event("e1", status)
        found = lines.whys("event.acknowledged")
        assert any(found) is refused


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "is empty"),
        (b"{}", ":1: is no line"),
        (b'{"journal": 9, "seed": 1}', "version 9"),
        (b'{"journal": 1, "seed": 1}\n{"exchange": "x"}', ":2: is no line"),
    ],
)
def test_what_is_no_journal_is_refused_with_its_line(raw: bytes, said: str) -> None:
    """A file that is cut or something else gives no verdict."""
    with pytest.raises(ConfigError, match=said):
        read(raw, "it.ndjson")
