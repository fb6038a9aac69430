"""JSON in and out: exact, and never an exception that nobody expects."""

import contextlib
import json as standard
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.wire import json

DEEP = 5_000

REFUSED = {
    "nothing": b"",
    "blanks": b" \n\t",
    "5 000 arrays": b"[" * DEEP + b"]" * DEEP,
    "5 000 objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "100 000 open arrays": b"[" * 100_000,
    "bytes that are not UTF-8": b'{"a":"\xff"}',
    "Latin-1": '{"a":"ä"}'.encode("latin-1"),
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "an overlong encoding": b'"\xc0\xaf"',
    "a lone surrogate, escaped": b'"\\ud800"',
    "two surrogates in the wrong order": b'"\\udc00\\ud800"',
    "a lone surrogate as bytes": b'"\xed\xa0\x80"',
    "NaN": b"NaN",
    "NaN inside": b'{"amount":NaN}',
    "Infinity": b"Infinity",
    "minus Infinity": b"[-Infinity]",
    "an integer of 5 000 digits": b"1" * 5_000,
    "a negative one": b"-" + b"1" * 5_000,
    "an exponent beyond a Decimal": b"1e99999999999999999999",
    "an exponent of 5 000 digits": b"1e" + b"9" * 5_000,
    "a leading zero": b"02",
    "no digit after the point": b"2.",
    "no digit before the point": b".5",
    "a plus": b"+2",
    "hexadecimal": b"0x2",
    "two values": b"1 2",
    "a comma too many": b"[1,]",
    "a cut text": b'{"amount": 2.0',
    "a control character": b'"\x00"',
    "not JSON": b"<xml/>",
}

EXACT = {
    b"1e400": Decimal("1E+400"),
    b"1e-400": Decimal("1E-400"),
    b"123456789012345678901234567890": 123456789012345678901234567890,
    b"1.23456789012345678901234567890": Decimal("1.23456789012345678901234567890"),
    b"18446744073709551616": 2**64,
    b"-9223372036854775809": -(2**63) - 1,
    b"0.1": Decimal("0.1"),
    b"2E0": Decimal(2),
    b"-0.0": Decimal("-0.0"),
    b'"\\ud83d\\ude00"': "\U0001f600",
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_not_json_is_not_json(name: str) -> None:
    """Whatever is wrong with the bytes, the reader says NotJson with a short reason (WAL-77)."""
    with pytest.raises(json.NotJson) as refused:
        json.decode(REFUSED[name])
    assert 0 < len(str(refused.value)) < 200
    assert "<class" not in str(refused.value)


@pytest.mark.parametrize(("left", "right"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_the_deepest_value(left: bytes, right: bytes) -> None:
    """So many levels are read and one more is not, in every version of Python (WAL-77)."""
    times = json.DEEPEST // (left.count(b"[") + left.count(b"{"))
    deepest = left * times + b"1" + right * times
    json.require_single_names(deepest, json.decode(deepest))
    with pytest.raises(json.NotJson, match="too deeply: 200 levels at most"):
        json.decode(b"[" + deepest + b"]")


def test_a_long_value_is_not_a_deep_one() -> None:
    """Many small values beside one another are read."""
    assert len(json.decode(b"[" + b"[[]]," * 1_000 + b"[]]")) == 1_001


@pytest.mark.parametrize("raw", sorted(EXACT))
def test_a_value_is_read_exactly(raw: bytes) -> None:
    """Numbers of any size come out as the number that was written, whole or Decimal (PRV-03)."""
    value = json.decode(raw)
    assert value == EXACT[raw]
    assert type(value) is type(EXACT[raw])


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_not_json(raw: bytes) -> None:
    """No bytes at all get another exception out of the reader (WAL-77)."""
    with contextlib.suppress(json.NotJson):
        json.decode(raw)


WORDS = (
    rb"""{ } [ ] " : , \ \u d800 - + . 0 1 999999999999999999999 e E true null NaN "a":""".split()
)
FRAGMENTS = st.lists(st.sampled_from([*WORDS, b" ", b"\xc3", b"\xa4"]), max_size=30).map(b"".join)


@given(FRAGMENTS)
def test_almost_json_is_json_or_not_json(raw: bytes) -> None:
    """Nor do bytes that look like JSON; and what is read holds no float (WAL-77, PRV-03)."""
    try:
        value = json.decode(raw)
    except json.NotJson:
        return
    assert not [leaf for leaf in _leaves(value) if isinstance(leaf, float)]


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield name
            yield from _leaves(below)
    elif isinstance(value, list):
        for below in value:
            yield from _leaves(below)
    else:
        yield value


NUMBERS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,39})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,6})?", fullmatch=True
)


@given(NUMBERS)
def test_a_number_is_its_text(text: str) -> None:
    """Every JSON number is read as just the decimal that its text says, digit by digit (PRV-03)."""
    value = json.decode(text.encode())
    assert not isinstance(value, float)
    expected = Decimal(text)
    if isinstance(value, Decimal):
        assert value.as_tuple() == expected.as_tuple()
    else:
        assert value == int(text)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_the_digits_of_a_decimal_are_kept(value: Decimal) -> None:
    """2.00 is written 2.00 and 2.0 is written 2.0, as numbers and not as texts (PRV-03)."""
    raw = json.encode({"amount": value})
    assert raw == b'{"amount":' + str(value).encode() + b"}"
    again = json.decode(raw)["amount"]
    assert Decimal(again) == value


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_reads_as_itself(value: Any) -> None:
    """Our own JSON is JSON to us and to the standard library alike."""
    raw = json.encode(value)
    assert json.decode(raw) == value == standard.loads(raw)


def test_the_order_of_fields_is_kept() -> None:
    """The same value is the same bytes each time: fields keep their order (D3)."""
    assert json.encode({"b": 1, "a": [Decimal("2.00"), None]}) == b'{"b":1,"a":[2.00,null]}'
