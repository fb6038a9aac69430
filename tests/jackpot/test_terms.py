"""Pools as data: what a file may say, and how a pool's terms change."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator import inhabitants
from simulator.base.clock import NS_PER_S
from simulator.base.errors import ConfigError
from simulator.jackpot.terms import Member, Terms, load, shipped
from simulator.wire.calls import Call, Reply
from simulator.wire.files import find
from tests.jackpot.tools import ELSEWHERE, NETWORK, Hall, hall, pool, within
from tests.play.tools import Send
from tests.server.tools import require_problem

EUR = {"currency": "EUR"}
WHO = {"reason": "campaign", "approved_by": "e.vance"}


@pytest.fixture
async def house() -> AsyncIterator[Hall]:
    async with hall() as found:
        await found.open(pool("p"))
        yield found


async def change(house: Hall, name: str, pool_id: str = "p", **terms: Any) -> Any:
    body = {"change_id": name, **WHO, **terms}
    return await house.call("POST", f"/pools/{pool_id}/terms", body)


# Changed ------------------------------------------------------------------------------------------


async def test_a_change_takes_effect_at_the_next_fall(house: Hall) -> None:
    """Until then everything is as it was published: rate, size, cap; afterwards the new seed and
    the new formula count, and the exact law holds on either side (JP-20, JP-34, WAL-91)."""
    await house.contribute("p", Decimal("1.50"), name="a")
    got = await change(
        house, "c-1", seed={"amount": 20, **EUR}, rate={"numerator": 1, "denominator": 3}
    )
    assert (got.status, got.json["version"], got.json["status"]) == (201, 2, "next")
    shown = (await house.call("GET", "/pools/p")).json
    assert (shown["version"], shown["next_version"]) == (1, 2)
    got = await house.contribute("p", 2, name="b")
    assert got.json["contribution"]["amount"] == Decimal("0.02")
    assert (await house.trigger("a", "p")).json["amount"]["amount"] == Decimal("10.03")
    shown = (await house.call("GET", "/pools/p")).json
    assert (shown["version"], shown["size"]["amount"]) == (2, 20)
    assert "next_version" not in shown
    got = await house.contribute("p", 1, name="c")
    assert got.json["contribution"]["amount"] == Decimal("0.33")
    past, now = [(await house.call("GET", f"/pools/p/terms{q}")).json for q in ("?version=1", "")]
    assert (past["status"], past["rate"]["denominator"]) == ("past", 100)
    assert (now["status"], now["rate"]["denominator"]) == ("in_force", 3)
    await house.require_agreement()


async def test_changes_add_up(house: Hall) -> None:
    """A second one builds on the first, though that is not in force yet; each once (WAL-90)."""
    first = await change(house, "c-1", seed={"amount": 20, **EUR})
    assert (await change(house, "c-1", seed={"amount": 20, **EUR})).json == first.json
    got = await change(house, "c-1", seed={"amount": 21, **EUR})
    require_problem(got, 409, "DUPLICATE")
    second = (await change(house, "c-2", cap={"amount": 50, **EUR})).json
    assert (second["version"], second["seed"]["amount"], second["cap"]["amount"]) == (3, 20, 50)
    decided = house.rows("SELECT decision_id, what, of, approved_by FROM jp_decision")
    assert decided == [("c-1", "terms", "p", "e.vance"), ("c-2", "terms", "p", "e.vance")]
    told = [one["payload"]["version"] for one in await house.events("jp.config.changed")]
    assert told == [2, 3]


async def test_a_pool_may_become_a_must_drop(house: Hall) -> None:
    """From its next cycle on it has a commitment; nothing of it is there before (JP-31, JP-35)."""
    trigger = {"by": "amount", "min": {"amount": 11, **EUR}, "max": {"amount": 12, **EUR}}
    got = await change(house, "c-1", cap={"amount": 12, **EUR}, trigger=trigger)
    assert got.status == 201, got.body
    await house.contribute("p", name="a")
    assert "commitment" not in (await house.call("GET", "/pools/p")).json
    await house.trigger("a", "p")
    assert (await house.call("GET", "/pools/p")).json["commitment"].startswith("sha256:")
    await house.require_agreement()


async def test_what_is_no_formula_counts_at_once(house: Hall) -> None:
    """What a pool does when something is out of order, whom it calls, whether it sets aside: from
    the next call on, and still after the fall that another formula waits for; the formula itself
    waits, also where both are named. Each is a version with who and why (JP-12, JP-13, JP-20,
    JP-80)."""
    waits = await change(house, "c-1", rate={"numerator": 1, "denominator": 10}, sets_aside=True)
    assert (waits.json["version"], waits.json["status"]) == (2, "next")
    refusing = {"then": "refuse_contributions", "late_s": 5}
    got = await change(house, "c-2", degrade=refusing, callback="/play/v1/jackpot-triggers")
    assert (got.status, got.json["version"], got.json["status"]) == (201, 3, "in_force")
    assert (await change(house, "c-2", degrade=refusing, callback="/p")).code == "DUPLICATE"
    shown = (await house.call("GET", "/pools/p")).json
    assert (shown["version"], shown["next_version"]) == (3, 4)
    now, following = [(await house.call("GET", f"/pools/p/terms?version={n}")).json for n in (3, 4)]
    assert now["degrade"] == following["degrade"] == refusing
    assert (now["rate"]["denominator"], following["rate"]["denominator"]) == (100, 10)
    assert (now["sets_aside"], following["sets_aside"]) == (False, True)
    assert now["callback"] == following["callback"] == "/play/v1/jackpot-triggers"
    await house.contribute("p", Decimal("1.50"), name="a")
    await house.contribute("p", Decimal("1.50"), name="b")
    await house.trigger("a", "p")
    await house.settled()
    assert house.rows("SELECT set_aside, amount FROM jp_payout") == [(None, 1003)]
    got = await change(house, "c-3", degrade={"then": "go_on"}, callback="")
    assert (got.json["version"], got.json["degrade"]) == (5, {"then": "go_on"})
    assert "callback" not in got.json
    await house.contribute("p", name="c")
    await house.trigger("c", "p")
    await house.require_agreement()
    assert house.rows(
        "SELECT version, set_aside FROM jp_payout p JOIN jp_trigger t USING (tenant, "
        "jp_trigger_id) ORDER BY hit"
    ) == [(3, None), (5, "held")]
    told = [one["payload"]["version"] for one in await house.events("jp.config.changed")]
    assert told == [2, 3, 5]


async def test_a_pool_that_minds_again_does_so_on_the_next_bet(house: Hall) -> None:
    """While the wallet is away a pool that goes on takes bets; told to refuse, it refuses the next
    one; told to go on, it takes it, and nobody has waited for a fall (JP-80)."""
    done = asyncio.Event()

    async def away(send: Send, call: Call) -> Reply:
        house.box.world.clock.advance(61 * NS_PER_S)
        assert (await house.contribute("p", name="b")).status == 201
        await change(house, "c-1", degrade={"then": "refuse_contributions"})
        require_problem(await house.contribute("p", name="c"), 503, "UNAVAILABLE")
        await change(house, "c-2", degrade={"then": "go_on"})
        assert (await house.contribute("p", name="c")).status == 201
        done.set()
        reply: Reply = await send(call)
        return reply

    house.meddle({0: away})
    await house.contribute("p", name="a")
    await house.trigger("a", "p")
    await asyncio.wait_for(done.wait(), 60)
    await house.require_agreement()


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"seed": {"amount": 0, **EUR}}, "seed"),
        ({"cap": {"amount": 10, **EUR}}, "cap"),
        ({"rate": {"numerator": 3, "denominator": 2}}, "rate"),
        ({"trigger": {"by": "chance"}}, "trigger"),
        ({"trigger": {"by": "call", "earliest_s": 5}}, "trigger"),
        ({"trigger": {"by": "time", "earliest_s": 5, "latest_s": 9}}, "trigger.by"),
        ({"min_stake": {"amount": 5, **EUR}, "max_stake": {"amount": 1, **EUR}}, "min_stake"),
    ],
)
async def test_terms_that_cannot_stand_are_refused(
    house: Hall, terms: dict[str, Any], field: str
) -> None:
    """The field is named, and what would be right; nothing is written (PRV-25)."""
    got = await change(house, "c-1", **terms)
    require_problem(got, 400, "VALIDATION_FAILED")
    assert got.json["details"]["errors"][0]["field"] == field
    assert house.rows("SELECT count(*) FROM jp_terms WHERE pool_id = 'p'") == [(1,)]


async def test_only_the_owner_changes_a_pool(house: Hall) -> None:
    """Another member sees the terms and changes nothing; who is no member sees nothing; another
    currency is refused (PRV-63, JP-60)."""
    await house.open(pool("net", scope="network", members=list(NETWORK)))
    body = {"change_id": "c-1", **WHO, "title": "Mine"}
    got = await house.call("POST", "/pools/net/terms", body, headers=ELSEWHERE)
    require_problem(got, 403, "SCOPE_DENIED")
    assert (await house.call("GET", "/pools/net/terms", headers=ELSEWHERE)).status == 200
    got = await house.call("GET", "/pools/p/terms", headers=ELSEWHERE)
    require_problem(got, 404, "NOT_FOUND")
    got = await change(house, "c-2", seed={"amount": 20, "currency": "USD"})
    require_problem(got, 422, "CURRENCY_MISMATCH")
    require_problem(await house.call("GET", "/pools/p/terms?version=9"), 404, "NOT_FOUND")


OPENED: dict[str, Any] = {
    "pool_id": "mine",
    "title": "Mine",
    "kind": "progressive",
    "scope": "network",
    "level": "mini",
    "currency": "EUR",
    "owner": "brand-42",
    "members": [{"brand": "brand-42", "region": "EU"}, {"brand": "brand-7", "region": "UK"}],
    "seed": "10.00",
    "cap": "12.00",
    "rate": {"numerator": 1, "denominator": 100},
}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": None}, "title"),
        ({"rate": {"numerator": 1}}, "rate.denominator"),
        ({"members": [{"brand": "brand-42"}]}, "members.0.region"),
        ({"cap": "12.001"}, "cap"),
        ({"currency": "XQX"}, "currency"),
        ({"members": [*OPENED["members"], {"brand": "brand-42", "region": "UK"}]}, "members"),
        ({"members": [OPENED["members"][0]] * 2}, "members"),
        ({"members": [{"brand": "brand-42", "region": "US"}]}, "members.0.region"),
        ({"members": [OPENED["members"][0], {"brand": "x", "region": "EU"}]}, "members.1.brand"),
    ],
)
async def test_a_pool_that_cannot_stand_is_not_opened(
    house: Hall, change: dict[str, Any], field: str
) -> None:
    """The field is named, also one that is missing, and a member that is no brand, is there twice
    or lives elsewhere; nothing is written, and the pool can be opened afterwards (JP-01, JP-60)."""
    terms = {name: value for name, value in (OPENED | change).items() if value is not None}
    got = await house.box.admin("POST", "/jackpot/pools", terms)
    require_problem(got, 400, "VALIDATION_FAILED")
    assert got.json["details"]["errors"][0]["field"] == field
    assert house.rows("SELECT count(*) FROM jp_terms WHERE pool_id = 'mine'") == [(0,)]
    assert (await house.box.admin("POST", "/jackpot/pools", OPENED)).status == 201
    assert (await house.call("GET", "/pools/mine")).status == 200


# In files -----------------------------------------------------------------------------------------


async def test_the_test_world_has_its_pools(house: Hall) -> None:
    """Every shipped pool is open under the terms of its file (JP-01, JP-14)."""
    pools = dict(house.rows("SELECT pool_id, size FROM jp_pool WHERE pool_id <> 'p'"))
    assert pools == {name: terms.seed_minor for name, terms in shipped().items()}
    assert {terms.kind for terms in shipped().values()} == {"fixed", "progressive", "timed"}
    assert {terms.scope for terms in shipped().values()} == {"local", "network"}
    assert {one.trigger.by for one in shipped().values()} == {"call", "chance", "amount", "time"}


def test_the_guide_shows_the_pools_as_they_are() -> None:
    """The table of docs/jackpot.md is what is shipped (JP-14)."""
    text = (Path(__file__).parents[2] / "docs" / "jackpot.md").read_text(encoding="utf-8")
    shown = [line for line in text.splitlines() if line.startswith("| `") and " EUR |" in line]
    shown += [line for line in text.splitlines() if line.startswith("| `") and " GBP |" in line]
    rows = [
        f"| `{one.pool_id}` | {one.kind} | {one.scope} | {one.level} | {one.seed} {one.currency} | "
        f"{one.cap or '—'} | {rate(one)} | {one.trigger.by} |"
        for one in shipped().values()
    ]
    assert sorted(shown) == sorted(rows)


def rate(terms: Terms) -> str:
    part = terms.rate
    return f"{part.numerator}/{part.denominator}" if part.numerator else "—"


def test_a_wrong_file_says_what_is_wrong(tmp_path: Path) -> None:
    """Place and rule are named for an unknown word, a missing one, an amount that is no text, and
    terms that cannot stand; the file as it is shipped passes: the control."""
    text = find("contracts", "jackpots", "demo.yaml").read_text()
    assert load(find("contracts", "jackpots", "demo.yaml"))

    def wrong(**changes: Any) -> str:
        data = yaml.safe_load(text)
        data["pools"][0].update(changes)
        path = tmp_path / "mine.yaml"
        path.write_text(yaml.safe_dump(data))
        with pytest.raises(ConfigError) as refused:
            load(path)
        return str(refused.value)

    assert "pools.0" in wrong(colour="red")
    assert "pools.0.seed" in wrong(seed=5.0)
    assert "pools.0.kind" in wrong(kind="big")
    assert "grand-eu-01: cap: is not above the seed" in wrong(cap="1.00")
    assert "grand-eu-01: owner" in wrong(owner="brand-9")
    assert "grand-eu-01: seed: 1.001 has more decimals" in wrong(seed="1.001")
    (tmp_path / "mine.yaml").write_text("pools: [")
    with pytest.raises(ConfigError, match=r"mine\.yaml cannot be read"):
        load(tmp_path / "mine.yaml")


def test_a_must_drop_ends_at_its_cap() -> None:
    """Min lies above the seed, and max is the cap: so the pool surely falls before it (JP-31)."""
    with pytest.raises(AssertionError, match=r"trigger\.min"):
        pool("p", cap=Decimal(12), trigger=within("9.00", "12.00"))
    with pytest.raises(AssertionError, match="cap"):
        pool("p", cap=Decimal(13), trigger=within("11.00", "12.00"))


async def test_a_pool_of_a_brand_that_nobody_is_stops_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The pool, the word and the nearest brand are named."""
    wrong = pool("lost", scope="network", members=[*NETWORK, Member(brand="brand-43", region="EU")])
    monkeypatch.setattr(inhabitants, "shipped", lambda: {"lost": wrong})
    with pytest.raises(ConfigError, match=r"pool lost: .*'brand-43'.*did you mean 'brand-42'"):
        async with hall():
            pass
    wrong = pool("lost", scope="network", members=[Member(brand="brand-42", region="UK")])
    with pytest.raises(ConfigError, match=r"pool lost: members\.0\.region: brand-42 is in EU"):
        async with hall():
            pass
