"""The harness itself."""

from typing import Any

import pytest

from simulator.world import Worlds
from tests import support
from tests.laws.stores import digest
from tests.support import Sandbox, Started, sandbox


async def _told(box: Sandbox) -> list[Any]:
    """What a world is and what it answers: its rows, its keys, ids, bytes and events."""
    known = box.world.remembered()
    told: list[Any] = [await digest(box), known.counted, known.buckets, known.clock]
    session = await box.session()
    bets = [await box.authorize(session, "b-1", 2), await box.settle("b-1", 5)]
    told += [session, box.tokens, [(got.body, sorted(got.headers.items())) for got in bets]]
    told += [await box.events(), (await box.admin("GET", "/ledger/accounts")).body]
    told += [(await box.admin("GET", f"/{what}")).json for what in ("clock", "audit", "reconcile")]
    return told


@pytest.mark.parametrize("chosen", [{}, {"seed": 7, "profile": "strict-codes"}])
async def test_a_copied_world_is_a_new_one(
    chosen: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows, tokens, ids, events, the audit chain, every byte of an answer: a world that is a copy
    cannot be told from one that was started (D3)."""
    async with sandbox(**chosen), sandbox(**chosen) as box:
        assert isinstance(box.worlds, Started)
        assert box.worlds.copied
        copied = await _told(box)
    async with sandbox(**chosen) as box:
        assert await _told(box) == copied, "somebody has changed the rows that are copied"
    monkeypatch.setattr(support, "Started", Worlds)
    async with sandbox(**chosen) as box:
        assert type(box.worlds) is Worlds
        assert await _told(box) == copied
    async with sandbox(**{**chosen, "seed": 8}) as box:
        assert await _told(box) != copied, "the comparison is blind"
