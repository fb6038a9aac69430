"""Events delivered to subscribers: at least once, signed, in order for a player, over a restart
(PRV-34, PRV-40, PRV-41, SBX-05)."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from simulator.server import feed as feeds
from simulator.wire import signing
from simulator.wire.topics import TOPICS
from tests.processes import ROOT
from tests.support import Got, Sandbox, sandbox


async def subscribe(box: Sandbox, **more: Any) -> Got:
    """To an inbox of the same name, all that happens to bets."""
    ask = {"subscription_id": "crm", "url": "inbox:crm", "event_types": ["bet.*"], **more}
    got = await box.admin("POST", "/subscriptions", ask)
    assert got.status == 201, got.body
    return got


async def rule(box: Sandbox, fault: str, **more: Any) -> None:
    got = await box.admin("POST", "/chaos/rules", {"at": {"event": "*"}, "fault": fault, **more})
    assert got.status == 201, got.body


async def flush(box: Sandbox, **more: Any) -> dict[str, int]:
    got = await box.admin("POST", "/deliveries/flush", more)
    assert got.status == 200, got.body
    return dict(got.json)


async def arrived(box: Sandbox, **query: str) -> list[dict[str, Any]]:
    """What has arrived in the inbox, page by page."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        asked = {"limit": "2", **query, **({"cursor": cursor} if cursor else {})}
        text = "&".join(f"{name}={value}" for name, value in asked.items())
        page = (await box.admin("GET", f"/inboxes/crm?{text}")).json
        found += page["items"]
        if not page["has_more"]:
            return found
        cursor = page["next_cursor"]


async def deliveries(box: Sandbox, query: str = "") -> list[dict[str, Any]]:
    return list((await box.admin("GET", f"/deliveries?limit=200{query}")).json["items"])


async def bets(box: Sandbox, session: str, *names: str) -> None:
    for name in names:
        got = await box.authorize(session, name, 1, round_id=f"r-{name}", key=f"k-{name}")
        assert got.status == 200, got.body


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [str(item["event_id"]) for item in items]


async def test_an_event_arrives_as_the_feed_has_it_and_signed() -> None:
    """What arrives is the envelope, byte for byte, of what was subscribed to, in the order of the
    feed, under a signature that anybody with the key can check (PRV-41, PRV-10)."""
    async with sandbox() as box:
        made = (await subscribe(box)).json
        session = await box.session()
        await bets(box, session, "b1", "b2", "b3")
        assert await flush(box) == {"pending": 0, "dead": 0}
        told = [event for event in await box.events() if event["event_type"].startswith("bet.")]
        assert [one["event"] for one in await arrived(box)] == told
        assert len(told) == 3
        entries = (await box.admin("GET", "/journal?party=subscriber")).json["items"]
        sent = dict(entries[0]["request"]["headers"])
        assert entries[0]["operation"] == "bet.authorized"
        assert sent["X-Client-Id"] == "crm"
        kept = next(k for k in box.world.journal if k.party == "subscriber")
        headers = {name.decode(): value.decode() for name, value in kept.headers}
        signed = signing.string_to_sign(
            headers["X-Timestamp"], headers["X-Nonce"], "POST", kept.target, kept.body
        )
        assert signing.verify_hmac(made["signing_key"].encode(), signed, headers["X-Signature"])


async def test_a_subscriber_behind_a_url_gets_the_signed_bytes() -> None:
    """Over a real socket: what is signed is the request line's target, query included, and the body
    as it comes; an answer of 2xx ends it (PRV-10)."""
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.findall(rb"(?i)content-length: (\d+)", head)[0])
        got.put_nowait(head + await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, sandbox() as box:
        made = (
            await subscribe(box, url=f"http://127.0.0.1:{port}/in?a=1", signing_key="k" * 8)
        ).json
        await bets(box, await box.session(), "b1")
        head, _, body = (await asyncio.wait_for(got.get(), 60)).partition(b"\r\n\r\n")
        line, *lines = head.decode().split("\r\n")
        headers = {name.lower(): text for name, _, text in (one.partition(": ") for one in lines)}
        assert line == "POST /in?a=1 HTTP/1.1"
        signed = signing.string_to_sign(
            headers["x-timestamp"], headers["x-nonce"], "POST", "/in?a=1", body
        )
        assert signing.verify_hmac(b"k" * 8, signed, headers["x-signature"])
        assert made["signing_key"] == "k" * 8
        await flush(box)
        assert [one["state"] for one in await deliveries(box)] == ["delivered"]


async def test_only_what_was_subscribed_to_from_then_on_or_from_the_start() -> None:
    """Wildcards choose; a subscription begins now, or with `from_start` at the first event."""
    async with sandbox() as box:
        session = await box.session()
        await bets(box, session, "b1")
        await subscribe(box, event_types=["bet.settled"])
        await subscribe(
            box, subscription_id="all", url="inbox:all", event_types=["*"], from_start=True
        )
        assert (await box.settle("b1", 2, round_id="r-b1")).status == 200
        await flush(box)
        assert [one["event_type"] for one in await arrived(box)] == ["bet.settled"]
        whole = (await box.admin("GET", "/inboxes/all?limit=200&player_id=p_19f3")).json["items"]
        assert ids(whole) == ids(await box.events(player_id="p_19f3"))


@pytest.mark.parametrize(
    ("fault", "more", "statuses"),
    [
        ("status", {}, [204]),
        ("lose_request", {}, [204]),
        ("lose_reply", {}, [204, 204]),
        ("reset", {}, [204]),
        ("refuse", {}, [204]),
        ("rate_limit", {"with": {"retry_after_s": 7}}, [204]),
        ("corrupt_signature", {}, [401, 204]),
        ("clock_skew", {}, [401, 204]),
        ("late_original", {}, [204, 204]),
        ("duplicate", {}, [204, 204]),
        ("duplicate", {"with": {"resign": False}}, [204, 401]),
        ("duplicate", {"with": {"parallel": True, "copies": 3}}, [204, 204, 204]),
    ],
)
async def test_whatever_strikes_the_first_attempt_the_event_arrives_under_one_id(
    fault: str, more: dict[str, Any], statuses: list[int]
) -> None:
    """A failed attempt is repeated after its pause with the same event and a new signature; what
    arrives twice carries the same id (SBX-05, PRV-34)."""
    async with sandbox() as box:
        await subscribe(box, retry_s=[1, 5])
        await rule(box, fault, attempts=[1], **more)
        session = await box.session()
        await bets(box, session, "b1")
        await flush_nothing(box)
        await box.admin("POST", "/clock/advance", {"by_ms": 60_000})
        found = await arrived(box)
        assert [one["status"] for one in found] == statuses
        assert len(set(ids(found))) == 1
        assert [one["state"] for one in await deliveries(box)] == ["delivered"]
        row = next(
            row
            for row in (await box.admin("GET", "/chaos/coverage")).json["items"]
            if row["operation"] == "event.bet.authorized" and row["fault"] == fault
        )
        assert (row["fired"], row["attempt"]) == (1, 1)


async def test_pauses_grow_by_the_clock_and_then_it_is_dead() -> None:
    """An attempt comes at its time and not before; after the last one the delivery is dead, until
    somebody asks for it: then it arrives, and its attempts are counted on (SBX-03)."""
    async with sandbox() as box:
        await subscribe(box, retry_s=[10, 100])
        await rule(box, "status", name="down")
        session = await box.session()
        await bets(box, session, "b1")
        await flush_nothing(box)
        for by_ms, attempts, state in (
            (9_999, 1, "pending"),
            (1, 2, "pending"),
            (99_999, 2, "pending"),
            (1, 3, "dead"),
            (10**9, 3, "dead"),
        ):
            await box.admin("POST", "/clock/advance", {"by_ms": by_ms})
            (one,) = await deliveries(box)
            assert (one["attempts"], one["state"]) == (attempts, state)
        assert one["status"] == 503
        await box.admin("DELETE", "/chaos/rules/down")
        assert await flush(box) == {"pending": 0, "dead": 1}
        assert await flush(box, dead=True) == {"pending": 0, "dead": 0}
        assert [one["attempt"] for one in await arrived(box)] == [4]


async def test_events_of_a_player_wait_for_each_other_and_for_nobody_else() -> None:
    """While one event of a player cannot be delivered the later ones wait; another player's do
    not. What arrives is in order for each (PRV-34)."""
    async with sandbox() as box:
        await subscribe(box, retry_s=[10])
        ana, ben = await box.session(), await box.session("p_usd", "USD")
        at = {"event": "*", "player": "p_19f3"}
        got = await box.admin(
            "POST", "/chaos/rules", {"at": at, "fault": "status", "attempts": [1]}
        )
        assert got.status == 201
        await bets(box, ana, "a1", "a2")
        assert (await box.authorize(ben, "c1", 1, currency="USD")).status == 200
        await flush_nothing(box)
        assert [one["player_id"] for one in await arrived(box)] == ["p_usd"]
        await box.admin("POST", "/clock/advance", {"by_ms": 30_000})
        told = ids(await box.events(player_id="p_19f3", event_type="bet.authorized"))
        assert ids(await arrived(box, player_id="p_19f3")) == told


async def flush_nothing(box: Sandbox) -> None:
    """Wait until everything that is due by itself was tried."""
    for feed in box.world.deliveries.feeds():
        await feed.quiet()


async def test_a_reordered_event_lets_the_later_ones_of_its_player_pass() -> None:
    """Under `reorder` a later event of the same player arrives first, and none is lost; without
    the rule the order stands (SBX-05)."""
    for fault in (True, False):
        async with sandbox() as box:
            await subscribe(box)
            if fault:
                await rule(box, "reorder", calls=[1], **{"with": {"calls": 1, "within_ms": 60_000}})
            session = await box.session()
            await bets(box, session, "b1", "b2")
            await flush(box)
            told = ids(await box.events(event_type="bet.authorized"))
            assert ids(await arrived(box)) == (told[::-1] if fault else told)


async def test_over_a_restart_nothing_is_lost_and_attempts_count_on(tmp_path: Path) -> None:
    """What had not arrived when the server stopped goes on where it was: its attempts, its next
    time, its order; what had arrived is not sent again (PRV-34)."""
    async with sandbox(tmp_path) as box:
        await subscribe(box, retry_s=[10, 10, 10])
        session = await box.session()
        await bets(box, session, "b1")
        await flush(box)
        assert len(await arrived(box)) == 1
        await rule(box, "status")
        await bets(box, session, "b2", "b3")
        await flush_nothing(box)
        told = ids(await box.events(event_type="bet.authorized"))
    async with sandbox(tmp_path) as box:
        waiting = await pending(box, 2)
        assert [one["event_id"] for one in waiting] == told[1:]
        assert [one["attempts"] for one in waiting] == [1, 0]
        assert await flush(box) == {"pending": 0, "dead": 0}
        found = await arrived(box)
        assert [(one["event_id"], one["attempt"]) for one in found] == [(told[1], 2), (told[2], 1)]
        await box.require_sound()


async def pending(box: Sandbox, many: int) -> list[dict[str, Any]]:
    """What waits, once the rows were read."""
    for _ in range(30_000):
        found = await deliveries(box, "&state=pending")
        if len(found) == many:
            return found
        await asyncio.sleep(0.001)
    raise AssertionError(found)


async def test_a_snapshot_takes_what_is_on_its_way_and_what_has_arrived() -> None:
    """A fork delivers what its parent had not, to an inbox that has what the parent's had."""
    async with sandbox() as box:
        await subscribe(box, retry_s=[10])
        session = await box.session()
        await bets(box, session, "b1")
        await flush(box)
        await rule(box, "status", attempts=[1])
        await bets(box, session, "b2")
        await flush_nothing(box)
        got = await box.admin("POST", "/sandboxes/default/fork", {"name": "twin"})
        assert got.status == 201, got.body
        twin = Sandbox(box.app, box.worlds, "twin")
        assert await flush(twin) == {"pending": 0, "dead": 0}
        assert len(await arrived(twin)) == 2
        assert len(await arrived(box)) == 1


async def test_a_subscriber_that_is_down_fills_no_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beyond the bound nothing more is read: it waits in the outbox, and all of it arrives, in
    order, when the subscriber is back."""
    monkeypatch.setattr(feeds, "MOST", 5)
    async with sandbox() as box:
        await subscribe(box, retry_s=[10] * 9)
        await rule(box, "blackout", name="down")
        session = await box.session()
        names = [f"b{n}" for n in range(12)]
        await bets(box, session, *names)
        await flush(box)
        (shown,) = (await box.admin("GET", "/subscriptions")).json["items"]
        assert (shown["pending"], shown["full"]) == (5, True)
        await box.admin("DELETE", "/chaos/rules/down")
        await box.admin("POST", "/clock/advance", {"by_ms": 100_000})
        assert ids(await arrived(box)) == ids(await box.events(event_type="bet.authorized"))


async def test_an_event_that_has_arrived_can_be_had_again() -> None:
    """Redelivery sends the same event under the same id; of an unknown one it is a 404."""
    async with sandbox() as box:
        await subscribe(box)
        await bets(box, await box.session(), "b1")
        await flush(box)
        (one,) = await deliveries(box)
        got = await box.admin("POST", f"/deliveries/{one['delivery_id']}/redeliver")
        assert (got.status, got.json["state"]) == (202, "pending")
        await flush(box)
        found = await arrived(box)
        assert ids(found) == [one["event_id"]] * 2
        assert [arrival["attempt"] for arrival in found] == [1, 2]
        for wrong in ("crm.wallet.999999", "nobody.wallet.1", "crm.nobody.1"):
            assert (await box.admin("POST", f"/deliveries/{wrong}/redeliver")).status == 404


async def test_a_subscription_that_is_removed_gets_nothing_more() -> None:
    """Not even where one of its name is made again: that one begins anew."""
    async with sandbox() as box:
        await subscribe(box)
        await rule(box, "status", name="down")
        session = await box.session()
        await bets(box, session, "b1")
        await flush(box)
        assert (await box.admin("DELETE", "/subscriptions/crm")).status == 204
        assert (await box.admin("DELETE", "/subscriptions/crm")).status == 404
        await box.admin("DELETE", "/chaos/rules/down")
        await subscribe(box)
        await bets(box, session, "b2")
        await flush(box)
        assert ids(await arrived(box)) == ids(await box.events(event_type="bet.authorized"))[1:]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ({"url": "ftp://x/y"}, "url"),
        ({"url": "http://user:pw@x/y"}, "url"),
        ({"url": "inbox:a", "event_types": ["bet.setled"]}, "did you mean 'bet.settled'?"),
        ({"url": "inbox:a", "retry_s": [0]}, "retry_s"),
    ],
)
async def test_a_subscription_that_cannot_be_is_refused_with_the_field(
    ask: dict[str, Any], said: str
) -> None:
    """A wrong URL, an unknown event, an impossible pause: 400, and what is wrong (WAL-77)."""
    async with sandbox() as box:
        got = await box.admin("POST", "/subscriptions", ask)
        assert got.status == 400
        assert said in got.body.decode()


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"at": {"event": "bet.setled"}, "fault": "status"}, "did you mean 'bet.settled'?"),
        ({"at": {"event": "bet.*"}, "fault": "stale_read"}, "it writes"),
        ({"at": {"event": "bet.*"}, "fault": "expire_token"}, "carries no token"),
        ({"at": {"event": "bet.*"}, "fault": "cut_body"}, "its body is not read"),
        ({"at": {"event": "bet.settled"}, "fault": "blackout"}, "down as a whole"),
        ({"at": {"event": "*", "call": "wallet.*"}, "fault": "status"}, "not both"),
    ],
)
async def test_a_fault_that_makes_no_sense_on_a_delivery_is_refused_with_the_reason(
    rule: dict[str, Any], said: str
) -> None:
    """When it is added, not when it should have struck (SBX-05)."""
    async with sandbox() as box:
        got = await box.admin("POST", "/chaos/rules", rule)
        assert got.status == 400
        assert said in got.body.decode()


async def test_a_rule_for_calls_strikes_no_event() -> None:
    """`*` means every operation, as it always did; events are named by `event`."""
    async with sandbox() as box:
        await subscribe(box)
        session = await box.session()
        got = await box.admin("POST", "/chaos/rules", {"at": "*", "fault": "status"})
        assert got.status == 201
        assert (await box.authorize(session, "b1", 1)).status == 503
        await box.admin("DELETE", "/chaos/rules")
        await box.admin("POST", "/chaos/rules", {"at": {"event": "*"}, "fault": "status"})
        assert (await box.authorize(session, "b1", 1)).status == 200


def test_every_topic_that_a_party_tells_of_is_known() -> None:
    """A topic in the source that `TOPICS` lacks could not be subscribed to by name, nor struck."""
    told = re.compile(
        r'(?:topic=|\btell(?:\.\w+)?\([^"\n]*|_tell\([^"\n]*)"([a-z_]+(?:\.[a-z_]+)*)"'
    )
    found = {
        topic
        for party in ("wallet", "play", "rgs", "jackpot")
        for path in sorted((ROOT / "simulator" / party).glob("**/*.py"))
        for topic in told.findall(path.read_text("utf-8"))
        if topic != "terms"  # a place in a pool's file, not a topic
    }
    assert len(found) > 20
    assert found <= set(TOPICS)


async def test_in_postgresql_too(postgres: str) -> None:
    """An event whose delivery has failed is kept in the database, and the next server goes on with
    it: nothing is lost, and the attempts are counted on (PRV-34)."""
    async with sandbox(store=postgres) as box:
        await subscribe(box, retry_s=[10, 10])
        await rule(box, "status")
        session = await box.session()
        await bets(box, session, "b1", "b2")
        assert await flush(box) == {"pending": 2, "dead": 0}
        told = ids(await box.events(event_type="bet.authorized"))
        (first, _) = await pending(box, 2)
    async with sandbox(store=postgres) as box:
        await pending(box, 2)
        assert await flush(box) == {"pending": 0, "dead": 0}
        found = await arrived(box)
        assert ids(found) == told
        assert found[0]["attempt"] == first["attempts"] + 1
        await box.require_sound()
