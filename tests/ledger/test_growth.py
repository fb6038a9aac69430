"""What a reconciliation costs, as a world grows: asked each hour, it must not stop the casino."""

from collections.abc import Sequence

import apsw
import pytest

from simulator.ledger.reconcile import Law
from simulator.server.checks import laws_of
from tests.play.tools import MODELS, Casino, casino

FEW, TIMES = 12, 4

PER_STEP = 10
"""Instructions of SQLite's machine between two counts: no clock is asked, so no stranger is."""

GROWS = 2 * TIMES
"""A cost in proportion to the rows is TIMES as much; one to their square TIMES squared."""


async def play(house: Casino, sessions: Sequence[str], numbers: range) -> None:
    """One round of each model, one bet of the studio's own, for one player, so many times."""
    own = await house.box.session()
    for n in numbers:
        for session in sessions:
            got = await house.play(session, f"{session[-8:]}-{n}", 1)
            assert got.status == 200, got.body
        name = f"own-{n}"
        assert (await house.box.authorize(own, name, 1, round_id=name)).status == 200
        assert (await house.box.settle(name, 1, round_id=name)).status == 200
    await house.settled()


def cost(connection: apsw.Connection, law: Law) -> int:
    """How many instructions one law takes."""
    count = 0

    def step() -> bool:
        nonlocal count
        count += 1
        return False

    connection.set_progress_handler(step, PER_STEP)
    try:
        assert connection.execute(law.broken).fetchall() == []
    finally:
        connection.set_progress_handler(None)
    return count


def costs(house: Casino) -> dict[str, int]:
    """Of every law of every party."""
    return {
        f"{name}: {law.name}": cost(party.writer.unit.database.reader, law)
        for name, party in house.box.world.parties.items()
        for law in laws_of(party.kind, places=False)
    }


@pytest.mark.timeout(600)
async def test_no_law_looks_at_every_row_for_every_row() -> None:
    """Four times as many bets of one player cost about four times as much, whichever law is asked
    of whichever party (SBX-11)."""
    async with casino(strict=False) as house:
        sessions = [await house.open(**asked) for asked in MODELS.values()]
        await play(house, sessions, range(FEW))
        few = costs(house)
        await play(house, sessions, range(FEW, FEW * TIMES))
        many = costs(house)
    grown = {name: (few[name], count) for name, count in many.items()}
    assert not {name: two for name, two in grown.items() if two[1] > GROWS * two[0] + 500}
