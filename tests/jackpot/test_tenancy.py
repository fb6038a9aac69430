"""What is another tenant's or region's does not exist, in every operation of the jackpot contract:
it is neither read nor changed (PRV-11, PRV-63, JP-60, JP-61)."""

from collections.abc import Mapping
from typing import Any

import pytest

from simulator.wire.contract import Operation
from tests.jackpot.tools import ELSEWHERE, GRAND, Hall, hall, pool
from tests.support import BRAND_42, CONTRACTS, Got

OPERATIONS: Mapping[str, Operation] = CONTRACTS["jackpot"].operations

POOL = "shut-pool"
STAKE = {"amount": 2.00, "currency": "EUR"}
WHO = {"reason": "looked into", "approved_by": "e.vance"}
DECIDE = {"decision_id": "d-9", **WHO}
CHANGE = {"change_id": "x-9", **WHO}

SHUT = {
    "contribute": (403, 404),
    "readContribution": (404,),
    "judgeCandidate": (403, 404),
    "triggerPool": (404,),
    "readTrigger": (404,),
    "cancelTrigger": (404,),
    "payOut": (404,),
    "readPayout": (404,),
    "releasePayout": (404,),
    "forfeitPayout": (404,),
    "readPool": (404,),
    "pausePool": (404,),
    "resumePool": (404,),
    "readPoolMath": (404,),
    "readTerms": (404,),
    "changeTerms": (404,),
}
"""Operations on one thing: what somebody else is answered who names it."""

OPEN = {
    "listContributions",
    "listTriggers",
    "listPayouts",
    "listSuspicions",
    "listFeeds",
    "listPools",
    "followPools",
    "listJackpotEvents",
    "readJackpotHealth",
    "reverseContribution",
    "followFeed",
    "catchUp",
}
"""Those that answer each with its own; a reversal before its contribution is one's own too."""


def test_every_operation_is_tried() -> None:
    """A new operation of the contract needs a line here."""
    assert set(SHUT) | OPEN == set(OPERATIONS)
    assert not set(SHUT) & OPEN


def ask(name: str, payout_id: str, tenant: str) -> tuple[str, str, Any]:
    """Method, path and body of a call that names brand-42's things, as a caller of this tenant."""
    operation = OPERATIONS[name]
    names = {
        "jp_contrib_id": "c-mark",
        "jp_trigger_id": "t-mark",
        "jp_payout_id": payout_id,
        "pool_id": POOL,
        "feed": "wallet",
    }
    bet = {
        "tenant_id": tenant,
        "pool_id": POOL,
        "round_id": "r-mark",
        "bet_id": "b-other",
        "player_id": "p_19f3",
    }
    bodies: dict[str, Any] = {
        "contribute": {**bet, "jp_contrib_id": "c-2", "bet": STAKE, "idempotency_key": "k-2"},
        "judgeCandidate": {**bet, "stake": STAKE},
        "triggerPool": {
            "jp_trigger_id": "t-2",
            "pool_id": POOL,
            "reason": "random",
            "selection": {"player_id": "p_19f3", "round_id": "r-mark"},
        },
        "payOut": {"jp_payout_id": payout_id, "attempt": 1},
        "cancelTrigger": DECIDE,
        "releasePayout": DECIDE,
        "forfeitPayout": DECIDE,
        "pausePool": CHANGE,
        "resumePool": CHANGE,
        "changeTerms": {**CHANGE, "title": "Mine"},
        "followFeed": {},
    }
    body = bodies.get(name, {} if operation.writes else None)
    return operation.method, operation.path.format(**names).removeprefix("/v1/jp"), body


async def play(house: Hall) -> str:
    """One of everything of brand-42: in a pool of its own, and in one of the network. The payout's
    id."""
    await house.open(pool(POOL))
    await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "AML"})
    for pool_id, name in ((POOL, "mark"), (POOL, "more"), (GRAND, "net")):
        assert (await house.contribute(pool_id, name=name)).status == 201
    fell = await house.trigger("mark", POOL)
    await house.settled()
    return str(fell.json["jp_payout_id"])


def rows(house: Hall) -> list[Any]:
    """Everything that is brand-42's, and the pools."""
    tables = ("contribution", "trigger", "payout", "suspicion", "candidate", "decision")
    theirs = [
        house.rows(f"SELECT * FROM jp_{name} WHERE tenant = 'brand-42' ORDER BY n")
        for name in tables
    ]
    return [
        *theirs,
        house.rows("SELECT * FROM jp_pool ORDER BY n"),
        house.rows("SELECT * FROM jp_terms ORDER BY n"),
    ]


def wrong(got: Got, allowed: tuple[int, ...], code: str | None = None) -> str:
    """What is wrong with a refusal; empty where nothing is."""
    if got.status not in allowed or (code is not None and got.code != code):
        return f"{got.status} {got.body[:120]!r}"
    return ""


HEADERS = {
    "another brand": ({"X-Brand-Id": "brand-7", "X-Region": "UK"}, "platform-demo"),
    "another region": ({**BRAND_42, "X-Region": "UK"}, "platform-demo"),
    "a token without the scope": (BRAND_42, "studio-demo"),
    "another brand's token": (BRAND_42, "other-brand"),
}
"""What is claimed → the headers, and whose token it is."""


@pytest.mark.parametrize("claim", HEADERS)
async def test_no_operation_believes_a_claim(claim: str) -> None:
    """A brand or region that is not the token's, or a scope that it has not: every operation says
    SCOPE_DENIED, and changes nothing."""
    headers, client = HEADERS[claim]
    async with hall() as house:
        payout_id = await play(house)
        before = rows(house)
        found = {}
        for name in OPERATIONS:
            method, path, body = ask(name, payout_id, "brand-42")
            got = await house.box.call(
                method, f"/v1/jp{path}", body, client=client, headers=headers
            )
            found[name] = wrong(got, (403,), "SCOPE_DENIED")
        assert {name: what for name, what in found.items() if what} == {}
        assert rows(house) == before


@pytest.mark.parametrize("tenant", ["brand-42", "brand-7"])
async def test_what_is_anothers_does_not_exist(tenant: str) -> None:
    """A brand of another tenant and region, with everything in order: what it names of brand-42's
    is not there, what it lists has nothing of it, and nothing of it has changed. Its owner is
    answered otherwise: the control."""
    async with hall() as house:
        payout_id = await play(house)
        before = rows(house)
        marks = (b"c-mark", b"t-mark", b"c-net", b"p_19f3", payout_id.encode(), POOL.encode())
        found = {}
        for name in OPERATIONS:
            got = await house.call(*ask(name, payout_id, tenant), headers=ELSEWHERE)
            if name in SHUT:
                found[name] = wrong(got, SHUT[name])
            else:
                named = (b"c-mark",) if name == "reverseContribution" else ()
                seen = [mark for mark in marks if mark in got.body and mark not in named]
                found[name] = wrong(got, (200,)) or str(seen or "")
        assert {name: what for name, what in found.items() if what} == {}
        assert rows(house) == before
        ours = await house.call(*ask("readPayout", payout_id, "brand-42"))
        assert (ours.status, ours.json["status"]) == (200, "parked")


async def test_a_network_is_changed_by_its_owner_and_won_by_ones_own_rounds() -> None:
    """Another member sees a network pool's sums; it changes nothing of it, and wins it with no
    round of somebody else's (JP-61)."""
    async with hall() as house:
        await play(house)
        before = rows(house)
        got = await house.call("GET", f"/pools/{GRAND}", headers=ELSEWHERE)
        assert (got.status, got.json["participants"]) == (200, 1)
        assert b"p_19f3" not in got.body
        for what in ("pause", "resume", "terms"):
            got = await house.call(
                "POST",
                f"/pools/{GRAND}/{what}",
                {**CHANGE, "title": "Mine"} if what == "terms" else CHANGE,
                headers=ELSEWHERE,
            )
            assert (got.status, got.code) == (403, "SCOPE_DENIED")
        got = await house.trigger("net", GRAND, headers=ELSEWHERE)
        assert (got.status, got.json["details"]["reason"]) == (409, "not_eligible")
        assert rows(house) == before
