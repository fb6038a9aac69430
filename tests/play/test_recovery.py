"""Every call of every sequence goes wrong in every way, and the power fails at every one of them:
the books are sound and the three parties agree afterwards (PRV-33, WAL-26, WAL-72)."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from simulator.wire.calls import Call, Reply
from tests.play.tools import ACTS, HEARD, MODELS, Send, casino, cuts, won
from tests.server.tools import require_problem


def without_times(got: dict[str, Any]) -> dict[str, Any]:
    """What a round came to; the balance is that of its moment."""
    return {name: value for name, value in got.items() if name not in ("balance", "session_id")}


@pytest.mark.parametrize("model", MODELS)
async def test_any_call_may_go_wrong_at_any_attempt(model: str) -> None:
    """A round in which one call, or one and its first repeat, is not sent, lost, cut, delivered
    twice or turned away comes to the same as one in which nothing was; the client does not notice
    (WAL-72, RGS-12). Of what leaves through the outbox nobody reads more than the status."""
    async with casino() as house, casino() as calm:
        session, quiet = await house.open(**MODELS[model]), await calm.open(**MODELS[model])
        house.meddle({})
        await house.play(session, "r-first")
        await calm.play(quiet, "r-first")
        await house.settled()
        count, heard = len(house.calls), HEARD[model]
        tried = [(act, at, 1) for act in ACTS for at in range(count)]
        for act, at, times in [*tried, *(("lost", at, 2) for at in range(count))]:
            house.meddle({at + n: ACTS[act] for n in range(times)})
            name = f"r-{act}-{at}-{times}"
            got = await house.play(session, name)
            assert got.status == 200, (name, got.body)
            await house.settled()
            repeats = 0 if act == "cut" and at >= heard else times
            assert len(house.calls) == count + repeats, (name, house.calls)
            same = await calm.play(quiet, name)
            assert without_times(got.json) == without_times(same.json), name
        house.meddle({})
        await house.require_agreement()
        await calm.settled()
        assert await house.box.balance() == await calm.box.balance()


@pytest.mark.parametrize("model", MODELS)
async def test_any_call_of_a_refused_round_may_go_wrong(model: str) -> None:
    """The same of rounds that the studio or the wallet refuses: each is refused as it would have
    been, and what was taken is given back once (PRV-23)."""
    async with casino() as house:
        rich = await house.open(**MODELS[model])
        poor = rich if model == "transfer" else await house.open("p_poor", **MODELS[model])
        before = await house.box.balance(), await house.box.balance("p_poor")
        for session, stake in ((rich, Decimal("0.30")), (poor, 2000 if poor == rich else 2)):
            house.meddle({})
            first = await house.play(session, f"r-{session}-{stake}", stake)
            assert first.status in (409, 422), first.body
            await house.settled()
            count = len(house.calls)
            for act in ACTS:
                for at in range(count):
                    house.meddle({at: ACTS[act]})
                    got = await house.play(session, f"r-{session}-{stake}-{act}-{at}", stake)
                    require_problem(got, first.status, first.code)
                    await house.settled()
        house.meddle({})
        await house.require_agreement()
        assert (await house.box.balance(), await house.box.balance("p_poor")) == before


@pytest.mark.parametrize("model", MODELS)
async def test_any_call_of_opening_and_ending_may_go_wrong(model: str) -> None:
    """Sessions are open on both sides or on none, and a transfer session brings and takes back its
    money once, whatever call of it goes wrong (RGS-06)."""
    async with casino() as house:
        house.meddle({})
        session = await house.open(**MODELS[model])
        opening = len(house.calls)
        house.meddle({})
        assert (await house.call("POST", f"/sessions/{session}/end")).status == 200
        ending = len(house.calls)
        for act in ACTS:
            for at in range(opening):
                house.meddle({at: ACTS[act]})
                session = await house.open(key=f"open-{act}-{at}", **MODELS[model])
                house.meddle({at % ending: ACTS[act]})
                got = await house.call("POST", f"/sessions/{session}/end")
                assert got.json["status"] == "ended", got.body
        house.meddle({})
        assert (await house.box.balance())[0] == Decimal(1000)
        await house.require_agreement()
        count = len(house.rows("SELECT 1 FROM play_session"))
        assert house.rows("SELECT count(*) FROM session", "wallet") == [(count,)]
        assert house.rows("SELECT count(*) FROM game_session", "rgs") == [(count,)]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("stake", [2, Decimal("0.30")])
async def test_copies_that_come_after_the_end_change_nothing(model: str, stake: Any) -> None:
    """Every call of a round is delivered once more when the round is over, in the wrong order: paid
    or given back, it stays as it is (WAL-21, WAL-42, WAL-60)."""
    async with casino() as house:
        session = await house.open(**MODELS[model])
        kept: list[tuple[Send, Call]] = []

        async def keep_copy(send: Send, call: Call) -> Reply:
            kept.append((send, call))
            reply: Reply = await send(call)
            return reply

        house.meddle(dict.fromkeys(range(9), keep_copy))
        got = await house.play(session, "r-1", stake)
        assert got.status == (200 if stake == 2 else 422)
        await house.settled()
        before = await house.box.balance()
        for send, call in reversed(kept):
            assert (await send(call)).status in (200, 404, 409, 422)
        assert await house.box.balance() == before
        await house.require_agreement()


# The power fails ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "calls"), HEARD.items())
async def test_the_power_may_fail_at_any_call(tmp_path: Path, model: str, calls: int) -> None:
    """The next server finds the round open, finishes it by itself, and tells the client that asks
    again what it would have been told; then everybody agrees (WAL-64, PRV-33)."""
    data = tmp_path / "world"
    left = [tmp_path / f"left-{n}" for n in range(2 * calls)]
    async with casino(data) as house:
        session = await house.open(**MODELS[model])
        house.meddle(cuts(data, left))
        first = await house.play(session, "r-1")
        assert first.status == 200
        house.meddle({})
        await house.require_agreement()
    for folder in left:
        async with casino(folder) as house:
            await house.settled()
            again = await house.play(session, "r-1")
            assert without_times(again.json) == without_times(first.json), folder.name
            assert again.replayed
            await house.require_agreement()


async def test_the_power_may_fail_while_a_session_opens_or_ends(tmp_path: Path) -> None:
    """A transfer session that was interrupted is opened, or ended, by the next server: its money
    was taken along once and given back once, and the client that asks again gets its answer
    (RGS-06, PRV-33)."""
    data = tmp_path / "world"
    steps = {name: [tmp_path / f"{name}-{n}" for n in range(16)] for name in ("open", "end")}
    async with casino(data) as house:
        house.meddle(cuts(data, steps["open"]))
        session = await house.open(key="k-open", **MODELS["transfer"])
        house.meddle({})
        await house.play(session, "r-1")
        await house.settled()
        house.meddle(cuts(data, steps["end"]))
        ended = (await house.call("POST", f"/sessions/{session}/end", key="k-end")).json
        house.meddle({})
        await house.require_agreement()
    for name, folders in steps.items():
        left = [folder for folder in folders if folder.exists()]
        assert len(left) >= 10
        for folder in left:
            async with casino(folder) as house:
                await house.settled()
                assert await house.open(key="k-open", **MODELS["transfer"]) == session
                if name == "end":
                    got = await house.call("POST", f"/sessions/{session}/end", key="k-end")
                    assert (got.json, got.replayed) == (ended, True)
                else:
                    got = await house.call("POST", f"/sessions/{session}/end", key="k-end")
                    assert got.json["transferred_out"]["amount"] == 100
                await house.require_agreement()


async def test_a_round_under_way_is_seen_and_not_shown(tmp_path: Path) -> None:
    """While the wallet does not answer, the round is `open`, has no outcome to show, keeps its
    session from ending and is 425 to whoever asks for it; it ends when the wallet is back
    (WAL-64, PRV-30)."""
    async with casino(tmp_path) as house:
        session = await house.open()
        back, waiting = asyncio.Event(), asyncio.Event()

        async def hang(send: Send, call: Call) -> Reply:
            waiting.set()
            await back.wait()
            reply: Reply = await send(call)
            return reply

        house.meddle({3: hang})
        client = asyncio.ensure_future(house.play(session, "r-1"))
        await waiting.wait()
        shown = (await house.call("GET", "/rounds?status=open")).json["items"]
        assert [item["round_id"] for item in shown] == ["r-1"]
        assert not {"outcome", "win"} & set(shown[0])
        require_problem(await house.play(session, "r-1"), 425, "IN_PROGRESS")
        got = await house.call("POST", f"/sessions/{session}/end")
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == "open_rounds"
        back.set()
        assert won(await client) >= 0
        await house.require_agreement()


async def test_a_win_that_the_wallet_has_barred_voids_the_round() -> None:
    """Somebody at the operator rolls the bet back while the spin runs: its win is refused for good,
    so the spin is void and the round cancelled; nobody shows a win that is not paid (WAL-25)."""
    async with casino() as house:
        session = await house.open()

        async def roll_back(send: Send, call: Call) -> Reply:
            body = {"bet_id": "r-1-1", "round_id": "r-1"}
            got = await house.box.call("POST", "/v1/bets/rollback", body)
            assert got.status == 200, got.body
            reply: Reply = await send(call)
            return reply

        house.meddle({3: roll_back})
        got = await house.play(session, "r-1")
        require_problem(got, 409, "INVALID_STATE")
        assert (await house.call("GET", "/rounds/r-1")).json["status"] == "cancelled"
        assert house.rows("SELECT status FROM spin", "rgs") == [("void",)]
        assert (await house.box.balance())[0] == Decimal(1000)
        await house.require_agreement()
