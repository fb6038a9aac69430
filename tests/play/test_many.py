"""Thousands of rounds through play, studio and wallet, in virtual time: the books are sound and the
revenue by spins is the ledger's (QLT-12, RGS-64)."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest

from tests.play.tools import GAME, Casino, casino, won

GAMES = (GAME, "studio:classic_3x3", "studio:slot_tidal_ways")
PLAYERS = ("p_a", "p_b", "p_c", "p_d")
TIMINGS = ("hold_first", "debit_first", "outcome_first")
AT_ONCE = 24
"""Rounds side by side: more than the courier sends at once of what they leave behind."""


async def play(house: Casino, count: int) -> None:
    """So many rounds, of several players, games and debit timings, many at a time; then the
    question who says what of them."""
    for player in PLAYERS:
        body = {"currency": "EUR", "cash": 1000 + count, "player_id": player}
        assert (await house.box.admin("POST", "/players", body)).status == 201
    wins = Decimal(0)
    for start in range(0, count, 1_000):
        sessions = await _open(house)
        for at in range(start, min(start + 1_000, count), AT_ONCE):
            numbers = range(at, min(at + AT_ONCE, start + 1_000, count))
            asked = [house.play(sessions[n % len(sessions)], f"r-{n}", 1) for n in numbers]
            wins += sum([won(got) for got in await asyncio.gather(*asked)])
        await house.settled()
        for session in sessions:
            got = await house.call("POST", f"/sessions/{session}/end")
            assert got.status == 200, got.body
        await house.box.admin("POST", "/clock/advance", {"by_ms": 1_000})
    await house.require_agreement()
    text = "SELECT count(*), sum(stake), sum(stake - win) FROM spin WHERE status = 'played'"
    spins, turnover, ggr = house.rows(text, "rgs")[0]
    assert (spins, turnover) == (count, count * 100)
    assert ggr == count * 100 - int(wins * 100)
    text = "SELECT sum(posted_credits - posted_debits) FROM account WHERE kind = 'house'"
    assert house.rows(text, "wallet") == [(ggr,)]


async def _open(house: Casino) -> Sequence[str]:
    return [
        await house.open(player, game_id=GAMES[n % 3], debit_timing=TIMINGS[n % 3])
        for n, player in enumerate(PLAYERS)
    ]


@pytest.mark.timeout(240)  # eight seconds of work, on a machine that others use too
async def test_two_thousand_rounds() -> None:
    """GGR by spins = what the house has won in the ledger, to the cent (RGS-64)."""
    async with casino(strict=False) as house:
        await play(house, 2_000)


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
async def test_a_hundred_thousand_rounds() -> None:
    """The same, fifty times as many."""
    async with casino(strict=False) as house:
        await play(house, 100_000)
