"""Who is told of events: subscriptions that come and go while a world ends, fails or is shared
(PRV-34)."""

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.base.errors import Unavailable
from simulator.ledger.export import export
from simulator.server import deliveries as rooms
from simulator.store.reading import Books
from simulator.wire.deliveries import CreateSubscription
from tests.server.test_deliveries import (
    arrived,
    bets,
    deliveries,
    flush,
    flush_nothing,
    pending,
    subscribe,
)
from tests.server.test_turns import until
from tests.support import Sandbox, sandbox

CRM = {"subscription_id": "crm", "url": "inbox:crm", "event_types": ["bet.*"]}


async def names(box: Sandbox) -> list[str]:
    items = (await box.admin("GET", "/subscriptions")).json["items"]
    return [one["subscription_id"] for one in items]


async def test_what_has_a_row_is_not_read_from_the_outbox_again(tmp_path: Path) -> None:
    """An event that failed while an earlier one of another player was still under way is before the
    next server in its row and behind the cursor: it is delivered on from its row, once (PRV-34)."""
    async with sandbox(tmp_path) as box:
        await subscribe(box, retry_s=[10, 10])
        slow = {"at": {"event": "*", "player": "p_19f3"}, "fault": "latency"}
        await box.admin("POST", "/chaos/rules", {**slow, "with": {"ms": 600_000}})
        down = {"at": {"event": "*", "player": "p_usd"}, "fault": "status"}
        await box.admin("POST", "/chaos/rules", down)
        await bets(box, await box.session(), "b1")
        other = await box.session("p_usd", "USD")
        assert (await box.authorize(other, "c1", 1, currency="USD")).status == 200
        for _ in range(30_000):
            found = [one for one in await deliveries(box) if one.get("status") == 503]
            if found:
                break
            await asyncio.sleep(0.001)
        await box.authorize(other, "c2", 1, currency="USD")  # gives the row time to be kept
        feed = next(f for f in box.world.deliveries.feeds() if f.party.name == "wallet")
        while not feed.open[int(found[0]["delivery_id"].rpartition(".")[2])].rowed:
            await asyncio.sleep(0.001)
    async with sandbox(tmp_path) as box:
        await pending(box, 2)
        await flush(box)
        told = [(one["player_id"], one["attempt"]) for one in await arrived(box)]
        assert sorted(told) == [("p_19f3", 1), ("p_usd", 1), ("p_usd", 2)]


async def test_a_world_that_ends_takes_no_more_subscriptions() -> None:
    """Who subscribes while it ends is told before it does, or refused; nothing goes on behind the
    end (SBX-04)."""
    async with sandbox() as box:
        known = box.world.deliveries
        ask = CreateSubscription(url="inbox:a")
        came, _ = await asyncio.gather(
            known.subscribe(ask, "tr_x"), known.close(), return_exceptions=True
        )
        assert not isinstance(came, BaseException) or isinstance(came, Unavailable)
        with pytest.raises(Unavailable):
            await known.subscribe(ask, "tr_x")
        assert not [
            task for feed in known.feeds() for task in feed._behind._tasks if not task.done()
        ]


async def test_what_could_not_be_read_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is away for a moment when subscriptions are taken up does not lose them for the
    rest of the process."""
    async with sandbox() as box:
        known, wallet = box.world.deliveries, box.world.parties["wallet"]
        known._loading = None

        async def away(*_: Any, **__: Any) -> Any:
            raise Unavailable("away")

        with monkeypatch.context() as patched:
            patched.setattr(wallet, "read", away)
            assert (await box.admin("GET", "/subscriptions")).status == 503
        assert await names(box) == []


async def test_an_unnamed_subscription_has_a_name_that_nobody_has() -> None:
    """Also where somebody has called theirs as it would be called."""
    async with sandbox() as box:
        for ask in ({"subscription_id": "sub-2"}, {}, {}):
            got = await box.admin("POST", "/subscriptions", {"url": "inbox:a", **ask})
            assert got.status == 201, got.body
        assert len(set(await names(box))) == 3


async def test_a_delivery_of_no_party_is_told_what_there_is() -> None:
    """Not that there is no subscription, which there is (PRV-05)."""
    async with sandbox() as box:
        await subscribe(box)
        got = await box.admin("POST", "/deliveries/crm.nobody.1/redeliver")
        assert got.status == 404
        assert got.json["message"].startswith("this world keeps no nobody, only wallet")


async def test_a_subscribers_secrets_are_told_to_whoever_asks_for_subscriptions_alone() -> None:
    """Neither the signing key nor what its address carries stands in the journal, in any form; the
    key is not in what is exported of the chain, and not in the feed (SBX-10, QLT-05)."""
    async with sandbox() as box:
        ask = {**CRM, "url": "http://127.0.0.1:9/in?token=hunter2-url&a=1"}
        await box.admin("POST", "/subscriptions", {**ask, "signing_key": "hunter2-key"})
        assert (await box.admin("GET", "/subscriptions")).json["items"][0]["url"] == ask["url"]
        await bets(box, await box.session(), "b1")
        await flush_nothing(box)
        forms = ("", "/export", "/export?format=har")
        told = "".join([(await box.admin("GET", f"/journal{f}")).body.decode() for f in forms])
        assert "127.0.0.1:9/in?token=***&a=1" in told

        def exported(books: Books) -> str:
            return b"".join(export(books)).decode()

        told += await box.world.parties["wallet"].audit(exported)
        assert '"Subscribe"' in told
        assert "hunter2" not in told + json.dumps(await box.events(), default=str)


async def _arrivals(box: Sandbox) -> int:
    return len(await arrived(box))


async def test_servers_of_one_database_know_each_others_subscriptions(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one of them has made, another shows, delivers to, and does not write over (PRV-34)."""
    monkeypatch.setattr(rooms, "LOOK_S", 0.02)
    async with contextlib.AsyncExitStack() as open_:
        one = await open_.enter_async_context(sandbox(store=postgres))
        # It has the turn before the other one is there to look.
        assert (await one.admin("POST", "/subscriptions", CRM)).status == 201
        other = await open_.enter_async_context(sandbox(store=postgres))
        got = await other.admin("POST", "/subscriptions", {**CRM, "subscription_id": "bi"})
        assert got.status == 201
        assert await names(one) == await names(other) == ["crm", "bi"]
        assert (await other.admin("POST", "/subscriptions", CRM)).status == 409
        await bets(other, await other.session(), "b1")
        await until(lambda: _arrivals(one), 2)  # of crm and of bi, at the one inbox
        assert (await one.admin("DELETE", "/subscriptions/bi")).status == 204
        assert await names(other) == ["crm"]
        assert [feed.subscription.subscription_id for feed in other.world.deliveries.feeds()] == [
            "crm"
        ] * len(other.world.parties)
