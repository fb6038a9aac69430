"""Messages: equal meaning is equal bytes, and what is no money is no message."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.base.currencies import SCALES
from simulator.base.errors import ValidationFailed
from simulator.base.money import MAX_AMOUNT_MINOR, from_minor
from simulator.wire import json
from simulator.wire.messages import (
    AuthorizeBet,
    Constraints,
    CreateSession,
    ListBets,
    Money,
    invalid,
    session_minor,
)

EUR_2 = ["2", "2.0", "2.00", "2E0", "0.2E1", "20e-1", "2.000000000000000000000000000000000000000"]


def _authorize(amount: str, currency: str = "EUR") -> AuthorizeBet:
    """As the server reads it: the amount comes from the text of a body."""
    body = '{"session_id":"s","bet_id":"b","round_id":"r","amount":{"amount":%s,"currency":"%s"}}'
    return msgspec.convert(json.decode((body % (amount, currency)).encode()), AuthorizeBet)


def _constraints(field: str, number: str) -> Constraints:
    return msgspec.convert(
        json.decode(b'{"%s":%s}' % (field.encode(), number.encode())), Constraints
    )


@pytest.mark.parametrize("text", EUR_2)
def test_equal_amounts_are_one_request(text: str) -> None:
    """However two euros are written, the canonical message is the same bytes: 2, 2.0 and 2.00 are
    one request under one key (PRV-03, PRV-31)."""
    assert json.encode(_authorize(text)) == json.encode(_authorize("2"))
    assert b'"amount":2.00,' in json.encode(_authorize(text))


@given(
    st.integers(0, MAX_AMOUNT_MINOR),
    st.sampled_from(sorted(SCALES)),
    st.integers(0, 30),
    st.booleans(),
)
def test_any_amount_has_one_canonical_form(
    amount_minor: int, currency: str, zeros: int, exponent: bool
) -> None:
    """Zeros at the end and exponents do not change the bytes of any amount (PRV-03, PRV-31)."""
    plain = from_minor(amount_minor, currency)
    sign, digits, at = plain.as_tuple()
    longer = Decimal((sign, (*digits, *[0] * zeros), int(at) - zeros))
    text = f"{longer:E}" if exponent else f"{longer:f}"
    assert json.encode(_authorize(text, currency)) == json.encode(
        _authorize(f"{plain:f}", currency)
    )


@pytest.mark.parametrize("text", ["-0", "-0.0", "-0.00", "-0e0", "0", "0.000", "0e5"])
def test_zero_has_no_sign(text: str) -> None:
    """All zeros are one amount, written 0.00 (PRV-03, PRV-31, WAL-05)."""
    assert b'"amount":0.00,' in json.encode(_authorize(text))


@given(st.integers(-MAX_AMOUNT_MINOR, MAX_AMOUNT_MINOR), st.sampled_from(sorted(SCALES)))
def test_money_and_minor_units_are_the_same(amount_minor: int, currency: str) -> None:
    """Money made of minor units has these minor units, on the wire and back (PRV-03)."""
    money = Money.of(amount_minor, currency)
    assert money.minor == amount_minor
    assert msgspec.convert(json.decode(json.encode(money)), Money) == money


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_other_amounts_are_other_requests(some: int, other: int) -> None:
    """Two amounts that differ never share their bytes (PRV-31)."""
    assume(some != other)
    assert json.encode(Money.of(some, "EUR")) != json.encode(Money.of(other, "EUR"))


@pytest.mark.parametrize(
    ("amount", "currency", "says"),
    [
        ("2.001", "EUR", "2.001 has more decimals than EUR allows (2)"),
        ("0.5", "JPY", "0.5 has more decimals than JPY allows (0)"),
        ("1e400", "EUR", "1E+400 is beyond the largest amount"),
        ("1" * 30, "EUR", "is beyond the largest amount"),
        ("2.0000000000000000000000000000001", "EUR", "more decimals than EUR"),
        ("2", "EURO", "'EURO' is not an ISO 4217 currency code"),
        ("2", "eur", "'eur' is not an ISO 4217 currency code"),
        ('"two"', "EUR", "Invalid decimal string"),
        ("null", "EUR", "Expected `decimal`"),
        ("true", "EUR", "Expected `decimal`"),
        ("[2]", "EUR", "Expected `decimal`"),
    ],
)
def test_what_is_no_money_is_refused_by_name(amount: str, currency: str, says: str) -> None:
    """The refusal says what is wrong and at which field (PRV-03, WAL-77)."""
    with pytest.raises(msgspec.ValidationError) as refused:
        _authorize(amount, currency)
    assert says in str(refused.value)
    assert "`$.amount" in str(refused.value)


@pytest.mark.parametrize("field", ["max_bet", "min_bet", "step"])
@pytest.mark.parametrize(
    ("text", "same"), [("5", "5.0"), ("5", "5E0"), ("50", "5e1"), ("0.20", "0.2"), ("-0.0", "0")]
)
def test_equal_limits_are_one_request(field: str, text: str, same: str) -> None:
    """5 and 5.0 as a limit are one session under one key (PRV-03, PRV-31)."""
    assert json.encode(_constraints(field, text)) == json.encode(_constraints(field, same))


@given(st.decimals(0, 10**13, allow_nan=False, places=3), st.integers(0, 12))
def test_any_limit_has_one_canonical_form(value: Decimal, zeros: int) -> None:
    """Zeros at the end of a limit change nothing, and its value stays what it was (PRV-03)."""
    plain = _constraints("max_bet", f"{value:f}")
    assert plain.max_bet == value
    assert json.encode(plain) == json.encode(_constraints("max_bet", f"{value:f}" + "0" * zeros))


@pytest.mark.parametrize(
    "text",
    [
        "1e400",
        "1e-400",
        "1e999999999999999999",
        "5.0000000000000000000000000000000001",  # 35 digits: contexts round at 28
        "1234567890123456789012345678901",
    ],
)
def test_a_limit_is_never_rounded(text: str) -> None:
    """A limit that cannot be kept exactly is refused, like an amount (PRV-03)."""
    with pytest.raises(msgspec.ValidationError, match=r"is out of range|has too many digits"):
        _constraints("max_bet", text)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_a_limit_is_a_number(value: str) -> None:
    """Not even a text that a Decimal can read as NaN becomes a limit (WAL-77)."""
    with pytest.raises(msgspec.ValidationError, match="is out of range"):
        msgspec.convert({"step": Decimal(value)}, Constraints)


def test_a_limit_is_read_in_the_sessions_currency() -> None:
    """A bare number is a decimal of the session's currency; more decimals are refused with the
    field's name (PRV-03)."""
    assert session_minor(Decimal("5.00"), "EUR", "constraints.max_bet") == 500
    assert session_minor(Decimal(5), "JPY", "constraints.max_bet") == 5
    assert session_minor(None, "EUR", "constraints.max_bet") is None
    with pytest.raises(ValidationFailed) as refused:
        session_minor(Decimal("0.5"), "JPY", "constraints.step")
    assert refused.value.message.startswith("constraints.step: 0.5 has more decimals than JPY")
    assert refused.value.details["errors"][0]["field"] == "constraints.step"


@given(st.dictionaries(st.text(min_size=1), st.integers() | st.text(), max_size=4))
def test_unknown_fields_are_dropped(more: dict[str, Any]) -> None:
    """A field that we do not know neither fails a request nor makes it another one (WAL-17)."""
    known = {"player_id": "p", "game_id": "g", "currency": "EUR", "locale": "de-DE"}
    assume(not set(more) & set(CreateSession.__struct_fields__))
    plain = msgspec.convert(known, CreateSession)
    assert json.encode(msgspec.convert({**more, **known}, CreateSession)) == json.encode(plain)


def test_a_default_said_aloud_is_the_same_request() -> None:
    """What a caller leaves out and what it sets to the default mean the same (PRV-31)."""
    bare = msgspec.convert({}, ListBets)
    said = msgspec.convert({"limit": 50, "order": "asc", "status": None}, ListBets)
    assert json.encode(bare) == json.encode(said) == b"{}"


def test_a_message_is_not_changed_afterwards() -> None:
    """The command that was checked is the command that is carried out: messages are frozen."""
    message = _authorize("2")
    with pytest.raises(AttributeError):
        message.bet_id = "b_2"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        message.amount.amount = Decimal(3)  # type: ignore[misc]


def test_a_refused_field_is_named_in_words_and_for_machines() -> None:
    """The message and `details.errors` name the same field (PRV-25)."""
    refused = invalid("amount", "must be positive")
    assert refused.message == "amount: must be positive"
    assert refused.details == {"errors": [{"field": "amount", "message": "must be positive"}]}
