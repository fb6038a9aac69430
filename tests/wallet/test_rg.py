"""Responsible gaming: the player's own limits on money, and what they never stop.

(WAL-13, WAL-28, WAL-65, WAL-66)
"""

from typing import Any

import pytest

from tests.server.tools import count
from tests.wallet.rg_tools import DAY_S, left, limits, lose, pay, require_hit
from tests.wallet.tools import eur, nothing_moves, pass_time, set_limit, wallet

NOON_S = 12 * 3_600


# Stakes and losses -------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["stake", "loss"])
async def test_the_limit_can_be_used_up_and_not_a_cent_more(limit: str) -> None:
    """A bet up to the limit succeeds, one minor unit more is refused with an event and moves
    nothing; a bet of nothing is always within (WAL-66)."""
    async with wallet() as box:
        session = await box.session()
        await set_limit(box, limit, 10)
        assert (await box.authorize(session, "b-1", 4)).status == 200
        before = count(box, "move")
        await require_hit(box, await box.authorize(session, "b-2", eur("6.01")), limit)
        assert count(box, "move") == before
        assert (await box.authorize(session, "b-3", 6)).status == 200
        assert await left(box, f"{limit} day") == 0
        assert (await box.authorize(session, "b-4", 0)).status == 200


async def test_a_refusal_by_a_limit_is_an_answer_like_any_other() -> None:
    """Under its key it is answered again, byte for byte, and its event is not told twice; it says
    what the limit is and what it leaves (PRV-30, WAL-03)."""
    async with wallet() as box:
        session = await box.session()
        await set_limit(box, "stake", 10)
        first = await box.authorize(session, "b-1", 11, key="k-1")
        again = await box.authorize(session, "b-1", 11, key="k-1")
        assert (again.body, again.replayed) == (first.body, True)
        assert first.json["details"] == {
            "limit": "stake",
            "period": "day",
            "value": {"amount": 10, "currency": "EUR"},
            "left": {"amount": 10, "currency": "EUR"},
        }
        (event,) = await box.events(event_type="rg.limit.hit")
        assert (event["player_id"], event["idempotency_key"]) == ("p_19f3", "k-1")
        assert first.json["retryable"] is False


async def test_a_loss_is_stakes_less_wins_with_open_holds_counted() -> None:
    """A stake counts while it is held, a win makes it good, a rollback takes it out (WAL-66)."""
    async with wallet() as box:
        session = await box.session()
        await set_limit(box, "loss", 10)
        await box.authorize(session, "b-1", 10)
        assert await left(box, "loss day") == 0
        await require_hit(box, await box.authorize(session, "b-2", 1), "loss")
        await box.settle("b-1", 7)
        assert await left(box, "loss day") == 7
        await box.authorize(session, "b-3", 7)
        await box.rollback("b-3")
        assert await left(box, "loss day") == 7
        await lose(box, "b-4", 1, win=100)
        assert await left(box, "loss day") == 106


async def test_a_stake_limit_does_not_care_what_was_won() -> None:
    """What counts is what was staked and not taken back (WAL-66)."""
    async with wallet() as box:
        session = await box.session()
        await set_limit(box, "stake", 10)
        await lose(box, "b-1", 6, win=600)
        await box.authorize(session, "b-2", 4)
        await require_hit(box, await box.authorize(session, "b-3", 1), "stake")
        await box.rollback("b-2")
        assert (await box.authorize(session, "b-4", 4)).status == 200


async def test_wins_and_rollbacks_land_whatever_the_limit() -> None:
    """A limit that is used up, or made stricter than what was staked, stops neither (WAL-13,
    WAL-28)."""
    async with wallet() as box:
        session = await box.session()
        await box.authorize(session, "b-1", 5)
        await box.authorize(session, "b-2", 5)
        await set_limit(box, "loss", 0)
        await set_limit(box, "stake", 0)
        assert (await box.settle("b-1", 9)).status == 200
        assert (await box.rollback("b-2")).status == 200
        assert await box.balance() == (eur("1004.00"), eur("0.00"))


async def test_the_nearest_limit_refuses() -> None:
    """Of several limits each binds (WAL-66)."""
    async with wallet() as box:
        session = await box.session()
        await set_limit(box, "stake", 10, "day")
        await set_limit(box, "stake", 8, "week")
        await set_limit(box, "loss", 20, "month")
        await require_hit(box, await box.authorize(session, "b-1", 9), "stake", "week")
        assert (await box.authorize(session, "b-2", 8)).status == 200


async def test_a_new_limit_counts_what_its_window_has_seen() -> None:
    """Whoever sets a limit at noon has played since midnight: open, lost, won and rolled-back
    bets of the day, and none of the day before (WAL-66)."""
    async with wallet() as box:
        await lose(box, "b-yesterday", 100)
        await pass_time(box, DAY_S)
        await lose(box, "b-lost", 5)
        await lose(box, "b-won", 3, win=4)
        session = await box.session()
        await box.authorize(session, "b-open", 2)
        await box.authorize(session, "b-back", 50)
        await box.rollback("b-back")
        await set_limit(box, "stake", 100)
        await set_limit(box, "loss", 100)
        assert await left(box, "stake day") == 90
        assert await left(box, "loss day") == 94
        await set_limit(box, "loss", 1000, "month")
        assert await left(box, "loss month") == 894


@pytest.mark.parametrize(
    ("period", "inside_s", "after_s"),
    [("day", DAY_S - 1, DAY_S), ("week", 4 * DAY_S - 1, 4 * DAY_S), ("month", 0, 31 * DAY_S)],
)
async def test_a_window_begins_anew(period: str, inside_s: int, after_s: int) -> None:
    """At midnight, on Monday, on the first, in UTC; a second before it is still the old one. The
    world starts on Thursday, 1 January 2026."""
    async with wallet() as box:
        await set_limit(box, "stake", 10, period)
        await lose(box, "b-1", 10)
        await pass_time(box, inside_s)
        await require_hit(box, await box.authorize(await box.session(), "b-2", 1), "stake", period)
        await pass_time(box, after_s - inside_s)
        await lose(box, "b-3", 10)
        assert await left(box, f"stake {period}") == 0


async def test_a_stake_counts_in_the_window_it_was_placed_in() -> None:
    """A rollback of yesterday's stake gives today no more room; a win of it is today's (WAL-66)."""
    async with wallet() as box:
        session = await box.session()
        await set_limit(box, "stake", 10)
        await set_limit(box, "loss", 10)
        await box.authorize(session, "b-1", 4)
        await box.authorize(session, "b-2", 4)
        await pass_time(box, DAY_S)
        await lose(box, "b-3", 6)
        await box.rollback("b-1")
        assert [await left(box, f"{limit} day") for limit in ("stake", "loss")] == [4, 4]
        await box.settle("b-2", 3)
        assert [await left(box, f"{limit} day") for limit in ("stake", "loss")] == [4, 7]


# Stricter and looser -----------------------------------------------------------------------------


async def test_a_stake_that_is_undone_in_a_later_window_leaves_the_books_sound() -> None:
    """Nothing else has happened since: the limit is not kept with a window that is over, and that
    counts what was undone (WAL-66, SBX-11)."""
    async with wallet() as box:
        await set_limit(box, "stake", 10)
        await set_limit(box, "loss", 10)
        await box.authorize(await box.session(), "b-1", 4)
        await pass_time(box, DAY_S)
        assert (await box.rollback("b-1")).status == 200
        await box.require_sound()
        assert [await left(box, f"{limit} day") for limit in ("stake", "loss")] == [10, 10]


async def test_stricter_binds_at_once_and_looser_a_day_later() -> None:
    """To the second: a minute before the 24 hours are over the old limit binds, then the new one.
    Both are shown meanwhile (WAL-66)."""
    async with wallet() as box:
        await set_limit(box, "stake", 10)
        (shown,) = await set_limit(box, "stake", 5)
        assert (shown["amount"]["amount"], "changes_at" in shown) == (5, False)
        (shown,) = await set_limit(box, "stake", 50)
        assert (shown["amount"]["amount"], shown["next_amount"]["amount"]) == (5, 50)
        assert shown["changes_at"] == "2026-01-02T00:00:00.000Z"
        await pass_time(box, DAY_S - 60)
        await require_hit(box, await box.authorize(await box.session(), "b-1", 6), "stake")
        await pass_time(box, 60)
        await lose(box, "b-2", 50)
        assert (await limits(box))["stake day"]["amount"]["amount"] == 50


async def test_a_limit_that_is_taken_away_binds_a_day_longer() -> None:
    """No limit is the loosest one (WAL-66); afterwards there is none to see, and one that is set
    anew binds at once."""
    async with wallet() as box:
        await set_limit(box, "stake", 5)
        (shown,) = await set_limit(box, "stake", None)
        assert shown["changes_at"] == "2026-01-02T00:00:00.000Z"
        assert "next_amount" not in shown
        await require_hit(box, await box.authorize(await box.session(), "b-1", 6), "stake")
        await pass_time(box, DAY_S)
        assert await limits(box) == {}
        await lose(box, "b-2", 500)
        await set_limit(box, "stake", 100)
        await require_hit(box, await box.authorize(await box.session(), "b-3", 1), "stake")


async def test_a_stricter_limit_ends_the_wait_for_a_looser_one() -> None:
    """Whoever thinks again is not given the looser one tomorrow; a second looser one waits a day
    from then (WAL-66)."""
    async with wallet() as box:
        await set_limit(box, "stake", 10)
        await set_limit(box, "stake", 50)
        await pass_time(box, NOON_S)
        (shown,) = await set_limit(box, "stake", 30)
        assert shown["changes_at"] == "2026-01-02T12:00:00.000Z"
        (shown,) = await set_limit(box, "stake", 9)
        assert "changes_at" not in shown
        await pass_time(box, 3 * DAY_S)
        assert (await limits(box))["stake day"]["amount"]["amount"] == 9


async def test_to_take_away_what_is_not_there_changes_nothing() -> None:
    """And the same limit set again is no change that waits."""
    async with wallet() as box:
        assert await set_limit(box, "stake", None) == []
        first = await set_limit(box, "stake", 5)
        assert await set_limit(box, "stake", 5) == first


async def test_every_change_of_a_limit_is_an_operation() -> None:
    """Who asks the books later finds each change with its time and what it led to (QLT-05)."""
    async with wallet() as box:
        before = count(box, "op")
        await set_limit(box, "stake", 5)
        await set_limit(box, "stake", 50)
        database = box.world.parties["wallet"].writer.unit.database
        found = database.rows(f"SELECT operation, answer FROM op WHERE n > {before} ORDER BY n")
        assert [operation for operation, _ in found] == ["SetLimit", "SetLimit"]
        assert b"next_amount" not in found[0][1]
        assert b"next_amount" in found[1][1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": "stake", "minutes": 5},
        {"limit": "session", "amount": {"amount": 5, "currency": "EUR"}},
        {"limit": "stake", "period": "year"},
        {"limit": "wins"},
        {"limit": "session", "minutes": -1},
        {"limit": "stake", "amount": {"amount": -1, "currency": "EUR"}},
    ],
    ids=str,
)
async def test_a_limit_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    """Minutes are for time and amounts for money (WAL-77)."""
    async with wallet() as box, nothing_moves(box):
        got = await box.admin("PUT", "/players/p_19f3/limits", {"period": "day", **wrong})
        assert (got.status, got.code) == (400, "VALIDATION_FAILED"), got.body


# Payments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["deposit", "withdrawal"])
async def test_a_payment_limit_can_be_used_up(way: str) -> None:
    """Deposits and withdrawals are judged by their own limits, and what was paid already counts;
    the owner's funding is neither (PRV-05, WAL-66)."""
    async with wallet() as box:
        assert (await pay(box, way, 30)).status == 200
        payment = {"payment_id": "gift", "amount": {"amount": 500, "currency": "EUR"}}
        await box.admin("POST", "/players/p_19f3/fund", payment)
        await set_limit(box, way, 50)
        assert await left(box, f"{way} day") == 20
        await require_hit(box, await pay(box, way, eur("20.01"), "pay-2"), way)
        assert (await pay(box, way, 20, "pay-3")).status == 200
        assert (await pay(box, way, 20, "pay-3")).status == 200, "a repeat is no second payment"
        other = {"deposit": "withdrawal", "withdrawal": "deposit"}[way]
        assert (await pay(box, other, 100, "pay-4")).status == 200
        await pass_time(box, DAY_S)
        assert (await pay(box, way, 50, "pay-5")).status == 200


async def test_who_has_no_limits_pays_nothing_for_them() -> None:
    """Without limits nothing is counted: no row more for a bet, its win, a payment or a session."""
    async with wallet() as box:
        before = count(box, "rg_limit"), count(box, "playtime")
        await lose(box, "b-1", 5, win=6)
        await pay(box, "deposit", 5)
        assert (count(box, "rg_limit"), count(box, "playtime")) == before
