"""Rounds of play: what a client asks for and is told."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from tests.play.tools import MODELS, Casino, casino, won
from tests.server.tools import require_problem


@pytest.fixture
async def house() -> AsyncIterator[Casino]:
    async with casino() as opened:
        yield opened


@pytest.mark.parametrize("model", MODELS)
async def test_a_round_moves_its_stake_and_its_win(house: Casino, model: str) -> None:
    """Whenever the stake is taken: what the player has afterwards is what they had, without the
    stakes, with the wins; wallet and studio say the same (RGS-03, PRV-21, PRV-22, RGS-06)."""
    session = await house.open(**MODELS[model])
    wins = [won(await house.play(session, f"r-{n}")) for n in range(8)]
    assert sum(wins) > 0
    shown = (await house.call("GET", f"/sessions/{session}")).json
    assert (shown["rounds"], shown["open_rounds"]) == (8, 0)
    assert (shown["staked"]["amount"], shown["won"]["amount"]) == (16, sum(wins))
    got = await house.call("POST", f"/sessions/{session}/end")
    assert got.json["status"] == "ended"
    assert await house.box.balance() == (Decimal(1000) - 16 + sum(wins), Decimal(0))
    await house.require_agreement()


@pytest.mark.parametrize(
    ("model", "sequence"),
    [
        ("hold_first", ["wallet authorize", "rgs spins", "rgs end", "wallet settle"]),
        ("debit_first", ["wallet debit", "rgs spins", "rgs end", "wallet credit"]),
        ("outcome_first", ["rgs spins", "rgs end", "wallet debit-and-credit"]),
        ("transfer", ["rgs spins", "rgs end"]),
    ],
)
async def test_the_order_is_that_of_the_debit_timing(
    house: Casino, model: str, sequence: list[str]
) -> None:
    """The stake is held, taken or left until the outcome is known and cannot change any more, as
    the session has asked for; the wallet's round is closed off the answer's path (WAL-61)."""
    session = await house.open(**MODELS[model])
    house.meddle({})
    await house.play(session, "r-1")
    await house.settled()
    close = [] if model == "transfer" else ["wallet close"]
    assert house.calls == [*sequence, *close]


async def test_play_commits_when_a_round_opens_and_when_it_ends(house: Casino) -> None:
    """Two events of a round, and nothing is written in between (PRV-33)."""
    session = await house.open()
    before = house.rows("SELECT count(*) FROM op")[0][0]
    await house.play(session, "r-1")
    rows = house.rows(f"SELECT topic, key FROM op WHERE n > {before} ORDER BY n")
    assert rows == [("round.opened", None), ("round.completed", "r-1")]
    page = (await house.call("GET", "/events?event_type=round.completed")).json
    assert [item["payload"]["round_id"] for item in page["items"]] == ["r-1"]


async def test_a_repeat_is_told_again_and_not_played_again(house: Casino) -> None:
    """Under its key byte for byte, under another key the same round; with other parameters it is
    refused (PRV-30, PRV-31, PRV-32)."""
    session = await house.open()
    first = await house.play(session, "r-1")
    again = await house.play(session, "r-1")
    assert (again.body, again.replayed) == (first.body, True)
    other = await house.play(session, "r-1", key="another")
    assert (other.json, other.replayed) == (first.json, False)
    require_problem(await house.play(session, "r-1", 4), 409, "IDEMPOTENCY_MISMATCH")
    require_problem(await house.play(session, "r-1", 4, key="third"), 409, "DUPLICATE")
    assert house.rows("SELECT count(*) FROM spin", "rgs") == [(1,)]
    await house.require_agreement()


async def test_one_choice_in_another_spelling_is_the_same_round(house: Casino) -> None:
    """A crash game's target of 1.5, 1.50 or 15e-1 is one target: a repeat, under whatever key; 1.6
    is another (PRV-30, RGS-03)."""
    session = await house.open(game_id="studio:crash_comet")
    first = await house.play(session, "r-1", 1, choice={"target": Decimal("1.5")})
    for key in ("r-1", "k-2"):
        for target in ("1.50", "15e-1"):
            how = {"choice": {"target": Decimal(target)}}
            again = await house.play(session, "r-1", 1, key=key, **how)
            assert again.body == first.body, again.body
    other = await house.play(session, "r-1", 1, key="k-3", choice={"target": Decimal("1.6")})
    require_problem(other, 409, "DUPLICATE")
    await house.require_agreement()


async def test_a_round_under_way_is_played_once(house: Casino) -> None:
    """Twenty copies of one request, and two keys for one round: one is played, the others are told
    to come again, and then get its answer (PRV-30, RGS-50)."""
    session = await house.open()
    keys = ["a", "b"] * 10
    tried = await asyncio.gather(*(house.play(session, "r-1", key=key) for key in keys))
    assert sorted({got.status for got in tried}) == [200, 425]
    for key in keys[:2]:
        assert (await house.play(session, "r-1", key=key)).status == 200
    assert house.rows("SELECT count(*) FROM spin", "rgs") == [(1,)]
    await house.require_agreement()


async def test_rounds_in_parallel_are_each_played_once(house: Casino) -> None:
    """Sixty rounds of three sessions at once: every stake is taken and every win is paid."""
    sessions = [await house.open(**MODELS[model]) for model in ("hold_first", "debit_first")]
    sessions.append(await house.open(**MODELS["outcome_first"]))
    asked = [house.play(sessions[n % 3], f"r-{n}") for n in range(60)]
    wins = [won(got) for got in await asyncio.gather(*asked)]
    await house.require_agreement()
    assert (await house.box.balance())[0] == Decimal(1000) - 120 + sum(wins)


# Refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["hold_first", "debit_first", "outcome_first"])
async def test_a_stake_that_the_wallet_refuses(house: Casino, model: str) -> None:
    """Nothing is taken; the client is told in the wallet's words; a spin whose debit was refused is
    void: never shown, not counted (RGS-03)."""
    session = await house.open("p_poor", **MODELS[model])
    got = await house.play(session, "r-1")
    require_problem(got, 422, "INSUFFICIENT_FUNDS")
    assert got.json["details"]["by"] == "wallet"
    assert (await house.play(session, "r-1")).replayed
    require_problem(await house.play(session, "r-1", key="k-2"), 422, "INSUFFICIENT_FUNDS")
    shown = (await house.call("GET", "/rounds/r-1")).json
    spins = house.rows("SELECT status FROM spin", "rgs")
    if model == "outcome_first":
        assert (shown["status"], spins) == ("cancelled", [("void",)])
    else:
        assert (shown["status"], spins) == ("refused", [])
    assert "outcome" not in shown
    assert "win" not in shown
    assert await house.box.balance("p_poor") == (Decimal(1), Decimal(0))
    await house.require_agreement()


@pytest.mark.parametrize("model", MODELS)
async def test_a_spin_that_the_studio_refuses(house: Casino, model: str) -> None:
    """A stake that is no multiple of the game's step: what was taken is given back, whatever the
    timing (PRV-23)."""
    session = await house.open(**MODELS[model])
    before = await house.box.balance()
    got = await house.play(session, "r-1", Decimal("0.30"))
    require_problem(got, 422, "LIMIT_EXCEEDED")
    assert got.json["details"]["by"] == "rgs"
    shown = (await house.call("GET", "/rounds/r-1")).json
    taken = model in ("hold_first", "debit_first")
    assert shown["status"] == ("cancelled" if taken else "refused")
    assert shown["refusal"]["by"] == "rgs"
    assert await house.box.balance() == before
    assert won(await house.play(session, "r-2")) >= 0
    await house.require_agreement()


async def test_what_is_asked_wrongly_is_refused_and_nothing_is_written(house: Casino) -> None:
    """Another currency, an unknown or ended session, no stake, a word for a stake, a long id."""
    session = await house.open()
    before = house.rows("SELECT count(*) FROM play_round")
    money = {"amount": 2, "currency": "USD"}
    got = await house.call("POST", "/rounds", {"session_id": session, "stake": money}, key="k-1")
    require_problem(got, 422, "CURRENCY_MISMATCH")
    require_problem(await house.play("s-none", "r-1"), 404, "NOT_FOUND")
    got = await house.call("POST", "/rounds", {"session_id": session}, key="k-2")
    require_problem(got, 400, "VALIDATION_FAILED")
    got = await house.play(session, "r-1", "two")
    require_problem(got, 400, "VALIDATION_FAILED")
    got = await house.play(session, "r" * 121)
    require_problem(got, 400, "VALIDATION_FAILED")
    assert (await house.call("POST", f"/sessions/{session}/end")).status == 200
    got = await house.play(session, "r-2")
    require_problem(got, 409, "INVALID_STATE")
    assert got.json["details"]["reason"] == "session_ended"
    assert house.rows("SELECT count(*) FROM play_round") == before


async def test_a_round_that_the_wallet_has_ended_is_not_played(house: Casino) -> None:
    """Somebody else has played a round of this id to its end: no stake is taken on it (WAL-16)."""
    session = await house.open()
    body = {"round_id": "r-1", "session_id": session}
    assert (await house.box.call("POST", "/v1/rounds", body)).status == 201
    got = await house.box.call("POST", "/v1/rounds/r-1/close", {"outcome": "cancelled"})
    assert got.status == 200
    got = await house.play(session, "r-1")
    require_problem(got, 409, "INVALID_STATE")
    assert got.json["details"]["reason"] == "round_closed"
    assert house.rows("SELECT count(*) FROM spin", "rgs") == [(0,)]
    await house.require_agreement()


async def test_a_market_that_asks_for_a_pause_gets_one(house: Casino) -> None:
    """In the UK two rounds are 2.5 s apart: an early one is 429 and writes nothing; the same call
    is answered when it is time (RGS-21, RGS-50)."""
    session = await house.open(geo="GB", displayed=["age_18", "play_responsibly"])
    assert (await house.play(session, "r-1")).status == 200
    early = await house.play(session, "r-2")
    require_problem(early, 429, "RATE_LIMITED")
    assert early.headers["retry-after"] == "3"
    await house.box.admin("POST", "/clock/advance", {"by_ms": 2_500})
    assert (await house.play(session, "r-2")).status == 200
    await house.require_agreement()


async def test_nobody_sees_the_rounds_of_another_brand(house: Casino) -> None:
    """Another brand's sessions and rounds do not exist (PRV-63)."""
    session = await house.open()
    await house.play(session, "r-1")
    for path in (f"/sessions/{session}", "/rounds/r-1"):
        got = await house.box.call("GET", f"/play/v1{path}", client="playmoney-rgs", headers=OTHER)
        require_problem(got, 404, "NOT_FOUND")
    got = await house.box.call("GET", "/play/v1/rounds", client="playmoney-rgs", headers=OTHER)
    assert got.json["items"] == []
    got = await house.box.call("GET", "/play/v1/rounds")
    require_problem(got, 403, "SCOPE_DENIED")


OTHER = {"X-Brand-Id": "brand-7", "X-Region": "UK", "X-Provider-Id": "other-studio"}


async def test_rounds_are_listed_in_pages(house: Casino) -> None:
    """Oldest first, filtered by session, player and state (PRV-60)."""
    session = await house.open()
    for n in range(5):
        await house.play(session, f"r-{n}")
    await house.play(session, "r-bad", Decimal("0.30"))
    page = (await house.call("GET", "/rounds?limit=4&status=completed")).json
    assert [item["round_id"] for item in page["items"]] == ["r-0", "r-1", "r-2", "r-3"]
    query = f"?limit=4&status=completed&cursor={page['next_cursor']}"
    rest = (await house.call("GET", f"/rounds{query}")).json
    assert [item["round_id"] for item in rest["items"]] == ["r-4"]
    found = (await house.call("GET", f"/rounds?session_id={session}&status=cancelled")).json
    assert [item["round_id"] for item in found["items"]] == ["r-bad"]
    assert (await house.call("GET", "/rounds?player_id=p_usd")).json["items"] == []


async def test_free_rounds_cost_nothing_and_pay(house: Casino) -> None:
    """A granted free spin is staked by the studio: the player pays nothing, its win is credited,
    and a grant that is used up refuses (RGS-05, RGS-40)."""
    grant = {
        "grant_id": "fs-1",
        "player_id": "p_19f3",
        "game_id": "studio:slot_forge_02",
        "count": 6,
        "bet_size": {"amount": 2, "currency": "EUR"},
    }
    got = await house.box.call("POST", "/rgs/v1/free-spins", grant, client="platform-demo")
    assert got.status == 201, got.body
    session = await house.open()
    wins = [
        won(await house.play(session, f"r-{n}", spin_type="free", grant_id="fs-1"))
        for n in range(6)
    ]
    await house.settled()
    shown = (await house.call("GET", f"/sessions/{session}")).json
    assert (shown["staked"]["amount"], shown["won"]["amount"]) == (0, sum(wins))
    assert (await house.box.balance())[0] == 1000 + sum(wins)
    got = await house.play(session, "r-7", spin_type="free", grant_id="fs-1")
    assert got.status in (409, 422)
    assert (await house.box.balance())[0] == 1000 + sum(wins)
    await house.box.require_sound()
