"""Once per key: the same answer again and no second effect (PRV-30..32, PRV-35, WAL-06..08)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.errors import PROBLEMS
from simulator.wire.contract import Operation
from tests.server.tools import (
    WRITES,
    count,
    example_call,
    new_call,
    one_sandbox,
    play_examples,
    require_problem,
    stored,
)
from tests.support import Got, Sandbox, encode, sandbox

TRACE_1 = {"X-Trace-Id": "tr_first"}
TRACE_2 = {"X-Trace-Id": "tr_second"}

FIELDS = ("session_id", "bet_id", "round_id", "amount")


def bet(session: str, amount: Any = 2, bet_id: str = "b-1") -> dict[str, Any]:
    """The body of an authorize."""
    money = {"amount": amount, "currency": "EUR"}
    return {"session_id": session, "bet_id": bet_id, "round_id": "r-1", "amount": money}


async def place(box: Sandbox, body: Any, key: str, **how: Any) -> Got:
    return await box.call("POST", "/v1/bets/authorize", body, key=key, **how)


def require_repeat(first: Got, again: Got) -> None:
    """The first status and body, byte for byte, said to be a repeat."""
    assert (again.status, again.body) == (first.status, first.body)
    assert again.replayed
    assert not first.replayed


# The same answer again ---------------------------------------------------------------------------


@pytest.mark.parametrize("operation", WRITES.values(), ids=WRITES)
async def test_every_write_answers_its_repeat_alike(operation: Operation) -> None:
    """Same key, same parameters: the first answer byte for byte with the mark of a repeat, and
    nothing else is stored, whatever the operation (PRV-30, WAL-06)."""
    async with sandbox() as box:
        path, body = new_call(operation, await play_examples(box))
        if operation.operation_id in {"closeRound", "closeWalletRound"}:
            await box.settle("b_001", 0, round_id="r_8c12")
        first = await box.call("POST", path, body, key="k-1", headers=TRACE_1)
        assert first.status == operation.success, first.body
        before = stored(box)
        again = await box.call("POST", path, body, key="k-1", headers=TRACE_2)
        require_repeat(first, again)
        assert (first.headers["x-trace-id"], again.headers["x-trace-id"]) == (
            "tr_first",
            "tr_second",
        )
        assert stored(box) == before
        await box.require_sound()


async def _blocked(box: Sandbox) -> tuple[str, Any]:
    return "/v1/bets/authorize", bet(await box.session("p_excluded"))


async def _no_session(_box: Sandbox) -> tuple[str, Any]:
    return "/v1/bets/authorize", bet("s_none")


async def _no_bet(_box: Sandbox) -> tuple[str, Any]:
    win = {"amount": 1, "currency": "EUR"}
    return "/v1/bets/settle", {"bet_id": "b-none", "round_id": "r-1", "win": win}


async def _duplicate(box: Sandbox) -> tuple[str, Any]:
    session = await box.session()
    await place(box, bet(session, 3), "k-0")
    return "/v1/bets/authorize", bet(session, 2)


async def _tombstone(box: Sandbox) -> tuple[str, Any]:
    await box.rollback("b-1")
    return "/v1/bets/authorize", bet(await box.session())


async def _poor(box: Sandbox) -> tuple[str, Any]:
    return "/v1/bets/authorize", bet(await box.session("p_poor"))


async def _above_limit(box: Sandbox) -> tuple[str, Any]:
    return "/v1/bets/authorize", bet(await box.session(constraints={"max_bet": 1}))


async def _in_dollars(box: Sandbox) -> tuple[str, Any]:
    body = bet(await box.session())
    return "/v1/bets/authorize", {**body, "amount": {"amount": 2, "currency": "USD"}}


async def _not_certified(_box: Sandbox) -> tuple[str, Any]:
    asked = {"player_id": "p_19f3", "game_id": "studio:slot_forge_02", "currency": "EUR"}
    return "/v1/sessions", {**asked, "locale": "de-DE", "geo": "NO"}


DEFINITE: dict[str, Callable[[Sandbox], Awaitable[tuple[str, Any]]]] = {
    "RG_BLOCK": _blocked,
    "NOT_FOUND": _no_session,
    "BET_NOT_FOUND": _no_bet,
    "DUPLICATE": _duplicate,
    "INVALID_STATE": _tombstone,
    "INSUFFICIENT_FUNDS": _poor,
    "LIMIT_EXCEEDED": _above_limit,
    "CURRENCY_MISMATCH": _in_dollars,
    "BUILD_NOT_CERTIFIED": _not_certified,
}


def test_the_definite_refusals_are_all_there() -> None:
    """The table names every code that is remembered but the mismatch of the key itself (PRV-30)."""
    remembered = {code for code, kind in PROBLEMS.items() if kind.remembered}
    assert set(DEFINITE) == remembered - {"IDEMPOTENCY_MISMATCH"}


@pytest.mark.parametrize("code", DEFINITE)
async def test_a_definite_refusal_is_remembered(code: str) -> None:
    """RG_BLOCK, 404, 409 and 422 come again byte for byte: the first trace id in the body, the new
    call's in the header, and no second row (PRV-30)."""
    async with sandbox() as box:
        path, body = await DEFINITE[code](box)
        first = await box.call("POST", path, body, key="k-1", headers=TRACE_1)
        require_problem(first, PROBLEMS[code].status, code)
        assert first.json["trace_id"] == first.headers["x-trace-id"] == "tr_first"
        before = stored(box)
        again = await box.call("POST", path, body, key="k-1", headers=TRACE_2)
        require_repeat(first, again)
        assert again.json["trace_id"] == "tr_first"
        assert again.headers["x-trace-id"] == "tr_second"
        assert stored(box) == before
        await box.require_sound()


async def test_a_refused_bet_never_succeeds_later() -> None:
    """A late copy of a bet that was refused for funds stays refused after money came, and holds
    nothing; a new bet goes through (PRV-30, WAL-03)."""
    async with sandbox() as box:
        session = await box.session("p_poor")
        first = await place(box, bet(session), "k-1")
        require_problem(first, 422, "INSUFFICIENT_FUNDS")
        assert first.json["details"]["balance"]["available"]["amount"] == Decimal("1.00")
        money = {"payment_id": "pay-1", "amount": {"amount": 100, "currency": "EUR"}}
        assert (await box.admin("POST", "/players/p_poor/fund", money)).status == 200
        require_repeat(first, await place(box, bet(session), "k-1"))
        assert await box.balance("p_poor") == (Decimal("101.00"), Decimal("0.00"))
        assert (await place(box, bet(session, 2, "b-2"), "k-2")).status == 200


async def test_an_excluded_players_bet_never_succeeds_later() -> None:
    """The same for a responsible-gaming block that was lifted meanwhile (PRV-30, WAL-13)."""
    async with sandbox() as box:
        session = await box.session("p_excluded")
        first = await place(box, bet(session), "k-1")
        require_problem(first, 403, "RG_BLOCK")
        await box.admin("PATCH", "/players/p_excluded", {"self_excluded": False})
        require_repeat(first, await place(box, bet(session), "k-1"))
        assert (await place(box, bet(session), "k-2")).status == 200


# What is not remembered --------------------------------------------------------------------------


async def test_a_bad_request_is_not_remembered() -> None:
    """After 400 the same key may carry the mended request (PRV-30)."""
    async with sandbox() as box:
        session = await box.session()
        wrong = bet(session)
        del wrong["bet_id"]
        require_problem(await place(box, wrong, "k-1"), 400, "VALIDATION_FAILED")
        got = await place(box, bet(session), "k-1")
        assert (got.status, got.replayed) == (200, False)


async def test_a_refusal_by_a_decision_of_400_is_not_remembered() -> None:
    """The same where the field is refused by the decision, after the key was claimed (PRV-30)."""
    async with sandbox() as box:
        body = {
            "player_id": "p_jpy",
            "game_id": "studio:slot_forge_02",
            "currency": "JPY",
            "locale": "ja",
            "constraints": {"max_bet": 0.5},
        }
        got = await box.call("POST", "/v1/sessions", body, key="k-1")
        require_problem(got, 400, "VALIDATION_FAILED")
        body["constraints"] = {"max_bet": 5}
        got = await box.call("POST", "/v1/sessions", body, key="k-1")
        assert (got.status, got.replayed) == (201, False)


async def test_a_failed_authentication_is_not_remembered() -> None:
    """After 401 the same key works with good credentials (PRV-30)."""
    async with sandbox() as box:
        session = await box.session()
        got = await place(box, bet(session), "k-1", headers={"Authorization": "Bearer stale"})
        require_problem(got, 401, "AUTH_FAILED")
        got = await place(box, bet(session), "k-1")
        assert (got.status, got.replayed) == (200, False)


async def test_a_missing_scope_is_not_remembered() -> None:
    """After SCOPE_DENIED the same client's key works with a token that has the scope (PRV-30)."""
    async with sandbox() as box:
        session = await box.session()
        form = b"grant_type=client_credentials&client_id=studio-demo"
        form += b"&client_secret=studio-demo-secret&scope=bets:read"
        media = {"Content-Type": "application/x-www-form-urlencoded"}
        narrow = (await box.raw("POST", "/oauth/token", form, media)).json["access_token"]
        got = await place(box, bet(session), "k-1", headers={"Authorization": f"Bearer {narrow}"})
        require_problem(got, 403, "SCOPE_DENIED")
        got = await place(box, bet(session), "k-1")
        assert (got.status, got.replayed) == (200, False)


async def test_a_body_that_is_too_large_is_not_remembered() -> None:
    """After 413 the same key may carry a smaller body (PRV-30, WAL-77)."""
    async with sandbox() as box:
        session = await box.session()
        got = await place(box, {**bet(session), "padding": "x" * 1_048_576}, "k-1")
        require_problem(got, 413, "TOO_LARGE")
        got = await place(box, bet(session), "k-1")
        assert (got.status, got.replayed) == (200, False)


# `tests/contract/test_documented_refusals.py` shows for every operation that 429, 500 and 503 are
# not remembered.


# Other parameters --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"amount": {"amount": 3, "currency": "EUR"}},
        {"amount": {"amount": 2, "currency": "USD"}},
        {"bet_id": "b-2"},
        {"round_id": "r-2"},
        {"session_id": "s_other"},
    ],
    ids="-".join,
)
async def test_a_key_is_bound_to_its_parameters(change: dict[str, Any]) -> None:
    """Same key, any other parameter: 409 IDEMPOTENCY_MISMATCH, nothing moves, and the original
    request is still answered as before (PRV-31, WAL-07)."""
    async with sandbox() as box:
        body = bet(await box.session())
        first = await place(box, body, "k-1")
        before = stored(box)
        require_problem(await place(box, {**body, **change}, "k-1"), 409, "IDEMPOTENCY_MISMATCH")
        assert stored(box) == before
        require_repeat(first, await place(box, body, "k-1"))


@pytest.mark.parametrize("key_of", ["end", "acknowledge"])
async def test_a_key_is_bound_to_the_path(key_of: str) -> None:
    """Another path parameter under the same key is a mismatch too, with no body at all (PRV-31)."""
    async with sandbox() as box:
        checks = {"rg_flags": {"reality_check_min": 20}}
        one, two = [await box.session(constraints=checks) for _ in range(2)]
        first = await box.call("POST", f"/v1/sessions/{one}/{key_of}", key="k-1")
        assert first.status == 200
        other = await box.call("POST", f"/v1/sessions/{two}/{key_of}", key="k-1")
        require_problem(other, 409, "IDEMPOTENCY_MISMATCH")
        assert (await box.call("GET", f"/v1/sessions/{two}")).json["status"] == "open"


async def test_a_refusals_key_is_bound_too() -> None:
    """A key that was refused is bound like one that was granted (PRV-30, PRV-31)."""
    async with sandbox() as box:
        session = await box.session("p_poor")
        require_problem(await place(box, bet(session), "k-1"), 422, "INSUFFICIENT_FUNDS")
        altered = await place(box, bet(session, Decimal("0.50")), "k-1")
        require_problem(altered, 409, "IDEMPOTENCY_MISMATCH")
        assert await box.balance("p_poor") == (Decimal("1.00"), Decimal("0.00"))


async def test_the_same_bet_with_another_amount_under_a_new_key() -> None:
    """Same bet_id, new key, other amount: 409 DUPLICATE in the words of the worked exchange
    (PRV-32, WAL-07)."""
    async with sandbox() as box:
        session = await box.session()
        await place(box, bet(session), "k-1")
        got = await place(box, bet(session, 3), "k-2")
        require_problem(got, 409, "DUPLICATE")
        assert got.json["message"] == "Bet already authorized with a different amount"
        assert await box.balance() == (Decimal("998.00"), Decimal("2.00"))


async def test_the_same_bet_under_a_new_key_is_one_effect() -> None:
    """New key, known bet with the same parameters: the first answer, and still one hold; the same
    for its settlement and its rollback (WAL-08, WAL-21, WAL-41)."""
    async with sandbox() as box:
        session = await box.session()
        first = await place(box, bet(session), "k-1")
        again = await place(box, bet(session), "k-2")
        assert (again.status, again.body) == (first.status, first.body)
        assert await box.balance() == (Decimal("998.00"), Decimal("2.00"))
        one, two = [await box.settle("b-1", 5, key=f"k-{n}") for n in (3, 4)]
        assert (two.status, two.body) == (one.status, one.body)
        assert await box.balance() == (Decimal("1003.00"), Decimal("0.00"))
        await place(box, bet(session, 2, "b-2"), "k-5")
        one, two = [await box.rollback("b-2", key=f"k-{n}") for n in (6, 7)]
        assert (two.status, two.body) == (one.status, one.body)
        assert await box.balance() == (Decimal("1003.00"), Decimal("0.00"))
        await box.require_sound()


# The same request in other words -----------------------------------------------------------------


@pytest.mark.parametrize("amount", ["2", "2.0", "2.00", "2.000", "2e0", "20e-1", "0.2E+1"])
async def test_one_amount_in_many_spellings_is_one_request(amount: str) -> None:
    """2, 2.0, 2.00 and 20e-1 are the same parameters (PRV-03, PRV-30)."""
    async with sandbox() as box:
        body = bet(await box.session(), Decimal("2.00"))
        first = await place(box, body, "k-1")
        text = encode(body).decode().replace("2.00", amount).encode()
        assert amount.encode() in text
        got = await _raw(box, text, "k-1")
        require_repeat(first, got)


async def test_order_spaces_and_unknown_fields_are_not_parameters() -> None:
    """Fields in another order, with white space, escaped letters and fields that nobody knows are
    the same request (PRV-30, WAL-17)."""
    async with sandbox() as box:
        session = await box.session()
        first = await place(box, bet(session), "k-1")
        turned = f"""
            {{"zzz": [1, {{"deep": null}}], "amount": {{"currency": "EUR", "amount": 2, "x": 1e5}},
              "round_id": "r-1", "bet_id": "b\\u002d1", "session_id": "{session}"}}
        """
        require_repeat(first, await _raw(box, turned.encode(), "k-1"))


async def test_a_default_that_is_spelled_out_is_the_same_request() -> None:
    """What is left out and what is written as its default are one request (PRV-30)."""
    async with sandbox() as box:
        asked = {"player_id": "p_19f3", "game_id": "studio:slot_forge_02", "currency": "EUR"}
        body: dict[str, Any] = {**asked, "locale": "de-DE"}
        first = await box.call("POST", "/v1/sessions", body, key="k-1")
        body["constraints"] = {"rg_flags": {"self_exclusion": False}}
        require_repeat(first, await box.call("POST", "/v1/sessions", body, key="k-1"))


EXTRA = st.dictionaries(
    st.text(min_size=1, max_size=8).filter(lambda name: name not in FIELDS),
    st.recursive(st.none() | st.integers() | st.text(max_size=8), st.lists, max_leaves=5),
    max_size=4,
)


def test_any_spelling_of_a_request_is_that_request() -> None:
    """However a request is spelled, its key finds the first answer; never a second effect
    (PRV-03, PRV-30, WAL-06, WAL-17)."""
    with one_sandbox() as (box, run):
        body = bet(run(box.session()))
        first = run(place(box, body, "k-1"))

        @given(extra=EXTRA, order=st.permutations(FIELDS), zeros=st.integers(0, 20))
        def same(extra: dict[str, Any], order: list[str], zeros: int) -> None:
            amount = {"amount": Decimal("2." + "0" * zeros) if zeros else 2, "currency": "EUR"}
            turned = {name: amount if name == "amount" else body[name] for name in order}
            require_repeat(first, run(place(box, {**extra, **turned, **extra}, "k-1")))
            assert run(box.balance()) == (Decimal("998.00"), Decimal("2.00"))

        same()


# How far a key reaches ---------------------------------------------------------------------------


async def test_a_key_reaches_as_far_as_its_operation() -> None:
    """The same key on another operation is another request (PRV-30)."""
    async with sandbox() as box:
        session = await box.session()
        assert (await place(box, bet(session), "k-1")).status == 200
        got = await box.settle("b-1", 5, key="k-1")
        assert (got.status, got.replayed) == (200, False)


async def test_a_key_reaches_as_far_as_its_client() -> None:
    """Two clients that use one key do not meet (PRV-30, PRV-63)."""
    async with sandbox() as box:
        first = await place(box, bet(await box.session()), "k-1")
        uk = {"player_id": "p_uk", "game_id": "studio:slot_forge_02", "currency": "GBP"}
        opened = await box.call(
            "POST", "/v1/sessions", {**uk, "locale": "en-GB"}, client="other-brand", key="k-1"
        )
        assert (opened.status, opened.replayed) == (201, False)
        body = bet(opened.json["session_id"])
        body["amount"]["currency"] = "GBP"
        got = await place(box, body, "k-1", client="other-brand")
        assert (got.status, got.replayed) == (200, False)
        assert got.json["hold_id"] != first.json["hold_id"]


async def test_a_key_reaches_as_far_as_its_sandbox() -> None:
    """The same key and request in another sandbox is played there for the first time (SBX-04)."""
    async with sandbox() as box:
        made = await box.admin("POST", "/sandboxes", {"name": "twin"})
        assert made.status == 201
        twin = Sandbox(box.app, box.worlds, "twin")
        for world in (box, twin):
            got = await place(world, bet(await world.session()), "k-1")
            assert (got.status, got.replayed) == (200, False)


async def test_either_name_of_the_key_is_the_key() -> None:
    """X-Idempotency-Key and Idempotency-Key are one key: a repeat under the other name is a repeat
    (PRV-12, PRV-30)."""
    async with sandbox() as box:
        body = bet(await box.session())
        first = await place(box, body, "k-1")
        headers = {"Authorization": f"Bearer {box.tokens['studio-demo']}", "X-Trace-Id": "tr_2"}
        headers |= {"X-Brand-Id": "brand-42", "X-Region": "EU", "X-Provider-Id": "studio"}
        headers |= {"Content-Type": "application/json", "Idempotency-Key": "k-1"}
        path = "/v1/bets/authorize"
        require_repeat(first, await box.raw("POST", path, encode(body), headers))


async def test_a_key_in_a_v1_body_is_not_the_key() -> None:
    """`/v1` takes the key from the header; a body's `idempotency_key` is an unknown field there,
    and does not replace the header (PRV-35, WAL-17)."""
    async with sandbox() as box:
        session = await box.session()
        body = {**bet(session), "idempotency_key": "k-body"}
        headers = {"Authorization": f"Bearer {box.tokens['studio-demo']}", "X-Trace-Id": "tr_2"}
        headers |= {"X-Brand-Id": "brand-42", "X-Region": "EU", "X-Provider-Id": "studio"}
        headers |= {"Content-Type": "application/json"}
        got = await box.raw("POST", "/v1/bets/authorize", encode(body), headers)
        require_problem(got, 400, "VALIDATION_FAILED")
        first = await place(box, body, "k-1")
        require_repeat(first, await place(box, {**body, "idempotency_key": "k-else"}, "k-1"))


# For ever ----------------------------------------------------------------------------------------


async def test_a_repeat_after_a_restart_is_a_repeat(tmp_path: Path) -> None:
    """The folder is closed and opened again: granted and refused requests answer as before, and
    nothing moves (PRV-30, WAL-74)."""
    firsts: list[tuple[str, Any, Got]] = []
    async with sandbox(tmp_path) as box:
        session = await box.session()
        poor = await box.session("p_poor")
        beyond = {**bet(poor, 5, "b-2"), "round_id": "r-2"}
        bodies = [("k-1", bet(session)), ("k-2", beyond), ("k-3", bet("s_none"))]
        for key, body in bodies:
            firsts.append((key, body, await place(box, body, key, headers=TRACE_1)))
        assert [got.status for _, _, got in firsts] == [200, 422, 404]
    async with sandbox(tmp_path) as box:
        before = stored(box)
        for key, body, first in firsts:
            require_repeat(first, await place(box, body, key, headers=TRACE_2))
        altered = await place(box, bet(session, 3), "k-1")
        require_problem(altered, 409, "IDEMPOTENCY_MISMATCH")
        assert stored(box) == before
        assert await box.balance() == (Decimal("998.00"), Decimal("2.00"))
        await box.require_sound()


async def test_a_repeat_after_months_is_a_repeat() -> None:
    """Half a year and a century later the key is still known, though session and token are long
    over (WAL-74)."""
    async with sandbox() as box:
        body = bet(await box.session())
        first = await place(box, body, "k-1")
        for by_ms in (183 * 86_400_000, 36_525 * 86_400_000):
            await box.admin("POST", "/clock/advance", {"by_ms": by_ms})
            box.tokens.clear()
            require_repeat(first, await place(box, body, "k-1"))
        assert await box.balance() == (Decimal("998.00"), Decimal("2.00"))


async def test_a_repeat_after_the_cache_was_dropped_is_a_repeat() -> None:
    """What is remembered is in the store: with nothing left in memory the repeat still finds it
    (PRV-30)."""
    async with sandbox() as box:
        body = bet(await box.session())
        first = await place(box, body, "k-1")
        box.world.parties["wallet"].writer.unit.forget()
        require_repeat(first, await place(box, body, "k-1"))


# In parallel -------------------------------------------------------------------------------------


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "disk"])
async def test_64_copies_at_once_are_one(tmp_path: Path, durable: bool) -> None:
    """64 identical authorizes in parallel: one hold, one row, 64 equal answers of which one is the
    first (WAL-10, PRV-30)."""
    async with sandbox(tmp_path if durable else None) as box:
        body = bet(await box.session())
        ops = count(box, "op")
        answers = await asyncio.gather(*(place(box, body, "k-1") for _ in range(64)))
        assert {(got.status, got.body) for got in answers} == {(200, answers[0].body)}
        assert sum(not got.replayed for got in answers) == 1
        assert count(box, "op") == ops + 1
        assert await box.balance() == (Decimal("998.00"), Decimal("2.00"))


async def test_a_race_of_two_bodies_for_one_key_has_one_winner() -> None:
    """Two amounts race for one key: one is granted, every copy of the other is a mismatch
    (PRV-31, WAL-07)."""
    async with sandbox() as box:
        session = await box.session()
        bodies = [bet(session, 2 + n % 2) for n in range(20)]
        answers = await asyncio.gather(*(place(box, body, "k-1") for body in bodies))
        assert sorted(got.status for got in answers) == [200] * 10 + [409] * 10
        assert {got.code for got in answers} == {"", "IDEMPOTENCY_MISMATCH"}
        _, held = await box.balance()
        assert held in (Decimal("2.00"), Decimal("3.00"))


async def _raw(box: Sandbox, body: bytes, key: str) -> Got:
    """An authorize with exactly these bytes."""
    headers = {
        "Authorization": f"Bearer {box.tokens['studio-demo']}",
        "X-Trace-Id": "tr_raw",
        "X-Brand-Id": "brand-42",
        "X-Region": "EU",
        "X-Provider-Id": "studio",
        "Content-Type": "application/json",
        "X-Idempotency-Key": key,
    }
    return await box.raw("POST", "/v1/bets/authorize", body, headers)


def test_the_example_of_every_write_has_a_path() -> None:
    """The control of `new_call`: no template is left unfilled."""
    for operation in WRITES.values():
        path, body = example_call(operation)
        assert "{" not in path
        assert body is None or json.dumps(body, default=str)
