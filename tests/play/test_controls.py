"""The negative controls of `test_recovery.py`: orchestrators that are wrong on purpose.

The question whether the three parties agree has to find each of them.
"""

from decimal import Decimal

import pytest

from simulator.adapters.transport import ReplyLost
from simulator.play import spinning
from simulator.play.calls import Said
from simulator.server.courier import Courier
from simulator.wire.calls import Call, Reply
from tests.play.tools import Casino, casino, lost

NO = b'{"code":"LIMIT_EXCEEDED","message":"no answer, so no","retryable":false,"trace_id":"tr_x"}'


async def hear_once(self: Courier, call: Call, _key: str, **_how: bool) -> Reply:
    """Take no answer for a refusal, instead of asking again."""
    try:
        return await self._outgoing.send(call)
    except ReplyLost:
        return Reply(status=422, body=NO)


async def agree(house: Casino) -> bool:
    try:
        await house.require_agreement()
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("at", [0, 1, 3])
async def test_the_control_no_answer_is_taken_for_a_refusal(
    at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever answer of authorize, spin and settle is lost, somebody has done what nobody else
    believes (WAL-72)."""
    async with casino() as house:
        session = await house.open()
        assert (await house.play(session, "r-0")).status == 200
        assert await agree(house)
        monkeypatch.setattr(Courier, "_hear", hear_once)
        house.meddle({at: lost})
        await house.play(session, "r-1")
        house.meddle({})
        assert not await agree(house)


async def test_the_control_nothing_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round without a spin is refused, and its stake forgotten (PRV-23)."""

    def forget(ask: object, opened: object, said: Said, rgs_txns: object) -> object:
        return spinning._refused(ask, opened, said, rgs_txns)  # type: ignore[arg-type]

    async with casino() as house:
        session = await house.open()
        real = house.box.world.parties["play"].courier._outgoing.send

        async def swallow(call: Call) -> Reply:
            if call.target.endswith("/rollback"):
                return Reply(status=200, body=b"{}")
            reply: Reply = await real(call)
            return reply

        wire = house.box.world.parties["play"].courier._outgoing
        monkeypatch.setattr(wire, "send", swallow)
        monkeypatch.setattr(spinning, "_cancelled", forget)
        got = await house.play(session, "r-1", Decimal("0.30"))
        assert got.status == 422
        assert not await agree(house)
