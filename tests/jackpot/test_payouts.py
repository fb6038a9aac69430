"""The payout saga: whatever goes wrong on the way, what was won is paid once, or waits for a person
with its reason."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from simulator.server import courier
from simulator.wire.calls import Call, Reply
from tests.jackpot.tools import ELSEWHERE, NETWORK, Hall, hall, one_in, pool
from tests.play.tools import ACTS, Send
from tests.server.tools import require_problem


@pytest.fixture
async def house() -> AsyncIterator[Hall]:
    async with hall() as found:
        await found.open(pool("p"))
        await found.open(pool("aside", sets_aside=True))
        yield found


async def won(house: Hall, name: str, player: str = "p_19f3", pool_id: str = "p") -> str:
    """A pool has fallen and its payout was set out: its id."""
    await house.contribute(pool_id, name=name, player_id=player)
    got = await house.trigger(name, pool_id, player=player)
    assert got.status == 201, got.body
    await house.settled()
    return str(got.json["jp_payout_id"])


async def payout(house: Hall, payout_id: str) -> Any:
    return (await house.call("GET", f"/payouts/{payout_id}")).json


# Once, whatever becomes of the call ---------------------------------------------------------------


@pytest.mark.parametrize(("pool_id", "calls"), [("p", 1), ("aside", 2)])
async def test_any_call_to_the_wallet_may_go_wrong(house: Hall, pool_id: str, calls: int) -> None:
    """To set aside or to pay: not sent, lost, cut, delivered twice or turned away, once and twice
    over: the player is paid once, with one jp_payout_id (WAL-72, WAL-97, JP-02, JP-13)."""
    count = 0
    for act in ACTS.values():
        for first in range(calls):
            times = 1 + count % 2
            house.meddle(dict.fromkeys(range(first, first + times), act))
            payout_id = await won(house, f"n{count}", pool_id=pool_id)
            count += 1
            assert (await payout(house, payout_id))["status"] == "credited"
            assert house.asked == calls + times
    assert (await house.box.balance())[0] == 1000 + count * Decimal("10.02")
    told = [one["payload"]["jp_payout_id"] for one in await house.events("jp.payout.credited")]
    assert len(told) == len(set(told)) == count
    await house.require_agreement()


def keep(data: Path, left: Path) -> None:
    """What is on the disk at this moment."""
    left.mkdir()
    for path in data.glob("*.db*"):
        shutil.copy(path, left / path.name)


async def test_the_power_may_fail_between_any_two_steps(tmp_path: Path) -> None:
    """Before and after every call of the saga, the service's own and the setting aside included,
    and before every commit: the next server pays what was won, once, and nothing that was not, and
    nothing stays held (WAL-97, JP-13, JP-40, JP-41)."""
    data = tmp_path / "world"
    left: list[Path] = []
    async with hall(data) as house:
        await house.open(pool("p", sets_aside=True))
        party = house.box.world.parties["jackpot"]
        real, submit = party.courier._outgoing.send, party.writer.submit

        def cut() -> None:
            left.append(tmp_path / f"left-{len(left)}")
            keep(data, left[-1])

        async def send(call: Call) -> Reply:
            cut()
            reply = await real(call)
            cut()
            return reply

        async def written(work: Any) -> Any:
            cut()
            return await submit(work)

        party.courier._outgoing.send = send  # type: ignore[method-assign]
        party.writer.submit = written  # type: ignore[method-assign,assignment]
        payout_id = await won(house, "a")
        party.courier._outgoing.send = real  # type: ignore[method-assign]
        party.writer.submit = submit  # type: ignore[method-assign]
        await house.require_agreement()
    assert len(left) >= 12
    assert house.calls == ["jackpot payouts", "wallet reserve", "wallet credit"]
    fallen = 0
    for folder in left:
        async with hall(folder) as house:
            await house.require_agreement()
            hits = house.rows("SELECT count(*) FROM jp_trigger")[0][0]
            paid = (await house.box.balance())[0] - 1000
            assert paid == hits * Decimal("10.02"), folder.name
            if hits:
                assert (await payout(house, payout_id))["status"] == "credited"
            fallen += hits
    assert 0 < fallen < len(left)  # the control: some were before the fall


async def test_while_the_wallet_is_away_the_obligation_stands(tmp_path: Path) -> None:
    """The pool goes on in its next cycle, the payout is `requested`, and a server that starts when
    the wallet is back pays it (JP-80, WAL-94)."""
    async with hall(tmp_path) as house:
        await house.open(pool("p"))

        async def away(_send: Send, _call: Call) -> Reply:
            shown = (await house.call("GET", "/payouts")).json["items"]
            assert [one["status"] for one in shown] == ["requested"]
            got = await house.contribute("p", name="next")
            assert got.json["cycle"] == 2
            return Reply(status=503, body=b"{}")

        house.meddle({0: away})
        await won(house, "a")
        await house.require_agreement()


# Parked -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["RG", "AML", "WITHDRAWAL_LIMIT", "SANCTIONS", "GEO_BLOCK"])
async def test_what_compliance_stops_is_parked(house: Hall, reason: str) -> None:
    """With its reason, listed, not lost and not paid; released when it may be, it is paid once,
    under the same jp_payout_id (JP-13, WAL-97). AML and sanctions leave one SAR/STR record, however
    often they stop it (JP-53)."""
    await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": reason})
    payout_id = await won(house, "a")
    assert (await payout(house, payout_id))["reason"] == reason
    listed = (await house.call("GET", "/payouts?status=parked")).json["items"]
    assert [one["jp_payout_id"] for one in listed] == [payout_id]
    assert (await house.decide(payout_id, "release")).json["status"] == "due"
    await house.settled()
    again = await payout(house, payout_id)
    assert (again["status"], again["reason"], again["attempt"]) == ("parked", reason, 2)
    assert (await house.box.balance())[0] == 1000
    await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "none"})
    await house.decide(payout_id, "release", "d-2")
    await house.settled()
    assert (await payout(house, payout_id))["status"] == "credited"
    assert (await house.box.balance())[0] == Decimal("1010.02")
    records = (await house.call("GET", "/suspicions")).json["items"]
    suspicious = reason in ("AML", "SANCTIONS")
    assert [one["reason"] for one in records] == ([reason] if suspicious else [])
    assert len(await house.events("aml.alert.opened")) == suspicious
    assert len(await house.events("rg.limit.hit")) == (2 if reason == "RG" else 0)
    await house.require_agreement()


async def test_another_currency_parks(house: Hall) -> None:
    """The service never converts: the wallet of a player in USD refuses, and a person decides
    (JP-13)."""
    payout_id = await won(house, "a", "p_usd")
    assert (await payout(house, payout_id))["reason"] == "CURRENCY_MISMATCH"
    await house.require_agreement()


async def test_an_answer_that_says_nothing_parks(house: Hall) -> None:
    """A 200 that is neither paid nor refused: nobody guesses, and nobody forfeits what may have
    been paid. Released, it is paid once even where the wallet had paid it (WAL-72, WAL-97)."""

    async def mumble(send: Send, call: Call) -> Reply:
        await send(call)
        return Reply(status=200, body=b'{"status": "perhaps"}')

    house.meddle({0: mumble})
    payout_id = await won(house, "a")
    assert (await payout(house, payout_id))["reason"] == "UNREADABLE"
    assert (await house.box.balance())[0] == Decimal("1010.02")
    await house.box.require_sound()  # parked while the wallet has paid is no break: it may have
    refused = await house.decide(payout_id, "forfeit", "d-0")
    require_problem(refused, 409, "INVALID_STATE")
    assert refused.json["details"]["reason"] == "outcome_unknown"
    await house.decide(payout_id, "release")
    await house.settled()
    assert (await payout(house, payout_id))["status"] == "credited"
    assert (await house.box.balance())[0] == Decimal("1010.02")
    await house.require_agreement()


async def test_a_forfeited_payout_goes_to_the_reserve(house: Hall) -> None:
    """It is never paid afterwards, by nobody; who decided it, and why, is written down once
    (WAL-97, QLT-05)."""
    await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "SANCTIONS"})
    payout_id = await won(house, "a")
    got = await house.decide(payout_id, "forfeit", key="k")
    assert got.json["status"] == "forfeited"
    assert (await house.decide(payout_id, "forfeit", key="k")).body == got.body
    assert (await house.decide(payout_id, "forfeit")).json == got.json
    require_problem(await house.decide(payout_id, "release"), 409, "DUPLICATE")
    late = await house.decide(payout_id, "release", "d-2")
    require_problem(late, 409, "INVALID_STATE")
    decided = house.rows("SELECT what, of, reason, approved_by FROM jp_decision")
    assert decided == [("forfeit", payout_id, "looked into", "e.vance")]
    assert house.rows("SELECT reserve FROM jp_pool WHERE pool_id = 'p'") == [(1002,)]
    await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "none"})
    body = {"jp_payout_id": payout_id, "attempt": 1}
    assert (await house.call("POST", "/payouts", body)).json["status"] == "forfeited"
    assert (await house.box.balance())[0] == 1000
    await house.require_agreement()


async def test_who_drives_a_payout_besides_pays_nothing_more(house: Hall) -> None:
    """The operation that the service sends to itself is told how things stand, under any key; a
    wrong attempt is refused (JP-02)."""
    payout_id = await won(house, "a")
    body = {"jp_payout_id": payout_id, "attempt": 1}
    for key in ("one", "two", f"{payout_id}/1"):
        got = await house.call("POST", "/payouts", body, key=key)
        assert got.json["status"] == "credited"
    got = await house.call("POST", "/payouts", {**body, "attempt": 2})
    require_problem(got, 409, "INVALID_STATE")
    require_problem(await house.decide(payout_id, "release"), 409, "INVALID_STATE")
    require_problem(await house.call("GET", "/payouts/none"), 404, "NOT_FOUND")
    assert (await house.box.balance())[0] == Decimal("1010.02")
    await house.require_agreement()


# Set aside first ----------------------------------------------------------------------------------


async def test_it_is_set_aside_and_then_paid(house: Hall) -> None:
    """In that order, with one jp_payout_id; a pool whose terms want nothing of it asks for the
    payment alone: the control (JP-13, JP-40)."""
    house.meddle({})
    payout_id = await won(house, "a", pool_id="aside")
    assert house.calls == ["jackpot payouts", "wallet reserve", "wallet credit"]
    shown = await payout(house, payout_id)
    assert (shown["status"], shown["set_aside"]) == ("credited", "held")
    assert house.rows("SELECT jp_payout_id, status FROM set_aside", "wallet") == [
        (payout_id, "paid")
    ]
    house.meddle({})
    plain = await won(house, "b")
    assert house.calls == ["jackpot payouts", "wallet credit"]
    assert "set_aside" not in await payout(house, plain)
    await house.require_agreement()


async def test_what_is_not_set_aside_is_not_asked_to_be_paid(house: Hall) -> None:
    """A refusal parks it with its reason, and its record where AML says no; released, it is set
    aside and paid once (JP-13, JP-53, WAL-97)."""
    await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "AML"})
    house.meddle({})
    payout_id = await won(house, "a", pool_id="aside")
    assert house.calls == ["jackpot payouts", "wallet reserve"]
    shown = await payout(house, payout_id)
    assert (shown["status"], shown["reason"], shown["set_aside"]) == ("parked", "AML", "asked")
    assert len((await house.call("GET", "/suspicions")).json["items"]) == 1
    await house.require_agreement()
    await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "none"})
    await house.decide(payout_id, "release")
    await house.require_agreement()
    assert (await payout(house, payout_id))["status"] == "credited"
    assert (await house.box.balance())[0] == Decimal("1010.02")


@pytest.mark.parametrize("what", ["release", "forfeit"])
async def test_what_is_held_waits_for_a_person(house: Hall, what: str) -> None:
    """Refused when it is to be paid, it stays held: released, it is paid without being set aside
    again; forfeited, the operator has it back, and it is never paid (WAL-97, JP-13)."""

    async def stopped(send: Send, call: Call) -> Reply:
        await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "RG"})
        reply: Reply = await send(call)
        return reply

    house.meddle({1: stopped})
    payout_id = await won(house, "a", pool_id="aside")
    shown = await payout(house, payout_id)
    assert (shown["status"], shown["reason"], shown["set_aside"]) == ("parked", "RG", "held")
    await house.require_agreement()
    await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "none"})
    house.meddle({})
    await house.decide(payout_id, what)
    await house.require_agreement()
    asked = {"release": ["jackpot payouts", "wallet credit"], "forfeit": ["wallet release"]}
    assert house.calls == asked[what]
    ended = house.rows("SELECT status FROM set_aside", "wallet")
    assert ended == [("paid" if what == "release" else "released",)]
    assert (await house.box.balance())[0] == (Decimal("1010.02") if what == "release" else 1000)


async def test_an_answer_that_says_nothing_of_what_is_held(house: Hall) -> None:
    """The wallet was not asked to pay, so nobody can have been paid: a person may forfeit it, and
    what the wallet may hold is let go (WAL-72, JP-13)."""

    async def mumble(send: Send, call: Call) -> Reply:
        await send(call)
        return Reply(status=200, body=b'{"status": "perhaps"}')

    house.meddle({0: mumble})
    payout_id = await won(house, "a", pool_id="aside")
    assert (await payout(house, payout_id))["reason"] == "UNREADABLE"
    assert house.rows("SELECT status FROM set_aside", "wallet") == [("held",)]
    got = await house.decide(payout_id, "forfeit")
    assert (got.json["status"], got.json["set_aside"]) == ("forfeited", "let_go")
    await house.require_agreement()
    assert house.rows("SELECT status FROM set_aside", "wallet") == [("released",)]
    assert house.rows("SELECT reserve FROM jp_pool WHERE pool_id = 'aside'") == [(1002,)]


# Across -------------------------------------------------------------------------------------------


async def test_the_winners_own_operator_pays(house: Hall) -> None:
    """A network pool that falls in another brand is paid by that brand's wallet, in its region; the
    other brand sees neither winner nor payout, and decides nothing about it (JP-61, PRV-63)."""
    await house.open(pool("net", scope="network", members=list(NETWORK)))
    await house.contribute("net", name="ours")
    await house.contribute("net", name="theirs", headers=ELSEWHERE, player_id="p_uk")
    fell = (await house.trigger("theirs", "net", player="p_uk", headers=ELSEWHERE)).json
    await house.settled()
    payout_id = fell["jp_payout_id"]
    shown = (await house.call("GET", f"/payouts/{payout_id}", headers=ELSEWHERE)).json
    assert (shown["status"], shown["reason"]) == ("parked", "CURRENCY_MISMATCH")
    for got in (
        await house.call("GET", f"/payouts/{payout_id}"),
        await house.call("GET", f"/triggers/{fell['jp_trigger_id']}"),
        await house.decide(payout_id, "forfeit"),
        await house.call("POST", "/payouts", {"jp_payout_id": payout_id, "attempt": 1}),
    ):
        require_problem(got, 404, "NOT_FOUND")
    for path in ("/payouts", "/triggers", "/events?event_type=jp.triggered"):
        assert (await house.call("GET", path)).json["items"] == []
    assert await house.size("net") == 10
    await house.require_agreement()


async def test_a_fall_by_chance_is_paid_like_any_other(house: Hall) -> None:
    """What the service lets fall itself goes the same way (JP-30, JP-40)."""
    await house.open(pool("sure", trigger=one_in(1)))
    fell = (await house.contribute("sure")).json["fell"]
    await house.settled()
    assert (await payout(house, fell["jp_payout_id"]))["status"] == "credited"
    topics = ("jp.triggered", "jp.payout.requested", "jp.payout.credited")
    assert [len(await house.events(topic)) for topic in topics] == [1, 1, 1]
    await house.require_agreement()


@pytest.mark.parametrize("status", [400, 403, 404, 409])
async def test_chaos_at_our_own_door_loses_no_payout(house: Hall, status: int) -> None:
    """What is set out through the outbox is ours alone to refuse: an answer that was injected is
    asked past, whatever it says, and the payout is paid once (WAL-97, JP-41, SBX-05)."""
    for operation in ("jackpot.payOut", "jackpot.followFeed"):
        rule = {"at": operation, "fault": "status", "with": {"status": status}, "attempts": [1]}
        assert (await house.box.admin("POST", "/chaos/rules", rule)).status == 201
    await house.contribute("grand-eu-01", name="a")
    assert (await house.trigger("a")).status == 201
    await house.settled()
    assert house.rows("SELECT status, attempt FROM jp_payout") == [("credited", 1)]
    await house.require_agreement()


async def test_a_platform_that_is_away_stops_no_payout(house: Hall) -> None:
    """However many callbacks wait for a platform that does not answer, winners are paid: who is
    away holds up what is for it alone (JP-12, JP-80)."""
    await house.open(pool("told", trigger=one_in(1), callback="/play/v1/jackpot-triggers"))
    rule = {"at": "play.*", "fault": "blackout", "name": "away"}
    assert (await house.box.admin("POST", "/chaos/rules", rule)).status == 201
    falls = courier.AT_ONCE + 3
    for n in range(falls):
        assert "fell" in (await house.contribute("told", name=f"c-{n}")).json
    credited = "SELECT count(*) FROM jp_payout WHERE status = 'credited'"
    for _ in range(60_000):
        if house.rows(credited) == [(falls,)]:
            break
        await asyncio.sleep(0.001)
    assert house.rows(credited) == [(falls,)]
    waiting = "SELECT count(*) FROM task WHERE state = 'pending' AND operation = 'send'"
    assert house.rows(waiting)[0][0] >= falls, "the platform was not away"
    await house.box.admin("DELETE", "/chaos/rules/away")
    await house.settled()
    await house.require_agreement()
