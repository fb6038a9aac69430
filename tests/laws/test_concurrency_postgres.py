"""The laws of parallel calls, where they meet in two servers that share one PostgreSQL database."""

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest

from simulator.store import pg_fetch, pg_statements
from simulator.store.pg_statements import Types
from simulator.store.pg_unit import Known
from simulator.store.rows import Row
from tests.laws.over_postgres import paired
from tests.laws.test_concurrency import (
    AFFORDABLE,
    AT_MOST,
    COPIES,
    EVEN,
    PLAYER,
    STAKE,
    UNEVEN,
    bets_are_undone_or_barred,
    bets_fit,
    copies_have_one_effect,
    new_player,
    one_end_wins,
)
from tests.postgres import Server


@pytest.mark.parametrize("keys", [1, COPIES], ids=["one key", "a key each"])
async def test_64_copies_of_a_bet_are_one_debit(postgres: str, keys: int) -> None:
    """64 identical authorizes at two servers at once: one debit, identical bytes, 63 of them
    repeats; under one key and under 64 keys alike (WAL-06, WAL-08, WAL-10, PRV-30)."""
    async with paired(postgres) as box:
        session = await new_player(box)
        assert await copies_have_one_effect(box, session, keys=keys) == []
        await box.require_sound()


@pytest.mark.parametrize("stakes", [EVEN, UNEVEN, AFFORDABLE], ids=["even", "uneven", "affordable"])
async def test_as_many_bets_are_accepted_as_fit(postgres: str, stakes: Sequence[Decimal]) -> None:
    """200 different bets of one player at two servers at once: never below zero, exactly as many
    accepted as fit (WAL-10, WAL-11)."""
    async with paired(postgres) as box:
        session = await new_player(box)
        assert await bets_fit(box, session, stakes=stakes) == []
        if stakes == EVEN:
            _, held = await box.balance(PLAYER)
            assert held == 142 * STAKE
        await box.require_sound()


async def test_of_settle_and_rollback_one_wins(postgres: str) -> None:
    """A settlement at one server and a rollback of the same bet at the other: one lands, the other
    is refused (WAL-10, WAL-25, WAL-47)."""
    async with paired(postgres) as box:
        assert await one_end_wins(box, await new_player(box)) == []
        await box.require_sound()


async def test_a_bet_and_its_rollback_end_whole(postgres: str) -> None:
    """Bets at one server that race their rollbacks at the other: nothing between refunded and
    barred (WAL-44)."""
    async with paired(postgres) as box:
        assert await bets_are_undone_or_barred(box, await new_player(box)) == []
        await box.require_sound()


def _do_not_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_lock(_connection: Any, known: Known, **_how: bool) -> bool:
        known.locked |= known.wants.roots
        known.wants.roots = set()
        return True

    monkeypatch.setattr(pg_fetch, "lock", no_lock)


def _do_not_look(monkeypatch: pytest.MonkeyPatch) -> None:
    update = pg_statements.update

    def blind_update(kind: type[Row], types: Types) -> str:
        return update(kind, types).partition(" AND ")[0]

    monkeypatch.setattr(pg_statements, "update", blind_update)


async def _spend_at_two_servers(
    url: str, monkeypatch: pytest.MonkeyPatch, *left_out: Callable[[pytest.MonkeyPatch], None]
) -> list[str]:
    async with paired(url) as box:
        session = await new_player(box)
        assert (await box.authorize(session, "b-first", 0)).status == 200
        for leave_out in left_out:
            leave_out(monkeypatch)
        return await bets_fit(box, session, stakes=EVEN)


async def test_servers_that_neither_lock_nor_look_are_caught(
    postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: with neither locked roots nor updates that look at what they change,
    two servers spend the same money twice, and the check says so (WAL-11)."""
    for _ in range(AT_MOST):
        url = await asyncio.to_thread(postgres_server.make_database)
        with monkeypatch.context() as patched:
            found = await _spend_at_two_servers(url, patched, _do_not_lock, _do_not_look)
        await asyncio.to_thread(postgres_server.drop_database, url)
        if any("was accepted, 10.00 was there" in wrong for wrong in found):
            return
    pytest.fail(f"{AT_MOST} times no two batches met, or the check does not see it: {found}")


@pytest.mark.parametrize("left_out", [_do_not_lock, _do_not_look])
async def test_one_of_the_two_guards_is_enough(
    postgres: str,
    monkeypatch: pytest.MonkeyPatch,
    left_out: Callable[[pytest.MonkeyPatch], None],
) -> None:
    """Locked roots, or updates that look: either keeps the money right without the other
    (WAL-11)."""
    found = await _spend_at_two_servers(postgres, monkeypatch, left_out)
    assert found == ["143 events bet.authorized, not 142"]  # one is the first bet's, of nothing
