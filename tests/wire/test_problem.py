"""The one error body, written and read."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.errors import PROBLEMS, InsufficientFunds, NotFound
from simulator.wire import json
from simulator.wire.messages import Balance, Money
from simulator.wire.problem import decode_problem, encode_problem


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_a_problem_survives_the_wire(code: str) -> None:
    """Each refusal reads as the same kind, with its message and details (PRV-25)."""
    problem = PROBLEMS[code]("so it is", details={"reason": "tombstone", "open_bets": 2})
    again = decode_problem(encode_problem(problem, "tr_1"))
    assert type(again) is PROBLEMS[code]
    assert (again.message, dict(again.details)) == ("so it is", dict(problem.details))


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_the_body_has_the_fields_of_the_error_model(code: str) -> None:
    """{code, message, retryable, trace_id}, and `details` only where there are any (PRV-25)."""
    kind = PROBLEMS[code]
    bare = {"code": code, "message": "m", "retryable": kind.retryable, "trace_id": "tr_1"}
    assert json.decode(encode_problem(kind("m"), "tr_1")) == bare
    more = encode_problem(kind("m", details={"a": 1}), "tr_1")
    assert json.decode(more) == {**bare, "details": {"a": 1}}


def test_amounts_in_details_keep_their_decimals() -> None:
    """The balance beside INSUFFICIENT_FUNDS is money like any other (WAL-02, PRV-03)."""
    balance = Balance(available=Money.of(100, "EUR"), held=Money.of(0, "EUR"))
    raw = encode_problem(InsufficientFunds("no", details={"balance": balance}), "tr_1")
    assert b'"available":{"amount":1.00,"currency":"EUR"}' in raw
    again = decode_problem(raw)
    assert again is not None
    assert again.details["balance"]["available"]["amount"] == Decimal("1.00")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>502</html>",
        b"[]",
        b"null",
        b"{}",
        b'{"code":"NOT_FOUND"}',
        b'{"code":"TEAPOT","message":"m","retryable":false,"trace_id":"t"}',
        b'{"code":5,"message":"m","retryable":false,"trace_id":"t"}',
        b'{"code":"NOT_FOUND","message":"m","retryable":false,"trace_id":"t"',
        b"[" * 5_000,
    ],
)
def test_what_is_not_our_error_is_none(raw: bytes) -> None:
    """A proxy's page, a cut body or an unknown code is no definite refusal (WAL-72, WAL-76)."""
    assert decode_problem(raw) is None


@given(st.binary(max_size=120))
def test_any_bytes_are_a_problem_or_none(raw: bytes) -> None:
    """Reading an answer never fails, whatever a broken server sent (WAL-72)."""
    assert decode_problem(raw) is None


def test_unknown_fields_of_an_error_are_ignored() -> None:
    """An error with more in it than we know is still that error (PRV-51)."""
    raw = b'{"code":"NOT_FOUND","message":"m","retryable":false,"trace_id":"t","hint":"x"}'
    assert type(decode_problem(raw)) is NotFound
