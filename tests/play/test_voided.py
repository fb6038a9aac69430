"""The platform makes a spin void in the middle of its round: play notices before it pays."""

import asyncio
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from simulator.adapters.transport import NotSent, ReplyLost
from simulator.wire.calls import Call, Reply
from tests.play.tools import MODELS, Act, Casino, Send, casino
from tests.rgs.tools import Studio
from tests.server.tools import require_problem

PAYS = {"hold_first": 2, "debit_first": 2, "outcome_first": 1}
"""Which call of a round pays its win."""


async def void(house: Casino) -> None:
    """As somebody at the platform does it by hand."""
    await Studio(house.box).ok("POST", "/spins/r-1-1/void", {"reason": "by_hand"})


def voided(house: Casino, how: str) -> Act:
    """The spin is made void while the win waits for a wallet that does not answer."""

    async def act(_send: Send, _call: Call) -> Reply:
        if how == "lost":  # it was not done, and nobody can know it
            await void(house)
            raise ReplyLost("no answer")
        await void(house)
        if how == "not_sent":
            raise NotSent("connection refused")
        return Reply(status=503, body=b'{"code":"UNAVAILABLE"}')

    return act


async def require_given_back(house: Casino) -> None:
    """Cancelled here, void at the studio, and the player has all of it."""
    shown = (await house.call("GET", "/rounds/r-1")).json
    assert shown["status"] == "cancelled"
    assert not {"outcome", "win"} & set(shown)
    await house.settled()
    assert house.rows("SELECT status FROM spin", "rgs") == [("void",)]
    assert await house.box.balance() == (Decimal(1000), Decimal(0))
    await house.require_agreement()


@pytest.mark.parametrize("how", ["not_sent", "busy", "lost"])
@pytest.mark.parametrize("model", PAYS)
async def test_a_spin_made_void_while_its_win_waits_is_not_paid(model: str, how: str) -> None:
    """Whatever became of the first attempt to pay, the next one asks whether the spin still stands:
    the round is cancelled, the stake comes back, and the client is told so, once and again
    (WAL-72, RGS-64, PRV-23)."""
    async with casino() as house:
        session = await house.open(**MODELS[model])
        house.meddle({PAYS[model]: voided(house, how)})
        got = await house.play(session, "r-1")
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"] == {"reason": "spin_void", "by": "rgs"}
        assert (await house.play(session, "r-1")).body == got.body
        await require_given_back(house)
        assert (await house.play(session, "r-2")).status == 200


@pytest.mark.parametrize("model", PAYS)
async def test_a_spin_made_void_before_the_next_start_is_not_paid(
    tmp_path: Path, model: str
) -> None:
    """The power fails before the win is paid, and what the next server finds is a void spin: it
    cancels the round by itself, before it would pay anything (WAL-64, RGS-64)."""
    data, left = tmp_path / "world", tmp_path / "left"
    async with casino(data) as house:
        session = await house.open(**MODELS[model])

        async def cut(_send: Send, _call: Call) -> Reply:
            await void(house)
            left.mkdir()
            for path in data.glob("*.db*"):
                shutil.copy(path, left / path.name)
            raise NotSent("the power is gone")

        house.meddle({PAYS[model]: cut})
        require_problem(await house.play(session, "r-1"), 409, "INVALID_STATE")
    async with casino(left) as house:
        await house.settled()
        require_problem(await house.play(session, "r-1"), 409, "INVALID_STATE")
        await require_given_back(house)


@pytest.mark.parametrize("model", PAYS)
async def test_a_win_that_was_paid_stays_paid(model: str) -> None:
    """Void only after the wallet had paid, the answer lost: the repeat says what was answered, the
    round is completed, and the money is where the wallet says (WAL-47, WAL-72)."""
    async with casino() as house:
        session = await house.open(**MODELS[model])

        async def paid_then_void(send: Send, call: Call) -> Reply:
            await send(call)
            await void(house)
            raise ReplyLost("no answer")

        house.meddle({PAYS[model]: paid_then_void})
        got = await house.play(session, "r-1")
        assert got.status == 200, got.body
        await house.settled()
        win = Decimal(got.json["win"]["amount"])
        assert await house.box.balance() == (Decimal(998) + win, Decimal(0))


async def test_nothing_is_asked_where_nothing_went_wrong() -> None:
    """The control: a round that is not held up makes the calls that it always made, no more."""
    async with casino() as house:
        session = await house.open()
        house.meddle({})
        assert (await house.play(session, "r-1")).status == 200
        await house.settled()
        await asyncio.sleep(0)
        assert house.calls[:3] == ["wallet authorize", "rgs spins", "wallet settle"]
        assert sorted(house.calls[3:]) == ["rgs end", "wallet close"]
