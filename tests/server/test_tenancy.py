"""What is another tenant's does not exist, for any operation of the contract (PRV-11, PRV-63)."""

from decimal import Decimal
from typing import Any

import pytest

from simulator.wire.contract import Operation
from tests.server.tools import (
    READS,
    SCOPED,
    WRITES,
    Ids,
    example_call,
    play_examples,
    require_problem,
    stored,
)
from tests.support import BRAND_7, BRAND_42, Sandbox, sandbox

OTHER = "other-brand"
SHARED = {"listGames", "readGame", "listCurrencies"}
"""The catalogue belongs to nobody: every tenant sees the same games and currencies."""

LISTS = {name: op for name, op in READS.items() if name.startswith("list")}


async def other_session(box: Sandbox) -> str:
    """A session of brand-7's player."""
    body = {"player_id": "p_uk", "game_id": "studio:slot_forge_02", "currency": "GBP"}
    got = await box.call("POST", "/v1/sessions", {**body, "locale": "en-GB"}, client=OTHER)
    assert got.status == 201, got.body
    return str(got.json["session_id"])


async def other_bet(box: Sandbox, session: str, bet_id: str, amount: Any) -> None:
    """A bet of brand-7's player."""
    got = await box.authorize(session, bet_id, amount, currency="GBP", client=OTHER)
    assert got.status == 200, got.body


# A foreign token ---------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", SCOPED.values(), ids=SCOPED)
async def test_a_foreign_token_opens_no_brand(operation: Operation) -> None:
    """A token of brand-7 with brand-42's headers is SCOPE_DENIED on every operation, and stores
    nothing (PRV-11, PRV-63)."""
    async with sandbox() as box:
        path, body = example_call(operation, await play_examples(box))
        before = stored(box)
        got = await box.call(operation.method, path, body, client=OTHER, headers=BRAND_42)
        require_problem(got, 403, "SCOPE_DENIED")
        assert stored(box) == before


@pytest.mark.parametrize("operation", SCOPED.values(), ids=SCOPED)
async def test_an_own_token_opens_no_other_brand(operation: Operation) -> None:
    """The same the other way round: brand-42's token with brand-7's headers (PRV-11, PRV-63)."""
    async with sandbox() as box:
        path, body = example_call(operation, await play_examples(box))
        before = stored(box)
        got = await box.call(operation.method, path, body, headers=BRAND_7)
        require_problem(got, 403, "SCOPE_DENIED")
        assert stored(box) == before


@pytest.mark.parametrize("region", ["UK", "eu", "EU2", "US"])
@pytest.mark.parametrize("operation", SCOPED.values(), ids=SCOPED)
async def test_another_region_is_denied(operation: Operation, region: str) -> None:
    """Data and money never cross regions: the own brand in another region is SCOPE_DENIED on every
    operation (PRV-63)."""
    async with sandbox() as box:
        path, body = example_call(operation, await play_examples(box))
        before = stored(box)
        got = await box.call(operation.method, path, body, headers={"X-Region": region})
        require_problem(got, 403, "SCOPE_DENIED")
        assert got.json["details"]["region"] == region
        assert stored(box) == before


@pytest.mark.parametrize("operation", SCOPED.values(), ids=SCOPED)
async def test_each_operation_needs_its_own_scope(operation: Operation) -> None:
    """A token with every scope but the operation's is denied, and one with that scope alone is let
    in: least privilege, for reads and writes (PRV-11)."""
    async with sandbox() as box:
        path, body = example_call(operation, await play_examples(box))
        client = box.world.authority.clients["studio-demo"]
        assert operation.scope in client.scopes
        without = await _token(box, client.scopes - {operation.scope})
        before = stored(box)
        got = await box.call(operation.method, path, body, headers=_bearer(without))
        require_problem(got, 403, "SCOPE_DENIED")
        assert got.json["details"]["scope"] == operation.scope
        assert stored(box) == before
        alone = await _token(box, frozenset({str(operation.scope)}))
        got = await box.call(operation.method, path, body, headers=_bearer(alone))
        assert got.status not in (401, 403), got.body


@pytest.mark.parametrize("operation", WRITES.values(), ids=WRITES)
async def test_a_read_only_client_writes_nothing(operation: Operation) -> None:
    """`readonly-demo` is SCOPE_DENIED on every write and changes nothing (PRV-11)."""
    async with sandbox() as box:
        path, body = example_call(operation, await play_examples(box))
        before = stored(box)
        got = await box.call(operation.method, path, body, client="readonly-demo")
        require_problem(got, 403, "SCOPE_DENIED")
        assert stored(box) == before


@pytest.mark.parametrize("operation", READS.values(), ids=READS)
async def test_a_read_only_client_reads(operation: Operation) -> None:
    """`readonly-demo` reads what `studio-demo` reads, the same bytes (PRV-11)."""
    async with sandbox() as box:
        path, _ = example_call(operation, await play_examples(box))
        got = await box.call("GET", path, client="readonly-demo")
        assert got.status == 200, got.body
        assert got.body == (await box.call("GET", path)).body


# Foreign ids -------------------------------------------------------------------------------------


def secrets_of(ids: Ids) -> list[bytes]:
    """What only brand-42 may see: its session, its round's and its bet's data, its money."""
    return [ids["s_456"].encode(), b"998.00", b"1000.00", b"p_19f3", b"brand-42", b'"h_', b"EU"]


@pytest.mark.parametrize("operation", SCOPED.values(), ids=SCOPED)
async def test_foreign_ids_are_found_by_nobody_else(operation: Operation) -> None:
    """brand-7 with its own headers and brand-42's ids: whatever the operation, brand-42's rows stay
    as they are and none of its data comes back; what exists for brand-42 alone is not found
    (PRV-11, PRV-63)."""
    async with sandbox() as box:
        ids = await play_examples(box)
        path, body = example_call(operation, ids)
        before = stored(box, "brand-42")
        got = await box.call(operation.method, path, body, client=OTHER)
        assert stored(box, "brand-42") == before
        if operation.operation_id in SHARED:
            assert got.body == (await box.call("GET", path)).body
            return
        asked = f"{path} {body}".encode()
        for secret in secrets_of(ids):
            assert secret not in got.body or secret in asked, got.body
        if operation.operation_id in LISTS:
            assert got.status == 200
        elif operation.operation_id == "sendBatch":
            codes = {item["error"]["code"] for item in got.json["items"]}
            assert (got.status, codes) == (200, {"NOT_FOUND"})
        elif operation.operation_id == "rollbackBet":
            # Its own bet `b_001` may still come, so its rollback leaves its own tombstone (WAL-42).
            assert (got.status, got.json["tombstone"]) == (200, True)
            assert "balance" not in got.json
        else:
            assert got.status == 404, got.body
        await box.require_sound()


async def test_a_foreign_id_looks_like_one_that_nobody_has() -> None:
    """The answer for another tenant's id is that for an id of nobody, letter for letter, so ids
    cannot be probed (PRV-63)."""
    async with sandbox() as box:
        ids = await play_examples(box)
        real = {"sessions": ids["s_456"], "bets": "b_001", "rounds": "r_8c12", "players": "p_19f3"}
        for kind, known in real.items():
            foreign = await box.call("GET", f"/v1/{kind}/{known}", client=OTHER)
            nobodys = await box.call("GET", f"/v1/{kind}/x-none", client=OTHER)
            assert (foreign.status, foreign.code) == (nobodys.status, nobodys.code)
            assert foreign.body.replace(known.encode(), b"x-none") == nobodys.body


# The same ids in both tenants --------------------------------------------------------------------


async def test_the_same_bet_id_in_two_tenants_is_two_bets() -> None:
    """Bet, round and key of the same name live side by side: each is authorized, settled and rolled
    back on its own (PRV-02, PRV-63, WAL-09)."""
    async with sandbox() as box:
        mine, theirs = await box.session(), await other_session(box)
        assert (await box.authorize(mine, "b-1", 2, key="k-1")).status == 200
        got = await box.authorize(theirs, "b-1", 3, currency="GBP", client=OTHER, key="k-1")
        assert (got.status, got.replayed) == (200, False)
        assert (await box.settle("b-1", 5)).status == 200
        bet = (await box.call("GET", "/v1/bets/b-1", client=OTHER)).json
        assert (bet["status"], bet["player_id"]) == ("authorized", "p_uk")
        assert (await box.rollback("b-1", client=OTHER)).status == 200
        assert (await box.call("GET", "/v1/bets/b-1")).json["status"] == "settled"
        assert await box.balance() == (Decimal("1003.00"), Decimal("0.00"))
        uk = (await box.call("GET", "/v1/players/p_uk", client=OTHER)).json
        assert uk["available"] == {"amount": Decimal("1000.00"), "currency": "GBP"}
        await box.require_sound()


async def test_the_same_player_id_in_two_tenants_is_two_players() -> None:
    """A player of the same name in another brand has money and locks of their own (PRV-63)."""
    async with sandbox() as box:
        twin = {"player_id": "p_19f3", "brand_id": "brand-7", "currency": "EUR", "cash": 7}
        assert (await box.admin("POST", "/players", twin)).status == 201
        locked = await box.admin(
            "PATCH", "/players/p_19f3?brand_id=brand-7", {"self_excluded": True}
        )
        assert locked.json["tenant_id"] == "brand-7"
        assert (await box.authorize(await box.session(), "b-1", 2)).status == 200
        got = (await box.call("GET", "/v1/players/p_19f3", client=OTHER)).json
        assert got["available"]["amount"] == Decimal("7.00")
        assert got["rg"] == {"self_excluded": True}
        await box.require_sound()


async def test_a_tombstone_reaches_its_own_tenant_only() -> None:
    """A rollback by brand-7 does not bar brand-42's bet of that name (PRV-63, WAL-42)."""
    async with sandbox() as box:
        assert (await box.rollback("b-1", client=OTHER)).json["tombstone"] is True
        assert (await box.authorize(await box.session(), "b-1", 2)).status == 200


# Lists -------------------------------------------------------------------------------------------


async def test_lists_show_the_own_rows_only() -> None:
    """Bets and events of one tenant never stand in the other's lists, with any filter; together
    they are all there are (PRV-61, PRV-63)."""
    async with sandbox() as box:
        mine, theirs = await box.session(), await other_session(box)
        for n in range(3):
            assert (await box.authorize(mine, f"b-{n}", 2)).status == 200
            await other_bet(box, theirs, f"b-{n}", 4)
        for client, brand in (("studio-demo", "brand-42"), (OTHER, "brand-7")):
            bets = (await box.call("GET", "/v1/bets", client=client)).json["items"]
            assert [bet["bet_id"] for bet in bets] == ["b-0", "b-1", "b-2"]
            own = mine if brand == "brand-42" else theirs
            assert {bet["session_id"] for bet in bets} == {own}
            events = (await box.call("GET", "/v1/events?limit=200", client=client)).json["items"]
            assert {event["tenant_id"] for event in events} == {brand}
            assert {event["brand_id"] for event in events} == {brand}
        foreign = {"session_id": mine, "player_id": "p_19f3"}
        for name, value in foreign.items():
            got = await box.call("GET", f"/v1/bets?{name}={value}", client=OTHER)
            assert got.json == {"items": [], "has_more": False}
        got = await box.call("GET", "/v1/events?player_id=p_19f3", client=OTHER)
        assert got.json["items"] == []


@pytest.mark.parametrize(
    "operation",
    [op for op in LISTS.values() if any(p.name == "tenant_id" for p in op.parameters)],
    ids=lambda operation: operation.operation_id,
)
async def test_the_tenant_filter_opens_no_other_tenant(operation: Operation) -> None:
    """`tenant_id` of another tenant is SCOPE_DENIED and not an empty list; one's own changes
    nothing (PRV-61, PRV-63)."""
    async with sandbox() as box:
        await play_examples(box)
        got = await box.call("GET", f"{operation.path}?tenant_id=brand-42", client=OTHER)
        require_problem(got, 403, "SCOPE_DENIED")
        own = await box.call("GET", f"{operation.path}?tenant_id=brand-42")
        assert own.status == 200
        assert own.body == (await box.call("GET", operation.path)).body


async def test_a_cursor_of_another_tenant_shows_own_rows_only() -> None:
    """A cursor is a place and no permission: brand-42's cursor in brand-7's hands shows brand-7's
    rows (PRV-60, PRV-63)."""
    async with sandbox() as box:
        mine, theirs = await box.session(), await other_session(box)
        await box.authorize(mine, "b-0", 2)
        await other_bet(box, theirs, "u-0", 2)
        await box.authorize(mine, "b-1", 2)
        cursor = (await box.call("GET", "/v1/bets?limit=1")).json["next_cursor"]
        got = await box.call("GET", f"/v1/bets?cursor={cursor}", client=OTHER)
        assert [bet["bet_id"] for bet in got.json["items"]] == ["u-0"]


def test_the_lists_with_a_tenant_filter() -> None:
    """The control of the parametrised test above: it has something to run on (PRV-61)."""
    with_filter = {n for n, op in LISTS.items() if "tenant_id" in {p.name for p in op.parameters}}
    assert with_filter >= {"listBets", "listEvents"}


async def _token(box: Sandbox, scopes: frozenset[str]) -> str:
    form = "grant_type=client_credentials&client_id=studio-demo&client_secret=studio-demo-secret"
    body = f"{form}&scope={'+'.join(sorted(scopes))}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return str((await box.raw("POST", "/oauth/token", body, headers)).json["access_token"])


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
