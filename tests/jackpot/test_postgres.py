"""Two servers on one PostgreSQL database: the tickets of a draw are one tree whoever has added to
it, and a payout is set aside and paid once."""

import asyncio

from tests.jackpot.tools import Hall
from tests.play.tools import at_once
from tests.store.pg_tools import rows
from tests.support import sandbox

SCHEMA = "playmoney_jackpot"
HOURS_MS = 7_200_000
TIMED = {
    "pool_id": "timed",
    "title": "Two hours",
    "kind": "timed",
    "scope": "local",
    "level": "mini",
    "currency": "EUR",
    "owner": "brand-42",
    "members": [{"brand": "brand-42", "region": "EU"}],
    "seed": "10.00",
    "rate": {"numerator": 1, "denominator": 100},
    "trigger": {"by": "time", "earliest_s": 7199, "latest_s": 7200},
    "sets_aside": True,
}


async def test_a_draw_and_a_payout_at_two_servers(postgres: str) -> None:
    """Contributions at both at once, one rolled back: every place is taken once, the draw falls on
    one of them, the payout is set aside and paid, and all books are sound (JP-13, JP-31)."""
    async with (
        sandbox(store=postgres, sleep=at_once) as one,
        sandbox(store=postgres, sleep=at_once) as other,
    ):
        here, there = Hall(one), Hall(other)
        got = await one.admin("POST", "/jackpot/pools", TIMED)
        assert got.status == 201, got.body
        sent = [
            house.contribute("timed", 2, name=f"{name}-{n}")
            for n in range(6)
            for name, house in (("here", here), ("there", there))
        ]
        assert {got.status for got in await asyncio.gather(*sent)} == {201}
        assert (await there.reverse("here-3")).status == 200
        places = f"SELECT count(*), count(DISTINCT place) FROM {SCHEMA}.jp_ticket"
        assert await rows(postgres, places) == [(12, 12)]
        await here.later(HOURS_MS)
        for _ in range(6_000):
            pending = f"SELECT count(*) FROM {SCHEMA}.task WHERE state = 'pending'"
            if await rows(postgres, pending) == [(0,)]:
                break
            await asyncio.sleep(0.01)
        paid = f"SELECT status, set_aside, amount FROM {SCHEMA}.jp_payout"
        assert await rows(postgres, paid) == [("credited", "held", 1022)]
        assert await rows(postgres, "SELECT status FROM set_aside") == [("paid",)]
        await one.require_sound()
