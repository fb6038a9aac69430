"""What a bet puts into a pool: exactly, once, and back when the bet is rolled back."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.jackpot.shares import Carried, share
from simulator.jackpot.terms import Rate, Split
from tests.jackpot.tools import ELSEWHERE, GRAND, NETWORK, Hall, hall, pool
from tests.server.tools import require_problem


@pytest.fixture
async def house() -> AsyncIterator[Hall]:
    async with hall() as found:
        yield found


# Exactly ------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    stakes=st.lists(st.integers(0, 10_000), max_size=40),
    rate=st.tuples(st.integers(1, 999), st.integers(999, 1_000_000)),
    split=st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(0, 9)),
    room=st.none() | st.integers(1, 500),
)
def test_nothing_is_lost_of_a_stake(
    stakes: list[int], rate: tuple[int, int], split: tuple[int, int, int], room: int | None
) -> None:
    """Contributions × denominator + carried = stakes × numerator, at every step; the four parts are
    the contribution, none below nothing; reserve and seed fund get their weights exactly; above the
    cap the excess goes to overflow (WAL-91, WAL-92, JP-10, JP-34)."""
    cap = None if room is None else Decimal(1000 + room) / 100
    terms = pool(
        "p",
        cap=cap,
        rate=Rate(numerator=rate[0], denominator=rate[1]),
        split=Split(current=split[0], reserve=split[1], seed=split[2]),
    )
    carried, size, taken, reserve, seed, over = Carried(), 1000, 0, 0, 0, 0
    for count, stake in enumerate(stakes, 1):
        parts = share(terms, stake, size, carried)
        assert min(parts.current, parts.reserve, parts.seed, parts.overflow) >= 0
        assert parts.amount == parts.current + parts.reserve + parts.seed + parts.overflow
        carried, size = parts.carried, size + parts.current
        taken, reserve, seed = taken + parts.amount, reserve + parts.reserve, seed + parts.seed
        over += parts.overflow
        assert taken * rate[1] + carried.rate == sum(stakes[:count]) * rate[0]
        assert 0 <= Fraction(taken * split[1], sum(split)) - reserve < 1
        assert 0 <= Fraction(taken * split[2], sum(split)) - seed < 2
        assert size <= 1000 + room if room is not None else over == 0
        assert not over or size == 1000 + (room or 0)


async def test_what_is_less_than_a_cent_is_carried(house: Hall) -> None:
    """1 % of 0.30 is 0.003: three of them are nothing yet, and the fourth is a cent; the published
    size holds whole cents only (JP-10, WAL-91)."""
    await house.open(pool("slow"))
    got = [(await house.contribute("slow", Decimal("0.30"))).json for _ in range(10)]
    assert [str(one["contribution"]["amount"]) for one in got] == [
        *("0.00", "0.00", "0.00", "0.01", "0.00", "0.00", "0.01"),
        *("0.00", "0.00", "0.01"),
    ]
    assert await house.size("slow") == Decimal("10.03")
    ((taken, carry, stakes),) = house.rows(
        "SELECT taken, carry, stakes FROM jp_pool WHERE pool_id = 'slow'"
    )
    assert (taken, carry, stakes) == (3, 0, 300)
    await house.require_agreement()


async def test_the_excess_over_the_cap_is_kept_apart(house: Hall) -> None:
    """At the cap the shown size holds, and what comes in goes to overflow (WAL-92)."""
    await house.open(pool("full", cap=Decimal("10.05")))
    for _ in range(4):
        await house.contribute("full")
    assert await house.size("full") == Decimal("10.05")
    assert house.rows("SELECT overflow FROM jp_pool WHERE pool_id = 'full'") == [(3,)]
    await house.require_agreement()


@pytest.mark.parametrize(("given", "status"), [("0.01", 201), ("0.03", 201), ("0.04", 422)])
async def test_a_given_contribution_is_at_most_a_cent_off(
    house: Hall, given: str, status: int
) -> None:
    """Of 2.00 at 1 % it is 0.02: a cent more or less passes, and the computed one counts; two are
    422, which says what would be right, and nothing is written (JP-10)."""
    got = await house.contribute(contribution={"amount": Decimal(given), "currency": "EUR"})
    assert got.status == status, got.body
    if status == 201:
        assert got.json["contribution"]["amount"] == Decimal("0.02")
    else:
        require_problem(got, 422, "LIMIT_EXCEEDED")
        assert got.json["details"]["value"] == {"amount": Decimal("0.02"), "currency": "EUR"}
        assert house.rows("SELECT count(*) FROM jp_contribution") == [(0,)]


# Once ---------------------------------------------------------------------------------------------


async def test_a_contribution_counts_once(house: Hall) -> None:
    """The same again is the same bytes; under a new key the same answer; with another stake it is
    refused, under the key and under a new one (WAL-90, PRV-30, PRV-31, PRV-32)."""
    first = await house.contribute(name="a")
    again = await house.contribute(name="a")
    assert (again.body, again.replayed) == (first.body, True)
    other = await house.contribute(name="a", idempotency_key="another")
    assert other.body == first.body
    require_problem(await house.contribute(stake=3, name="a"), 409, "IDEMPOTENCY_MISMATCH")
    got = await house.contribute(stake=3, name="a", idempotency_key="third")
    require_problem(got, 409, "DUPLICATE")
    assert await house.size() == Decimal("500000.02")
    assert house.rows("SELECT count(*) FROM jp_contribution") == [(1,)]
    await house.require_agreement()


async def test_a_bet_contributes_once_by_whatever_way(house: Hall) -> None:
    """Told of twice under two ids, by call and by event say, it counts once; to another pool it
    contributes besides (JP-02)."""
    await house.contribute(name="a")
    got = await house.contribute(name="b", bet_id="b-a")
    require_problem(got, 409, "DUPLICATE")
    assert got.json["details"]["jp_contrib_id"] == "c-a"
    assert (await house.contribute("vault-minor", name="c", bet_id="b-a")).status == 201
    await house.require_agreement()


async def test_parallel_copies_count_once(house: Hall) -> None:
    """Twenty copies of one contribution at once, under two keys (WAL-90)."""
    keys = ["one", "two"] * 10
    got = await asyncio.gather(*(house.contribute(name="a", idempotency_key=key) for key in keys))
    assert {one.status for one in got} == {201}
    assert len({one.body for one in got}) == 1
    assert await house.size() == Decimal("500000.02")


# Back ---------------------------------------------------------------------------------------------


async def test_before_a_hit_it_is_taken_out_again(house: Hall) -> None:
    """Every part of it goes back to where it came from: pool, reserve, seed fund (WAL-96)."""
    columns = "SELECT size, reserve, seed_fund, overflow FROM jp_pool WHERE pool_id = 'grand-eu-01'"
    before = house.rows(columns)
    await house.contribute(stake=10, name="a")
    assert house.rows(columns) != before
    got = await house.reverse("a")
    assert (got.status, got.json["charged_to"]) == (200, "pool")
    assert house.rows(columns) == before
    assert (await house.reverse("a")).body == got.body
    assert (await house.reverse("a", key="other")).json == got.json
    assert (await house.call("GET", "/contributions/c-a")).json["status"] == "reversed"
    await house.require_agreement()


async def test_after_a_hit_the_reserve_pays_it(house: Hall) -> None:
    """Not the new pool, and what was won stays won (WAL-96)."""
    await house.contribute(stake=10, name="a")
    await house.contribute(stake=10, name="b")
    won = (await house.trigger("a")).json["amount"]["amount"]
    got = await house.reverse("a")
    assert got.json["charged_to"] == "reserve"
    assert await house.size() == Decimal(500000)
    ((reserve,),) = house.rows("SELECT reserve FROM jp_pool WHERE pool_id = 'grand-eu-01'")
    assert reserve == 2 - 10
    await house.require_agreement()
    assert (await house.box.balance())[0] == 1000 + won


async def test_a_reversal_that_comes_first_keeps_the_contribution_out(house: Hall) -> None:
    """It leaves a tombstone, once; the late contribution is refused and counts nowhere (WAL-96,
    JP-80)."""
    got = await house.reverse("a")
    assert (got.status, got.json["tombstone"]) == (200, True)
    assert (await house.reverse("a", key="other")).json == got.json
    late = await house.contribute(name="a")
    require_problem(late, 409, "INVALID_STATE")
    assert late.json["details"]["reason"] == "tombstone"
    assert await house.size() == Decimal(500000)
    await house.require_agreement()


# Refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"pool_id": "none"}, 404, "NOT_FOUND"),
        ({"tenant_id": "brand-7"}, 403, "SCOPE_DENIED"),
        ({"bet": {"amount": 2, "currency": "USD"}}, 422, "CURRENCY_MISMATCH"),
        ({"pool_id": "daily-fixed"}, 409, "INVALID_STATE"),
        ({"pool_id": "jp_demo_uk"}, 404, "NOT_FOUND"),
        ({"bet": {"amount": -1, "currency": "EUR"}}, 400, "VALIDATION_FAILED"),
        ({"bet": {"amount": Decimal("0.001"), "currency": "EUR"}}, 400, "VALIDATION_FAILED"),
    ],
)
async def test_what_cannot_be_contributed_is_refused(
    house: Hall, change: dict[str, Any], status: int, code: str
) -> None:
    """An unknown pool, one of others, a fixed one, another tenant or currency, no money: nothing is
    written (JP-10, PRV-63)."""
    require_problem(await house.contribute(**{"pool_id": GRAND, **change}), status, code)
    assert house.rows("SELECT count(*) FROM jp_contribution") == [(0,)]


async def test_a_paused_pool_neither_grows_nor_pays(house: Hall) -> None:
    """And goes on as it was: same size, same cycle, same carried remainder; what was refused is
    remembered under its key, and accepted under a new one (WAL-95)."""
    await house.contribute(name="a")
    before = house.rows("SELECT * FROM jp_pool WHERE pool_id = 'grand-eu-01'")
    assert (await house.switch("pause")).json["status"] == "paused"
    for got in (await house.contribute(name="b"), await house.trigger("a")):
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == "paused"
    require_problem(await house.switch("pause", name="c-2"), 409, "INVALID_STATE")
    assert (await house.switch("resume", name="c-3")).json["status"] == "open"
    assert house.rows("SELECT * FROM jp_pool WHERE pool_id = 'grand-eu-01'") == before
    assert (await house.contribute(name="b", idempotency_key="new")).status == 201
    told = [one["payload"]["what"] for one in await house.events("jp.config.changed")]
    assert told == ["pause", "resume"]
    await house.require_agreement()


async def test_a_network_pool_grows_by_all_its_brands(house: Hall) -> None:
    """Each sees the sum, and its own contributions alone; nobody else sees the pool, and its owner
    alone pauses it (JP-14, JP-60, JP-61, PRV-63)."""
    await house.open(pool("net", scope="network", members=list(NETWORK)))
    await house.contribute("net", name="ours")
    got = await house.contribute("net", name="theirs", headers=ELSEWHERE)
    assert got.status == 201, got.body
    for headers in (None, ELSEWHERE):
        shown = (await house.call("GET", "/pools/net", headers=headers)).json
        assert (shown["size"]["amount"], shown["participants"]) == (Decimal("10.04"), 2)
    got = await house.call("GET", "/contributions/c-ours", headers=ELSEWHERE)
    require_problem(got, 404, "NOT_FOUND")
    require_problem(await house.reverse("ours", headers=WRONG), 403, "SCOPE_DENIED")
    for path in ("/contributions", "/events?event_type=jp.contribution.recorded"):
        items = (await house.call("GET", path, headers=ELSEWHERE)).json["items"]
        assert len(items) == 1
        assert "ours" not in str(items)
    got = await house.call("GET", "/pools/vault-mini", headers=ELSEWHERE)
    require_problem(got, 404, "NOT_FOUND")
    require_problem(await house.switch("pause", "net", headers=ELSEWHERE), 403, "SCOPE_DENIED")
    await house.require_agreement()


WRONG = {"X-Brand-Id": "brand-42", "X-Region": "UK"}


async def test_pools_are_listed_by_brand_and_region(house: Hall) -> None:
    """Each brand's own, filtered by kind, level and group, in pages (JP-14)."""

    async def ids(query: str = "", **how: Any) -> list[str]:
        items = (await house.call("GET", f"/pools{query}", **how)).json["items"]
        return [one["pool_id"] for one in items]

    assert await ids("?group=vault") == ["vault-mini", "vault-minor", "vault-major"]
    assert await ids("?level=grand") == await ids("?kind=progressive&level=grand") == [GRAND]
    assert await ids(headers=ELSEWHERE) == [GRAND, "jp_demo_uk"]
    page = (await house.call("GET", "/pools?limit=2")).json
    rest = await ids(f"?limit=200&cursor={page['next_cursor']}")
    assert [one["pool_id"] for one in page["items"]] + rest == await ids()
