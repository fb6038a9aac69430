"""When a pool falls: by call, by chance, at a hidden point; and that nobody's name matters."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from simulator.base.rng import Rng
from simulator.jackpot import cycles
from tests.jackpot.tools import GRAND, Hall, hall, one_in, pool, within
from tests.server.tools import require_problem


@pytest.fixture
async def house() -> AsyncIterator[Hall]:
    async with hall() as found:
        yield found


# By call ------------------------------------------------------------------------------------------


async def test_a_trigger_counts_once(house: Hall) -> None:
    """The same again is the same bytes, under another key the same fall; with another selection it
    is refused; one payout exists (WAL-90, JP-02)."""
    await house.contribute(name="a")
    await house.contribute(name="b")
    first = await house.trigger("a", key="k-a")
    assert (first.status, first.json["hit"], first.json["level"]) == (201, 1, "grand")
    assert (await house.trigger("a", key="k-a")).body == first.body
    assert (await house.trigger("a", key="other")).json == first.json
    got = await house.trigger("b", trigger_id="t-a", key="k-a")
    require_problem(got, 409, "IDEMPOTENCY_MISMATCH")
    got = await house.trigger("b", trigger_id="t-a", key="third")
    require_problem(got, 409, "DUPLICATE")
    assert house.rows("SELECT count(*) FROM jp_payout") == [(1,)]
    await house.require_agreement()


async def test_after_a_win_the_pool_begins_with_its_seed(house: Hall) -> None:
    """What comes meanwhile goes to the next cycle, the seed fund pays the seeding, and the carried
    remainder goes on (JP-34, WAL-91)."""
    await house.open(pool("p"))
    await house.contribute("p", Decimal("1.50"), name="a")
    assert (await house.trigger("a", "p")).json["amount"]["amount"] == Decimal("10.01")
    got = await house.contribute("p", Decimal("0.50"), name="b")
    assert (got.json["cycle"], got.json["contribution"]["amount"]) == (2, Decimal("0.01"))
    assert await house.size("p") == Decimal("10.01")
    columns = "SELECT seeded, seed_fund, carry_in, carry FROM jp_pool WHERE pool_id = 'p'"
    assert house.rows(columns) == [(2000, -2000, 50, 0)]
    await house.require_agreement()


async def test_two_pools_hit_by_32_rounds_at_once(house: Hall) -> None:
    """Simultaneous triggers have a recorded order: one winner for each hit, the first gets what was
    there, each next one hits the pool that has begun anew (WAL-94)."""
    for name in ("one", "two"):
        await house.open(pool(name))
    names = [f"n{n}" for n in range(32)]
    for name in names:
        for pool_id in ("one", "two"):
            await house.contribute(
                pool_id, 1, name=f"{pool_id}-{name}", round_id=f"r-{name}", bet_id=f"b-{name}"
            )
    asked = [(pool_id, name) for name in names for pool_id in ("one", "two")]
    got = await asyncio.gather(
        *(house.trigger(name, pool_id, trigger_id=f"t-{pool_id}-{name}") for pool_id, name in asked)
    )
    for pool_id in ("one", "two"):
        hits = [one.json for one in got if one.json["pool_id"] == pool_id]
        hits.sort(key=lambda one: int(one["hit"]))
        assert [one["hit"] for one in hits] == list(range(1, 33))
        amounts = [one["amount"]["amount"] for one in hits]
        assert amounts == [Decimal("10.32"), *[Decimal("10.00")] * 31]
        assert len({one["selection"]["round_id"] for one in hits}) == 32
    await house.require_agreement()
    assert (await house.box.balance())[0] == 1000 + 2 * (Decimal("10.32") + 310)


async def test_who_has_no_part_wins_nothing(house: Hall) -> None:
    """A round that did not contribute, another player's, one whose bet was rolled back, one that
    has won already; a pool that the service lets fall itself (JP-12, WAL-96)."""
    await house.contribute(name="a")
    await house.contribute(name="b")
    await house.reverse("b")
    for got, reason in (
        (await house.trigger("none"), "not_eligible"),
        (await house.trigger("a", player="p_usd"), "not_eligible"),
        (await house.trigger("b"), "not_eligible"),
        (await house.trigger("a", "vault-minor"), "internal"),
    ):
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == reason
    assert (await house.trigger("a")).status == 201
    again = await house.trigger("a", trigger_id="t-again")
    assert again.json["details"]["reason"] == "already_won"
    require_problem(await house.trigger("a", "none", trigger_id="x"), 404, "NOT_FOUND")
    await house.require_agreement()


async def test_a_fixed_jackpot_pays_eligible_bets(house: Hall) -> None:
    """It has no pool: a bet that was judged eligible wins its amount, each time the same; one that
    was not wins nothing (JP-01, JP-11)."""
    asked = {"tenant_id": "brand-42", "pool_id": "daily-fixed", "player_id": "p_19f3"}
    stake = {"stake": {"amount": 1, "currency": "EUR"}}
    for name, more in (("a", {}), ("b", {"flags": ["excluded_game"]}), ("c", {})):
        body = {**asked, **stake, "round_id": f"r-{name}", "bet_id": f"b-{name}", **more}
        got = (await house.call("POST", "/candidates", body)).json
        assert got["eligible"] is (name != "b")
    for name in ("a", "c"):
        got = (await house.trigger(name, "daily-fixed")).json
        assert got["amount"]["amount"] == Decimal(100)
    require_problem(await house.trigger("b", "daily-fixed"), 409, "INVALID_STATE")
    await house.require_agreement()
    assert (await house.box.balance())[0] == Decimal(1200)


async def test_a_candidate_is_told_odds_and_rules(house: Hall) -> None:
    """Odds in proportion to the stake, exactly; above max_bet, outside the stakes or paused it is
    not eligible and is told why; the same again is the same answer, another stake is refused
    (JP-11, JP-30)."""
    await house.open(
        pool("p", trigger=one_in(2000, "1.00"), min_stake=Decimal(1), max_stake=Decimal(50))
    )

    async def ask(bet: str, stake: Any, **more: Any) -> Any:
        body = {
            "tenant_id": "brand-42",
            "pool_id": "p",
            "player_id": "p_19f3",
            "round_id": f"r-{bet}",
            "bet_id": bet,
            "stake": {"amount": stake, "currency": "EUR"},
            **more,
        }
        return await house.call("POST", "/candidates", body, key=more.pop("key", f"{bet}-{stake}"))

    got = (await ask("a", 4)).json
    assert (got["eligible"], got["odds"]) == (True, {"numerator": 1, "denominator": 500})
    assert (await ask("b", 4, max_bet={"amount": 3, "currency": "EUR"})).json["rules"] == [
        "max_bet"
    ]
    assert (await ask("c", Decimal("0.50"))).json["rules"] == ["stake"]
    assert "odds" not in (await ask("d", 51)).json
    require_problem(await ask("a", 5), 409, "DUPLICATE")
    await house.switch("pause", "p")
    assert (await ask("e", 4)).json["rules"] == ["paused"]
    assert (await ask("a", 4)).json["eligible"] is True


# By chance ----------------------------------------------------------------------------------------


async def hits(house: Hall, pool_id: str, players: list[str], stakes: list[int]) -> list[int]:
    """Which of the rounds a pool falls on."""
    found = []
    for n, (player, stake) in enumerate(zip(players, stakes, strict=True)):
        got = await house.contribute(pool_id, stake, name=f"{n}", player_id=player)
        assert got.status == 201, got.body
        if "fell" in got.json:
            found.append(n)
    return found


PLAYERS = ["p_19f3", "p_excluded_midround", "p_limit_on_5th", "p_poor"] * 30


async def test_who_plays_does_not_matter() -> None:
    """The same rounds with the same stakes hit whoever plays them: identities permuted, another
    trace id, the same rounds; another seed, others: the control (JP-32, JP-33)."""
    found = []
    stakes = [1 + n % 5 for n in range(len(PLAYERS))]
    orders = (PLAYERS, PLAYERS[::-1], [*PLAYERS[7:], *PLAYERS[:7]], ["p_19f3"] * len(PLAYERS))
    for order, seed in (*((order, 42) for order in orders), (PLAYERS, 43)):
        async with hall(seed=seed) as house:
            await house.open(pool("p", trigger=one_in(40, "1.00")))
            found.append(await hits(house, "p", order, stakes))
    assert found[0]
    assert found[0] == found[1] == found[2] == found[3]
    assert found[4] != found[0]


def test_the_odds_are_the_published_ones() -> None:
    """Of 40 000 rounds at 1 in 50 for each unit staked, as many hit as the exact law says, within
    four standard deviations, for a single stake and for a triple one; no chance is above 1
    (JP-30, JP-71)."""
    terms = pool("p", trigger=one_in(50, "1.00"))
    dice = Rng(42)
    for stake in (100, 300):
        chance = terms.chance_of(stake)
        assert chance == Fraction(stake, 5000)
        count = sum(dice.strikes(chance, "jackpot", "p", "t", f"r{n}", "b") for n in range(40_000))
        mean, variance = 40_000 * chance, 40_000 * chance * (1 - chance)
        assert (count - mean) ** 2 < 16 * variance
    assert terms.chance_of(1_000_000) == 1


async def test_a_stake_outside_the_rules_never_hits(house: Hall) -> None:
    """It contributes, and cannot win: the pool's own rules (JP-11)."""
    await house.open(pool("sure", trigger=one_in(1), min_stake=Decimal(2)))
    assert "fell" not in (await house.contribute("sure", 1)).json
    assert "fell" in (await house.contribute("sure", 2)).json
    await house.require_agreement()


# At a hidden point --------------------------------------------------------------------------------


def point_of(house: Hall, pool_id: str) -> tuple[int, str]:
    ((point, salt),) = house.rows(f"SELECT point, salt FROM jp_pool WHERE pool_id = '{pool_id}'")
    return point, salt


async def test_a_must_drop_falls_at_its_point(house: Hall) -> None:
    """The contribution that brings it to the point wins it, always at or below its cap; point and
    salt are revealed and hash to the commitment that was published at the opening; each cycle has a
    point of its own (JP-31, JP-35, WAL-93)."""
    await house.open(pool("drop", cap=Decimal("12.00"), trigger=within("10.50", "12.00")))
    points = []
    for cycle in range(1, 5):
        shown = (await house.call("GET", "/pools/drop")).json
        assert (shown["cycle"], shown["must_drop_by"]["amount"]) == (cycle, Decimal(12))
        point, _ = point_of(house, "drop")
        fell = None
        while fell is None:
            got = (await house.contribute("drop", 7)).json
            fell = got.get("fell")
            assert (got["pool_size"]["amount"] >= Decimal(point) / 100) is (fell is not None)
        assert Decimal("10.50") <= fell["amount"]["amount"] <= 12
        told = (await house.call("GET", f"/triggers/{fell['jp_trigger_id']}")).json["reveal"]
        assert told["point"] == point
        assert told["commitment"] == shown["commitment"]
        text = f"{told['point']}\n{told['salt']}".encode()
        assert told["commitment"] == f"sha256:{hashlib.sha256(text).hexdigest()}"
        points.append(point)
    assert len(set(points)) > 1
    await house.require_agreement()


def test_points_are_drawn_evenly_from_the_whole_range() -> None:
    """Both ends included, none beyond; a commitment says which (JP-31, JP-35)."""

    class Seeded:
        now_ns = 0

        def __init__(self, seed: int) -> None:
            self.seed = seed

        def get(self, _kind: Any, _key: Any) -> Any:
            return type("F", (), {"value": str(self.seed)})

    terms = pool("p", cap=Decimal("10.04"), trigger=within("10.01", "10.04"))

    class Cycle:
        cycle = 1

    counts = dict.fromkeys(range(1001, 1005), 0)
    for seed in range(800):
        point, salt = cycles._hide(Seeded(seed), Cycle(), terms)  # type: ignore[arg-type]
        assert point is not None
        assert salt is not None
        counts[point] += 1
    assert all(150 < count < 250 for count in counts.values()), counts
    assert cycles.commitment(1001, "00") != cycles.commitment(1002, "00")


async def test_a_hidden_point_never_leaves_before_the_fall(house: Hall) -> None:
    """Not in an answer, an error, an event, a log of exchanges or a reconciliation; after the fall
    the trigger has it: the control (WAL-93)."""
    await house.open(
        pool("drop", seed="1000.00", cap=Decimal(99_000), trigger=within("2000.17", "99000.00"))
    )
    point, salt = point_of(house, "drop")
    said = [(await house.contribute("drop", 5, name=f"{n}")).body for n in range(5)]
    said += [(await house.contribute("drop", 6, name="0", idempotency_key="new")).body]
    said += [(await house.trigger("0", "drop")).body, (await house.reverse("1")).body]
    said += [(await house.switch("pause", "drop")).body, (await house.contribute("drop")).body]
    said += [(await house.switch("resume", "drop", name="c-2")).body]
    for path in ("/pools", "/pools/drop", "/events?limit=200", "/contributions", "/triggers"):
        said.append((await house.call("GET", path)).body)
    for path in ("/reconcile", "/audit", "/journal?limit=200", "/health"):
        said.append((await house.box.admin("GET", path)).body)
    assert not any(hides(body, point, salt) for body in said)
    got = await house.contribute("drop", 10_000_000)
    fell = (await house.call("GET", f"/triggers/{got.json['fell']['jp_trigger_id']}")).body
    assert hides(fell, point, salt)
    assert GRAND.encode() in b"".join(said)


def hides(body: bytes, point: int, salt: str) -> bool:
    """True where a text has the point, as minor units or as an amount, or the salt."""
    amount = f"{point // 100}.{point % 100:02}"
    text = body.decode()
    return salt in text or str(point) in text or amount in text


async def test_a_timed_pool_falls_on_the_first_round_after_its_time(house: Hall) -> None:
    """Its deadline is published, the moment within it is not: earlier rounds do not hit, the first
    one afterwards does (JP-31)."""
    shown = (await house.call("GET", "/pools/vault-major")).json
    assert shown["deadline_at"] == "2026-01-02T00:00:00.000Z"
    point, _ = point_of(house, "vault-major")
    start_ms = house.box.world.clock.now_ns() // 1_000_000
    assert start_ms + 3_600_000 <= point <= start_ms + 86_400_000
    await house.later(point - 1 - start_ms)
    early = await house.contribute("vault-major", 100)
    assert early.status == 201, early.body
    assert "fell" not in early.json
    await house.later(1)
    got = await house.contribute("vault-major", 100)
    assert got.json["fell"]["amount"]["amount"] > 1000
    await house.require_agreement()
