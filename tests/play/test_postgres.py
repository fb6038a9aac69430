"""Rounds at two servers that share a PostgreSQL database: each party has a schema of its own there,
and what one server has begun another one ends, once."""

import asyncio
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from simulator.base.errors import ConfigError
from simulator.wire.calls import Call, Reply
from tests.laws.over_postgres import ALONE, Pair, paired
from tests.play.tools import MODELS, Casino, Send, at_once, won
from tests.rgs.tools import VAULT, Studio
from tests.store.pg_tools import rows
from tests.support import Got, Sandbox, sandbox

MINE = "SELECT round_id, paid, win FROM playmoney_play.play_round WHERE status = 'completed' "
STUDIOS = "SELECT round_id, stake, win FROM playmoney_rgs.spin WHERE status = 'played' "
WALLETS = "SELECT round_id, staked, won FROM playmoney.round WHERE status = 'completed' "
PENDING = "SELECT count(*) FROM playmoney_play.task WHERE state = 'pending'"


async def require_agreement(url: str, box: Sandbox, of: str = "") -> int:
    """Every party's books are sound, nothing is held or waits, and the three say the same of each
    round; how many there are, or `of` them where the wallet knows no others."""
    for _ in range(6_000):
        if await rows(url, PENDING) == [(0,)]:
            break
        await asyncio.sleep(0.01)
    await box.require_sound()
    assert await rows(url, MINE + "ORDER BY 1") == await rows(url, STUDIOS + "ORDER BY 1")
    mine = await rows(url, f"{MINE}{of} ORDER BY 1")
    assert mine == await rows(url, WALLETS + "ORDER BY 1")
    (held,) = await rows(url, "SELECT sum(pending_debits)::bigint FROM playmoney.account")
    assert held == (0,)
    return len(mine)


async def test_rounds_are_played_at_any_server(postgres: str) -> None:
    """Session here, rounds there and here, by each order of the calls: money moves once, a repeat
    at the other server is the same bytes; what a transfer session has left comes back at its end
    (RGS-06, PRV-30, WAL-60)."""
    async with paired(postgres, sleep=at_once) as pair:
        at = Casino(pair)
        for model in MODELS:
            session = await at.open(key=f"open-{model}", **MODELS[model])
            for n in range(2):
                first = await at.play(session, f"{model}-{n}", 2)
                again = await at.play(session, f"{model}-{n}", 2)
                assert first.status == 200, first.body
                assert (again.status, again.body) == (first.status, first.body)
        assert await require_agreement(postgres, pair, " AND timing IS NOT NULL") == 6
        ended = await at.call("POST", f"/sessions/{session}/end")
        assert ended.status == 200, ended.body
        (all_won,) = await rows(postgres, "SELECT sum(win - stake)::bigint FROM playmoney_rgs.spin")
        assert await pair.balance() == (Decimal(1000) + Decimal(all_won[0]) / 100, Decimal(0))


async def hang_before(_send: Send, _call: Call) -> Reply:
    """The server is killed as it was about to call."""
    await asyncio.Event().wait()
    raise AssertionError


async def hang_after(send: Send, call: Call) -> Reply:
    """The server is killed when the call was done, and its answer not yet heard."""
    await send(call)
    await asyncio.Event().wait()
    raise AssertionError


HEARD = {"hold_first": 3, "outcome_first": 2}
"""Calls on the way to a round's answer."""


async def test_what_a_killed_server_left_is_ended_by_the_one_that_is_asked(postgres: str) -> None:
    """A server stops at any call of a round, before or after it arrived: the same round, asked for
    at another server, is under way (425), and then it is there; every step was done once
    (PRV-30, WAL-72)."""
    async with (
        sandbox(store=postgres, sleep=at_once) as dying,
        sandbox(store=postgres, sleep=at_once) as other,
    ):
        here, there = Casino(dying), Casino(other)
        left: list[asyncio.Future[Got]] = []
        for model, calls in HEARD.items():
            session = await here.open(key=f"open-{model}", **MODELS[model])
            for n, act in [(n, act) for n in range(calls) for act in (hang_before, hang_after)]:
                name = f"r-{len(left)}"
                here.meddle({n: act})
                left.append(asyncio.ensure_future(here.play(session, name, 2)))
                while len(here.calls) <= n:
                    await asyncio.sleep(0.001)
                await asyncio.sleep(0.02)
                got = await there.play(session, name, 2)
                assert got.status == 425
                for _ in range(6_000):
                    if got.status != 425:
                        break
                    await asyncio.sleep(0.01)
                    got = await there.play(session, name, 2)
                assert won(got) >= 0
        for waiting in left:
            waiting.cancel()
        assert await require_agreement(postgres, other) == len(left) == 2 * sum(HEARD.values())


async def test_a_jackpot_is_fed_and_falls_at_any_server(postgres: str) -> None:
    """What rounds owe to a pool is contributed to it through the outbox of whichever server ended
    them: the pool has all of it, once (JP-10, PRV-34)."""
    async with (
        sandbox(store=postgres, sleep=at_once) as one,
        sandbox(store=postgres, sleep=at_once) as other,
    ):
        pair = Casino(Pair(one, other))
        session = await pair.open(game_id=VAULT)
        await asyncio.gather(*(pair.play(session, f"r-{n}", 2) for n in range(6)))
        await require_agreement(postgres, one)
        owed = "SELECT count(*) FROM playmoney_rgs.op WHERE topic = 'jackpot_contribution'"
        given = "SELECT count(*) FROM playmoney_jackpot.jp_contribution"
        assert await rows(postgres, given) == await rows(postgres, owed) == [(6,)]


async def test_a_reset_empties_every_party(postgres: str) -> None:
    """At one server; the other one, whose store has not heard of it, goes on in the new world: no
    round, spin or contribution of the old one is left, and play goes on at both (SBX-04)."""
    async with (
        sandbox(store=postgres, sleep=at_once) as one,
        sandbox(store=postgres, sleep=at_once) as other,
    ):
        here, there = Casino(one), Casino(other)
        await here.play(await here.open(), "r-1", 2)
        assert await require_agreement(postgres, one) == 1
        assert (await one.admin("POST", "/reset", {"seed": 8})).status == 200
        for table in ("play.play_round", "rgs.spin", "jackpot.jp_contribution", "rgs.game_player"):
            assert await rows(postgres, f"SELECT count(*) FROM playmoney_{table}") == [(0,)]
        facts = "SELECT value FROM {}.fact WHERE name IN ('generation', 'seed') ORDER BY name"
        for party in ("playmoney", "playmoney_rgs", "playmoney_play", "playmoney_jackpot"):
            assert await rows(postgres, facts.format(party)) == [("1",), ("8",)]
        one.tokens.clear()
        assert won(await there.play(await there.open(), "r-1", 2)) >= 0
        here = Casino(one)
        assert won(await here.play(await here.open(), "r-2", 2)) >= 0
        assert await require_agreement(postgres, one) == 2


async def test_a_database_of_the_wallet_alone_gets_the_others(postgres: str) -> None:
    """As playmoney made it before: the wallet goes on as it was, the others begin on its seed."""
    async with sandbox(store=postgres, seed=5, **ALONE) as box:
        await box.authorize(await box.session(), "b-1", 2)
    async with sandbox(store=postgres) as box:
        assert (await box.call("GET", "/v1/bets/b-1")).status == 200
        made = "SELECT value FROM playmoney_rgs.fact WHERE name = 'made_with'"
        assert await rows(postgres, made) == [("5",)]
        at = Studio(box)
        await at.open()
        await at.played()


async def test_what_is_no_part_of_this_world_is_refused(postgres: str) -> None:
    """A schema of one party that is of another reset than the wallet, or that somebody else made:
    one line that names it, and nothing stays open."""
    async with sandbox(store=postgres):
        pass
    for change, said in (
        ("UPDATE playmoney_rgs.fact SET value = '7' WHERE name = 'generation'", "of reset 7"),
        ("COMMENT ON SCHEMA playmoney_rgs IS 'mine'", "playmoney_rgs is another program's"),
    ):
        connection: Any = await asyncpg.connect(postgres)
        await connection.execute(change)
        await connection.close()
        with pytest.raises(ConfigError, match=said):
            async with sandbox(store=postgres):
                pass
        text = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        for _ in range(6_000):  # a connection that was closed is counted until its end is done
            if (found := await rows(postgres, text)) == [(1,)]:
                break
            await asyncio.sleep(0.01)
        assert found == [(1,)]
