"""What was given up is kept for a while, and never in the way (PRV-34, SBX-03)."""

from pathlib import Path

import pytest

from simulator.server import feed as feeds
from simulator.server import given_up
from simulator.server.given_up import KEPT_NS, MOST, GivenUp
from simulator.server.outbox import CLIENT, Item
from simulator.store.reading import Books
from tests.server.test_deliveries import arrived, bets, deliveries, flush, ids, rule, subscribe
from tests.support import Sandbox, sandbox

DAY_MS = 24 * 3_600_000


async def advance(box: Sandbox, by_ms: int) -> None:
    assert (await box.admin("POST", "/clock/advance", {"by_ms": by_ms})).status == 200


async def told(box: Sandbox) -> list[str]:
    """What the rows of deliveries still say, by their places."""

    def look(books: Books) -> list[str]:
        text = f"SELECT key FROM task WHERE client = '{CLIENT}' AND results <> x'' ORDER BY n"
        return [key for (key,) in books.rows(text)]

    return await box.world.parties["wallet"].audit(look)


def item(position: int) -> Item:
    return Item(position, f"e{position}", "bet.settled", "ana")


def test_the_oldest_are_forgotten_first() -> None:
    """By their number or by their age, whichever comes first, and none before that."""
    kept = GivenUp()
    for position in range(MOST + 2):
        kept.add(item(position), now_ns=position)
    assert [one.position for one in kept.forget(MOST)] == [0, 1]
    assert kept.next_ns == 2 + KEPT_NS
    assert kept.forget(1 + KEPT_NS) == []
    assert [one.position for one in kept.forget(3 + KEPT_NS)] == [2, 3]
    kept.discard(item(4))
    assert kept.next_ns == 5 + KEPT_NS
    again = GivenUp()
    again.take_up([item(9)])
    assert (len(again), again.next_ns) == (1, KEPT_NS)


async def test_after_thirty_days_it_is_forgotten_and_can_still_be_had(tmp_path: Path) -> None:
    """By the sandbox's clock, over a restart too: it is listed no more and its row says nothing,
    but the event is in the feed, so it is delivered to whoever knows its id."""
    async with sandbox(tmp_path) as box:
        await subscribe(box, retry_s=[])
        await rule(box, "status")
        await bets(box, await box.session(), "b1")
        assert await flush(box) == {"pending": 0, "dead": 1}
        (one,) = await deliveries(box)
        assert one["state"] == "dead"
        await advance(box, 29 * DAY_MS)
    async with sandbox(tmp_path) as box:
        assert await flush(box) == {"pending": 0, "dead": 1}
        assert len(await told(box)) == 1
        await advance(box, DAY_MS + 1)
        assert await flush(box) == {"pending": 0, "dead": 0}
        assert await deliveries(box) == []
        assert await told(box) == []
    async with sandbox(tmp_path) as box:
        await flush(box)
        assert await deliveries(box) == []
        again = await box.admin("POST", f"/deliveries/{one['delivery_id']}/redeliver")
        assert again.status == 202, again.body
        await flush(box)
        assert [(each["event_id"], each["attempt"]) for each in await arrived(box)] == [
            (one["event_id"], 2)
        ]
        await box.require_sound()


async def test_what_was_given_up_is_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many were given up, as many others may wait as before; the newest are kept."""
    monkeypatch.setattr(feeds, "MOST", 2)
    monkeypatch.setattr(given_up, "MOST", 3)
    async with sandbox() as box:
        await subscribe(box, retry_s=[])
        await rule(box, "status", name="down")
        names = [f"b{n}" for n in range(6)]
        await bets(box, await box.session(), *names)
        assert await flush(box) == {"pending": 0, "dead": 3}
        events = ids(await box.events(event_type="bet.authorized"))
        assert ids(await deliveries(box, "&state=dead")) == events[3:]
        (shown,) = (await box.admin("GET", "/subscriptions")).json["items"]
        assert (shown["pending"], shown["full"]) == (0, False)
        await box.admin("DELETE", "/chaos/rules/down")
        await flush(box, dead=True)
        assert sorted(ids(await arrived(box))) == sorted(events[3:])


async def test_rows_of_a_subscription_that_is_gone_say_nothing() -> None:
    """They stay, for the audit chain covers them; nobody reads them, and they are short."""
    async with sandbox() as box:
        await subscribe(box, retry_s=[10])
        await rule(box, "status")
        await bets(box, await box.session(), "b1", "b2")
        await flush(box)
        assert len(await told(box)) == 2
        assert (await box.admin("DELETE", "/subscriptions/crm")).status == 204
        assert await told(box) == []
        await box.require_sound()
