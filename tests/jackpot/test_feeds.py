"""Contributions by following events: what a feed tells counts once, whatever is repeated, lost,
told late or in another order, and whenever the power fails."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from simulator.adapters.transport import NotSent, ReplyLost
from simulator.wire import json
from simulator.wire.calls import Call, Reply
from tests.jackpot.tools import ELSEWHERE, Hall, hall
from tests.play.tools import Casino, Send
from tests.server.tools import require_problem
from tests.support import Got

VAULT = "studio:slot_vault_x"
POOL = "jp_demo_eu"


@pytest.fixture
async def house() -> AsyncIterator[Hall]:
    async with hall() as found:
        yield found


async def spun(house: Hall, *names: str) -> None:
    """Spins of a studio whose platform tells nobody of them."""
    send = house.box.call
    session = await Casino(house.box).open(game_id=VAULT)
    for name in names:
        spin = {
            "spin_id": f"{name}-1",
            "round_id": name,
            "session_id": session,
            "stake": {"amount": 2, "currency": "EUR"},
            "spin_type": "cash",
            "idempotency_key": f"{name}-spin",
        }
        got = await send("POST", "/rgs/v1/spins", spin, client="platform-demo")
        assert got.status == 200, got.body


async def follow(house: Hall, feed: str = "rgs", **body: Any) -> Got:
    got = await house.call("POST", f"/feeds/{feed}/follow", body)
    await house.settled()
    return got


def recorded(house: Hall) -> list[tuple[Any, ...]]:
    text = "SELECT bet_id, stake, amount, status FROM jp_contribution ORDER BY bet_id"
    return house.rows(text)


async def test_what_the_studio_tells_is_contributed(house: Hall) -> None:
    """Each `jackpot_contribution`, with the stake of its spin, once: a second look finds nothing
    new, and goes on where the first has ended (JP-10)."""
    await spun(house, "a", "b")
    got = await follow(house)
    assert got.status == 200, got.body
    assert (got.json["contributions"], got.json["behind"]) == (2, False)
    assert recorded(house) == [("a-1", 200, 2, "recorded"), ("b-1", 200, 2, "recorded")]
    assert (await follow(house)).json["contributions"] == 2
    await spun(house, "c")
    assert (await follow(house)).json["contributions"] == 3
    assert await house.size(POOL) == Decimal("1000.06")
    listed = (await house.call("GET", "/feeds")).json["items"]
    assert [(one["feed"], one["contributions"]) for one in listed] == [("rgs", 3)]
    await house.require_agreement()


async def test_told_by_call_and_by_event_it_is_one(house: Hall) -> None:
    """What play has contributed is what the feed tells of: the same id, one contribution, in
    whichever order the two come (JP-10, WAL-90)."""
    casino = Casino(house.box)
    session = await casino.open(game_id=VAULT)
    await casino.play(session, "r-0", 2)
    await casino.settled()
    await follow(house)
    assert recorded(house) == [("r-0-1", 200, 2, "recorded")]
    assert await house.size(POOL) == Decimal("1000.02")
    await casino.require_agreement()


async def test_a_spin_that_is_void_takes_its_contribution_back(house: Hall) -> None:
    """By the studio's `jackpot_reversal`: on a later page it is subtracted from the pool; on the
    same page it may overtake, and then keeps the contribution out. Either way nothing of the spin
    is in the pool, and nothing of it comes in afterwards (WAL-96)."""
    await spun(house, "a", "b")
    await follow(house)
    await house.box.call("POST", "/rgs/v1/spins/a-1/void", {}, client="platform-demo")
    await follow(house)
    await spun(house, "c")
    await house.box.call("POST", "/rgs/v1/spins/c-1/void", {}, client="platform-demo")
    assert (await follow(house)).json["rollbacks"] == 2
    kept = [row for row in recorded(house) if row[3] == "recorded"]
    assert kept == [("b-1", 200, 2, "recorded")]
    assert await house.size(POOL) == Decimal("1000.02")
    late = await house.contribute(POOL, 2, name="late", bet_id="c-1")
    require_problem(late, 409, "INVALID_STATE")
    assert late.json["details"]["reason"] == "tombstone"
    await house.require_agreement()


async def test_a_bet_that_the_wallet_rolls_back(house: Hall) -> None:
    """`bet.rolled_back` of the wallet's feed takes the bet's part out of every pool; after a fall
    the reserve pays it and what was won stays won (WAL-96)."""
    send = house.box
    session = await send.session()
    await send.authorize(session, "b-x", 2)
    await house.contribute("grand-eu-01", 2, name="g", bet_id="b-x", round_id="r-1")
    await house.contribute("vault-mini", 2, name="m", bet_id="b-x", round_id="r-1")
    fell = await house.call(
        "POST",
        "/triggers",
        {
            "jp_trigger_id": "t-x",
            "pool_id": "grand-eu-01",
            "reason": "random",
            "selection": {"player_id": "p_19f3", "round_id": "r-1"},
        },
    )
    assert fell.status == 201, fell.body
    body = {"bet_id": "b-x", "round_id": "r-1"}
    assert (await send.call("POST", "/v1/bets/rollback", body)).status == 200
    got = await follow(house, "wallet")
    assert got.json["rollbacks"] == 1
    text = "SELECT jp_contrib_id, status, charged_to FROM jp_contribution ORDER BY 1"
    assert house.rows(text) == [("c-g", "reversed", "reserve"), ("c-m", "reversed", "pool")]
    assert (await house.call("GET", f"/payouts/{fell.json['jp_payout_id']}")).json[
        "status"
    ] == "credited"
    await follow(house, "wallet")
    assert len(await house.events("jp.contribution.reversed")) == 2
    await house.require_agreement()


async def test_a_page_may_end_between_a_spin_and_its_contribution(
    house: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the studio is asked for the spin; and while there is more, the service reads on by
    itself, page by page (JP-10)."""
    await spun(house, *(f"n{n}" for n in range(5)))
    monkeypatch.setattr("simulator.jackpot.feeds.PAGE", 1)
    got = await follow(house)
    assert got.json["behind"] is True
    (feed,) = (await house.call("GET", "/feeds")).json["items"]
    assert (feed["contributions"], feed["behind"], feed["unread"]) == (5, False, 0)
    assert "rgs n0-1" in house.calls  # the control: pages did end there
    assert [row[:3] for row in recorded(house)] == [(f"n{n}-1", 200, 2) for n in range(5)]


def altered(reply: Reply, change: Any) -> Reply:
    """The same page with its events changed."""
    page = json.decode(reply.body)
    page["items"] = change(page["items"])
    return Reply(status=reply.status, headers=reply.headers, body=json.encode(page))


CHANGES = {
    "twice": lambda items: [*items, *items],
    "backwards": lambda items: items[::-1],
    "with one that nobody can read": lambda items: [
        *items,
        {"event_type": "jackpot_contribution", "payload": {"spin_id": "b-1"}},
        {"event_type": "bet.rolled_back", "payload": {}},
        {"event_type": "news", "payload": {}},
    ],
}


@pytest.mark.parametrize("how", CHANGES)
async def test_however_a_feed_tells_it(house: Hall, how: str) -> None:
    """Each event twice, in another order, beside some that lack what has to be known: every
    contribution is there once, and what cannot be read is counted (JP-80, WAL-90)."""
    await spun(house, "a", "b", "c")
    wire = house.box.world.parties["jackpot"].courier._outgoing
    real = wire.send

    async def send(call: Call) -> Reply:
        reply = await real(call)
        return altered(reply, CHANGES[how]) if "/events" in call.target else reply

    wire.send = send  # type: ignore[method-assign]
    got = await follow(house)
    assert [row[:3] for row in recorded(house)] == [(f"{n}-1", 200, 2) for n in "abc"]
    assert got.json["unread"] == (2 if how.startswith("with") else 0)
    await house.require_agreement()


@pytest.mark.parametrize("wrong", [NotSent("refused"), ReplyLost("no answer")])
async def test_a_feed_that_does_not_answer_is_asked_again(house: Hall, wrong: Exception) -> None:
    """Until it does; nothing is left out (WAL-72, JP-80)."""
    await spun(house, "a")
    wire = house.box.world.parties["jackpot"].courier._outgoing
    real, failures = wire.send, [wrong, wrong]

    async def send(call: Call) -> Reply:
        if "/events" in call.target and failures:
            raise failures.pop()
        return await real(call)

    wire.send = send  # type: ignore[method-assign]
    assert (await follow(house)).status == 200
    assert not failures
    assert len(recorded(house)) == 1


async def test_a_feed_that_refuses_says_so(house: Hall) -> None:
    """A refusal, or a page that is none, is told to who asked, and nothing is skipped (JP-10)."""
    await spun(house, "a")
    wire = house.box.world.parties["jackpot"].courier._outgoing
    real = wire.send
    no = {"code": "NOT_FOUND", "message": "no", "retryable": False, "trace_id": "tr_x"}
    replies = [
        (Reply(status=404, body=json.encode(no)), "rgs_refused"),
        (Reply(status=200, body=b'{"items": 3}'), "rgs_unreadable"),
    ]
    for reply, reason in replies:

        async def send(call: Call, reply: Reply = reply) -> Reply:
            return reply if "/events" in call.target else await real(call)

        wire.send = send  # type: ignore[method-assign]
        got = await follow(house)
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == reason
    await house.later(120_000)
    assert (await house.call("GET", "/health")).json["status"] == "ok"  # it has answered
    wire.send = real  # type: ignore[method-assign]
    assert (await follow(house)).json["contributions"] == 1


async def test_followed_by_the_clock(house: Hall) -> None:
    """With `every_s` the feed is looked at by itself when its time has come, until it is switched
    off (JP-10, SBX-03)."""
    assert (await follow(house, every_s=10)).json["every_s"] == 10
    await spun(house, "a")
    await house.later(9_000)
    await house.settled()
    assert recorded(house) == []
    await house.later(1_000)
    await house.settled()
    assert len(recorded(house)) == 1
    assert "next_at" not in (await follow(house, every_s=0)).json
    await spun(house, "b")
    await house.later(60_000)
    await house.settled()
    assert len(recorded(house)) == 1


async def test_an_advance_looks_as_often_as_it_passes_the_time(house: Hall) -> None:
    """One advance over a minute is six looks, each at its own time, also where they find nothing
    new: the last of them sees what happened on the way (JP-10, SBX-03)."""
    await follow(house, "wallet", every_s=10)
    asked = house.asked
    got = await house.box.admin("POST", "/clock/advance", {"by_ms": 60_000})
    assert [one["at"][17:19] for one in got.json["fired"]] == ["10", "20", "30", "40", "50", "00"]
    await house.settled()
    assert house.asked == asked + 6


async def test_one_look_at_a_time(house: Hall) -> None:
    """Whoever does not answer for an hour is asked by one look, not by hundreds that all come back
    with it; then the clock's looks go on (JP-10, JP-80)."""
    back = asyncio.Event()

    async def away(send: Send, call: Call) -> Reply:
        await back.wait()
        reply: Reply = await send(call)
        return reply

    await follow(house, "wallet", every_s=10)
    house.meddle(dict.fromkeys(range(1_000), away))
    for _ in range(30):
        await house.later(10_000)
    pending = "SELECT count(*) FROM task WHERE state = 'pending' AND operation = 'followFeed'"
    assert house.rows(pending) == [(1,)]
    back.set()
    await house.settled()
    asked = house.asked
    await house.later(10_000)
    await house.settled()
    assert house.asked == asked + 1


async def test_the_feeds_of_others_are_theirs(house: Hall) -> None:
    """What another brand follows is not seen, and moves nothing here (JP-60, PRV-63)."""
    await spun(house, "a")
    await follow(house)
    listed = await house.call("GET", "/feeds", headers=ELSEWHERE)
    assert listed.json["items"] == []
    got = await house.call("POST", "/feeds/rgs/follow", {}, headers=ELSEWHERE)
    assert got.json["contributions"] == 0
    got = await house.box.call("POST", "/v1/jp/feeds/rgs/follow", {}, client="studio-demo")
    require_problem(got, 403, "SCOPE_DENIED")


async def test_the_power_may_fail_anywhere(tmp_path: Path) -> None:
    """Before every commit and around every call of a look: the next server goes on with it, and
    each event has counted once (JP-41, JP-80, WAL-96)."""
    data, left = tmp_path / "world", list[Path]()
    async with hall(data) as house:
        await spun(house, "a", "b")
        await house.box.call("POST", "/rgs/v1/spins/b-1/void", {}, client="platform-demo")
        party = house.box.world.parties["jackpot"]
        real, submit = party.courier._outgoing.send, party.writer.submit

        def cut() -> None:
            left.append(tmp_path / f"left-{len(left)}")
            left[-1].mkdir()
            for path in data.glob("*.db*"):
                shutil.copy(path, left[-1] / path.name)

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
        await follow(house)
        party.courier._outgoing.send = real  # type: ignore[method-assign]
        party.writer.submit = submit  # type: ignore[method-assign]
    assert len(left) >= 6
    for folder in left[:: max(1, len(left) // 6)]:
        async with hall(folder) as house:
            await house.settled()
            assert (await follow(house)).status == 200
            kept = [row for row in recorded(house) if row[3] == "recorded"]
            assert kept == [("a-1", 200, 2, "recorded")], folder.name
            await house.require_agreement()
