"""Coming back to a session: what was left open is found and finished (WAL-64)."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from simulator.wire.calls import Call, Reply
from tests.play.tools import Casino, Send, casino, won
from tests.server.tools import require_problem
from tests.support import Got


@pytest.fixture
async def house() -> AsyncIterator[Casino]:
    async with casino() as opened:
        yield opened


async def hold(house: Casino, session: str, bet: str) -> None:
    """A stake that is held at the wallet, by somebody who is gone."""
    got = await house.box.authorize(session, f"{bet}-1", 2, round_id=bet)
    assert got.status == 200, got.body


async def spin(house: Casino, session: str, bet: str) -> Decimal:
    """Its spin at the studio; what it has won."""
    body = {
        "spin_id": f"{bet}-1",
        "round_id": bet,
        "session_id": session,
        "stake": {"amount": 2, "currency": "EUR"},
        "spin_type": "cash",
        "idempotency_key": f"spin-{bet}",
    }
    got = await house.box.call("POST", "/rgs/v1/spins", body, client="platform-demo")
    assert got.status == 200, got.body
    return Decimal(got.json["outcome"]["win"]["amount"])


async def reconnect(house: Casino, session: str, key: str | None = None) -> Got:
    return await house.call("POST", f"/sessions/{session}/reconnect", key=key)


def done(got: Got) -> dict[str, Any]:
    assert got.status == 200, got.body
    return {item["round_id"]: item["what"] for item in got.json["finished"]}


async def test_what_nobody_drives_is_finished(house: Casino) -> None:
    """A stake whose spin was played is settled with its win, one whose spin was not is given back,
    one whose spin is void too, and a round that only the studio knows is ended; a second reconnect
    finds nothing (WAL-64)."""
    session = await house.open()
    for bet in ("lost-1", "lost-2", "lost-3"):
        await hold(house, session, bet)
    win = await spin(house, session, "lost-1")
    await spin(house, session, "lost-3")
    body = {"reason": "test"}
    got = await house.box.call("POST", "/rgs/v1/spins/lost-3-1/void", body, client="platform-demo")
    assert got.status == 200, got.body
    await spin(house, session, "alone")
    got = await house.box.call("POST", "/rgs/v1/spins/alone-1/void", body, client="platform-demo")
    assert got.status == 200, got.body
    assert (await house.box.balance()) == (Decimal(994), Decimal(6))
    found = done(await reconnect(house, session))
    assert found == {
        "lost-1": "settled",
        "lost-2": "given_back",
        "lost-3": "given_back",
        "alone": "closed",
    }
    assert await house.box.balance() == (998 + win, Decimal(0))
    assert done(await reconnect(house, session)) == {}
    await house.box.require_sound()
    assert not house.rows("SELECT 1 FROM game_round WHERE status = 'open'", "rgs")
    assert not house.rows("SELECT 1 FROM round WHERE status = 'open'", "wallet")


async def test_every_stake_of_a_round_is_finished(house: Casino) -> None:
    """A round may hold several bets: one reconnect settles those whose spins were played, gives the
    others back, and then closes the round (WAL-23, WAL-60, WAL-64)."""
    session = await house.open()
    await hold(house, session, "r-1")
    win = await spin(house, session, "r-1")
    for bet in ("r-1-2", "r-1-3"):
        got = await house.box.authorize(session, bet, 3, round_id="r-1")
        assert got.status == 200, got.body
    assert done(await reconnect(house, session)) == {"r-1": "settled"}
    assert await house.box.balance() == (998 + win, Decimal(0))
    assert house.rows("SELECT status FROM round WHERE round_id = 'r-1'", "wallet") == [
        ("completed",)
    ]
    assert done(await reconnect(house, session)) == {}
    await house.box.require_sound()


async def take(house: Casino, session: str, name: str) -> None:
    """A stake that was taken at the wallet, by somebody who is gone."""
    body = {
        "transaction_id": f"{name}-1",
        "player_id": "p_19f3",
        "round_id": name,
        "session_id": session,
        "amount": {"amount": 2, "currency": "EUR"},
    }
    got = await house.box.call("POST", "/v1/wallet/debit", body, client="playmoney-play")
    assert got.status == 200, got.body


async def test_a_stake_that_was_taken_is_found_too(house: Casino) -> None:
    """With the debit first: a spin that was played is paid, a stake without one comes back, and a
    debit of the same session that is not a round's is left to who has made it (WAL-64)."""
    session = await house.open(debit_timing="debit_first")
    other = await house.open(debit_timing="debit_first")
    for name in ("lost-1", "lost-2", "theirs"):
        await take(house, other if name == "theirs" else session, name)
    win = await spin(house, session, "lost-1")
    body: dict[str, Any] = {"transaction_id": "own", "player_id": "p_19f3", "round_id": "own"}
    body |= {"session_id": session, "amount": {"amount": 1, "currency": "EUR"}}
    assert (await house.box.call("POST", "/v1/wallet/debit", body)).status == 200
    assert done(await reconnect(house, session)) == {"lost-1": "settled", "lost-2": "given_back"}
    assert await house.box.balance() == (Decimal(995) + win, Decimal(0))
    assert done(await reconnect(house, session)) == {}
    await house.box.require_sound()
    assert not house.rows("SELECT 1 FROM game_round WHERE status = 'open'", "rgs")
    found = house.rows("SELECT round_id FROM round WHERE status = 'open' ORDER BY 1", "wallet")
    assert found == [("own",), ("theirs",)]


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("timing", ["hold_first", "debit_first", "outcome_first"])
async def test_a_spin_that_nobody_staked_for_is_void(
    house: Casino, timing: str, sealed: bool
) -> None:
    """It was never shown and counts nowhere, also where who played it had ended its round at the
    studio already; one whose stake was taken and paid stands, and a second reconnect finds nothing
    (RGS-64)."""
    session = await house.open(debit_timing=timing)
    await spin(house, session, "alone")
    if timing == "hold_first":
        await hold(house, session, "paid")
        win = await spin(house, session, "paid")
        assert (await house.box.settle("paid-1", win, round_id="paid")).status == 200
    else:
        await take(house, session, "paid")
        win = await spin(house, session, "paid")
        body: dict[str, Any] = {"transaction_id": "w", "debit_transaction_id": "paid-1"}
        body |= {"player_id": "p_19f3", "round_id": "paid"}
        body |= {"amount": {"amount": win, "currency": "EUR"}, "reason": "win"}
        got = await house.box.call("POST", "/v1/wallet/credit", body, client="playmoney-play")
        assert got.status == 200, got.body
    for name in ("alone", "paid") if sealed else ():
        target = f"/rgs/v1/rounds/{name}/end"
        got = await house.box.call("POST", target, client="platform-demo")
        assert got.status == 200, got.body
    left = {"alone": "closed"} if sealed else {"alone": "closed", "paid": "closed"}
    assert done(await reconnect(house, session)) == left
    assert done(await reconnect(house, session)) == {}
    found = house.rows("SELECT spin_id, status FROM spin ORDER BY 1", "rgs")
    assert found == [("alone-1", "void"), ("paid-1", "played")]
    assert await house.box.balance() == (998 + win, Decimal(0))
    await house.box.require_sound()


@pytest.mark.parametrize("at", [1, 2, 3])
async def test_a_round_under_way_is_left_to_its_driver(house: Casino, at: int) -> None:
    """A reconnect while spin, end or settlement hang names the round and does not touch it; it
    ends with its own outcome (WAL-64)."""
    session = await house.open()
    back, waiting = asyncio.Event(), asyncio.Event()

    async def hang(send: Send, call: Call) -> Reply:
        waiting.set()
        await back.wait()
        reply: Reply = await send(call)
        return reply

    house.meddle({at: hang})
    client = asyncio.ensure_future(house.play(session, "r-1"))
    await waiting.wait()
    got = await reconnect(house, session)
    assert done(got) == {}
    assert got.json["under_way"] == ["r-1"]
    assert got.json["session"]["open_rounds"] == 1
    back.set()
    win = won(await client)
    assert await house.box.balance() == (998 + win, Decimal(0))
    assert (await reconnect(house, session)).json["under_way"] == []
    await house.require_agreement()


async def test_a_round_that_ends_meanwhile_is_not_taken_for_a_lost_one(house: Casino) -> None:
    """The wallet's list of held stakes is old when it arrives: the round has been settled since,
    and stays as it is."""
    session = await house.open()
    playing = asyncio.Event()
    listed = asyncio.Event()

    async def settle_late(send: Send, call: Call) -> Reply:
        playing.set()
        await listed.wait()
        reply: Reply = await send(call)
        return reply

    house.meddle({3: settle_late})
    client = asyncio.ensure_future(house.play(session, "r-1"))
    await playing.wait()

    async def list_then_let_it_end(send: Send, call: Call) -> Reply:
        reply: Reply = await send(call)
        listed.set()
        assert (await client).status == 200
        return reply

    house.acts[4] = list_then_let_it_end
    assert done(await reconnect(house, session)) == {}
    assert (await house.call("GET", "/rounds/r-1")).json["status"] == "completed"
    await house.require_agreement()


async def test_there_is_no_way_back_into_a_session_that_is_over(house: Casino) -> None:
    """Nor into one that never was."""
    session = await house.open()
    await house.call("POST", f"/sessions/{session}/end")
    require_problem(await reconnect(house, session), 409, "INVALID_STATE")
    require_problem(await reconnect(house, "s-none"), 404, "NOT_FOUND")
