"""Whether subscribers were told of everything, once for each event however often it came."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from simulator.scenarios.laws import Delivered, DeliveredLaw
from simulator.scenarios.stage import How, Stage
from simulator.scenarios.values import NoValue

Event = Mapping[str, Any]


async def judge(stage: Stage, law: DeliveredLaw, trace: str) -> list[str]:
    """What is wrong with what has arrived at each subscriber (PRV-34)."""
    feed = await pages(stage, "wallet.listEvents", {}, f"{trace}-feed")
    found = []
    for name, wanted in law.delivered.items():
        subscriber = stage.scenario.world.subscribers.get(name)
        if subscriber is None:
            names = ", ".join(stage.scenario.world.subscribers) or "none"
            raise NoValue(f"there is no subscriber {name!r}, only {names}")
        of = {"subscription_id": name}
        sent = await pages(stage, "control.listDeliveries", of, f"{trace}-{name}-sent")
        came = await pages(stage, "control.readInbox", {"inbox": name}, f"{trace}-{name}")
        told = [
            event
            for event in feed
            if any(fnmatchcase(event["event_type"], pattern) for pattern in subscriber.events)
        ]
        found += [f"{name}: {text}" for text in _wrong(wanted, told, sent, came)]
    return found


def _wrong(
    wanted: Delivered, told: Sequence[Event], sent: Sequence[Event], came: Sequence[Event]
) -> list[str]:
    taken = [one for one in came if one["status"] == 204]
    first = {one["event_id"]: one["event"] for one in reversed(taken)}
    states = Counter(one["state"] for one in sent)
    found = []
    if states["pending"]:
        found.append(f"{states['pending']} events are still on their way")
    if states["dead"] != wanted.dead:
        found.append(f"{states['dead']} were given up, expected {wanted.dead}")
    given_up = {one["event_id"] for one in sent if one["state"] == "dead"}
    lost = [one for one in told if one["event_id"] not in first.keys() | given_up]
    found += [f"{one['event_type']} {one['event_id']} never arrived" for one in lost[:5]]
    feed = {one["event_id"]: one for one in told}
    found += [
        f"{name} did not arrive as the feed has it"
        for name in feed.keys() & first.keys()
        if any(one["event"] != feed[name] for one in taken if one["event_id"] == name)
    ]
    for title, value, asked in (
        ("arrivals", len(taken), wanted.arrivals),
        ("refused", len(came) - len(taken), wanted.refused),
    ):
        if asked is not None and value != asked:
            found.append(f"{title} is {value}, expected {asked}")
    types = Counter(event["event_type"] for event in first.values())
    found += [
        f"{types[name]} events {name}, expected {many}"
        for name, many in (wanted.events or {}).items()
        if types[name] != many
    ]
    return found + (_out_of_order(told, taken) if wanted.in_order else [])


def _out_of_order(told: Sequence[Event], taken: Sequence[Event]) -> list[str]:
    """Events of a player that came for the first time after a later one of theirs."""
    place = {one["event_id"]: at for at, one in enumerate(told)}
    seen: set[str] = set()
    last: dict[str | None, int] = {}
    found = []
    for one in taken:
        name, player = one["event_id"], one.get("player_id")
        if name in seen or name not in place:
            continue
        seen.add(name)
        if place[name] < last.get(player, -1):
            found.append(f"{one['event_type']} {name} came after a later event of {player}")
        last[player] = max(place[name], last.get(player, -1))
    return found


async def pages(stage: Stage, called: str, given: Mapping[str, Any], trace: str) -> list[Event]:
    """A whole list."""
    items: list[Event] = []
    cursor, page = "", 0
    while True:
        asked = {**given, "limit": 200, **({"cursor": cursor} if cursor else {})}
        answer = await stage.must(called, asked, f"{trace}-{page}", How(retry=8))
        items += answer["items"]
        if not answer["has_more"]:
            return items
        cursor, page = answer["next_cursor"], page + 1
