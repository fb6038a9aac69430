"""Play's own laws are asked of the world's books: each alone finds what breaks it (SBX-11), and its
rows are sealed like everybody's (QLT-05)."""

from pathlib import Path

import apsw
import pytest

from simulator.play.laws import LAWS
from tests.ledger.forged import unguarded
from tests.play.tools import casino

BREAKS = {
    "a session's sums are those of its rounds": "UPDATE play_session SET won = won + 1",
    "a round is of a session": "UPDATE play_round SET session_id = 's-gone' WHERE round_id = 'r-2'",
    "every open round is driven, and nothing else": (
        "UPDATE task SET state = 'pending' WHERE operation = 'playRound' AND key = 'r-1'"
    ),
    "every change of a round has its event": (
        "UPDATE op SET topic = 'round.refused' WHERE topic = 'round.completed'"
    ),
}
"""Law → what breaks it; a round without its session breaks the sums too."""

EARLY = """
INSERT INTO play_round
SELECT randomblob(16), n + 1, tenant, 'r-9', brand, region, session_id, player_id, game_id,
       currency, timing, spin_type, mode, stake, paid, asked, opened_op, opened_ns, 'open', NULL,
       outcome, NULL, NULL, NULL, NULL, NULL, NULL
FROM play_round
"""
"""A round that is open and says already what came of it."""


def test_every_law_can_be_broken() -> None:
    """No law is asked that nothing here has tried."""
    assert set(BREAKS) == {law.name for law in LAWS}


@pytest.mark.parametrize("law", BREAKS)
async def test_a_broken_law_is_named(law: str, tmp_path: Path) -> None:
    """With the party whose it is; the audit finds the same row, whatever the law says."""
    async with casino(tmp_path) as house:
        session = await house.open()
        for n in range(3):
            assert (await house.play(session, f"r-{n}")).status == 200
        await house.require_agreement()
    with unguarded(tmp_path / "play.db") as connection:
        connection.execute(BREAKS[law])
        assert connection.changes() > 0
    async with casino(tmp_path) as house:
        found = (await house.box.admin("GET", "/reconcile")).json
        named = {(broken["party"], broken["law"]) for broken in found["breaks"]}
        assert ("play", law) in named
        assert {party for party, _ in named} == {"play"}
        audit = (await house.box.admin("GET", "/audit")).json
        assert audit["first_bad"]["party"] == "play"


async def test_a_round_that_has_ended_stays_as_it_is(tmp_path: Path) -> None:
    """By the schema: what has ended is never changed, nothing is deleted, and there is no outcome
    without its end."""
    async with casino(tmp_path) as house:
        session = await house.open()
        await house.play(session, "r-1")
        writer = house.box.world.parties["play"].writer.unit.database.writer
        for statement in ("UPDATE play_round SET win = 5", "DELETE FROM play_round", EARLY):
            with pytest.raises(apsw.ConstraintError):
                writer.execute(statement)
        writer.execute(EARLY.replace("outcome,", "NULL,"))  # the control
