"""Reported events: each item for itself, none counted twice (RGS-04, RGS-20, PRV-43)."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from tests.rgs.tools import COMET, Studio, studio
from tests.server.tools import require_problem


async def _item(at: Studio, spin: str = "spin-900", **changes: Any) -> dict[str, Any]:
    build = await at.build()
    return {
        "type": "spin_finished",
        "ts": "2025-10-20T11:22:33.123Z",
        "spin_id": spin,
        "round_id": f"rnd-{spin}",
        "stake": Decimal("1.00"),
        "win": Decimal("3.40"),
        "currency": "EUR",
        "game_id": build["game_id"],
        "build_hash": build["build_hash"],
        "player_id": "p_19f3",
        "operator_id": "op-42",
        "spin_type": "cash",
        **changes,
    }


async def _send(at: Studio, *items: Any) -> Any:
    return await at.ok("POST", "/events/batch", {"events": list(items)})


def _statuses(answer: Any) -> list[str]:
    return [result["status"] for result in answer["results"]]


async def test_an_item_counts_once() -> None:
    """Within a batch, in another batch, in a batch of another order: accepted once, then repeated;
    the feed has it once, with its build (RGS-04, RGS-20)."""
    async with studio() as at:
        one, two = await _item(at, "a"), await _item(at, "b")
        assert _statuses(await _send(at, one, one, two)) == ["accepted", "repeated", "accepted"]
        assert _statuses(await _send(at, two, one)) == ["repeated", "repeated"]
        told = await at.events("spin_finished")
        assert [event["payload"]["spin_id"] for event in told] == ["a", "b"]
        assert {event["build_hash"] for event in told} == {one["build_hash"]}
        assert told[0]["payload"]["win"] == Decimal("3.40")


async def test_the_same_batch_is_answered_again() -> None:
    """Without a key its items are its key, so a lost answer is asked for by sending it again, byte
    for byte; with a key in the body, that is it (PRV-30, PRV-35)."""
    async with studio() as at:
        body = {"events": [await _item(at)]}
        first = await at.call("POST", "/events/batch", body)
        again = await at.call("POST", "/events/batch", body)
        assert (again.body, again.replayed) == (first.body, True)
        keyed = await at.call("POST", "/events/batch", {**body, "idempotency_key": "k-1"})
        assert _statuses(keyed.json) == ["repeated"]
        other = {"events": [await _item(at, "other")], "idempotency_key": "k-1"}
        got = await at.call("POST", "/events/batch", other)
        require_problem(got, 409, "IDEMPOTENCY_MISMATCH")


async def test_a_spin_that_was_played_here_is_known() -> None:
    """Reported with its own values it is a repeat; with others it is refused, and the feed has it
    once (RGS-04, PRV-43)."""
    async with studio() as at:
        await at.open()
        played = await at.played()
        win = played["outcome"]["win"]["amount"]
        same = await _item(at, "spin-1", round_id="rnd-1", win=win)
        assert _statuses(await _send(at, same)) == ["repeated"]
        answer = await _send(at, {**same, "win": win + 1})
        assert _statuses(answer) == ["refused"]
        assert answer["results"][0]["error"]["code"] == "DUPLICATE"
        assert len(await at.events("spin_finished")) == 1


async def test_a_spin_that_was_reported_is_not_played() -> None:
    """A batch has told of it, so nothing is played under its id: the feed has it once, and an
    `rg_event` of a spin to come hinders nothing (RGS-04, PRV-43)."""
    async with studio() as at:
        await at.open()
        answer = await _send(at, await _item(at, "a"), await _item(at, "b", type="rg_event"))
        assert _statuses(answer) == ["accepted", "accepted"]
        require_problem(await at.spin("a"), 409, "DUPLICATE")
        assert (await at.spin("b")).status == 200
        told = await at.events("spin_finished")
        assert [event["payload"]["spin_id"] for event in told] == ["a", "b"]
        assert at.rows("spin") == 1


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another type": ({"type": "spin_started"}, "VALIDATION_FAILED"),
    "no time": ({"ts": "2025-10-20"}, "VALIDATION_FAILED"),
    "too many decimals": ({"stake": Decimal("1.001")}, "VALIDATION_FAILED"),
    "below zero": ({"win": Decimal("-1.00")}, "VALIDATION_FAILED"),
    "a text for a number": ({"stake": "1.00 EUR"}, "VALIDATION_FAILED"),
    "a number in a text": ({"win": "3.40"}, "VALIDATION_FAILED"),
    "no currency": ({"currency": "XYZ"}, "VALIDATION_FAILED"),
    "an empty id": ({"spin_id": ""}, "VALIDATION_FAILED"),
    "an id that cannot be kept": ({"round_id": "r\x00"}, "VALIDATION_FAILED"),
    "no such game": ({"game_id": "studio:none"}, "NOT_FOUND"),
    "another game's build": ({"game_id": COMET}, "NOT_FOUND"),
    "no such build": ({"build_hash": "sha256:0"}, "NOT_FOUND"),
}


async def test_what_is_wrong_with_one_hinders_no_other() -> None:
    """Each bad item is refused with its own error, in its place; the good ones between them count
    (RGS-04)."""
    async with studio() as at:
        items: list[Any] = []
        for n, (changes, _) in enumerate(WRONG.values()):
            items.append(await _item(at, f"good-{n}"))
            items.append({**await _item(at, f"bad-{n}"), **changes})
        items.append({})
        answer = await _send(at, *items)
        assert (answer["accepted"], answer["refused"]) == (len(WRONG), len(WRONG) + 1)
        assert [result["index"] for result in answer["results"]] == list(range(len(items)))
        found = [result["error"]["code"] for result in answer["results"] if "error" in result]
        assert found == [code for _, code in WRONG.values()] + ["VALIDATION_FAILED"]
        assert at.rows("reported") == len(WRONG)
        assert answer["results"][-1]["error"]["details"]["errors"]


async def test_a_reported_rg_event_is_told() -> None:
    """It is another item than the spin it belongs to (RGS-30, PRV-43)."""
    async with studio() as at:
        item = await _item(at, "a")
        answer = await _send(at, item, {**item, "type": "rg_event"}, {**item, "type": "rg_event"})
        assert _statuses(answer) == ["accepted", "accepted", "repeated"]
        assert [event["payload"]["spin_id"] for event in await at.events("rg_event")] == ["a"]


async def test_a_thousand_items_and_no_more() -> None:
    """1 000 are taken, in one batch, each told; 1 001 or none are 400, and nothing is counted
    (RGS-04)."""
    async with studio() as at:
        item = await _item(at)
        items = [{**item, "spin_id": f"s-{n}", "round_id": f"r-{n}"} for n in range(1001)]
        for wrong in (items, []):
            got = await at.call("POST", "/events/batch", {"events": wrong})
            require_problem(got, 400, "VALIDATION_FAILED")
        assert at.rows("reported") == 0
        answer = await _send(at, *items[:1000])
        assert answer["accepted"] == at.rows("reported") == 1000


async def test_parallel_batches_count_each_item_once() -> None:
    """Eight batches that overlap, at once: every item is accepted by one of them (RGS-04)."""
    async with studio() as at:
        items = [await _item(at, f"s-{n}") for n in range(10)]
        batches = [items[n:] + items[:n] for n in range(8)]
        answers = await asyncio.gather(*(_send(at, *batch) for batch in batches))
        assert sum(answer["accepted"] for answer in answers) == 10
        assert at.rows("reported") == len(await at.events("spin_finished")) == 10


@pytest.mark.parametrize("topic", ["spin_finished", "rgs.session.started"])
async def test_the_feed_is_read_on_by_cursor(topic: str) -> None:
    """Page by page without gap or repeat, and on from the last page when more has come; cut to the
    caller's own tenant (PRV-34, PRV-60, PRV-63)."""
    async with studio() as at:
        await at.open()
        await at.played()
        page = await at.ok("GET", f"/events?event_type={topic}")
        await at.open("s-2")
        await at.played("spin-2", session_id="s-2", round_id="rnd-2")
        more = await at.ok("GET", f"/events?event_type={topic}&cursor={page['next_cursor']}")
        assert [len(page["items"]), len(more["items"])] == [1, 1]
        foreign = await at.call("GET", "/events?tenant_id=brand-7")
        require_problem(foreign, 403, "SCOPE_DENIED")
