"""Every refusal that the contracts show is provoked once, on every operation that shows it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from structlog.testing import capture_logs

from simulator.base.errors import Unavailable
from simulator.server.exchange import BODY_LIMIT
from simulator.wire.contract import Operation
from tests.contract.test_openapi import answers
from tests.server.tools import (
    HOME,
    READS,
    SCOPED,
    WRITES,
    example_call,
    new_call,
    play_examples,
    require_problem,
    stored,
)
from tests.support import CONTRACTS, Got, Sandbox, sandbox

Refusal = tuple[str, str, str]
"""Operation, code, and `details.reason` or nothing."""

Provoke = Callable[[Sandbox], Awaitable[Got]]

ON_EVERY_OPERATION = {
    "VALIDATION_FAILED",
    "AUTH_FAILED",
    "SCOPE_DENIED",
    "TOO_LARGE",
    "RATE_LIMITED",
    "INTERNAL",
    "UNAVAILABLE",
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
}
"""Provoked below for all operations alike, and in `tests/server`."""

NOT_YET = {
    "IN_PROGRESS",  # no operation of the platform is a flow; tests/server/test_flow.py has one
}

OUT_OF_REACH: set[Refusal] = {
    # Each tenant of the test world has one brand, so nobody knows a bet that is not theirs.
    ("rollbackBet", "BET_NOT_FOUND", ""),
    # Shown for what settle and rollback may come to refer to; today that is the bet alone.
    ("settleBet", "NOT_FOUND", ""),
    ("rollbackBet", "NOT_FOUND", ""),
}


def documented(name: str) -> set[Refusal]:
    """What the examples of a contract show, without what every operation shows."""
    return {
        (operation_id, value["code"], value.get("details", {}).get("reason", ""))
        for operation_id, status, _, _, value in answers(name)
        if not status.startswith("2")
        and value["code"] not in ON_EVERY_OPERATION | NOT_YET
        and status != "default"
    }


# How each comes about ----------------------------------------------------------------------------


async def _ended(box: Sandbox, bet: str, how: str) -> str:
    """A session with one bet that ended so; round `r-1` is open."""
    session = await box.session()
    assert (await box.authorize(session, bet, 2)).status == 200
    got = await (box.settle(bet, 0) if how == "settled" else box.rollback(bet))
    assert got.status == 200
    return session


async def _closed(box: Sandbox) -> str:
    """A session whose round `r-1` was completed."""
    session = await _ended(box, "b-1", "settled")
    got = await box.call("POST", "/v1/rounds/r-1/close", {"outcome": "completed"})
    assert got.status == 200
    return session


async def _expired(box: Sandbox, **more: Any) -> str:
    """A session whose time is over; tokens are new."""
    session = await box.session(**more)
    await box.admin("POST", "/clock/advance", {"by_ms": 3_600_000})
    box.tokens.clear()
    return session


async def _start(box: Sandbox, session: str, round_id: str = "r-1") -> Got:
    return await box.call("POST", "/v1/rounds", {"round_id": round_id, "session_id": session})


async def _close(box: Sandbox, outcome: str, round_id: str = "r-1") -> Got:
    return await box.call("POST", f"/v1/rounds/{round_id}/close", {"outcome": outcome})


async def _launch(box: Sandbox, session: str) -> Got:
    return await box.call("POST", f"/v1/sessions/{session}/launch")


async def _launch_expired(box: Sandbox) -> Got:
    return await _launch(box, await _expired(box))


async def _create_session(box: Sandbox, **changes: str) -> Got:
    body = {
        "player_id": "p_19f3",
        "game_id": "studio:slot_forge_02",
        "currency": "EUR",
        "locale": "de-DE",
    }
    return await box.call("POST", "/v1/sessions", {**body, **changes})


async def _mismatch(box: Sandbox, first: tuple[str, Any], second: tuple[str, Any]) -> Got:
    """The same key twice, with other parameters."""
    await box.call("POST", *first, key="k-1")
    return await box.call("POST", *second, key="k-1")


async def _key_mismatch(box: Sandbox, operation_id: str) -> Got:
    """An operation's own example, then another one under the same key."""
    operation = WRITES[operation_id]
    ids = await play_examples(box)
    path, body = example_call(operation, ids)
    other = {"s_456": await box.session(), "r_8c12": "r_other", "p_19f3": "p_usd", "b_001": "b_x"}
    other["bonus_01"] = "bonus_x"
    return await _mismatch(box, (path, body), example_call(operation, other))


async def _bet_excluded(box: Sandbox) -> Got:
    return await box.authorize(await box.session("p_excluded"), "b-1", 2)


async def _bet_in_no_session(box: Sandbox) -> Got:
    return await box.authorize("s_999", "b-1", 2)


async def _bet_with_other_amount(box: Sandbox) -> Got:
    session = await box.session()
    await box.authorize(session, "b-1", 2)
    return await box.authorize(session, "b-1", 3)


async def _bet_on_tombstone(box: Sandbox) -> Got:
    assert (await box.rollback("b-1")).status == 200
    return await box.authorize(await box.session(), "b-1", 2)


async def _bet_in_expired_session(box: Sandbox) -> Got:
    return await box.authorize(await _expired(box), "b-1", 2)


async def _bet_on_closed_round(box: Sandbox) -> Got:
    return await box.authorize(await _closed(box), "b-2", 2)


async def _bet_beyond_funds(box: Sandbox) -> Got:
    return await box.authorize(await box.session("p_poor"), "b-1", 2)


async def _bet_above_limit(box: Sandbox) -> Got:
    return await box.authorize(await box.session(constraints={"max_bet": 5}), "b-1", 6)


async def _bet_in_other_currency(box: Sandbox) -> Got:
    return await box.authorize(await box.session(), "b-1", 2, currency="USD")


async def _settle_nothing(box: Sandbox) -> Got:
    return await box.settle("b-999", 2)


async def _settle_with_other_win(box: Sandbox) -> Got:
    await _ended(box, "b-1", "settled")
    return await box.settle("b-1", 7)


async def _settle_rolled_back(box: Sandbox) -> Got:
    await _ended(box, "b-1", "rolled_back")
    return await box.settle("b-1", 2)


async def _settle_in_other_round(box: Sandbox) -> Got:
    await box.authorize(await box.session(), "b-1", 2)
    return await box.settle("b-1", 2, round_id="r-2")


async def _settle_in_other_currency(box: Sandbox) -> Got:
    await box.authorize(await box.session(), "b-1", 2)
    return await box.settle("b-1", 2, currency="USD")


async def _settle_beyond_the_ledger(box: Sandbox) -> Got:
    await box.authorize(await box.session(), "b-1", 2)
    return await box.settle("b-1", 10**11)


async def _roll_settled_back(box: Sandbox) -> Got:
    await _ended(box, "b-1", "settled")
    return await box.rollback("b-1")


async def _roll_back_on_closed_round(box: Sandbox) -> Got:
    await _closed(box)
    return await box.rollback("b-2")


async def _roll_back_in_other_round(box: Sandbox) -> Got:
    await box.authorize(await box.session(), "b-1", 2)
    return await box.rollback("b-1", round_id="r-2")


async def _roll_back_with(box: Sandbox, **claims: Any) -> Got:
    await box.authorize(await box.session(), "b-1", 2)
    body = {"bet_id": "b-1", "round_id": "r-1", **claims}
    return await box.call("POST", "/v1/bets/rollback", body)


async def _start_in_no_session(box: Sandbox) -> Got:
    return await _start(box, "s_999")


async def _start_round_of_other_player(box: Sandbox) -> Got:
    await _start(box, await box.session())
    return await _start(box, await box.session("p_poor"))


async def _start_closed_round(box: Sandbox) -> Got:
    return await _start(box, await _closed(box))


async def _start_in_expired_session(box: Sandbox) -> Got:
    return await _start(box, await _expired(box))


async def _close_no_round(box: Sandbox) -> Got:
    return await _close(box, "completed", "r-999")


async def _close_with_open_bet(box: Sandbox) -> Got:
    await box.authorize(await box.session(), "b-1", 2)
    return await _close(box, "completed")


async def _cancel_settled_round(box: Sandbox) -> Got:
    await _ended(box, "b-1", "settled")
    return await _close(box, "cancelled")


async def _cancel_completed_round(box: Sandbox) -> Got:
    await _closed(box)
    return await _close(box, "cancelled")


async def _acknowledge(box: Sandbox, session: str) -> Got:
    return await box.call("POST", f"/v1/sessions/{session}/acknowledge")


async def _acknowledge_without_check(box: Sandbox) -> Got:
    return await _acknowledge(box, await box.session())


async def _acknowledge_expired(box: Sandbox) -> Got:
    checks = {"rg_flags": {"reality_check_min": 20}}
    return await _acknowledge(box, await _expired(box, constraints=checks))


async def _issue(box: Sandbox, **terms: Any) -> Got:
    ten = {"amount": 10, "currency": "EUR"}
    body = {"bonus_id": "bonus-1", "player_id": "p_19f3", "amount": ten, **terms}
    return await box.call("POST", "/v1/bonuses", body)


async def _issue_with_other_terms(box: Sandbox) -> Got:
    await _issue(box)
    return await _issue(box, wager_multiplier=2)


async def _issue_a_second(box: Sandbox) -> Got:
    await _issue(box)
    return await _issue(box, bonus_id="bonus-2")


async def _issue_while_held(box: Sandbox) -> Got:
    await _issue(box)
    await box.authorize(await box.session(), "b-1", 1001)
    await _consume(box)
    return await _issue(box, bonus_id="bonus-2")


async def _consume(box: Sandbox) -> Got:
    return await box.call("POST", "/v1/bonuses/bonus-1/consume")


async def _consume_released(box: Sandbox) -> Got:
    await _issue(box)
    await box.authorize(await box.session(), "b-1", 10)
    assert (await box.settle("b-1", 0)).status == 200
    return await _consume(box)


async def _consume_expired(box: Sandbox) -> Got:
    await _issue(box, expires_at="2026-01-01T01:00:00Z")
    await box.admin("POST", "/clock/advance", {"by_ms": 3_600_000})
    box.tokens.clear()
    return await _consume(box)


def _read(path: str) -> Provoke:
    return lambda box: box.call("GET", path)


def _mismatched(operation_id: str) -> Provoke:
    return lambda box: _key_mismatch(box, operation_id)


PLATFORM_REFUSALS: dict[Refusal, Provoke] = {
    ("createSession", "NOT_FOUND", ""): lambda box: _create_session(box, player_id="p_999"),
    ("createSession", "CURRENCY_MISMATCH", ""): lambda box: _create_session(box, currency="USD"),
    ("createSession", "BUILD_NOT_CERTIFIED", ""): lambda box: _create_session(box, geo="NO"),
    ("readSession", "NOT_FOUND", ""): _read("/v1/sessions/s_999"),
    ("endSession", "NOT_FOUND", ""): lambda box: box.call("POST", "/v1/sessions/s_999/end"),
    ("launchSession", "NOT_FOUND", ""): lambda box: _launch(box, "s_999"),
    ("launchSession", "INVALID_STATE", "session_expired"): _launch_expired,
    ("acknowledgeRealityCheck", "NOT_FOUND", ""): lambda box: _acknowledge(box, "s_999"),
    ("acknowledgeRealityCheck", "INVALID_STATE", "no_reality_check"): _acknowledge_without_check,
    ("acknowledgeRealityCheck", "INVALID_STATE", "session_expired"): _acknowledge_expired,
    ("authorizeBet", "RG_BLOCK", "self_excluded"): _bet_excluded,
    ("authorizeBet", "NOT_FOUND", ""): _bet_in_no_session,
    ("authorizeBet", "DUPLICATE", ""): _bet_with_other_amount,
    ("authorizeBet", "INVALID_STATE", "tombstone"): _bet_on_tombstone,
    ("authorizeBet", "INVALID_STATE", "session_expired"): _bet_in_expired_session,
    ("authorizeBet", "INVALID_STATE", "round_closed"): _bet_on_closed_round,
    ("authorizeBet", "INSUFFICIENT_FUNDS", ""): _bet_beyond_funds,
    ("authorizeBet", "LIMIT_EXCEEDED", ""): _bet_above_limit,
    ("authorizeBet", "CURRENCY_MISMATCH", ""): _bet_in_other_currency,
    ("settleBet", "BET_NOT_FOUND", ""): _settle_nothing,
    ("settleBet", "DUPLICATE", ""): _settle_with_other_win,
    ("settleBet", "INVALID_STATE", "rolled_back"): _settle_rolled_back,
    ("settleBet", "INVALID_STATE", "round_mismatch"): _settle_in_other_round,
    ("settleBet", "CURRENCY_MISMATCH", ""): _settle_in_other_currency,
    ("settleBet", "LIMIT_EXCEEDED", ""): _settle_beyond_the_ledger,
    ("rollbackBet", "INVALID_STATE", "settled"): _roll_settled_back,
    ("rollbackBet", "INVALID_STATE", "round_closed"): _roll_back_on_closed_round,
    ("rollbackBet", "INVALID_STATE", "round_mismatch"): _roll_back_in_other_round,
    ("rollbackBet", "INVALID_STATE", "player_mismatch"): (
        lambda box: _roll_back_with(box, player_id="p_usd")
    ),
    ("rollbackBet", "CURRENCY_MISMATCH", ""): (
        lambda box: _roll_back_with(box, amount={"amount": 2, "currency": "USD"})
    ),
    ("readBet", "BET_NOT_FOUND", ""): _read("/v1/bets/b-999"),
    ("startRound", "NOT_FOUND", ""): _start_in_no_session,
    ("startRound", "DUPLICATE", ""): _start_round_of_other_player,
    ("startRound", "INVALID_STATE", "round_closed"): _start_closed_round,
    ("startRound", "INVALID_STATE", "session_expired"): _start_in_expired_session,
    ("readRound", "NOT_FOUND", ""): _read("/v1/rounds/r-999"),
    ("closeRound", "NOT_FOUND", ""): _close_no_round,
    ("closeRound", "INVALID_STATE", "open_bets"): _close_with_open_bet,
    ("closeRound", "INVALID_STATE", "settled_bets"): _cancel_settled_round,
    ("closeRound", "INVALID_STATE", "round_closed"): _cancel_completed_round,
    ("issueBonus", "RG_BLOCK", "self_excluded"): lambda box: _issue(box, player_id="p_excluded"),
    ("issueBonus", "NOT_FOUND", ""): lambda box: _issue(box, player_id="p_999"),
    ("issueBonus", "DUPLICATE", ""): _issue_with_other_terms,
    ("issueBonus", "INVALID_STATE", "bonus_active"): _issue_a_second,
    ("issueBonus", "INVALID_STATE", "bonus_held"): _issue_while_held,
    ("issueBonus", "CURRENCY_MISMATCH", ""): lambda box: _issue(box, player_id="p_usd"),
    ("issueBonus", "LIMIT_EXCEEDED", ""): (
        lambda box: _issue(box, amount={"amount": 10**11, "currency": "EUR"})
    ),
    ("readBonus", "NOT_FOUND", ""): _read("/v1/bonuses/bonus_9"),
    ("readBonusProgress", "NOT_FOUND", ""): _read("/v1/bonuses/bonus_9/progress"),
    ("consumeBonus", "NOT_FOUND", ""): _consume,
    ("consumeBonus", "INVALID_STATE", "released"): _consume_released,
    ("consumeBonus", "INVALID_STATE", "expired"): _consume_expired,
    ("readPlayer", "NOT_FOUND", ""): _read("/v1/players/p_999"),
    ("readGame", "NOT_FOUND", ""): _read("/v1/games/studio:none"),
    **{
        (name, "IDEMPOTENCY_MISMATCH", ""): _mismatched(name)
        for name in WRITES
        if HOME[name] == "platform"
    },
}


async def _player(box: Sandbox, **changes: Any) -> Got:
    body = {"player_id": "p_ana", "currency": "EUR", "cash": 50, **changes}
    return await box.admin("POST", "/players", body)


async def _player_twice(box: Sandbox) -> Got:
    await _player(box)
    return await _player(box)


async def _fund(box: Sandbox, player: str, amount: Any, currency: str = "EUR") -> Got:
    body = {"payment_id": "pay_1", "amount": {"amount": amount, "currency": currency}}
    return await box.admin("POST", f"/players/{player}/fund", body)


async def _fund_another_amount(box: Sandbox) -> Got:
    await _fund(box, "p_19f3", 1)
    return await _fund(box, "p_19f3", 2)


async def _fund_beyond_the_ledger(box: Sandbox) -> Got:
    return await _fund(box, "p_19f3", 10**11)


async def _limit(box: Sandbox, player: str) -> Got:
    body = {"limit": "loss", "period": "day", "amount": {"amount": 5, "currency": "EUR"}}
    return await box.admin("PUT", f"/players/{player}/limits", body)


async def _sandbox_twice(box: Sandbox) -> Got:
    await box.admin("POST", "/sandboxes", {"name": "ci-1"})
    return await box.admin("POST", "/sandboxes", {"name": "ci-1"})


async def _pool(box: Sandbox, owner: str = "brand-42") -> Got:
    terms = {
        "pool_id": "small-1",
        "title": "A small one",
        "kind": "progressive",
        "scope": "local",
        "level": "mini",
        "currency": "EUR",
        "owner": owner,
        "members": [{"brand": owner, "region": "EU"}],
        "seed": "10.00",
        "rate": {"numerator": 1, "denominator": 100},
    }
    return await box.admin("POST", "/jackpot/pools", terms)


async def _pool_twice(box: Sandbox) -> Got:
    assert (await _pool(box)).status == 201
    return await _pool(box)


async def _rule_twice(box: Sandbox) -> Got:
    rule = {"fault": "latency", "at": "wallet.readBet"}
    assert (await box.admin("POST", "/chaos/rules", rule)).status == 201
    return await box.admin("POST", "/chaos/rules", rule)


async def _subscribe(box: Sandbox, *names: str) -> Got:
    """One after the other; the last answer."""
    for name in names:
        ask = {"subscription_id": name, "url": f"inbox:{name}", "event_types": ["bet.*"]}
        got = await box.admin("POST", "/subscriptions", ask)
    return got


async def _snapshot_twice(box: Sandbox) -> Got:
    held = {"name": "one"}
    assert (await box.admin("POST", "/sandboxes/default/snapshots", held)).status == 201
    return await box.admin("POST", "/sandboxes/default/snapshots", held)


async def _too_many_snapshots(box: Sandbox) -> Got:
    box.worlds.snapshots.most = 0
    return await box.admin("POST", "/sandboxes/default/snapshots", {})


async def _too_many_branches(_: Sandbox) -> Got:
    async with sandbox(max_sandboxes=1) as other:
        return await other.admin("POST", "/sandboxes/default/fork", {})


async def _back_on_disk(_: Sandbox) -> Got:
    with TemporaryDirectory() as folder:
        async with sandbox(Path(folder, "world")) as other:
            held = {"name": "one"}
            assert (await other.admin("POST", "/sandboxes/default/snapshots", held)).status == 201
            return await other.admin("POST", "/sandboxes/default/restore", {"snapshot": "one"})


CONTROL_REFUSALS: dict[Refusal, Provoke] = {
    ("forkSandbox", "NOT_FOUND", ""): lambda box: box.admin("POST", "/sandboxes/ci-9/fork", {}),
    ("forkSandbox", "DUPLICATE", ""): (
        lambda box: box.admin("POST", "/sandboxes/default/fork", {"name": "default"})
    ),
    ("forkSandbox", "LIMIT_EXCEEDED", ""): _too_many_branches,
    ("listSnapshots", "NOT_FOUND", ""): lambda box: box.admin("GET", "/sandboxes/ci-9/snapshots"),
    ("takeSnapshot", "NOT_FOUND", ""): (
        lambda box: box.admin("POST", "/sandboxes/ci-9/snapshots", {})
    ),
    ("takeSnapshot", "DUPLICATE", ""): _snapshot_twice,
    ("takeSnapshot", "LIMIT_EXCEEDED", ""): _too_many_snapshots,
    ("dropSnapshot", "NOT_FOUND", ""): (
        lambda box: box.admin("DELETE", "/sandboxes/default/snapshots/none")
    ),
    ("restoreSandbox", "NOT_FOUND", ""): (
        lambda box: box.admin("POST", "/sandboxes/default/restore", {"snapshot": "none"})
    ),
    ("restoreSandbox", "INVALID_STATE", "durable"): _back_on_disk,
    ("createSandbox", "DUPLICATE", ""): _sandbox_twice,
    ("dropSandbox", "NOT_FOUND", ""): lambda box: box.admin("DELETE", "/sandboxes/ci-9"),
    ("dropSandbox", "INVALID_STATE", "default_sandbox"): (
        lambda box: box.admin("DELETE", "/sandboxes/default")
    ),
    ("createPlayer", "NOT_FOUND", ""): lambda box: _player(box, brand_id="brand-9"),
    ("createPlayer", "DUPLICATE", ""): _player_twice,
    ("changePlayer", "NOT_FOUND", ""): lambda box: box.admin("PATCH", "/players/p_999", {}),
    ("readLimits", "NOT_FOUND", ""): lambda box: box.admin("GET", "/players/p_999/limits"),
    ("setLimit", "NOT_FOUND", ""): lambda box: _limit(box, "p_999"),
    ("setLimit", "CURRENCY_MISMATCH", ""): lambda box: _limit(box, "p_usd"),
    ("fundPlayer", "NOT_FOUND", ""): lambda box: _fund(box, "p_999", 1),
    ("fundPlayer", "DUPLICATE", ""): _fund_another_amount,
    ("fundPlayer", "CURRENCY_MISMATCH", ""): lambda box: _fund(box, "p_19f3", 1, "USD"),
    ("fundPlayer", "LIMIT_EXCEEDED", ""): _fund_beyond_the_ledger,
    ("addChaosRule", "DUPLICATE", ""): _rule_twice,
    ("openPool", "NOT_FOUND", ""): lambda box: _pool(box, owner="brand-9"),
    ("openPool", "DUPLICATE", ""): _pool_twice,
    ("pauseChaosRule", "NOT_FOUND", ""): (
        lambda box: box.admin("PATCH", "/chaos/rules/none", {"paused": True})
    ),
    ("removeChaosRule", "NOT_FOUND", ""): lambda box: box.admin("DELETE", "/chaos/rules/none"),
    ("createSubscription", "DUPLICATE", ""): lambda box: _subscribe(box, "crm", "crm"),
    ("createSubscription", "LIMIT_EXCEEDED", ""): (
        lambda box: _subscribe(box, *(f"s-{n}" for n in range(21)))
    ),
    ("removeSubscription", "NOT_FOUND", ""): lambda box: box.admin("DELETE", "/subscriptions/none"),
    ("deliverNow", "NOT_FOUND", ""): (
        lambda box: box.admin("POST", "/deliveries/flush", {"subscription_id": "none"})
    ),
    ("redeliver", "NOT_FOUND", ""): (
        lambda box: box.admin("POST", "/deliveries/none.wallet.1/redeliver")
    ),
}

# One answer describes the money of both operations; a new player's cash is one amount in one
# currency, so only the other operation can refuse it. These worlds have a jackpot service.
CONTROL_OUT_OF_REACH: set[Refusal] = {
    ("readMetrics", "NOT_FOUND", ""),
    ("readJackpotStatus", "NOT_FOUND", ""),
    ("createPlayer", "CURRENCY_MISMATCH", ""),
    ("createPlayer", "LIMIT_EXCEEDED", ""),
}


def test_the_tables_are_complete() -> None:
    """What the contracts show and these tests provoke is one list, so a new example needs a way to
    come about (PRV-26)."""
    assert set(PLATFORM_REFUSALS) == documented("platform") - OUT_OF_REACH
    assert set(CONTROL_REFUSALS) == documented("control") - CONTROL_OUT_OF_REACH
    assert documented("platform") >= OUT_OF_REACH
    assert documented("control") >= CONTROL_OUT_OF_REACH


@pytest.mark.parametrize("refusal", PLATFORM_REFUSALS, ids="-".join)
async def test_a_documented_refusal_comes_about(refusal: Refusal) -> None:
    """The server refuses as the contract shows: status, code, reason, retryable; and the books are
    sound afterwards (PRV-25, PRV-26)."""
    await _provoke("platform", refusal, PLATFORM_REFUSALS[refusal])


@pytest.mark.parametrize("refusal", CONTROL_REFUSALS, ids="-".join)
async def test_a_documented_control_refusal_comes_about(refusal: Refusal) -> None:
    """The same for the control API (PRV-25, PRV-26)."""
    await _provoke("control", refusal, CONTROL_REFUSALS[refusal])


async def _provoke(name: str, refusal: Refusal, provoke: Provoke) -> None:
    operation_id, code, reason = refusal
    (status,) = {
        status
        for operation, status, _, _, value in answers(name)
        if (operation, value.get("code")) == (operation_id, code) and status != "default"
    }
    async with sandbox() as box:
        got = await provoke(box)
        require_problem(got, int(status), code)
        assert got.json["retryable"] is False
        assert got.json.get("details", {}).get("reason", "") == reason
        await box.require_sound()


# On every operation ------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", SCOPED.values(), ids=SCOPED)
async def test_the_refusals_that_every_operation_shows(operation: Operation) -> None:
    """Without credentials 401 with the way to authenticate, without the brand 400, with a scope
    that is missing 403: the same on every operation, and nothing is stored (PRV-11, PRV-12)."""
    async with sandbox() as box:
        path, body = example_call(operation, await play_examples(box))
        before = stored(box)
        nobody = await box.call(operation.method, path, body, headers={"Authorization": "Bearer x"})
        require_problem(nobody, 401, "AUTH_FAILED")
        assert nobody.headers["www-authenticate"].startswith("Bearer")
        bad = await box.call(operation.method, path, body, headers={"X-Brand-Id": "?"})
        require_problem(bad, 400, "VALIDATION_FAILED")
        foreign = await box.call(operation.method, path, body, headers={"X-Brand-Id": "brand-7"})
        require_problem(foreign, 403, "SCOPE_DENIED")
        assert stored(box) == before


@pytest.mark.parametrize("operation", WRITES.values(), ids=WRITES)
async def test_every_write_refuses_a_large_body(operation: Operation) -> None:
    """A body above 1 MiB is 413 on every write, with or without a body of its own; one of exactly
    1 MiB is read (WAL-77)."""
    async with sandbox() as box:
        path, _ = example_call(operation, await play_examples(box))
        before = stored(box)
        headers = {"Authorization": f"Bearer {box.tokens['studio-demo']}"}
        large = await box.raw(operation.method, path, b" " * (BODY_LIMIT + 1), headers)
        require_problem(large, 413, "TOO_LARGE")
        assert stored(box) == before
        just = await box.raw(operation.method, path, b" " * BODY_LIMIT, headers)
        require_problem(just, 400, "VALIDATION_FAILED")  # it lacks the headers of PRV-12


@pytest.mark.parametrize("operation", SCOPED.values(), ids=SCOPED)
async def test_every_operation_has_its_rate(operation: Operation) -> None:
    """Calls beyond the rate are 429 with Retry-After and retryable, whatever the operation, and
    store nothing; after that time the same key is let in (PRV-62, WAL-73)."""
    async with sandbox(rate_limit_per_s=4) as box:  # what `play_examples` sends
        path, body = new_call(operation, await play_examples(box))
        before = stored(box)
        got = await box.call(operation.method, path, body, key="k-late")
        require_problem(got, 429, "RATE_LIMITED")
        assert got.json["retryable"] is True
        assert stored(box) == before
        wait_ms = int(got.headers["retry-after"]) * 1000
        await box.admin("POST", "/clock/advance", {"by_ms": wait_ms})
        later = await box.call(operation.method, path, body, key="k-late")
        assert later.status != 429, later.body
        assert not later.replayed


@pytest.mark.parametrize("operation", SCOPED.values(), ids=SCOPED)
async def test_a_bug_is_a_500_that_changes_nothing(operation: Operation) -> None:
    """A decision that breaks is INTERNAL and retryable; nothing is stored or remembered, so the
    same key works once the bug is gone (PRV-26, PRV-30)."""
    async with sandbox() as box:
        path, body = new_call(operation, await play_examples(box))
        routes = box.world.parties["wallet"].routes
        good = routes[operation.operation_id]
        before = stored(box)
        routes[operation.operation_id] = replace(good, decision=_break)
        with capture_logs() as logs:
            broken = await box.call(operation.method, path, body, key="k-bug")
        require_problem(broken, 500, "INTERNAL")
        assert broken.json["retryable"] is True
        assert b"secret of the decision" not in broken.body
        assert "secret of the decision" in logs[0]["error"]
        assert stored(box) == before
        routes[operation.operation_id] = good
        again = await box.call(operation.method, path, body, key="k-bug")
        assert again.status < 500, again.body
        assert not again.replayed


def _break(_tx: Any, _message: Any) -> Any:
    raise RuntimeError("the secret of the decision")


@pytest.mark.parametrize("operation", WRITES.values(), ids=WRITES)
async def test_an_unknown_outcome_is_503_and_can_be_asked_for(
    operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the store cannot say what became of a commit, the answer is 503 with Retry-After, and
    the same key learns the outcome later (PRV-30, WAL-72)."""
    async with sandbox() as box:
        path, body = new_call(operation, await play_examples(box))
        writer = box.world.parties["wallet"].writer
        submit = writer.submit

        def lose(work: Any) -> "asyncio.Future[Any]":
            submit(work)  # it happens, and its answer never comes
            lost: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            lost.set_exception(Unavailable("the outcome is unknown"))
            return lost

        monkeypatch.setattr(writer, "submit", lose)
        got = await box.call(operation.method, path, body, key="k-lost")
        require_problem(got, 503, "UNAVAILABLE")
        assert got.json["retryable"] is True
        assert int(got.headers["retry-after"]) >= 1
        monkeypatch.setattr(writer, "submit", submit)
        box.world.parties["wallet"].courier.wake()  # as the next start does, with what was begun
        after = await box.call(operation.method, path, body, key="k-lost")
        while after.status == 425:
            after = await box.call(operation.method, path, body, key="k-lost")
        assert after.replayed, after.body


@pytest.mark.parametrize("name", ["platform", "wallet", "control"])
async def test_a_method_that_a_path_lacks_is_405(name: str) -> None:
    """Every path answers 405 to a method it does not have, and Allow names those it has
    (PRV-26, RFC 9110 §15.5.6)."""
    paths: dict[str, set[str]] = {}
    for operation in CONTRACTS[name].operations.values():
        paths.setdefault(operation.path, set()).add(operation.method)
    async with sandbox() as box:
        for path, methods in paths.items():
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - methods:
                got = await box.raw(method, path.replace("{", "").replace("}", ""))
                require_problem(got, 405, "METHOD_NOT_ALLOWED")
                assert set(got.headers["allow"].split(", ")) == methods
                assert set(got.json["details"]["allow"]) == methods


def test_reads_and_writes_are_all_operations() -> None:
    """The control of the lists above: they are not empty and miss nothing."""
    assert set(READS) | set(WRITES) == set(SCOPED)
    assert len(READS) >= 9
    assert len(WRITES) >= 8
