"""What rounds put into jackpots: each once, off the answer's path."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from simulator.wire import json
from simulator.wire.calls import Call, Reply
from tests.jackpot.tools import Hall, one_in
from tests.jackpot.tools import pool as terms
from tests.play.tools import ACTS, Casino, casino

VAULT = "studio:slot_vault_x"


@pytest.fixture
async def house() -> AsyncIterator[Casino]:
    async with casino() as found:
        yield found


async def pool(house: Casino) -> Any:
    got = await Hall(house.box).call("GET", "/pools/jp_demo_eu")
    return got.json


async def contributions(house: Casino) -> list[Any]:
    found = await house.call("GET", "/events?event_type=jackpot.contribution")
    return list(found.json["items"])


async def test_a_round_contributes_to_its_markets_pool(house: Casino) -> None:
    """1 % of what was staked, by the studio's own transaction; a repeat of the round contributes
    nothing more, and all books are sound (JP-10, RGS-42)."""
    session = await house.open(game_id=VAULT)
    for n in range(3):
        got = await house.play(session, f"r-{n}", 2)
        assert got.status == 200, got.body
        (txn,) = (one for one in got.json["rgs_txns"] if one["type"] == "jackpot_contribution")
        await house.play(session, f"r-{n}", 2)
    await house.require_agreement()
    rows = house.rows("SELECT jp_contrib_id, bet_id, stake, amount FROM jp_contribution", "jackpot")
    assert [row[1:] for row in rows] == [(f"r-{n}-1", 200, 2) for n in range(3)]
    assert rows[-1][0] == txn["txn_id"]
    shown = await pool(house)
    assert (shown["size"]["amount"], shown["participants"]) == (Decimal("1000.06"), 1)
    told = await contributions(house)
    assert [one["payload"] for one in told] == [
        {
            "jp_contrib_id": rows[n][0],
            "pool_id": "jp_demo_eu",
            "round_id": f"r-{n}",
            "bet_id": f"r-{n}-1",
            "contribution": {"amount": Decimal("0.02"), "currency": "EUR"},
        }
        for n in range(3)
    ]
    assert {(one["player_id"], one["brand_id"]) for one in told} == {("p_19f3", "brand-42")}
    assert [one["idempotency_key"] for one in told] == [f"{row[0]}-jp" for row in rows]


@pytest.mark.parametrize("act", ACTS)
async def test_whatever_becomes_of_the_call_it_counts_once(house: Casino, act: str) -> None:
    """Not sent, lost, cut, late or turned away: asked again until it is answered (WAL-90, JP-80).
    The platform tells of each once, as of its own (PRV-43)."""
    session = await house.open(game_id=VAULT)
    house.meddle({})
    await house.play(session, "r-0", 2)
    await house.settled()
    at = house.calls.index("jackpot contributions")
    house.meddle({at: ACTS[act]})
    await house.play(session, "r-1", 2)
    await house.require_agreement()
    assert (await pool(house))["size"]["amount"] == Decimal("1000.04")
    assert [one["payload"]["round_id"] for one in await contributions(house)] == ["r-0", "r-1"]


async def test_a_round_that_is_refused_contributes_nothing(house: Casino) -> None:
    """A stake that the wallet or the studio refuses leaves no contribution (JP-10)."""
    session = await house.open("p_poor", game_id=VAULT)
    assert (await house.play(session, "r-0", 2)).status == 422
    await house.require_agreement()
    assert house.rows("SELECT count(*) FROM jp_contribution", "jackpot") == [(0,)]


@pytest.mark.parametrize("act", [None, *ACTS])
async def test_the_studio_is_told_what_fell_on_its_spin(house: Casino, act: str | None) -> None:
    """Once, as a transaction beside the spin's own win, signed, whatever becomes of a call; the
    wallet pays it once (RGS-42, JP-40)."""
    session = await house.open(game_id=VAULT)
    await house.play(session, "r-0", 2)
    await house.settled()
    before = (await house.box.balance())[0]
    jackpots = Hall(house.box)
    if act is not None:
        jackpots.meddle({0: ACTS[act]})
    await jackpots.open(terms("sure", trigger=one_in(1), tells_studio=True))
    got = await jackpots.contribute("sure", 2, name="x", round_id="r-0", bet_id="r-0-1")
    won = got.json["fell"]["amount"]["amount"]
    await jackpots.require_agreement()
    path = "/rgs/v1/spins/r-0-1"
    shown = (await house.box.call("GET", path, client="platform-demo")).json
    told = [one for one in shown["rgs_txns"] if one["type"] == "jackpot_win"]
    assert [(one["pool_id"], one["amount"]) for one in told] == [("sure", won)]
    assert (await house.box.balance())[0] == before + won
    await house.require_agreement()


@pytest.mark.parametrize("timing", ["hold_first", "debit_first", "outcome_first"])
async def test_a_round_that_is_cancelled_takes_its_contribution_back(
    house: Casino, timing: str
) -> None:
    """The wallet refuses the win, or the stake, after the spin: what the studio's feed has told of
    it meanwhile is reversed, and what it tells later keeps out; nothing of the round is in the pool
    (WAL-96, JP-10)."""
    session = await house.open(game_id=VAULT, debit_timing=timing)
    jackpots = Hall(house.box)
    no = {"code": "INVALID_STATE", "message": "no", "retryable": False, "trace_id": "tr_x"}

    async def refuse(_send: Any, _call: Any) -> Reply:
        got = await jackpots.call("POST", "/feeds/rgs/follow", {})
        assert got.json["contributions"] == 1
        return Reply(status=409, body=json.encode(no))

    house.meddle({2 if timing == "outcome_first" else 3: refuse})
    got = await house.play(session, "r-0", 2)
    assert got.status == 409, got.body
    await house.settled()
    await jackpots.settled()
    text = "SELECT bet_id, status FROM jp_contribution"
    assert house.rows(text, "jackpot") in ([("r-0-1", "reversed")], [])
    assert any("reverse" in call for call in house.calls)
    assert (await pool(house))["size"]["amount"] == Decimal("1000.00")
    await jackpots.call("POST", "/feeds/rgs/follow", {})
    await jackpots.require_agreement()
    assert (await pool(house))["size"]["amount"] == Decimal("1000.00")
    await house.require_agreement()


@pytest.mark.parametrize("act", [None, *ACTS])
async def test_the_platform_is_called_back(house: Casino, act: str | None) -> None:
    """Where the service itself lets a pool fall it calls the platform with the trigger's body,
    again with the same id until it is heard; the platform hears of it once (JP-12)."""
    jackpots = Hall(house.box)
    wire = house.box.world.parties["jackpot"].courier._outgoing
    real, sent = wire.send, list[Call]()

    async def send(call: Call) -> Reply:
        if call.to != "play":
            return await real(call)
        sent.append(call)
        if act is None or len(sent) > 1:
            return await real(call)
        reply: Reply = await ACTS[act](real, call)
        return reply

    wire.send = send  # type: ignore[method-assign]
    path = "/play/v1/jackpot-triggers"
    await jackpots.open(terms("sure", trigger=one_in(1), callback=path))
    fell = (await jackpots.contribute("sure", 2, name="x")).json["fell"]
    await jackpots.settled()
    assert len({(call.target, call.body, call.headers["X-Idempotency-Key"]) for call in sent}) == 1
    assert json.decode(sent[0].body) == {
        "jp_trigger_id": fell["jp_trigger_id"],
        "pool_id": "sure",
        "reason": "random",
        "selection": {"player_id": "p_19f3", "round_id": "r-x"},
    }
    heard = (await house.call("GET", "/events?event_type=jackpot.triggered")).json["items"]
    assert [one["payload"]["jp_trigger_id"] for one in heard] == [fell["jp_trigger_id"]]
    other = {**json.decode(sent[0].body), "pool_id": "other"}
    assert (await house.call("POST", "/jackpot-triggers", other)).code == "DUPLICATE"
    await jackpots.require_agreement()


async def test_who_triggers_by_call_is_not_called_back(house: Casino) -> None:
    """The platform has drawn it itself (JP-12)."""
    jackpots = Hall(house.box)
    await jackpots.open(terms("called", callback="/play/v1/jackpot-triggers"))
    await jackpots.contribute("called", 2, name="x")
    assert (await jackpots.trigger("x", "called")).status == 201
    await jackpots.settled()
    assert not [call for call in jackpots.calls if call.startswith("play")]
