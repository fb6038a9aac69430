"""The typed client: one key, every attempt, no guesses."""

from collections.abc import Awaitable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.adapters.replies import Answered
from simulator.adapters.retry import UNTIL_DEFINITE, RetryPolicy
from simulator.adapters.transport import NotSent, OutcomeUnknown, ReplyLost, UnknownRefusal
from simulator.base import errors
from simulator.base.clock import NS_PER_S
from simulator.base.errors import PlaymoneyError
from simulator.wire import json
from simulator.wire import messages as m
from tests.adapters.fakes import (
    AUTHORIZED,
    BET,
    FakeTransport,
    Naps,
    Wallet,
    client_of,
    ok,
    problem,
)

FATES = ("lost before", "lost after", "429", "503", "503 after", "cut", "refused connection", "ok")
SURE = {"429", "refused connection"}
DONE = {"lost after", "503 after", "cut", "ok"}


@given(st.lists(st.sampled_from(FATES), max_size=8), st.none() | st.integers(1, 5))
async def test_any_run_of_bad_luck_uses_one_key_and_never_guesses(
    script: list[str], attempts: int | None
) -> None:
    """Whatever becomes of the answers, one key is used; the end is the answer, or an error that is
    right about what was done: OutcomeUnknown exactly if one attempt may have been processed
    (WAL-06, WAL-72, WAL-73)."""
    wallet = Wallet(script)
    client = client_of(wallet.transport, policy=RetryPolicy(attempts=attempts))
    ended = await _end_of(client.authorize_bet(BET, key="k"))
    match ended:
        case OutcomeUnknown():
            assert attempts == ended.attempts == len(wallet.keys)
            assert not set(script[:attempts]) <= SURE
            assert ended.key == "k"
            assert ended.call.body == wallet.transport.calls[0].body
        case NotSent() | errors.RateLimited():
            assert set(script[:attempts]) <= SURE
            assert not wallet.done
        case Answered():
            assert ended.answer.hold_id == "h_1"
            before = script[: len(wallet.keys) - 1]
            assert ended.replayed is bool(DONE & set(before))
        case _:
            pytest.fail(f"ended as {ended!r}")
    assert set(wallet.keys) == {"k"}
    assert len({call.body for call in wallet.transport.calls}) == 1


async def _end_of(calling: Awaitable[object]) -> object:
    try:
        return await calling
    except PlaymoneyError as error:
        return error


async def test_every_attempt_carries_the_headers() -> None:
    """Trace, brand, region, provider, key and media type are on each attempt (PRV-12)."""
    wallet = Wallet(["503"])
    await client_of(wallet.transport).authorize_bet(BET, key="k-1")
    for call in wallet.transport.calls:
        assert call.headers["X-Trace-Id"].startswith("tr_")
        assert call.headers["X-Brand-Id"] == "brand-42"
        assert call.headers["X-Region"] == "EU"
        assert call.headers["X-Provider-Id"] == "studio"
        assert call.headers["X-Idempotency-Key"] == "k-1"
        assert call.headers["Content-Type"] == "application/json"
        assert call.target == "/v1/bets/authorize"
        assert json.decode(call.body)["amount"]["currency"] == "EUR"


async def test_two_calls_have_two_trace_ids() -> None:
    """A trace id names one call (PRV-12)."""
    wallet = Wallet([])
    client = client_of(wallet.transport)
    await client.authorize_bet(BET, key="a")
    await client.under(UNTIL_DEFINITE).authorize_bet(BET, key="b")
    assert len({call.headers["X-Trace-Id"] for call in wallet.transport.calls}) == 2


async def test_retry_after_is_honoured() -> None:
    """429 with Retry-After: 2 is waited out, then the same key is sent (WAL-73)."""
    wallet, naps = Wallet(["429"]), Naps()
    await client_of(wallet.transport, naps=naps).authorize_bet(BET, key="k")
    assert naps.ns == [2 * NS_PER_S]


@pytest.mark.parametrize("code", ["INSUFFICIENT_FUNDS", "LIMIT_EXCEEDED"])
async def test_no_funds_is_final(code: str) -> None:
    """After INSUFFICIENT_FUNDS or a limit the caller neither retries nor rolls back (WAL-03)."""
    transport = FakeTransport(lambda _: problem(422, code))
    with pytest.raises(errors.PROBLEMS[code]):
        await client_of(transport).authorize_bet(BET, key="k")
    assert len(transport.calls) == 1


async def test_a_refusal_that_keys_do_not_remember_ends_no_doubt() -> None:
    """A lost attempt and then 401, 403 SCOPE_DENIED or 400: the first may still have been done, so
    the outcome is unknown (PRV-30, WAL-72)."""
    for reply in (problem(403, "SCOPE_DENIED"), problem(400, "VALIDATION_FAILED")):
        answers = iter([None, reply])

        def answer(_: object, answers: object = answers) -> object:
            reply = next(answers)  # type: ignore[call-overload]
            if reply is None:
                raise ReplyLost("reset")
            return reply

        with pytest.raises(OutcomeUnknown) as caught:
            await client_of(FakeTransport(answer)).authorize_bet(BET, key="k")  # type: ignore[arg-type]
        assert isinstance(caught.value.__cause__, errors.Problem)


@pytest.mark.parametrize(
    "reply",
    [
        ok(b""),
        ok(b"<html>"),
        ok(b"{}"),
        ok(AUTHORIZED.replace(b'"b_1"', b'"b_2"')),
        ok(AUTHORIZED.replace(b":2,", b":2.001,")),
        ok(b"<h1>Bad Gateway</h1>", 502),
        ok(b"moved", 302),
        problem(200, "INSUFFICIENT_FUNDS"),
        problem(503, "INSUFFICIENT_FUNDS"),
    ],
    ids=lambda reply: f"{reply.status} {reply.body[:30]!r}",
)
async def test_an_answer_that_cannot_be_believed_is_a_lost_one(reply: object) -> None:
    """Cut, malformed, foreign, contradictory or about another bet: unknown, never success and never
    refusal (WAL-72)."""
    transport = FakeTransport(lambda _: reply)  # type: ignore[arg-type,return-value]
    with pytest.raises(OutcomeUnknown) as caught:
        await client_of(transport).authorize_bet(BET, key="k")
    assert isinstance(caught.value.__cause__, ReplyLost)
    assert len(transport.calls) == 4


async def test_a_new_code_is_taken_by_what_it_says() -> None:
    """A code unknown to us is final or transient as `retryable` says (PRV-53)."""
    transport = FakeTransport(lambda _: problem(422, "MOON_PHASE"))
    with pytest.raises(UnknownRefusal, match="MOON_PHASE"):
        await client_of(transport).authorize_bet(BET, key="k")
    assert len(transport.calls) == 1
    transport = FakeTransport(lambda _: problem(503, "MOON_PHASE", retryable=True))
    with pytest.raises(OutcomeUnknown):
        await client_of(transport).authorize_bet(BET, key="k")
    assert len(transport.calls) == 4


async def test_a_read_leaves_no_doubt() -> None:
    """A read changes nothing, so its failure is the transport's and not an unknown outcome."""

    def lose(_: object) -> object:
        raise ReplyLost("time-out")

    with pytest.raises(ReplyLost):
        await client_of(FakeTransport(lose)).read_bet("b_1")  # type: ignore[arg-type]


async def test_a_prefix_is_in_front_of_every_target() -> None:
    """A sandbox's prefix is part of the target, so that a signature covers it (PRV-10)."""
    transport = FakeTransport(lambda _: ok(b'{"items":[],"has_more":false}'))
    transport.prefix = "/s/ci-1"
    await client_of(transport).list_bets(m.ListBets(limit=7, round_id="r&1 ä"))
    assert transport.calls[0].target == (
        "/s/ci-1/v1/bets?limit=7&order=asc&round_id=r%261%20%C3%A4"
    )
