"""Events of others that the service follows: what bets owe to pools, and what was taken back.

    where ──▶ GET the next page of the feed ──▶ take: cursor and outbox in one transaction

(JP-10, JP-41, WAL-96) The studio tells of contributions and of spins that are void, the wallet of
bets that were rolled back. Each event becomes a call of the service to itself, which leaves with
the new cursor or not at all: so it counts once, however often the feed tells of it, and a crash
loses none. The calls arrive in any order; a rollback that overtakes its contribution keeps it out.
"""

from collections.abc import Generator, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from simulator.adapters.replies import read_problem
from simulator.base.clock import NS_PER_S, iso_or_none
from simulator.base.errors import InvalidState, NotFound
from simulator.jackpot import degraded, falls
from simulator.jackpot.rows import BetGone, BetRow, ContributionRow, MemberRow
from simulator.jackpot.watch_rows import FeedRow
from simulator.store.flow import Decide, Hear, Step
from simulator.store.listing import own, page
from simulator.store.owned import mine
from simulator.store.tx import Query, Reads, Tx
from simulator.wire import jackpot_feeds as f
from simulator.wire import json
from simulator.wire.calls import Call, Reply
from simulator.wire.messages import Message, Page

EVENTS: dict[f.FeedName, str] = {"rgs": "/rgs/v1/events", "wallet": "/v1/events"}
"""Where each feed is."""

PAGE = 200
"""The largest page there is."""

_POOLS = 10_000


class Looking(Message, frozen=True, kw_only=True, omit_defaults=True):
    """From where on a feed is read, and the call that reads it."""

    since: str | None = None
    call: Call


class Owed(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A contribution that a studio tells of; `stake` is not in it, but in its spin's."""

    txn_id: str
    spin_id: str
    round_id: str
    pool_id: str
    player_id: str
    currency: str
    amount: Decimal
    stake: Decimal | None = None


class Took(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a page has told: the events that matter, and where the feed goes on."""

    feed: f.FeedName
    since: str | None = None
    cursor: str | None = None
    behind: bool = False
    events: int = 0
    unread: int = 0
    owed: list[Owed] = msgspec.field(default_factory=list)
    gone: list[str] = msgspec.field(default_factory=list)
    every_s: int | None = None
    date: str | None = None
    """The clock of the answer."""


class Told(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of any event."""

    event_type: str
    payload: dict[str, Any] = msgspec.field(default_factory=dict)
    player_id: str | None = None


class Events(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of a page of a feed."""

    items: list[Told]
    has_more: bool
    next_cursor: str | None = None


class Staked(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of an amount."""

    amount: Decimal


class Spin(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of a spin."""

    stake: Staked


class FollowAgain(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Follow a feed whose time has come; an operation of the world's owner for its brand."""

    feed: f.FeedName
    next_ns: int


# One page -----------------------------------------------------------------------------------------


def follow(ask: f.Follow) -> Generator[Step, Any, f.Feed]:
    """Take up the next page of a feed. Raises InvalidState for one that refuses, or tells what
    nobody can read."""
    looking: Looking = yield Decide(where, ask)
    reply: Reply = yield Hear(looking.call)
    try:
        took = _read(ask, looking.since, reply)
    except InvalidState as refused:
        yield Decide(answered, ask)
        raise refused from None
    owed = []
    for told in took.owed:
        found = told
        if told.stake is None:  # its spin was told of on the page before
            target = f"/rgs/v1/spins/{quote(told.spin_id, safe='')}"
            spin = yield Hear(msgspec.structs.replace(looking.call, target=target))
            found = _staked(told, spin)
        if found.stake is not None:
            owed.append(found)
    unread = took.unread + len(took.owed) - len(owed)
    feed: f.Feed = yield Decide(take, msgspec.structs.replace(took, owed=owed, unread=unread))
    return feed


def where(tx: Tx, ask: f.Follow) -> Looking:
    """From where on the feed is to be read; since when it waits for an answer is kept."""
    caller = tx.caller
    row = _feed(tx, ask.feed)
    since = row.cursor
    if row.asked_ns is None:
        tx.put(row.but(asked_ns=tx.now_ns))
    query = {"limit": PAGE, "order": "asc", **({} if since is None else {"cursor": since})}
    headers = {
        "X-Trace-Id": caller.trace_id,
        "X-Brand-Id": caller.brand,
        "X-Region": caller.region,
        "X-Provider-Id": falls.PROVIDER,
    }
    target = f"{EVENTS[ask.feed]}?{urlencode(query)}"
    return Looking(
        since=since, call=Call(to=ask.feed, method="GET", target=target, headers=headers)
    )


def answered(tx: Tx, ask: f.Follow) -> f.Feed:
    """Nobody is waited for any more: a refusal is an answer."""
    return view(tx.put(_feed(tx, ask.feed).but(asked_ns=None)))


def take(tx: Tx, took: Took) -> f.Feed:
    """Set out what a page has told, and remember how far the feed was read: both or neither.

    A page that somebody else has taken up meanwhile is none.
    """
    caller = tx.caller
    gone = [one for one in took.gone if tx.get(BetGone, (caller.tenant, one)) is None]
    put_in = [one for bet_id in gone for one in _of_bet(tx, bet_id)]
    waiting = degraded.held(tx)
    row = _feed(tx, took.feed)
    if row.cursor != took.since:
        return view(row)
    for one in took.owed:
        tx.ask(_contribute(tx, one))
    for bet_id in gone:
        tx.put(BetGone(tenant=caller.tenant, bet_id=bet_id, op=tx.position))
    for known in put_in:
        target = f"/v1/jp/contributions/{quote(known.jp_contrib_id, safe='')}/reverse"
        key = f"{known.jp_contrib_id}-gone"
        tx.ask(falls.post(caller, "jackpot", target, key, {"reason": "rolled back"}))
    if took.behind:
        key = f"follow-{took.feed}-{took.cursor}"
        tx.ask(falls.post(caller, "jackpot", f"/v1/jp/feeds/{took.feed}/follow", key, {}))
    degraded.note_clock(tx, took.feed, took.date)
    degraded.set_out(tx, waiting)
    every_s = row.every_s if took.every_s is None else took.every_s or None
    row = tx.put(
        row.but(
            cursor=took.cursor if took.cursor is not None else row.cursor,
            events=row.events + took.events,
            contributions=row.contributions + len(took.owed),
            rollbacks=row.rollbacks + len(took.gone),
            unread=row.unread + took.unread,
            behind=int(took.behind),
            every_s=every_s,
            followed_ns=tx.now_ns,
            asked_ns=None,
            next_ns=None if every_s is None else tx.now_ns + every_s * NS_PER_S,
        )
    )
    return view(row)


def _feed(tx: Tx, feed: f.FeedName) -> FeedRow:
    """How far a feed was followed, for the caller's brand; from the start, where it never was."""
    caller = tx.caller
    row = tx.lock(FeedRow, (caller.tenant, feed))
    if row is not None:
        return row
    return tx.put(
        FeedRow(tenant=caller.tenant, feed=feed, brand=caller.brand, region=caller.region)
    )


def _of_bet(tx: Tx, bet_id: str) -> list[ContributionRow]:
    """What a bet has put into the pools of its brand, and has not got back."""
    tenant, found = tx.caller.tenant, []
    for member in tx.page(Query(MemberRow, (("brand", "=", tx.caller.brand),)), None, _POOLS):
        if isinstance(member, MemberRow):
            bet = tx.get(BetRow, (tenant, member.pool_id, bet_id))
            row = None if bet is None else tx.get(ContributionRow, (tenant, bet.jp_contrib_id))
            if row is not None and row.status == "recorded" and mine(tx, row) is not None:
                found.append(row)
    return found


def _contribute(tx: Tx, one: Owed) -> Call:
    """As the platform would have called: the same contribution, told by both, is one."""
    key = f"{one.txn_id}-jp"
    body = {
        "jp_contrib_id": one.txn_id,
        "tenant_id": tx.caller.tenant,
        "pool_id": one.pool_id,
        "round_id": one.round_id,
        "bet_id": one.spin_id,
        "player_id": one.player_id,
        "bet": {"amount": one.stake, "currency": one.currency},
        "contribution": {"amount": one.amount, "currency": one.currency},
        "idempotency_key": key,
    }
    return falls.post(tx.caller, "jackpot", "/v1/jp/contributions", key, body)


# What a page tells --------------------------------------------------------------------------------


def _read(ask: f.Follow, since: str | None, reply: Reply) -> Took:
    """The events of a page that matter. Raises InvalidState for what is no page."""
    if not 200 <= reply.status < 300:
        problem = read_problem(reply)
        raise InvalidState(
            f"the feed of {ask.feed} refuses: {problem}",
            details={"reason": f"{ask.feed}_refused", "status": reply.status},
        )
    try:
        told = msgspec.convert(json.decode(reply.body), Events)
    except (json.NotJson, msgspec.ValidationError) as wrong:
        raise InvalidState(
            f"the feed of {ask.feed} cannot be read: {wrong}",
            details={"reason": f"{ask.feed}_unreadable"},
        ) from wrong
    owed, gone, unread = _sift(told.items)
    return Took(
        feed=ask.feed,
        since=since,
        cursor=told.next_cursor,
        behind=told.has_more,
        events=len(told.items),
        unread=unread,
        owed=owed,
        gone=gone,
        every_s=ask.every_s,
        date=reply.headers.get("date"),
    )


def _sift(events: Sequence[Told]) -> tuple[list[Owed], list[str], int]:
    """Contributions, bets that are gone, and how many of either lack what has to be known."""
    stakes = {
        one.payload.get("spin_id"): one.payload.get("stake")
        for one in events
        if one.event_type == "spin_finished"
    }
    owed: list[Owed] = []
    gone: list[str] = []
    unread = 0
    for one in events:
        if one.event_type == "jackpot_contribution":
            found = {"player_id": one.player_id, **one.payload}
            found["stake"] = found.get("stake", stakes.get(found.get("spin_id")))
            try:
                owed.append(msgspec.convert(found, Owed))
            except msgspec.ValidationError:
                unread += 1
        elif one.event_type in _GONE:
            bet_id = one.payload.get(_GONE[one.event_type])
            if isinstance(bet_id, str):
                gone.append(bet_id)
            else:
                unread += 1
    return owed, list(dict.fromkeys(gone)), unread


_GONE = {"jackpot_reversal": "spin_id", "bet.rolled_back": "bet_id"}
"""What says that a bet was taken back, and where it says which."""


def _staked(one: Owed, reply: Reply) -> Owed:
    """A contribution with what its spin says was staked, if that can be read."""
    try:
        spin = msgspec.convert(json.decode(reply.body), Spin)
    except (json.NotJson, msgspec.ValidationError):
        return one
    return msgspec.structs.replace(one, stake=spin.stake.amount)


# By the clock, and what is shown ------------------------------------------------------------------


def next_ns(tx: Reads) -> int | None:
    """When the next feed is to be looked at; None where none is."""
    return min((row.next_ns for row in _timed(tx) if row.next_ns is not None), default=None)


def find(tx: Reads) -> Sequence[tuple[str, str, FollowAgain]]:
    """The feeds whose time has come."""
    return [
        (
            row.brand,
            f"{row.tenant}/{row.feed}/{row.next_ns}",
            FollowAgain(feed=row.feed, next_ns=row.next_ns),
        )
        for row in sorted(_timed(tx), key=lambda row: (row.next_ns or 0, row.n))
        if row.next_ns is not None and row.next_ns <= tx.now_ns
    ]


def follow_again(tx: Tx, ask: FollowAgain) -> f.Feed:
    """Set a look out, unless one still waits for its answer: who is away for a day is not asked by
    thousands afterwards. Raises NotFound where it was set out meanwhile."""
    row = tx.lock(FeedRow, (tx.caller.tenant, ask.feed))
    if row is None or row.next_ns != ask.next_ns or row.every_s is None:
        raise NotFound(f"feed {ask.feed} is not to be looked at")
    row = row.but(next_ns=tx.now_ns + row.every_s * NS_PER_S)
    if row.asked_ns is not None:
        return view(tx.put(row))
    row = tx.put(row.but(asked_ns=tx.now_ns))
    key = f"follow-{ask.feed}-at-{ask.next_ns}"
    tx.ask(falls.post(tx.caller, "jackpot", f"/v1/jp/feeds/{ask.feed}/follow", key, {}))
    return view(row)


def list_feeds(tx: Reads, ask: f.ListFeeds) -> Page:
    """How far each feed of the caller's brand was followed."""
    return page(tx, Query(FeedRow, tuple(own(tx, None)), ask.order == "desc"), ask, view)


def view(row: FeedRow) -> f.Feed:
    """A feed as it is shown."""
    return f.Feed(
        feed=row.feed,
        events=row.events,
        contributions=row.contributions,
        rollbacks=row.rollbacks,
        unread=row.unread,
        behind=bool(row.behind),
        every_s=row.every_s,
        cursor=row.cursor,
        followed_at=iso_or_none(row.followed_ns),
        next_at=iso_or_none(row.next_ns),
    )


def _timed(tx: Reads) -> list[FeedRow]:
    rows = tx.page(Query(FeedRow, (("next_ns", ">=", 0),)), None, PAGE)
    return [row for row in rows if isinstance(row, FeedRow)]
