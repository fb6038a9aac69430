"""Authorize: what a bet takes, and every reason not to take it.

Proven elsewhere: WAL-06 and WAL-08 (a repeat, under the same key and under a new one) in
`tests/server/test_idempotency.py`; WAL-05 (what is no amount) in `tests/server/test_money_wire.py`;
WAL-10 and WAL-11 (in parallel) in `tests/laws/test_concurrency.py`; WAL-09 (two tenants) in
`tests/server/test_tenancy.py`.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.server.tools import require_problem
from tests.support import Sandbox
from tests.wallet.tools import (
    HOUR_S,
    bet,
    close_round,
    end_session,
    eur,
    nothing_moves,
    pass_time,
    wallet,
)


async def test_a_bet_debits_once_and_answers_the_balance_after_it() -> None:
    """One authorize: one hold of the stake, one event, and the answer's balance is the one that is
    read afterwards (WAL-01)."""
    async with wallet() as box:
        got = await box.authorize(await box.session(), "b-1", eur("2.50"))
        assert (got.status, got.json["status"]) == (200, "authorized")
        after = got.json["balance"]
        assert after["available"]["amount"] == eur("997.50")
        assert after["held"]["amount"] == eur("2.50")
        assert await box.balance() == (eur("997.50"), eur("2.50"))
        entries = (await box.admin("GET", "/ledger/entries?order=desc")).json["items"]
        assert [entry["amount"]["amount"] for entry in entries if entry["kind"] == "hold"] == [
            eur("2.50")
        ]
        (event,) = await box.events(event_type="bet.authorized")
        assert event["payload"]["bet"] == {"amount": eur("2.50"), "currency": "EUR"}
        shown = await bet(box, "b-1")
        assert (shown["status"], shown["hold_id"]) == ("authorized", got.json["hold_id"])


async def test_insufficient_funds_move_nothing_and_show_the_balance() -> None:
    """More than what is available, though not more than what is there: refused with the current
    balance, and nothing moves (WAL-02)."""
    async with wallet() as box:
        session = await box.session("p_poor")
        assert (await box.authorize(session, "b-1", eur("0.40"))).status == 200
        async with nothing_moves(box):
            got = await box.authorize(session, "b-2", eur("0.61"))
            require_problem(got, 422, "INSUFFICIENT_FUNDS")
            assert got.json["details"]["balance"] == {
                "available": {"amount": eur("0.60"), "currency": "EUR"},
                "held": {"amount": eur("0.40"), "currency": "EUR"},
            }


@pytest.mark.parametrize(
    ("stake", "code"), [("1.01", "INSUFFICIENT_FUNDS"), ("6.00", "LIMIT_EXCEEDED")]
)
async def test_a_refused_bet_leaves_nothing_to_retry_or_roll_back(stake: str, code: str) -> None:
    """No funds, or a limit: the answer says that a retry is useless, and there is no bet that a
    rollback could be meant for; the round is not even opened (WAL-03)."""
    async with wallet() as box:
        session = await box.session("p_poor", constraints={"max_bet": 5})
        got = await box.authorize(session, "b-1", eur(stake))
        require_problem(got, 422, code)
        assert got.json["retryable"] is False
        assert "retry-after" not in got.headers
        require_problem(await box.call("GET", "/v1/bets/b-1"), 404, "BET_NOT_FOUND")
        require_problem(await box.call("GET", "/v1/rounds/r-1"), 404, "NOT_FOUND")
        assert await box.balance("p_poor") == (eur("1.00"), eur("0.00"))


@pytest.mark.parametrize(
    ("player", "currency", "whole"),
    [("p_poor", "EUR", "1.00"), ("p_jpy", "JPY", "100000"), ("p_kwd", "KWD", "1000.000")],
)
async def test_the_whole_balance_can_be_staked_and_not_a_unit_more(
    player: str, currency: str, whole: str
) -> None:
    """One minor unit more than the balance is refused, the whole balance is taken, and then not
    even one minor unit is left (WAL-04)."""
    async with wallet() as box:
        session = await box.session(player, currency)
        everything = Decimal(whole)
        unit = Decimal((0, (1,), int(everything.as_tuple().exponent)))
        for bet_id, stake, code in (
            ("b-1", everything + unit, "INSUFFICIENT_FUNDS"),
            ("b-2", everything, ""),
            ("b-3", unit, "INSUFFICIENT_FUNDS"),
        ):
            got = await box.authorize(session, bet_id, stake, currency=currency)
            assert got.code == code, got.body
        assert await box.balance(player) == (Decimal(0), everything)


async def test_a_player_without_money_can_place_a_zero_bet() -> None:
    """A zero stake needs no funds: a free spin is a bet like any other, and its win lands
    (WAL-05, WAL-22)."""
    async with wallet() as box:
        session = await box.session("p_poor")
        assert (await box.authorize(session, "b-1", eur("1.00"))).status == 200
        assert (await box.authorize(session, "b-2", 0)).status == 200
        assert await box.balance("p_poor") == (eur("0.00"), eur("1.00"))
        assert (await box.settle("b-2", eur("0.30"))).status == 200
        assert await box.balance("p_poor") == (eur("0.30"), eur("1.00"))


async def _other_player(box: Sandbox) -> dict[str, Any]:
    return {"session": await box.session("p_poor")}


async def _other_currency(box: Sandbox) -> dict[str, Any]:
    return {"session": await box.session("p_usd", "USD"), "currency": "USD"}


async def _other_round(box: Sandbox) -> dict[str, Any]:
    return {"session": await box.session(), "round_id": "r-2"}


@pytest.mark.parametrize("other", [_other_player, _other_currency, _other_round])
async def test_a_bet_id_belongs_to_one_bet(other: Any) -> None:
    """The id of a known bet with another player, currency or round: DUPLICATE, never applied. On
    `/v1` a bet id is one bet for the whole tenant, whatever the player (WAL-07, WAL-09)."""
    async with wallet() as box:
        assert (await box.authorize(await box.session(), "b-1", 1)).status == 200
        changed = await other(box)
        async with nothing_moves(box):
            got = await box.authorize(changed.pop("session"), "b-1", 1, **changed)
            require_problem(got, 409, "DUPLICATE")


async def test_another_currency_than_the_wallets_is_refused() -> None:
    """A stake in another currency, and a session in another currency (WAL-12)."""
    async with wallet() as box:
        session = await box.session()
        async with nothing_moves(box):
            got = await box.authorize(session, "b-1", 2, currency="USD")
            require_problem(got, 422, "CURRENCY_MISMATCH")
            body = {
                "player_id": "p_usd",
                "game_id": "studio:slot_forge_02",
                "currency": "EUR",
                "locale": "en",
            }
            require_problem(await box.call("POST", "/v1/sessions", body), 422, "CURRENCY_MISMATCH")


async def test_a_bet_needs_an_open_session() -> None:
    """Until the last second of its session a bet is taken; from the instant of its expiry, or of
    its end, it is refused, and so is one in a session that nobody opened (WAL-14)."""
    async with wallet() as box:
        session, ended = await box.session(), await box.session()
        await end_session(box, ended)
        await pass_time(box, HOUR_S - 1)
        assert (await box.authorize(session, "b-1", 1)).status == 200
        await pass_time(box, 1)
        async with nothing_moves(box):
            for number, (where, reason) in enumerate(
                [(session, "session_expired"), (ended, "session_ended")]
            ):
                got = await box.authorize(where, f"b-late-{number}", 1)
                require_problem(got, 409, "INVALID_STATE")
                assert got.json["details"]["reason"] == reason
            require_problem(await box.authorize("s_nobodys", "b-9", 1), 404, "NOT_FOUND")


async def test_a_foreign_session_takes_no_bets() -> None:
    """A session of brand-42 in the hands of another brand's client does not exist (WAL-14)."""
    async with wallet() as box:
        session = await box.session()
        async with nothing_moves(box):
            got = await box.authorize(session, "b-1", 1, client="other-brand")
            require_problem(got, 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("stake", "limit"),
    [
        ("0.49", "min_bet"),
        ("0.50", ""),
        ("0.60", "step"),
        ("0.75", ""),
        ("2.00", ""),
        ("2.01", "max_bet"),
        ("2.25", "max_bet"),
        ("0.00", ""),
    ],
)
async def test_a_stake_lies_within_min_max_and_step(stake: str, limit: str) -> None:
    """Both ends are inside, and what breaks a limit is told which one and its value; a zero stake
    is below min and no step, and is taken (WAL-15)."""
    limits = {"min_bet": eur("0.50"), "max_bet": eur("2.00"), "step": eur("0.25")}
    async with wallet() as box:
        got = await box.authorize(await box.session(constraints=limits), "b-1", eur(stake))
        if limit:
            require_problem(got, 422, "LIMIT_EXCEEDED")
            shown = got.json["details"]
            assert (shown["limit"], shown["value"]["amount"]) == (limit, limits[limit])
            assert await box.balance() == (eur("1000.00"), eur("0.00"))
        else:
            assert got.status == 200, got.body


async def test_a_max_of_zero_leaves_only_zero_bets() -> None:
    """Zero is exempt from min and step alone; a session that may stake nothing takes nothing else
    (WAL-15)."""
    async with wallet() as box:
        session = await box.session(constraints={"max_bet": 0})
        require_problem(await box.authorize(session, "b-1", eur("0.01")), 422, "LIMIT_EXCEEDED")
        assert (await box.authorize(session, "b-2", 0)).status == 200


@pytest.mark.parametrize("outcome", ["completed", "cancelled"])
async def test_a_bet_on_a_finished_round_is_refused(outcome: str) -> None:
    """However the round ended (WAL-16)."""
    async with wallet() as box:
        session = await box.session()
        await box.authorize(session, "b-1", 1)
        await (box.settle("b-1", 0) if outcome == "completed" else box.rollback("b-1"))
        assert (await close_round(box, outcome)).json["status"] == outcome
        async with nothing_moves(box):
            got = await box.authorize(session, "b-2", 1)
            require_problem(got, 409, "INVALID_STATE")
            assert got.json["details"]["reason"] == "round_closed"


@pytest.mark.parametrize("operation", ["authorize", "settle", "rollback"])
async def test_unknown_fields_pass_and_an_empty_id_does_not(operation: str) -> None:
    """Fields that nobody knows are tolerated at any depth; a bet id that is empty or missing is
    refused by name, and nothing moves (WAL-17)."""
    async with wallet() as box:
        session = await box.session()
        money = {"amount": 1, "currency": "EUR", "shown_as": "1 €"}
        body: dict[str, Any] = {"bet_id": "b-1", "round_id": "r-1", "studio_extra": {"deep": [1]}}
        if operation == "authorize":
            body |= {"session_id": session, "amount": money}
        else:
            assert (await box.authorize(session, "b-1", 1)).status == 200
            body |= {"win": money} if operation == "settle" else {"amount": money}
        path = f"/v1/bets/{operation}"
        nameless = {name: value for name, value in body.items() if name != "bet_id"}
        async with nothing_moves(box):
            for wrong in ({**body, "bet_id": ""}, {**body, "bet_id": None}, nameless):
                got = await box.call("POST", path, wrong)
                require_problem(got, 400, "VALIDATION_FAILED")
                assert "bet_id" in got.json["message"]
        assert (await box.call("POST", path, body)).status == 200
