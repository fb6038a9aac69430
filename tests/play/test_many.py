"""Thousands of rounds through play, studio and wallet, in virtual time: the books are sound, the
revenue that a report makes of the event feeds is the ledger's, and each game returns what its
mathematics says (QLT-12, RGS-13, RGS-64)."""

import asyncio
import mmap
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from simulator.reports.collect import Collected
from simulator.rgs.maths.catalogue import load_games
from simulator.rgs.maths.sheet import exact_interval
from tests.play.tools import GAME, Casino, casino, won
from tests.reports.world import collected, made

GAMES = (GAME, "studio:classic_3x3", "studio:slot_tidal_ways")
PLAYERS = ("p_a", "p_b", "p_c", "p_d")
TIMINGS = ("hold_first", "debit_first", "outcome_first")
AT_ONCE = 24
"""Rounds side by side: more than the courier sends at once of what they leave behind."""


async def play(house: Casino, count: int) -> None:
    """So many rounds, of several players, games and debit timings, many at a time; then the
    question who says what of them. `pytest -s` shows what they cost, and what came out."""
    for player in PLAYERS:
        body = {"currency": "EUR", "cash": 1000 + count, "player_id": player}
        assert (await house.box.admin("POST", "/players", body)).status == 201
    wins = Decimal(0)
    began_s = time.process_time()
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
        now_s = time.process_time()
        print(f"after {start + 1_000} rounds: {now_s - began_s:.2f} ms of CPU each, {held_mb()} MB")
        began_s = now_s
    await house.require_agreement()
    studio = await collected(house, "studio")
    (total,) = made(studio)["totals"]
    (bets,) = made(await collected(house, "platform"))["totals"]
    assert (total["spins_total"], total["turnover"]) == (count, count)
    assert (bets["spins_total"], bets["turnover"], bets["ggr"]) == (count, count, total["ggr"])
    assert total["ggr"] == count - wins
    text = "SELECT sum(posted_credits - posted_debits) FROM account WHERE kind = 'house'"
    assert house.rows(text, "wallet") == [(int(total["ggr"] * 100),)]
    for line in require_returns(studio):
        print(line)
    print(f"GGR report {total['ggr']} = ledger, of turnover {total['turnover']}")


def require_returns(studio: Collected) -> Iterator[str]:
    """What each game has paid back lies in the 99.9 % interval of its exact mathematics for so many
    spins (RGS-13); in words, for those who look."""
    played: dict[tuple[str, str, str], Counter[str]] = {}
    for one in studio.settled():
        said = one.played
        sums = played.setdefault((said.game_id, said.profile, said.mode), Counter())
        sums.update(spins=1, stake=said.stake, win=said.win)
    for (game_id, profile, mode), sums in sorted(played.items()):
        game = load_games()[game_id]
        law, cost = game.stats(profile, mode), game.cost(mode)
        low, high = exact_interval(law, cost, sums["spins"])
        rtp = Decimal(sums["win"]) / sums["stake"]
        assert low <= rtp <= high, (game_id, low, rtp, high)
        yield f"{game_id} {profile} {mode}: {sums['spins']} spins, RTP {rtp:.4f} in {low}..{high}"
    assert {game_id for game_id, _, _ in played} == set(GAMES)


def held_mb() -> int:
    """Memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * mmap.PAGESIZE // 1_000_000


async def _open(house: Casino) -> Sequence[str]:
    return [
        await house.open(player, game_id=GAMES[n % 3], debit_timing=TIMINGS[n % 3])
        for n, player in enumerate(PLAYERS)
    ]


@pytest.mark.timeout(600)  # eight seconds of work, on a machine that others use too
async def test_a_thousand_rounds() -> None:
    """GGR by the report from either feed = what the house has won in the ledger, to the cent; RTP
    within its interval (RGS-13, RGS-64, QLT-12)."""
    async with casino(strict=False) as house:
        await play(house, 1_000)


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
async def test_a_hundred_thousand_rounds(tmp_path: Path) -> None:
    """The same, a hundred times as many, each step of them durable: in files, so that memory holds
    what the caches may, and not the rows."""
    async with casino(tmp_path / "world", strict=False) as house:
        await play(house, 100_000)
