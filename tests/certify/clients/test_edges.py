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


def test_who_owes_an_attempt_is_waited_for() -> None:
    """SBX-09: a watch of N calls ends when the client has finished, or has had its time to."""
    lines = Lines()
    lines.call(reply=NO)
    assert not lines.unfinished()
    for operation, key in (("authorizeBet", "k2"), ("settleBet", "w"), ("closeRound", "c")):
        body = {**BET, "bet_id": key}
        lines.call(operation, key=key, body=body, reply=BUSY)
        assert lines.unfinished()
        lines.call(operation, key=key, body=body, reply=answer())
        assert not lines.unfinished()


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


def test_bets_of_one_stake_side_by_side_are_no_twins() -> None:
    """WAL-23: a round holds several bets; one that is still tried when the watch ends is not
    repeated by the next one."""
    lines = Lines()
    lines.call()
    lines.call(key="k2", body={**BET, "bet_id": "c"}, reply=answer())
    assert lines.whys("intent.same-transaction") == []
    lines.call("createSession", key="later", after_ms=60_000, reply=answer())
    (why,) = lines.whys("intent.same-transaction")
    assert "may have been done" in why


def test_whoever_reads_what_became_of_it_knows() -> None:
    """WAL-72: a read whose answer names the bet resolves it; one that finds nothing does not, for
    the bet may still arrive."""
    for status, body, known in ((200, {"bet_id": "b"}, True), (200, {"items": []}, False)):
        lines = Lines()
        lines.call()
        reading = {"method": "GET", "target": "/v1/bets?round_id=r", "headers": []}
        lines.call("listBets", key="", request=reading, reply=answer(status, body))
        lines.call("createSession", key="later", after_ms=60_000, reply=answer())
        (why,) = lines.whys("unknown.resolved")
        assert (why == "") is known


def test_spins_and_contributions_are_money_too() -> None:
    """WAL-72: what a platform asks of a game server or a jackpot is found out as well: by its
    key, or by the call that undoes it, which names it in its path."""
    for asked, name, undo in (
        ("playSpin", "spin_id", "/rgs/v1/spins/x/void"),
        ("contribute", "jp_contrib_id", "/v1/jp/contributions/x/reverse"),
    ):
        lines = Lines()
        lines.call(asked, body={name: "x", "round_id": "r"})
        lines.call("createSession", key="later", after_ms=60_000, reply=answer())
        assert lines.whys("unknown.resolved")[0]
        undoing = {"method": "POST", "target": undo, "headers": [], "body": "{}"}
        operation = {"spin_id": "voidSpin"}.get(name, "reverseContribution")
        lines.call(operation, key="u", request=undoing, reply=answer())
        assert lines.whys("unknown.resolved") == [""]


def test_a_round_may_be_cancelled_in_doubt() -> None:
    """WAL-60, WAL-72: to settle or complete what is unknown is a guess; to cancel it is none."""
    for outcome, guessed in (("completed", True), ("cancelled", False)):
        lines = Lines()
        lines.call()
        ending = {"method": "POST", "target": "/v1/rounds/r/close", "headers": []}
        request = {**ending, "body": f'{{"outcome": "{outcome}"}}'}
        lines.call("closeRound", key="c", request=request, reply=answer())
        assert any(lines.whys("unknown.not-guessed")) is guessed


def test_a_bet_may_come_again_once_the_player_was_let_in() -> None:
    """WAL-65: a reality check blocks until it is acknowledged; then the bet is asked anew, under
    another key, for the first one remembers the refusal."""
    block = problem(403, "RG_BLOCK")
    for key, wrong in (("k2", False), ("k", True)):
        lines = Lines()
        lines.call(reply=block)
        lines.call(key=key, reply=answer())
        assert any(lines.whys("refusal.no-retry")) is wrong


def test_what_was_refused_as_a_win_may_be_rolled_back() -> None:
    """WAL-26: a win that failed is never cancelled; one that was refused for good is none."""
    win, undo = {"bet_id": "b", "round_id": "r"}, {"bet_id": "b", "round_id": "r"}
    for last, wrong in ((problem(409, "INVALID_STATE"), False), (BUSY, True)):
        lines = Lines()
        lines.call("settleBet", key="w", body=win, reply=BUSY)
        lines.call("settleBet", key="w", body=win, reply=last)
        lines.call("rollbackBet", key="u", body=undo, reply=answer())
        assert any(lines.whys("win.never-cancelled")) is wrong


def test_other_apis_have_other_headers() -> None:
    """PRV-12 is the provider's; a game server is told the brand by the session."""
    trace = {"X-Trace-Id": "t"}
    for party, missing in (("rgs", False), ("wallet", True)):
        lines = Lines()
        lines.call("playSpin", party=party, headers=trace, reply=answer())
        assert any(lines.whys("protocol.headers")) is missing


def test_a_token_that_is_hard_to_get_is_not_hammered() -> None:
    """PRV-10: attempts at a token that failed are no tokens."""
    lines = Lines()
    for _ in range(30):
        lines.call("issueToken", party="wallet", key="", reply=BUSY)
        lines.call(key="", reply=answer())
    assert lines.whys("token.not-hammered") == [""]


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
