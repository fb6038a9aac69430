"""Lists by cursor: complete, in order, filtered, and stable while rows are written
(PRV-60, PRV-61)."""

from collections.abc import AsyncIterator
from itertools import chain, repeat
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.server.tools import READS, one_sandbox, require_problem
from tests.support import Got, Sandbox, sandbox

PAGED = sorted(
    name for name, op in READS.items() if {"cursor", "limit"} <= {p.name for p in op.parameters}
)
ADMIN_PAGED = ["/players", "/ledger/accounts", "/ledger/entries"]

ID_OF = {"/v1/bets": "bet_id", "/v1/events": "event_id"}
FEEDS = pytest.mark.parametrize("path", ID_OF)


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


async def place(box: Sandbox, session: str, first: int, number: int) -> None:
    """Bets `b-<n>`, each in a round of its own."""
    for n in range(first, first + number):
        got = await box.authorize(session, f"b-{n:03}", 1, round_id=f"r-{n:03}")
        assert got.status == 200, got.body


async def page(box: Sandbox, path: str, **query: Any) -> Got:
    """One page of a list."""
    text = "&".join(f"{name}={value}" for name, value in query.items())
    got = await box.call("GET", f"{path}?{text}")
    assert got.status == 200, got.body
    return got


async def walk(box: Sandbox, path: str, limit: int, **query: Any) -> list[list[Any]]:
    """All pages to the last, each as the ids on it."""
    pages: list[list[Any]] = []
    at: dict[str, str] = {}
    while True:
        got = (await page(box, path, limit=limit, **query, **at)).json
        pages.append(ids_on(got, path))
        if not got["has_more"]:
            return pages
        at = {"cursor": got["next_cursor"]}


def ids_on(got: Any, path: str) -> list[str]:
    """The ids on a page."""
    return [item[ID_OF[path]] for item in got["items"]]


def bets(*numbers: int) -> list[str]:
    """The ids of these bets."""
    return [f"b-{n:03}" for n in numbers]


# Pages -------------------------------------------------------------------------------------------


@FEEDS
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 9, 200])
async def test_pages_are_the_whole_list(box: Sandbox, path: str, order: str, limit: int) -> None:
    """Page by page is the list at once: every item once, full pages but the last, `has_more` true
    until there is no more (PRV-60)."""
    await place(box, await box.session(), 0, 8)
    whole = ids_on((await page(box, path, limit=200, order=order)).json, path)
    pages = await walk(box, path, limit, order=order)
    assert [item for shown in pages for item in shown] == whole
    assert len(set(whole)) == len(whole)
    assert all(len(shown) == limit for shown in pages[:-1])
    assert 0 < len(pages[-1]) <= limit


@FEEDS
async def test_descending_is_ascending_backwards(box: Sandbox, path: str) -> None:
    """Oldest first unless newest first is asked for (PRV-60)."""
    await place(box, await box.session(), 0, 5)
    asked = {order: (await page(box, path, order=order)).json for order in ("asc", "desc")}
    assert ids_on(asked["desc"], path) == ids_on(asked["asc"], path)[::-1]
    assert (await page(box, path)).json["items"] == asked["asc"]["items"]


async def test_bets_come_in_the_order_they_were_placed(box: Sandbox) -> None:
    """By time and not by name, also within one instant of a frozen clock (PRV-60)."""
    session = await box.session()
    for name in ("z", "a", "m", "B"):
        await box.authorize(session, name, 1, round_id=f"r-{name}")
    assert await walk(box, "/v1/bets", 200) == [["z", "a", "m", "B"]]


async def test_events_come_in_the_order_they_happened(box: Sandbox) -> None:
    """What a call caused comes after what it built upon (PRV-34, PRV-60)."""
    session = await box.session()
    await box.authorize(session, "b-1", 1)
    await box.settle("b-1", 2)
    await box.call("POST", f"/v1/sessions/{session}/end")
    topics = [event["event_type"] for event in await box.events(player_id="p_19f3")]
    assert topics == [
        "player.registered",
        "session.started",
        "bet.authorized",
        "bet.settled",
        "session.ended",
    ]


async def test_a_page_has_fifty_items_unless_asked(box: Sandbox) -> None:
    """The default of the contract (PRV-60)."""
    await place(box, await box.session(), 0, 51)
    got = (await page(box, "/v1/bets")).json
    assert (len(got["items"]), got["has_more"]) == (50, True)


async def test_an_empty_list_is_a_page_too(box: Sandbox) -> None:
    """No bets, no more, no cursor (PRV-60)."""
    assert (await page(box, "/v1/bets")).json == {"items": [], "has_more": False}


# While rows are written --------------------------------------------------------------------------


@FEEDS
async def test_pages_neither_skip_nor_repeat_while_rows_come(box: Sandbox, path: str) -> None:
    """Between any two pages rows are written: ascending, they come at the end, and all that was
    there is seen once; descending, they come before the start, and are not seen (PRV-60)."""
    session = await box.session()
    await place(box, session, 0, 9)
    there = ids_on((await page(box, path, limit=200)).json, path)
    seen: dict[str, list[str]] = {"asc": [], "desc": []}
    cursors: dict[str, str | None] = {"asc": None, "desc": None}
    for turn in range(3 * len(there)):
        for order, cursor in cursors.items():
            if turn and cursor is None:
                continue
            at = {} if cursor is None else {"cursor": cursor}
            got = (await page(box, path, limit=2, order=order, **at)).json
            seen[order] += ids_on(got, path)
            cursors[order] = got["next_cursor"] if got["has_more"] else None
        if turn < 5:
            await place(box, session, 100 + turn, 1)
    now = ids_on((await page(box, path, limit=200)).json, path)
    assert len(now) == len(there) + 5
    assert seen["asc"] == now
    assert seen["desc"] == there[::-1]


async def test_a_change_of_a_row_moves_it_nowhere(box: Sandbox) -> None:
    """A bet that is settled between two pages stays where it was (PRV-60)."""
    await place(box, await box.session(), 0, 4)
    first = (await page(box, "/v1/bets", limit=2)).json
    await box.settle("b-000", 1, round_id="r-000")
    await box.settle("b-003", 1, round_id="r-003")
    rest = (await page(box, "/v1/bets", limit=2, cursor=first["next_cursor"])).json
    assert ids_on(rest, "/v1/bets") == bets(2, 3)


async def test_the_feeds_last_cursor_goes_on(box: Sandbox) -> None:
    """After its last page the feed of events has a cursor; with it exactly what happened since
    comes, or an empty page with the same cursor (PRV-40, PRV-60)."""
    session = await box.session()
    await place(box, session, 0, 3)
    last = (await page(box, "/v1/events", limit=200)).json
    assert last["has_more"] is False
    nothing = (await page(box, "/v1/events", cursor=last["next_cursor"])).json
    assert nothing == {"items": [], "has_more": False, "next_cursor": last["next_cursor"]}
    await place(box, session, 3, 2)
    news = (await page(box, "/v1/events", cursor=last["next_cursor"])).json
    assert [event["payload"]["bet_id"] for event in news["items"]] == bets(3, 4)


async def test_a_filtered_feed_goes_on_too(box: Sandbox) -> None:
    """Its cursor is a place among all events, so a filter that found nothing yet can wait
    (PRV-40, PRV-61)."""
    session = await box.session()
    await place(box, session, 0, 2)
    query = {"event_type": "bet.settled"}
    got = (await page(box, "/v1/events", **query)).json
    assert (got["items"], got["has_more"]) == ([], False)
    await box.settle("b-001", 5, round_id="r-001")
    at = {"cursor": got["next_cursor"]}
    (event,) = (await page(box, "/v1/events", **query, **at)).json["items"]
    assert event["payload"]["bet_id"] == "b-001"


async def test_the_last_page_of_a_list_has_no_cursor(box: Sandbox) -> None:
    """Where nothing is to be followed: bets, and events read backwards (PRV-60)."""
    await place(box, await box.session(), 0, 2)
    for path, query in (("/v1/bets", {}), ("/v1/events", {"order": "desc"})):
        got = (await page(box, path, **query)).json
        assert got["has_more"] is False
        assert "next_cursor" not in got


# Cursors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGED)
async def test_a_bad_cursor_is_a_400(box: Sandbox, name: str) -> None:
    """What no `next_cursor` was is refused by name, on every list (PRV-60, WAL-77)."""
    for cursor in ("zz", "-1", "1F", "01", "+1", "0x1", "1_0", "x" * 65, "f" * 64, "", "%00"):
        got = await box.call("GET", f"{READS[name].path}?cursor={cursor}")
        require_problem(got, 400, "VALIDATION_FAILED")
        assert [error["field"] for error in got.json["details"]["errors"]] == ["cursor"], cursor


@pytest.mark.parametrize("path", ADMIN_PAGED)
async def test_a_bad_cursor_of_the_control_api_is_a_400(box: Sandbox, path: str) -> None:
    """The same for what the owner lists (PRV-60, WAL-77)."""
    for cursor in ("zz", "-1", "1F", "01", "f" * 64):
        got = await box.admin("GET", f"{path}?cursor={cursor}")
        require_problem(got, 400, "VALIDATION_FAILED")


@pytest.mark.parametrize("path", ADMIN_PAGED)
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_the_owners_lists_are_paged_as_well(box: Sandbox, path: str, order: str) -> None:
    """Players, accounts and entries, in pieces as at once (PRV-60)."""
    await place(box, await box.session(), 0, 3)
    whole = (await box.admin("GET", f"{path}?limit=200&order={order}")).json
    assert whole["has_more"] is False
    found: list[Any] = []
    cursor = ""
    while True:
        got = (await box.admin("GET", f"{path}?limit=2&order={order}{cursor}")).json
        found += got["items"]
        if not got["has_more"]:
            break
        assert len(got["items"]) == 2
        cursor = f"&cursor={got['next_cursor']}"
    assert found == whole["items"]
    assert len(found) > 4


# Filters -----------------------------------------------------------------------------------------


@pytest.fixture
async def played(box: Sandbox) -> tuple[str, str]:
    """Six bets of two players in two games, an hour between each; one settled, one rolled back."""
    one = await box.session()
    other = await box.session("p_usd", "USD", game_id="studio:slot_vault_x")
    for n in range(6):
        if n:
            await box.admin("POST", "/clock/advance", {"by_ms": 600_000})
            box.tokens.clear()
        session, currency = (other, "USD") if n % 2 else (one, "EUR")
        got = await box.authorize(session, f"b-{n:03}", 1, round_id=f"r-{n}", currency=currency)
        assert got.status == 200, got.body
    await box.settle("b-000", 0, round_id="r-0")
    await box.rollback("b-001", round_id="r-1")
    return one, other


BET_FILTERS: list[tuple[dict[str, str], list[int]]] = [
    ({}, [0, 1, 2, 3, 4, 5]),
    ({"status": "settled"}, [0]),
    ({"status": "rolled_back"}, [1]),
    ({"status": "authorized"}, [2, 3, 4, 5]),
    ({"player_id": "p_19f3"}, [0, 2, 4]),
    ({"player_id": "p_nobody"}, []),
    ({"game_id": "studio:slot_vault_x"}, [1, 3, 5]),
    ({"round_id": "r-3"}, [3]),
    ({"tenant_id": "brand-42"}, [0, 1, 2, 3, 4, 5]),
    ({"occurred_at_from": "2026-01-01T00:20:00Z"}, [2, 3, 4, 5]),
    ({"occurred_at_from": "2026-01-01T00:20:00.001Z"}, [3, 4, 5]),
    ({"occurred_at_to": "2026-01-01T00:20:00Z"}, [0, 1]),
    ({"occurred_at_from": "2026-01-01T01:20:00%2B01:00"}, [2, 3, 4, 5]),
    ({"occurred_at_to": "2261-12-31T23:59:59Z"}, [0, 1, 2, 3, 4, 5]),
    (
        {"occurred_at_from": "2026-01-01T00:10:00Z", "occurred_at_to": "2026-01-01T00:30:00Z"},
        [1, 2],
    ),
    (
        {"occurred_at_from": "2026-01-01T00:30:00Z", "occurred_at_to": "2026-01-01T00:10:00Z"},
        [],
    ),
    ({"status": "authorized", "player_id": "p_usd"}, [3, 5]),
]


@pytest.mark.usefixtures("played")
@pytest.mark.parametrize(("query", "found"), BET_FILTERS, ids=str)
async def test_bets_are_filtered(box: Sandbox, query: dict[str, str], found: list[int]) -> None:
    """By state, game, player, round, tenant and time, from (included) and to (not included), alone
    and together, in one page as in many, either way round (PRV-61)."""
    assert await walk(box, "/v1/bets", 200, **query) == [bets(*found)]
    pages = await walk(box, "/v1/bets", 1, order="desc", **query)
    assert [bet for shown in pages for bet in shown] == bets(*found[::-1])


async def test_bets_are_filtered_by_session(box: Sandbox, played: tuple[str, str]) -> None:
    """The same for the session (PRV-61)."""
    for session, found in zip(played, ([0, 2, 4], [1, 3, 5]), strict=True):
        assert await walk(box, "/v1/bets", 200, session_id=session) == [bets(*found)]


@pytest.mark.usefixtures("played")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"event_type": "bet.authorized"}, [0, 1, 2, 3, 4, 5]),
        ({"event_type": "bet.rolled_back"}, [1]),
        ({"event_type": "bet.authorized", "player_id": "p_usd"}, [1, 3, 5]),
        ({"event_type": "bet.authorized", "game_id": "studio:slot_forge_02"}, [0, 2, 4]),
        (
            {"event_type": "bet.authorized", "occurred_at_from": "2026-01-01T00:40:00Z"},
            [4, 5],
        ),
        ({"event_type": "bet.settled", "occurred_at_to": "2026-01-01T00:50:00Z"}, []),
        ({"event_type": "bet.settled", "occurred_at_from": "2026-01-01T00:50:00Z"}, [0]),
        ({"event_type": "jackpot.triggered"}, []),
    ],
    ids=str,
)
async def test_events_are_filtered(box: Sandbox, query: dict[str, str], found: list[int]) -> None:
    """By topic, player, game and the time they happened, not that of the bet (PRV-61)."""
    events = await box.events(**query)
    assert [event["payload"]["bet_id"] for event in events] == bets(*found)


def test_any_walk_sees_every_bet_once() -> None:
    """Whatever the size of each page and however many bets come between pages, an ascending walk
    sees every bet once, in order (PRV-60)."""
    with one_sandbox() as (box, run):
        session = run(box.session())
        placed = 0

        @settings(max_examples=50)  # each leaves its bets to the next
        @given(
            steps=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), max_size=6),
            last=st.integers(20, 200),
        )
        def sees_all(steps: list[tuple[int, int]], last: int) -> None:
            nonlocal placed
            seen: list[str] = []
            at: dict[str, str] = {}
            for limit, number in chain(steps, repeat((last, 0))):
                got = run(page(box, "/v1/bets", limit=limit, **at)).json
                seen += ids_on(got, "/v1/bets")
                if not got["has_more"]:
                    break
                at = {"cursor": got["next_cursor"]}
                run(place(box, session, placed, number))
                placed += number
            assert seen == bets(*range(placed))

        run(place(box, session, placed, 12))
        placed += 12
        sees_all()
