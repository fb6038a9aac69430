"""Subscriptions, deliveries and inboxes, for the control API (`/__admin/subscriptions`, PRV-34)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from simulator.base.clock import iso
from simulator.server.feed import Feed
from simulator.server.outbox import Item
from simulator.server.party import Sandbox
from simulator.store.listing import cursor_after
from simulator.wire import control as c
from simulator.wire import deliveries as w
from simulator.wire.messages import Page

FLUSH_S = 4.0
"""What a flush takes at most, less than the five seconds after which most callers give up."""


async def list_subscriptions(sandbox: Sandbox, _ask: c.Nothing) -> dict[str, Any]:
    """Who is told of events, and what is on its way."""
    await sandbox.deliveries.ready()
    return {"items": sandbox.deliveries.subscriptions()}


async def create_subscription(sandbox: Sandbox, ask: w.CreateSubscription) -> w.SubscriptionView:
    """Tell one more. Raises Duplicate, LimitExceeded or ValidationFailed."""
    return await sandbox.deliveries.subscribe(ask, "tr_subscribe")


async def remove_subscription(sandbox: Sandbox, ask: w.RemoveSubscription) -> None:
    """Tell one no more. Raises NotFound."""
    await sandbox.deliveries.remove(ask.subscription_id, "tr_subscribe")


async def list_deliveries(sandbox: Sandbox, ask: w.ListDeliveries) -> Page:
    """What is on its way, was given up, or has arrived of late. Raises NotFound."""
    await sandbox.deliveries.ready()
    after = cursor_after(ask.cursor) or 0
    # A cursor counts the deliveries before it: by position they come in one order for ever.
    found = [
        view
        for feed in sandbox.deliveries.feeds(ask.subscription_id)
        for view in _matching(feed, ask)
    ]
    return _page(found, after, ask.limit)


async def deliver_now(sandbox: Sandbox, ask: w.DeliverNow) -> w.Undelivered:
    """Try what is pending at once. Raises NotFound."""
    await sandbox.deliveries.ready()
    feeds = sandbox.deliveries.feeds(ask.subscription_id)
    await sandbox.deliveries.hurry(feeds, dead=ask.dead)
    try:
        async with asyncio.timeout(FLUSH_S):
            for feed in feeds:
                await feed.quiet()
    except TimeoutError:
        pass
    counts = [feed.count() for feed in feeds]
    return w.Undelivered(sum(pending for pending, _ in counts), sum(dead for _, dead in counts))


async def redeliver(sandbox: Sandbox, ask: w.Redeliver) -> w.DeliveryView:
    """Deliver an event once more. Raises NotFound."""
    await sandbox.deliveries.ready()
    feed, item = await sandbox.deliveries.redeliver(ask.delivery_id)
    return _view(feed, item)


async def read_inbox(sandbox: Sandbox, ask: w.ReadInbox) -> Page:
    """What has arrived, in its order; nothing for an inbox that nobody has sent to."""
    await sandbox.deliveries.ready()
    after = cursor_after(ask.cursor) or 0
    inbox = sandbox.deliveries.inboxes.get(ask.inbox)
    found = [
        arrival
        for arrival in (inbox.kept if inbox else ())
        if arrival.arrival > after and _is_meant(ask, arrival)
    ]
    shown = found[: ask.limit]
    more = len(found) > len(shown)
    return Page(items=shown, has_more=more, next_cursor=f"{shown[-1].arrival:x}" if more else None)


def _page(found: list[Any], after: int, limit: int) -> Page:
    shown = found[after : after + limit]
    more = len(found) > after + len(shown)
    return Page(items=shown, has_more=more, next_cursor=f"{after + len(shown):x}" if more else None)


def _matching(feed: Feed, ask: w.ListDeliveries) -> Iterator[w.DeliveryView]:
    for position in sorted({*feed.open, *feed.recent}):
        item = feed.open.get(position) or feed.recent[position]
        if ask.state in (None, item.state) and _is_meant(ask, item):
            yield _view(feed, item)


def _is_meant(ask: w.Search, one: Any) -> bool:
    return (
        ask.event_id in (None, one.event_id)
        and ask.player_id in (None, one.player_id)
        and (ask.event_type is None or fnmatchcase(one.event_type, ask.event_type))
    )


def _view(feed: Feed, item: Item) -> w.DeliveryView:
    name = feed.subscription.subscription_id
    return w.DeliveryView(
        delivery_id=f"{name}.{feed.party.name}.{item.position}",
        subscription_id=name,
        party=feed.party.name,
        event_id=item.event_id,
        event_type=item.event_type,
        state=item.state,
        attempts=item.attempts,
        player_id=item.player_id,
        status=item.status,
        reason=item.why,
        next_at=iso(item.due_ns) if item.state == "pending" and item.due_ns else None,
    )


Handler = Callable[[Sandbox, Any], Awaitable[Any]]

OPERATIONS: dict[str, tuple[type[Any], Handler]] = {
    "listSubscriptions": (c.Nothing, list_subscriptions),
    "createSubscription": (w.CreateSubscription, create_subscription),
    "removeSubscription": (w.RemoveSubscription, remove_subscription),
    "listDeliveries": (w.ListDeliveries, list_deliveries),
    "deliverNow": (w.DeliverNow, deliver_now),
    "redeliver": (w.Redeliver, redeliver),
    "readInbox": (w.ReadInbox, read_inbox),
}
