"""What is said twice with different words is refused: which one would count?"""

import pytest

from simulator.wire import json
from simulator.wire.json import NotJson
from tests.server.tools import stored
from tests.support import Got, Sandbox, sandbox, send_asgi

BODY = '{{"session_id":"{session}","bet_id":"b-1","round_id":"r-1",{amount}}}'


async def authorize(box: Sandbox, amount: str) -> Got:
    session = await box.session()
    body = BODY.format(session=session, amount=amount).encode()
    before = stored(box)
    headers = {
        "Authorization": f"Bearer {box.tokens['studio-demo']}",
        "Content-Type": "application/json",
        "X-Trace-Id": "tr_twice",
        "X-Brand-Id": "brand-42",
        "X-Region": "EU",
        "X-Provider-Id": "studio",
        "X-Idempotency-Key": "twice",
    }
    got = await box.raw("POST", "/v1/bets/authorize", body, headers)
    assert (got.status == 200) == (stored(box) != before)
    return got


@pytest.mark.parametrize(
    "amount",
    [
        '"amount":{"amount":1.00,"amount":3.00,"currency":"EUR"}',
        '"amount":{"amount":1.00,"currency":"EUR"},"amount":{"amount":1.00,"currency":"EUR"}',
        '"bet_id":"b-2","amount":{"amount":1.00,"currency":"EUR"}',
        '"amount":{"amount":1.00,"currency":"EUR","a:b":1,"currency":"USD"}',
    ],
)
async def test_a_name_given_twice_is_refused(amount: str) -> None:
    """RFC 8259 leaves open which one counts; with money nobody guesses (WAL-77)."""
    async with sandbox() as box:
        got = await authorize(box, amount)
        assert (got.status, got.code) == (400, "VALIDATION_FAILED")
        assert "twice" in got.json["message"]


async def test_colons_in_values_are_no_second_names() -> None:
    """The negative control: an id full of colons is one name and one value."""
    async with sandbox() as box:
        got = await authorize(box, '"x":["a:b","c::d"],"amount":{"amount":1.00,"currency":"EUR"}')
        assert got.status == 200, got.body


@pytest.mark.parametrize("raw", [b'{"a":1,"\\u0061":2}', b'[{"a":{}},{"b":1,"b":1}]'])
def test_names_are_compared_as_they_are_meant(raw: bytes) -> None:
    """An escape spells the same name, and the same value twice is twice too."""
    with pytest.raises(NotJson, match="twice"):
        json.require_single_names(raw, json.decode(raw))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("X-Idempotency-Key", ("k1", "k2")),
        ("Authorization", ("Bearer a", "Bearer b")),
        ("X-Brand-Id", ("brand-42", "brand-7")),
        ("Content-Type", ("application/json", "text/plain")),
    ],
)
async def test_a_header_sent_twice_with_different_values_is_refused(
    name: str, values: tuple[str, str]
) -> None:
    """The last one would silently win, and a key that was sent would be free for another bet
    (PRV-12, PRV-30)."""
    async with sandbox() as box:
        before = stored(box)

        async def app(scope: object, receive: object, send: object) -> None:
            assert isinstance(scope, dict)
            extra = [(name.lower().encode(), value.encode()) for value in values]
            await box.app({**scope, "headers": [*scope["headers"], *extra]}, receive, send)  # type: ignore[arg-type]

        got = await send_asgi(app, "POST", "/v1/bets/authorize", b"{}")
        assert (got.status, got.code) == (400, "VALIDATION_FAILED")
        assert got.json["details"]["errors"][0]["field"] == name.lower()
        assert stored(box) == before


@pytest.mark.parametrize(("number", "shown"), [("NaN", "NaN"), ("-Infinity", "-Infinity")])
async def test_what_is_no_number_of_json_is_refused_by_name(number: str, shown: str) -> None:
    """NaN and Infinity are no JSON; the message still names the field (PRV-03, WAL-05)."""
    async with sandbox() as box:
        got = await authorize(box, f'"amount":{{"amount":{number},"currency":"EUR"}}')
        assert (got.status, got.code) == (400, "VALIDATION_FAILED")
        assert f"amount is {shown}" in got.json["message"]
