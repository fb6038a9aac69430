"""Money on the wire: decimals of the currency's own scale, exact or refused (PRV-03)."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.currencies import SCALES
from simulator.base.money import MAX_AMOUNT_MINOR
from tests.server.tools import count, one_sandbox, require_problem, stored
from tests.support import BRAND_42, Got, Sandbox, encode, sandbox

PLAYERS = {"EUR": "p_19f3", "USD": "p_usd", "JPY": "p_jpy", "KWD": "p_kwd"}

Place = tuple[str, str, str, str]
"""Method, path, body with `%s` where the amount stands, and the field as a message names it."""

SESSION = '"player_id":"p_19f3","game_id":"studio:slot_forge_02","currency":"EUR","locale":"de"'
PLACES: dict[str, Place] = {
    "authorize": (
        "POST",
        "/v1/bets/authorize",
        '{"session_id":"$","bet_id":"b-9","round_id":"r","amount":{"amount":%s,"currency":"EUR"}}',
        "amount",
    ),
    "settle": (
        "POST",
        "/v1/bets/settle",
        '{"bet_id":"b-1","round_id":"r-1","win":{"amount":%s,"currency":"EUR"}}',
        "win",
    ),
    "rollback": (
        "POST",
        "/v1/bets/rollback",
        '{"bet_id":"b-1","round_id":"r-1","amount":{"amount":%s,"currency":"EUR"}}',
        "amount",
    ),
    **{
        f"session {name}": (
            "POST",
            "/v1/sessions",
            f'{{{SESSION},"constraints":{{"{name}":%s}}}}',
            f"constraints.{name}",
        )
        for name in ("max_bet", "min_bet", "step")
    },
    "fund": (
        "POST",
        "/__admin/players/p_19f3/fund",
        '{"payment_id":"pay-1","amount":{"amount":%s,"currency":"EUR"}}',
        "amount",
    ),
    "cash": ("POST", "/__admin/players", '{"currency":"EUR","cash":%s}', "cash"),
    "cash with currency": (
        "POST",
        "/__admin/players",
        '{"currency":"EUR","cash":{"amount":%s,"currency":"EUR"}}',
        "cash",
    ),
}

BAD = {
    "more decimals": "2.001",
    "hidden decimals": "2.000000000000000000000000000000001",
    "decimals by exponent": "1e-3",
    "negative": "-1",
    "negative cent": "-0.01",
    "beyond a double": "1e400",
    "far beyond a double": "1e999999999",
    "tiny": "1e-999999999",
    "negative and huge": "-1e400",
    "30 digits": "9" * 30,
    "30 digits and cents": "9" * 28 + ".99",
    "400 digits": "9" * 400,
    "5000 digits": "9" * 5_000,
    "above the largest": "100000000000.01",
    "a string": '"2.00"',
    "a word": '"NaN"',
    "null": "null",
    "true": "true",
    "an array": "[2]",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
}
NOT_READ = {"NaN", "Infinity", "-Infinity", "5000 digits"}
"""Refused by the parser, which knows no fields: three are not JSON, one is beyond any number."""


async def open_bet(box: Sandbox) -> str:
    session = await box.session()
    assert (await box.authorize(session, "b-1", 2)).status == 200
    return session


async def send(box: Sandbox, place: Place, session: str, amount: str, key: str = "k-1") -> Got:
    method, path, body, _ = place
    headers = {
        "Authorization": f"Bearer {box.tokens['studio-demo']}",
        "X-Trace-Id": "tr_money",
        **BRAND_42,
        "X-Idempotency-Key": key,
        "Content-Type": "application/json",
    }
    text = body.replace("$", session).replace("%s", amount)
    return await box.raw(method, path, text.encode(), headers)


@pytest.mark.parametrize("name", PLACES)
async def test_what_is_no_money_is_refused(name: str) -> None:
    """2.001 EUR, negative, 1e400, 30 digits, NaN, a string: refused wherever money stands, with a
    message that names the field, and nothing is stored (PRV-03, WAL-05)."""
    async with sandbox() as box:
        session = await open_bet(box)
        before = stored(box)
        for kind, amount in BAD.items():
            got = await send(box, PLACES[name], session, amount)
            require_problem(got, 400, "VALIDATION_FAILED")
            if kind not in NOT_READ:
                named = PLACES[name][3].split(".")
                assert all(part in got.json["message"] for part in named), (kind, got.body)
                assert got.json["details"]["errors"], kind
            assert len(got.body) < 2_000, kind
            assert stored(box) == before, kind


@pytest.mark.parametrize("name", PLACES)
async def test_money_is_accepted_in_each_place(name: str) -> None:
    """The control of the test above: each place takes an amount, so it was the amount that was
    refused (PRV-03)."""
    async with sandbox() as box:
        session = await open_bet(box)
        got = await send(box, PLACES[name], session, "2.00")
        assert got.status in (200, 201), got.body


async def test_the_message_says_what_would_be_right() -> None:
    """Too many decimals: the message names field, amount, currency and its scale (PRV-03)."""
    async with sandbox() as box:
        session = await open_bet(box)
        got = await send(box, PLACES["authorize"], session, "2.001")
        message = got.json["message"]
        assert all(word in message for word in ("amount", "2.001", "EUR", "2", "never rounded"))


@pytest.mark.parametrize(
    ("currency", "good", "shown", "bad"),
    [
        ("EUR", "2.5", "2.50", ["2.505", "0.001"]),
        ("JPY", "25", "25", ["0.5", "25.1", "1e-1"]),
        ("KWD", "2.5", "2.500", ["2.5005", "0.0001"]),
    ],
)
async def test_each_currency_has_its_own_decimals(
    currency: str, good: str, shown: str, bad: list[str]
) -> None:
    """JPY has none, EUR two, KWD three: more are refused, and answers are written with exactly as
    many (PRV-03)."""
    async with sandbox() as box:
        player = PLAYERS[currency]
        session = await box.session(player, currency)
        for amount in bad:
            got = await box.authorize(session, "b-0", Decimal(amount), currency=currency)
            require_problem(got, 400, "VALIDATION_FAILED")
            assert currency in got.json["message"]
        got = await box.authorize(session, "b-1", Decimal(good), currency=currency)
        assert got.status == 200, got.body
        held = f'"held":{{"amount":{shown},"currency":"{currency}"}}'
        assert held.encode() in got.body
        player_now = await box.call("GET", f"/v1/players/{player}")
        assert held.encode() in player_now.body
        bet = await box.call("GET", "/v1/bets/b-1")
        assert f'"amount":{{"amount":{shown},'.encode() in bet.body
        (event,) = await box.events(event_type="bet.authorized")
        assert str(event["payload"]["bet"]["amount"]) == shown
        await box.require_sound()


@pytest.mark.parametrize("spelling", ["2", "2.0", "2.00", "2.000", "2e0", "0.02e2", "200e-2"])
async def test_spellings_of_one_amount_have_one_effect(spelling: str) -> None:
    """2, 2.0 and 2.00 move the same money (PRV-03)."""
    async with sandbox() as box:
        session = await open_bet(box)
        got = await send(box, PLACES["authorize"], session, spelling)
        assert got.status == 200, got.body
        assert await box.balance() == (Decimal("996.00"), Decimal("4.00"))


@pytest.mark.parametrize("zero", ["0", "0.0", "0.00", "-0", "0e5", "0E-400", "0.000"])
async def test_zero_is_money(zero: str) -> None:
    """A zero stake and a zero win are accepted in any spelling and move nothing (WAL-05,
    WAL-22)."""
    async with sandbox() as box:
        session = await open_bet(box)
        got = await send(box, PLACES["authorize"], session, zero)
        assert got.status == 200, got.body
        assert b"-0" not in got.body
        assert (await send(box, PLACES["settle"], session, zero, "k-2")).status == 200
        assert await box.balance() == (Decimal("998.00"), Decimal("0.00"))
        await box.require_sound()


async def test_the_largest_amount_is_money() -> None:
    """The largest win is credited to the last cent, and one cent more is refused: no amount passes
    through a binary float (PRV-03)."""
    async with sandbox() as box:
        largest = Decimal(MAX_AMOUNT_MINOR).scaleb(-2)
        player = {"player_id": "p_rich", "currency": "EUR", "cash": largest - Decimal("0.03")}
        made = await box.admin("POST", "/players", player)
        assert made.status == 201, made.body
        session = await box.session("p_rich")
        assert (await box.authorize(session, "b-1", Decimal("0.01"))).status == 200
        got = await box.settle("b-1", Decimal("0.04"))
        assert got.json["balance"]["available"]["amount"] == largest
        assert (await box.authorize(session, "b-2", 0)).status == 200
        require_problem(await box.settle("b-2", Decimal("0.01")), 422, "LIMIT_EXCEEDED")
        await box.require_sound()


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "E", "XXX", "BTC", "€", "ZZZ"])
async def test_an_unknown_currency_is_refused(currency: str) -> None:
    """A code that ISO 4217 does not have is no currency: 400 that names the field (PRV-03)."""
    async with sandbox() as box:
        session = await box.session()
        before = stored(box)
        got = await box.authorize(session, "b-1", 2, currency=currency)
        require_problem(got, 400, "VALIDATION_FAILED")
        assert "amount" in got.json["message"]
        assert stored(box) == before


async def test_the_published_scales_are_those_in_force() -> None:
    """`GET /v1/currencies` lists every currency with the decimals that are enforced (PRV-03)."""
    async with sandbox() as box:
        page = (await box.call("GET", "/v1/currencies")).json
        assert page["has_more"] is False
        shown = {item["code"]: item["scale"] for item in page["items"]}
        assert shown == SCALES
        assert (shown["JPY"], shown["EUR"], shown["KWD"]) == (0, 2, 3)
        some_of_two = {"EUR", "USD", "GBP"}
        for number, (code, scale) in enumerate(sorted(SCALES.items())):
            if scale == 2 and code not in some_of_two:
                continue
            body = {"player_id": f"p-{number}", "currency": code, "country": "DE"}
            finest = Decimal(1).scaleb(-scale)
            got = await box.admin("POST", "/players", {**body, "cash": finest / 10})
            require_problem(got, 400, "VALIDATION_FAILED")
            got = await box.admin("POST", "/players", {**body, "cash": finest})
            assert got.json["available"]["amount"] == finest, got.body


def test_money_goes_through_exactly() -> None:
    """Any stakes and wins of whole cents come out as the sum of their cents: nothing is rounded
    anywhere (PRV-03, WAL-10)."""
    cents = st.integers(0, 99_999)
    with one_sandbox() as (box, run):
        numbers = iter(range(10**9))

        @given(st.lists(st.tuples(cents, cents), max_size=6))
        def exact(rounds: list[tuple[int, int]]) -> None:
            number = next(numbers)
            total = 600_000
            player = {"player_id": f"p-{number}", "currency": "EUR", "cash": 6000, "country": "DE"}
            assert run(box.admin("POST", "/players", player)).status == 201
            session = run(box.session(f"p-{number}"))
            for bet_number, (stake, win) in enumerate(rounds):
                bet = {"bet": f"b-{number}-{bet_number}", "round_id": f"r-{number}"}
                run(box.authorize(session, amount=Decimal(stake).scaleb(-2), **bet))
                run(box.settle(win=Decimal(win).scaleb(-2), **bet))
                total += win - stake
            available, held = run(box.balance(f"p-{number}"))
            assert (available.scaleb(2), held) == (total, 0)

        exact()
        run(box.require_sound())


def test_no_number_is_rounded() -> None:
    """Any decimal is taken exactly or refused: what is held is what was sent (PRV-03)."""
    with one_sandbox() as (box, run):
        session = run(box.session())
        numbers = iter(range(10**9))
        decimals = st.decimals(-10, 50, allow_nan=False, allow_infinity=False)

        @given(amount=decimals | st.decimals(0, 50, places=2))
        def taken_or_refused(amount: Decimal) -> None:
            bet = f"b-{next(numbers)}"
            before = run(box.balance())[1]
            got = run(box.authorize(session, bet, amount))
            after = run(box.balance())[1]
            cents = amount.scaleb(2)
            if amount >= 0 and cents == int(cents):
                assert got.status == 200, got.body
                assert after - before == amount
                assert run(box.rollback(bet)).status == 200
            else:
                require_problem(got, 400, "VALIDATION_FAILED")
                assert after == before

        taken_or_refused()


async def test_constraints_are_money_of_the_session() -> None:
    """Bare numbers in `constraints` are decimals of the session's currency: half a yen is no
    limit (PRV-03, PRV-20)."""
    async with sandbox() as box:
        body: dict[str, Any] = {
            "player_id": "p_jpy",
            "game_id": "studio:slot_forge_02",
            "currency": "JPY",
            "locale": "ja",
        }
        ops = count(box, "op")
        for name in ("max_bet", "min_bet", "step"):
            bad = {**body, "constraints": {name: Decimal("0.5")}}
            got = await box.call("POST", "/v1/sessions", bad)
            require_problem(got, 400, "VALIDATION_FAILED")
            assert f"constraints.{name}" in got.json["message"]
        assert count(box, "op") == ops
        good = {**body, "constraints": {"max_bet": 500, "min_bet": 10, "step": 10}}
        assert (await box.call("POST", "/v1/sessions", good)).status == 201


def test_the_harness_writes_decimals_as_they_are() -> None:
    """The control of this file: what the tests send is the text they mean."""
    assert (
        encode({"a": Decimal("2.001"), "b": [Decimal("1E+400"), 2]})
        == b'{"a":2.001,"b":[1E+400,2]}'
    )
