"""kill -9 while events are delivered: the next server goes on, and a subscriber that keeps the
promises of docs/events.md has every event, once, in each player's order."""

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from simulator.wire import signing
from tests import processes
from tests.crash.load import Journal, open_sessions, play, provider
from tests.processes import Server

KILLS = 2
CLIENTS = 2
KEY = "a-key-of-its-own"
WITHIN_S = 120

NEVER_CAME, UNANSWERED, REFUSED = 10, 25, 40
EVERY = 50
"""Of so many calls in a row these fail: each way is met before the first kill."""


@dataclass
class Subscriber:
    """Takes deliveries over a real socket, in one of four ways, and writes down what has come.

    What it has answered with 204 it need not be sent again; a crash of the server may do so.
    """

    rng: random.Random
    came: list[tuple[str, str]] = field(default_factory=list)
    """Player and event of each arrival, copies included."""
    taken: Counter[str] = field(default_factory=Counter)
    """Events that were answered with 204, and how often."""
    unsigned: int = 0
    calls: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        sent = {name.lower(): text for name, text in re.findall(r"(?m)^([\w-]+): (.*?)\r$", head)}
        body = await reader.readexactly(int(sent["content-length"]))
        signed = signing.string_to_sign(
            sent["x-timestamp"], sent["x-nonce"], "POST", "/events", body
        )
        self.unsigned += not signing.verify_hmac(KEY.encode(), signed, sent["x-signature"])
        event = json.loads(body)
        self.calls += 1
        how = self.calls % EVERY
        if how == NEVER_CAME:
            return False
        self.came.append((event["player_id"], event["event_id"]))
        if how == UNANSWERED:
            return False
        await asyncio.sleep(self.rng.uniform(0, 0.005))
        status = b"500 No" if how == REFUSED else b"204 Yes"
        self.taken[event["event_id"]] += status[:1] == b"2"
        writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        return True


def wrong_with(
    events: Sequence[dict[str, Any]], came: Sequence[tuple[str, str]], taken: Counter[str]
) -> list[str]:
    """Which promises were broken to a subscriber: none lost, none made up, each player's in order,
    counted by the first time that an event came."""
    told = [(event["player_id"], event["event_id"]) for event in events]
    found = [f"{event} never arrived" for _, event in told if not taken[event]]
    found += [f"{event} is no event" for event in taken.keys() - {event for _, event in told}]
    for player in sorted({player for player, _ in told}):
        first = list(dict.fromkeys(event for who, event in came if who == player))
        if first != [event for who, event in told if who == player]:
            found.append(f"the events of {player} came in another order")
    return found


@asynccontextmanager
async def listening(subscriber: Subscriber) -> AsyncIterator[str]:
    serving: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.ensure_future(subscriber.serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/events"
    for task in serving:
        task.cancel()
    await asyncio.gather(*serving, return_exceptions=True)


async def admin(server: Server, method: str, path: str, body: Any = None) -> Any:
    async with (
        aiohttp.ClientSession(server.url) as wire,
        wire.request(method, f"/__admin{path}", json=body) as got,
    ):
        assert got.status in (200, 201), await got.text()
        return await got.json()


async def play_and_kill(server: Server, journal: Journal, subscriber: Subscriber) -> None:
    """Bets are played and told of; the server ends in the middle of both."""
    enough = len(subscriber.came) + 60
    async with provider(server.url) as wire, asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(play(wire, journal))
        async with asyncio.timeout(WITHIN_S):
            while len(subscriber.came) < enough:
                await asyncio.sleep(0.002)
        server.kill()


async def test_deliveries_survive_a_kill(tmp_path: Path) -> None:
    """After kill -9 in the middle of deliveries to a subscriber that fails now and then, the next
    server goes on by itself: every event arrives, signed, a player's in their order, and hardly any
    again that was answered (PRV-34, PRV-40)."""
    subscriber = Subscriber(random.Random(3))
    journal = Journal(random.Random(4))
    async with listening(subscriber) as url:
        server = processes.start("--data", str(tmp_path))
        try:
            ask = {"subscription_id": "crm", "url": url, "signing_key": KEY, "retry_s": [1] * 30}
            await admin(server, "POST", "/subscriptions", {**ask, "event_types": ["bet.*"]})
            async with provider(server.url) as wire:
                await open_sessions(wire, journal)
            for journal.burst in range(KILLS):
                await play_and_kill(server, journal, subscriber)
                server.let_go()
                server = processes.start("--data", str(tmp_path))
            async with asyncio.timeout(WITHIN_S):
                while (await admin(server, "POST", "/deliveries/flush", {}))["pending"]:
                    await asyncio.sleep(0.01)
            async with provider(server.url) as wire:
                events, _ = await wire.list_from("/v1/events", "")
            assert server.stop() == 0
        finally:
            server.let_go()
    events = [event for event in events if event["event_type"].startswith("bet.")]
    assert wrong_with(events, subscriber.came, subscriber.taken) == []
    assert subscriber.unsigned == 0
    assert len(subscriber.came) > len(events), "nothing was sent again: no failure was met"
    again = sum(count - 1 for count in subscriber.taken.values())
    assert again <= KILLS * 256, "more was sent again than can have been under way"


def test_a_subscriber_that_misses_something_is_noticed() -> None:
    """The negative control: a lost event, a strange one, and two in the wrong order are named."""
    events = [{"player_id": "p", "event_id": f"e{n}"} for n in range(3)]
    came = [("p", f"e{n}") for n in range(3)]
    taken = Counter(event for _, event in came)
    assert wrong_with(events, [came[0], came[0], *came[1:]], taken) == []
    assert wrong_with(events, came, taken - Counter(["e1"])) == ["e1 never arrived"]
    assert wrong_with(events, came, taken + Counter(["e9"])) == ["e9 is no event"]
    assert wrong_with(events, came[::-1], taken) == ["the events of p came in another order"]
