"""Somebody makes the spin void, or gives the stake back, by hand at any moment of its round: it is
void or paid, and never both."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import pytest

from simulator.adapters.transport import NotSent, ReplyLost
from simulator.wire.calls import Call, Reply
from tests.play.tools import HEARD, MODELS, Act, Casino, Send, casino, cuts
from tests.server.tools import require_problem
from tests.support import Got

Deed = Callable[[Casino, str], Awaitable[Got]]


async def void(house: Casino, name: str) -> Got:
    """As somebody at the platform does it by hand, at the studio."""
    target, body = f"/rgs/v1/spins/{name}-1/void", {"reason": "by_hand"}
    return await house.box.call("POST", target, body, client="platform-demo")


async def give_back(house: Casino, name: str) -> Got:
    """The same at the wallet, of a stake that is held."""
    body = {"bet_id": f"{name}-1", "round_id": name, "player_id": "p_19f3"}
    return await house.box.call("POST", "/v1/bets/rollback", body)


async def take_back(house: Casino, name: str) -> Got:
    """The same of a stake that was taken."""
    body = {
        "transaction_id": f"{name}-by-hand",
        "original_transaction_id": f"{name}-1",
        "player_id": "p_19f3",
        "round_id": name,
    }
    return await house.box.call("POST", "/v1/wallet/rollback", body, client="playmoney-play")


def before(deed: Deed, house: Casino, name: str, seen: list[Got]) -> Act:
    async def act(send: Send, call: Call) -> Reply:
        seen.append(await deed(house, name))
        reply: Reply = await send(call)
        return reply

    return act


def after(deed: Deed, house: Casino, name: str, seen: list[Got]) -> Act:
    """The call is done, its answer on the way."""

    async def act(send: Send, call: Call) -> Reply:
        reply: Reply = await send(call)
        seen.append(await deed(house, name))
        return reply

    return act


def beside(deed: Deed, house: Casino, name: str, seen: list[Got]) -> Act:
    """At the same time, and the loop decides who is first."""

    async def act(send: Send, call: Call) -> Reply:
        reply, got = await asyncio.gather(send(call), deed(house, name))
        seen.append(got)
        answer: Reply = reply
        return answer

    return act


def lost(deed: Deed, house: Casino, name: str, seen: list[Got]) -> Act:
    """The call is done, its answer is lost, and before it is sent again comes the deed."""

    async def act(send: Send, call: Call) -> Reply:
        await send(call)
        seen.append(await deed(house, name))
        raise ReplyLost("no answer")

    return act


def unsent(deed: Deed, house: Casino, name: str, seen: list[Got]) -> Act:
    """The call does not get there, and before it is sent again comes the deed."""

    async def act(_send: Send, _call: Call) -> Reply:
        seen.append(await deed(house, name))
        raise NotSent("connection refused")

    return act


WHEN = (before, beside, after, lost, unsent)


@pytest.mark.parametrize("model", MODELS)
async def test_a_spin_is_void_or_paid(model: str) -> None:
    """Made void by hand before, beside or after any call of a round, or between a call and its
    repeat: where the studio says yes, the round is not completed, the stake is back and no win is
    shown; where it says no, the round is what it would have been. Both happen, and wallet, studio
    and play agree on every round (RGS-64, WAL-60, PRV-33)."""
    async with casino() as house:
        session = await house.open(**MODELS[model])
        for when in WHEN:
            for at in range(HEARD[model]):
                name, seen = f"r-{when.__name__}-{at}", list[Got]()
                start = await house.box.balance()
                house.meddle({at: when(void, house, name, seen)})
                got = await house.play(session, name)
                house.meddle({})
                await house.settled()
                shown = (await house.call("GET", f"/rounds/{name}")).json
                if seen[0].status == 200:
                    require_problem(got, 409, "INVALID_STATE")
                    assert got.json["details"] == {"reason": "spin_void", "by": "rgs"}
                    assert not {"outcome", "win"} & set(shown)
                    assert await house.box.balance() == start
                else:
                    assert seen[0].code in ("NOT_FOUND", "INVALID_STATE"), seen[0].body
                    assert got.status == 200, got.body
                again = await house.play(session, name)
                assert (again.body, again.replayed) == (got.body, True)
        await house.require_agreement()
        statuses = {row[0] for row in house.rows("SELECT status FROM spin", "rgs")}
        assert statuses == {"played", "void"}


@pytest.mark.parametrize("model", [model for model in MODELS if model != "transfer"])
async def test_a_stake_is_given_back_or_played_for(model: str) -> None:
    """A rollback by hand before, beside or after any call of a round, or between a call and its
    repeat, also before the bet that it takes back: the win is paid or the spin void, and all three
    agree (WAL-25, WAL-42, WAL-44, WAL-47)."""
    deed = give_back if model == "hold_first" else take_back
    async with casino() as house:
        session = await house.open(**MODELS[model])
        for when in WHEN:
            for at in range(HEARD[model]):
                name, seen = f"r-{when.__name__}-{at}", list[Got]()
                start = await house.box.balance()
                house.meddle({at: when(deed, house, name, seen)})
                got = await house.play(session, name)
                house.meddle({})
                await house.settled()
                if got.status != 200:
                    assert got.code in ("INVALID_STATE", "BET_NOT_FOUND"), got.body
                    assert await house.box.balance() == start
        await house.require_agreement()
        statuses = {row[0] for row in house.rows("SELECT status FROM play_round")}
        assert statuses >= {"completed", "cancelled"}


@pytest.mark.parametrize("model", MODELS)
async def test_the_power_fails_and_the_spin_is_made_void(tmp_path: Path, model: str) -> None:
    """Before and after each call the power fails; somebody makes the spin void while the next
    server takes the round up. It is void or paid, and all agree (WAL-64, RGS-64)."""
    data = tmp_path / "world"
    left = [tmp_path / f"left-{n}" for n in range(2 * HEARD[model])]

    async with casino(data) as house:
        session = await house.open(**MODELS[model])
        house.meddle(cuts(data, left))
        assert (await house.play(session, "r-1")).status == 200
    for folder in left:
        async with casino(folder) as house:
            got = await void(house, "r-1")
            await house.settled()
            again = await house.play(session, "r-1")
            assert (again.status == 200) == (got.status != 200), (folder.name, got.body)
            await house.require_agreement()


async def test_what_was_shown_stays() -> None:
    """After its answer a spin is not made void by anybody's wish; who says that the wallet has
    refused it is believed, as only the platform can know (WAL-60, RGS-64)."""
    async with casino() as house:
        session = await house.open()
        assert (await house.play(session, "r-1")).status == 200
        got = await void(house, "r-1")
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == "round_closed"
        await house.require_agreement()
        body = {"reason": "by_hand", "unpaid": True}
        target = "/rgs/v1/spins/r-1-1/void"
        got = await house.box.call("POST", target, body, client="platform-demo")
        assert (got.status, got.json["status"]) == (200, "void")
        with pytest.raises(AssertionError):  # the control: this is what the others would see
            await house.require_agreement()


async def test_a_studio_that_does_not_end_the_round_is_not_paid() -> None:
    """What is not known to stand is not paid: the stake comes back, and the spin is void."""
    async with casino() as house:
        session = await house.open()

        async def refuse(_send: Send, _call: Call) -> Reply:
            body = b'{"code":"NOT_FOUND","message":"no","retryable":false,"trace_id":"tr_x"}'
            return Reply(status=404, body=body)

        house.meddle({2: refuse})
        got = await house.play(session, "r-1")
        assert got.json["details"]["by"] == "rgs", got.body
        await house.settled()
        assert house.rows("SELECT status FROM spin", "rgs") == [("void",)]
        assert await house.box.balance() == (Decimal(1000), Decimal(0))
