"""The control API as the sandbox's owner uses it: players, their money, the books, and the token
that keeps others out (SBX-11, SBX-16)."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from faker import Faker

from simulator.base.rng import Rng
from simulator.inhabitants import PLAYERS
from simulator.server.people import LOCALES, REGION_COUNTRIES, invent
from simulator.wire.contract import Operation
from tests.server.tools import (
    body_examples,
    count,
    parameters_of,
    play_examples,
    require_problem,
    stored,
)
from tests.support import CONTRACTS, Got, Sandbox, encode, sandbox

OPERATIONS = CONTRACTS["control"].operations


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


async def ok(box: Sandbox, method: str, path: str, body: Any = None) -> Any:
    """What a control operation that works answers."""
    got = await box.admin(method, path, body)
    assert got.status in (200, 201), got.body
    return got.json


async def player(box: Sandbox, **ask: Any) -> Any:
    """Make a player."""
    return await ok(box, "POST", "/players", {"currency": "EUR", "cash": 1, **ask})


# Players -----------------------------------------------------------------------------------------


async def test_the_test_world_is_listed(box: Sandbox) -> None:
    """The well-known players of every brand, in the order of their table (SBX-16)."""
    items = (await ok(box, "GET", "/players"))["items"]
    shown = [
        (
            item["brand_id"],
            item["player_id"],
            item["country"],
            item["name"],
            item["city"],
            f"{item['available']['amount']} {item['currency']}",
            item["self_excluded"],
        )
        for item in items
    ]
    assert shown == list(PLAYERS)
    assert {item["status"] for item in items} == {"active"}
    assert {item["held"]["amount"] for item in items} == {0}


async def test_a_player_is_what_was_given(box: Sandbox) -> None:
    """And no more is made up than is missing; the provider sees them at once (SBX-16)."""
    given = {
        "player_id": "p_ana",
        "brand_id": "brand-7",
        "region": "UK",
        "country": "GB",
        "name": "Ana Example",
        "currency": "GBP",
        "self_excluded": True,
        "payout_block": "none",
    }
    cash = {"amount": Decimal("12.50"), "currency": "GBP"}
    made = await player(box, **given, cash=cash)
    assert made == {
        **given,
        "tenant_id": "brand-7",
        "city": made["city"],
        "status": "active",
        "available": cash,
        "held": {"amount": Decimal("0.00"), "currency": "GBP"},
    }
    got = await box.call("GET", "/v1/players/p_ana", client="other-brand")
    assert (got.status, got.json["available"]) == (200, cash)
    assert (await box.call("GET", "/v1/players/p_ana")).status == 404


async def test_a_bare_number_is_in_the_players_currency(box: Sandbox) -> None:
    """With the decimals that it has (PRV-03)."""
    for currency, amount, shown in (("EUR", "5", "5.00"), ("JPY", "5", "5"), ("KWD", "5", "5.000")):
        made = await player(box, currency=currency, cash=Decimal(amount))
        assert str(made["available"]["amount"]) == shown
        assert made["available"]["currency"] == currency


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"cash": {"amount": 1, "currency": "USD"}}, 400, "VALIDATION_FAILED", "cash"),
        ({"cash": Decimal("1.001")}, 400, "VALIDATION_FAILED", "cash"),
        ({"cash": -1}, 400, "VALIDATION_FAILED", "cash"),
        ({"cash": "1"}, 400, "VALIDATION_FAILED", "cash"),
        ({"currency": "XXX"}, 400, "VALIDATION_FAILED", "cash"),
        ({"region": "UK"}, 400, "VALIDATION_FAILED", "region"),
        ({"country": "germany"}, 400, "VALIDATION_FAILED", "country"),
        ({"name": ""}, 400, "VALIDATION_FAILED", "name"),
        ({"name": "a\nb"}, 400, "VALIDATION_FAILED", "name"),
        ({"player_id": "a b"}, 400, "VALIDATION_FAILED", "player_id"),
        ({"brand_id": "brand-9"}, 404, "NOT_FOUND", None),
        ({"player_id": "p_19f3"}, 409, "DUPLICATE", None),
    ],
)
async def test_a_player_that_cannot_be_is_not_made(
    box: Sandbox, changes: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    """Refused, by the field where it is one, and not a row is written (SBX-16, WAL-77)."""
    before = stored(box)
    got = await box.admin("POST", "/players", {"currency": "EUR", "cash": 1, **changes})
    require_problem(got, status, code)
    if field is not None:
        assert got.json["details"]["errors"][0]["field"] == field
    assert stored(box) == before


async def test_the_same_seed_makes_the_same_people() -> None:
    """Ids, names, cities and countries, in another process, and whatever else is done; another
    seed makes others (SBX-02, SBX-16)."""
    made: list[list[Any]] = []
    for seed in (7, 7, 8):
        async with sandbox(seed=seed) as box:
            for _ in made:  # calls that are only counted: a health check makes nobody else
                await ok(box, "GET", "/health")
            made.append([await player(box) for _ in range(8)])
    assert made[0] == made[1]
    same = [one for one, other in zip(made[0], made[2], strict=True) if one == other]
    assert same == []


async def test_a_named_player_is_the_same_in_any_order() -> None:
    """Who they are is drawn for their id, not by how many came before (SBX-02)."""
    found = []
    for ids in (("p_a", "p_b", "p_c"), ("p_c", "p_a", "p_b")):
        async with sandbox() as box:
            made = [await player(box, player_id=player_id) for player_id in ids]
            found.append({one["player_id"]: one for one in made})
    assert found[0] == found[1]
    assert len({one["name"] for one in found[0].values()}) == 3


async def test_made_up_people_live_in_their_region(box: Sandbox) -> None:
    """Country by region, with a name and a city; many countries among many players (SBX-16)."""
    countries = {"brand-42": set(), "brand-7": set()}  # type: dict[str, set[str]]
    for brand, currency in (("brand-42", "EUR"), ("brand-7", "GBP")):
        for _ in range(20):
            made = await player(box, brand_id=brand, currency=currency)
            assert made["name"].strip()
            assert made["city"].strip()
            countries[brand].add(made["country"])
    assert countries["brand-42"] <= set(REGION_COUNTRIES["EU"])
    assert len(countries["brand-42"]) > 4
    assert countries["brand-7"] == {"GB"}


@pytest.mark.parametrize("country", sorted(LOCALES))
async def test_every_country_has_people(box: Sandbox, country: str) -> None:
    """Each of the markets' countries can be asked for (SBX-16)."""
    made = await player(box, country=country)
    assert made["country"] == country
    assert made["name"]


def test_people_are_those_that_the_whole_of_faker_would_name() -> None:
    """Only what names and cities need is loaded, and nobody is another person for it (SBX-16)."""
    whole = Faker(LOCALES["PT"])
    for number in range(200):
        seed = Rng(number)
        whole.seed_instance(int.from_bytes(seed.draw("person", "ana")[:8], "big"))
        assert invent(seed, "ana", "EU", "PT") == ("PT", whole.name(), whole.city())


async def test_changing_a_player_changes_what_is_given(box: Sandbox) -> None:
    """The rest stays; what the provider reads follows (WAL-13)."""
    before = (await ok(box, "GET", "/players?limit=1"))["items"][0]
    for change in ({"self_excluded": True}, {"status": "disabled"}, {}, {"self_excluded": False}):
        before = {**before, **change}
        assert await ok(box, "PATCH", "/players/p_19f3", change) == before
        seen = (await box.call("GET", "/v1/players/p_19f3")).json
        assert (seen["status"], seen["rg"]["self_excluded"]) == (
            before["status"],
            before["self_excluded"],
        )
    got = await box.admin("PATCH", "/players/p_19f3?brand_id=brand-7", {"status": "disabled"})
    require_problem(got, 404, "NOT_FOUND")


# Money -------------------------------------------------------------------------------------------


async def pay(box: Sandbox, amount: Any, payment_id: str = "pay-1", **more: Any) -> Got:
    money = {"amount": amount, "currency": "EUR"}
    body = {"payment_id": payment_id, "amount": money, **more}
    return await box.admin("POST", "/players/p_19f3/fund", body)


async def test_a_payment_arrives_once(box: Sandbox) -> None:
    """However often and however parallel it is sent, the answer is the first one's; as the balance
    was then (SBX-11)."""
    copies = await asyncio.gather(*(pay(box, Decimal("2.50")) for _ in range(20)))
    assert {(got.status, got.body) for got in copies} == {(200, copies[0].body)}
    assert copies[0].json == {
        "payment_id": "pay-1",
        "player_id": "p_19f3",
        "available": {"amount": Decimal("1002.50"), "currency": "EUR"},
        "held": {"amount": Decimal("0.00"), "currency": "EUR"},
    }
    await pay(box, 10, "pay-2")
    assert (await pay(box, Decimal("2.5"))).body == copies[0].body
    assert (await box.balance())[0] == Decimal("1012.50")
    assert count(box, "payment") == 2
    await box.require_sound()


async def test_a_payment_that_cannot_be_moves_nothing(box: Sandbox) -> None:
    """Another amount under its id, too many decimals, another currency or brand, nobody's account
    (PRV-03, PRV-32)."""
    await pay(box, 2)
    before = stored(box)
    require_problem(await pay(box, 3), 409, "DUPLICATE")
    require_problem(await pay(box, Decimal("1.001"), "pay-2"), 400, "VALIDATION_FAILED")
    require_problem(await pay(box, -1, "pay-2"), 400, "VALIDATION_FAILED")
    require_problem(await pay(box, 1, "pay-2", brand_id="brand-7"), 404, "NOT_FOUND")
    require_problem(await pay(box, 1, "pay-2", brand_id="brand-9"), 404, "NOT_FOUND")
    body = {"payment_id": "pay-2", "amount": {"amount": 1, "currency": "USD"}}
    got = await box.admin("POST", "/players/p_19f3/fund", body)
    require_problem(got, 422, "CURRENCY_MISMATCH")
    assert stored(box) == before


# Books -------------------------------------------------------------------------------------------


async def everything(box: Sandbox, path: str) -> list[Any]:
    got = await ok(box, "GET", f"{path}?limit=200")
    assert got["has_more"] is False
    return list(got["items"])


async def test_the_books_show_every_move(box: Sandbox) -> None:
    """A stake held, captured and a win posted are entries that name their accounts and, where they
    end one, the entry before; the accounts are the sums of them (SBX-11)."""
    opening = await everything(box, "/ledger/entries")
    assert [entry["kind"] for entry in opening] == ["post"] * len(PLAYERS)
    await box.authorize(await box.session(), "b-1", 2)
    await box.settle("b-1", 7)
    await box.authorize(await box.session(), "b-2", 3, round_id="r-2")
    await box.rollback("b-2", round_id="r-2")
    entries = await everything(box, "/ledger/entries")
    assert entries[: len(opening)] == opening
    made = entries[len(opening) :]
    amounts = [(entry["kind"], int(entry["amount"]["amount"])) for entry in made]
    assert amounts == [("hold", 2), ("capture", 2), ("post", 7), ("hold", 3), ("release", 3)]
    assert made[1]["refers_to"] == made[0]["entry"]
    assert made[4]["refers_to"] == made[3]["entry"]
    assert [entry["entry"] for entry in entries] == sorted(entry["entry"] for entry in entries)
    accounts = {item["account"]: item for item in await everything(box, "/ledger/accounts")}
    assert {name for entry in entries for name in (entry["debit"], entry["credit"])} == set(
        accounts
    )
    mine = accounts["player:p_19f3:EUR"]
    assert (mine["posted_debits"], mine["posted_credits"]) == (2, 1007)
    assert (mine["pending_debits"], mine["pending_credits"]) == (0, 0)


async def test_all_money_adds_up_to_nothing(box: Sandbox) -> None:
    """In every currency debits and credits are equal, posted and pending (SBX-11)."""
    await play_examples(box)
    await pay(box, 5)
    totals: dict[str, list[Decimal]] = {}
    for item in await everything(box, "/ledger/accounts"):
        sums = totals.setdefault(item["currency"], [Decimal(0), Decimal(0)])
        sums[0] += item["posted_debits"] - item["posted_credits"]
        sums[1] += item["pending_debits"] - item["pending_credits"]
    assert set(totals) == {"EUR", "USD", "JPY", "KWD", "GBP"}
    assert all(sums == [0, 0] for sums in totals.values())


async def test_sound_books_say_what_was_checked(box: Sandbox) -> None:
    """How many accounts, entries, bets and events, so that nothing checked is not sound
    (SBX-11)."""
    await play_examples(box)
    got = await ok(box, "GET", "/reconcile")
    checked = {name: n for name, n in got.pop("checked").items() if "." not in name}
    assert got == {"sound": True, "breaks": [], "unmatched": []}
    assert checked == {
        "accounts": len(await everything(box, "/ledger/accounts")),
        "entries": len(await everything(box, "/ledger/entries")),
        "bets": 1,
        "transactions": 1,
        "bonuses": 1,
        "events": len(await box.events()) + 1,  # that of brand-7's player
    }


# The owner's token -------------------------------------------------------------------------------


def example(operation: Operation) -> tuple[str, bytes]:
    """Path and body of an operation as its contract shows it."""
    path = operation.path
    for parameter in parameters_of(operation):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
    examples = list(body_examples(operation).values())
    return path, encode(examples[0]) if examples else b""


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
async def test_where_a_token_is_set_every_operation_asks_for_it(operation: Operation) -> None:
    """No token, a wrong one, one of a provider, or the right one said wrongly: 401 with the way to
    authenticate, before anything else is looked at, and nothing is done (SBX-04)."""
    async with sandbox(admin_token="owner's token") as box:
        path, body = example(operation)
        provider = await box.token("studio-demo")
        before = stored(box)
        for given in (
            None,
            "",
            "owner's token",
            "Basic owner's token",
            "Bearer",
            "Bearer owner's",
            "Bearer owner's token2",
            f"Bearer {provider}",
            "Bearer é",
        ):
            headers = {"Content-Type": "application/json", "X-Trace-Id": "tr_owner"}
            if given is not None:
                headers["Authorization"] = given
            got = await box.raw(operation.method, path, body, headers)
            require_problem(got, 401, "AUTH_FAILED")
            assert got.headers["www-authenticate"].startswith("Bearer")
        assert stored(box) == before
        assert len(box.worlds.all()) == 1
        headers["Authorization"] = "bearer  owner's token"
        got = await box.raw(operation.method, path, body, headers)
        assert got.status not in (400, 401), got.body


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
async def test_without_a_token_the_owner_is_whoever_is_here(
    box: Sandbox, operation: Operation
) -> None:
    """On loopback nothing is asked for, and a token that is sent does no harm."""
    path, body = example(operation)
    headers = {"Content-Type": "application/json", "Authorization": "Bearer whatever"}
    got = await box.raw(operation.method, path, body, headers)
    assert got.status not in (400, 401), got.body


async def test_a_providers_api_does_not_take_the_owners_token() -> None:
    """The owner is no provider: `/v1` knows the token as little as any other (PRV-10)."""
    async with sandbox(admin_token="owner") as box:
        got = await box.call("GET", "/v1/bets", headers={"Authorization": "Bearer owner"})
        require_problem(got, 401, "AUTH_FAILED")
        assert (await box.call("GET", "/v1/bets")).status == 200
