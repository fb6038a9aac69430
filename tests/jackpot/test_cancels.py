"""What a trigger owes may be cancelled until it is parked, and never after the wallet has paid."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from simulator.wire.calls import Call, Reply
from tests.jackpot.tools import ELSEWHERE, Hall, hall, pool
from tests.play.tools import Send
from tests.server.tools import require_problem
from tests.support import Got


@pytest.fixture
async def house() -> AsyncIterator[Hall]:
    async with hall() as found:
        await found.open(pool("p"))
        yield found


async def cancel(house: Hall, name: str = "a", decision: str = "d-1", **how: Any) -> Got:
    body = {"decision_id": decision, "reason": "void game", "approved_by": "e.vance"}
    return await house.call("POST", f"/triggers/t-{name}/cancel", body, **how)


async def won(house: Hall, name: str = "a", act: Any = None) -> str:
    """A pool has fallen; this becomes of the wallet's first call."""
    if act is not None:
        house.meddle({0: act})
    await house.contribute("p", name=name)
    got = await house.trigger(name, "p")
    assert got.status == 201, got.body
    return str(got.json["jp_payout_id"])


async def status(house: Hall, payout_id: str) -> Any:
    return (await house.call("GET", f"/payouts/{payout_id}")).json["status"]


def reserve(house: Hall) -> int:
    ((amount,),) = house.rows("SELECT reserve FROM jp_pool WHERE pool_id = 'p'")
    return int(amount)


async def test_while_the_wallet_sets_it_aside(house: Hall) -> None:
    """It is not asked to pay any more: what it holds is let go, and the pool's reserve has the
    amount (WAL-96, JP-13)."""
    await house.open(pool("aside", sets_aside=True))

    async def cancelled(send: Send, call: Call) -> Reply:
        assert (await cancel(house)).json["cancelling"] is True
        reply: Reply = await send(call)
        return reply

    house.meddle({0: cancelled})
    await house.contribute("aside", name="a")
    fell = (await house.trigger("a", "aside")).json
    await house.require_agreement()
    assert house.calls == ["jackpot payouts", "wallet reserve", "wallet release"]
    shown = (await house.call("GET", f"/payouts/{fell['jp_payout_id']}")).json
    assert (shown["status"], shown["set_aside"]) == ("cancelled", "let_go")
    assert house.rows("SELECT reserve FROM jp_pool WHERE pool_id = 'aside'") == [(1002,)]
    assert (await house.box.balance())[0] == 1000


async def test_before_the_wallet_is_asked(house: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is due is cancelled at once: its amount goes to the reserve, the driver finds nothing to
    ask, the pool goes on in its next cycle, and the command is written down once (WAL-96,
    QLT-05)."""
    party = house.box.world.parties["jackpot"]
    monkeypatch.setattr(party.courier, "_finish", lambda *_args, **_more: never())
    payout_id = await won(house)
    assert await status(house, payout_id) == "due"
    got = await cancel(house, key="k")
    assert (got.status, got.json["status"]) == (200, "cancelled")
    assert (await cancel(house, key="k")).body == got.body
    assert (await cancel(house)).json == got.json
    require_problem(await cancel(house, decision="d-2"), 409, "INVALID_STATE")
    driven = await house.call("POST", "/payouts", {"jp_payout_id": payout_id, "attempt": 1})
    assert driven.json["status"] == "cancelled"
    assert house.asked == 0
    assert reserve(house) == 1002
    assert house.rows("SELECT what, of FROM jp_decision") == [("cancel", payout_id)]
    assert len(await house.events("jp.payout.cancelled")) == 1
    assert (await house.box.balance())[0] == 1000


async def never() -> None:
    """A courier that has not come to it yet."""


async def test_while_the_wallet_is_asked(house: Hall) -> None:
    """Nobody knows whether it has paid: if it has, the payout stands; if it refuses, the payout is
    cancelled instead of parked; what nobody can read is parked, because it may be paid (WAL-96,
    WAL-97)."""
    no = b'{"code":"CURRENCY_MISMATCH","message":"no","retryable":false,"trace_id":"t"}'
    for name, reply, after in (
        ("a", None, "credited"),
        ("b", Reply(status=422, body=no), "cancelled"),
        ("c", Reply(status=200, body=b'{"status":"perhaps"}'), "parked"),
    ):

        async def late(
            send: Send, call: Call, name: str = name, reply: Reply | None = reply
        ) -> Reply:
            got = await cancel(house, name, f"d-{name}")
            assert (got.json["status"], got.json["cancelling"]) == ("requested", True)
            require_problem(await cancel(house, name, f"e-{name}"), 409, "INVALID_STATE")
            return await send(call) if reply is None else reply

        payout_id = await won(house, name, late)
        await house.settled()
        assert await status(house, payout_id) == after
        assert "cancelling" not in (await house.call("GET", f"/payouts/{payout_id}")).json
    assert reserve(house) == 1002
    await house.require_agreement()


async def test_what_compliance_stopped_is_recorded_though_cancelled(house: Hall) -> None:
    """A payout that AML stops while it is being cancelled leaves its SAR/STR record (JP-53)."""
    await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "AML"})

    async def late(send: Send, call: Call) -> Reply:
        await cancel(house)
        reply: Reply = await send(call)
        return reply

    payout_id = await won(house, act=late)
    await house.settled()
    assert await status(house, payout_id) == "cancelled"
    records = (await house.call("GET", "/suspicions")).json["items"]
    assert [one["jp_payout_id"] for one in records] == [payout_id]
    await house.require_agreement()


async def test_what_has_ended_or_waits_is_not_cancelled(house: Hall) -> None:
    """Paid is paid; a parked one is forfeited instead; one of others is not there (PRV-63)."""
    await won(house)
    await house.settled()
    late = await cancel(house)
    require_problem(late, 409, "INVALID_STATE")
    assert late.json["details"]["reason"] == "credited"
    await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "RG"})
    await won(house, "b")
    await house.settled()
    assert (await cancel(house, "b", "d-2")).json["details"]["reason"] == "parked"
    require_problem(await cancel(house, "none", "d-3"), 404, "NOT_FOUND")
    got = await cancel(house, "b", "d-4", headers=ELSEWHERE)
    require_problem(got, 404, "NOT_FOUND")
    await house.require_agreement()
