"""Whatever meets in parallel, the outcome is that of some order, one after the other.

Each law is a check that answers what is wrong. It is held against a wallet in memory, one on a
file, a real server with many connections, and against wallets that are broken on purpose.
"""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from simulator.store.unit import Unit
from tests.laws.broken_wallet import read_outside
from tests.laws.over_http import served
from tests.support import Got, Sandbox, sandbox

PLAYER, CASH = "p_racer", Decimal("10.00")
COPIES, RACES = 64, 32
AT_MOST = 20
"""Times that calls may fail to meet in one batch where real sockets bring them."""

STAKE, WIN = Decimal("0.07"), Decimal("0.05")
ROUND = "r-1"

BROKEN = (sys.executable, "-m", "tests.laws.broken_wallet", "serve", "--port", "0")

PLACES = ("memory", "file", "http")

Check = Callable[[Sandbox, str], Awaitable[list[str]]]
"""`(sandbox, session) -> what is wrong`; empty when the law holds."""


@asynccontextmanager
async def opened(place: str, folder: Path) -> AsyncIterator[Sandbox]:
    """A sandbox in one of the places."""
    if place == "http":
        async with served(folder) as box:
            yield box
    else:
        async with sandbox(folder if place == "file" else None) as box:
            yield box


async def new_player(box: Sandbox) -> str:
    """A player with ten euros; their session."""
    body = {"player_id": PLAYER, "currency": "EUR", "country": "DE", "cash": CASH}
    made = await box.admin("POST", "/players", body)
    assert made.status == 201, made.body
    return await box.session(PLAYER)


# The checks --------------------------------------------------------------------------------------


async def copies_have_one_effect(box: Sandbox, session: str, *, keys: int) -> list[str]:
    """Copies of one authorize, under one key or under many: one debit, and all answer its bytes."""
    before, _ = await box.balance(PLAYER)
    answers = await asyncio.gather(
        *(box.authorize(session, "b-1", STAKE, key=f"copy-{n % keys}") for n in range(COPIES))
    )
    found = [f"{got.status} {got.body!r}" for got in answers if got.status != 200]
    if len({got.body for got in answers}) != 1:
        found.append("copies are answered differently")
    replayed = sum(got.replayed for got in answers)
    if replayed != COPIES - 1:
        found.append(f"{replayed} of {COPIES} copies say that they are repeats")
    found += await _compare_balance(box, before - STAKE, STAKE)
    return found + await _compare_events(box, {"bet.authorized": 1})


async def bets_fit(box: Sandbox, session: str, *, stakes: Sequence[Decimal]) -> list[str]:
    """Different bets at once: never below zero, nothing refused that still fits, and the answers
    tell the balances of one order."""
    before, held = await box.balance(PLAYER)
    answers = await asyncio.gather(
        *(box.authorize(session, f"b-{n}", stake) for n, stake in enumerate(stakes))
    )
    placed = list(zip(stakes, answers, strict=True))
    taken = [(_available(got), stake) for stake, got in placed if got.status == 200]
    spent = sum((stake for _, stake in taken), Decimal(0))
    found = [f"{spent} was accepted, {before} was there"] if spent > before else []
    left = before
    for shown, stake in sorted(taken, reverse=True):
        left -= stake
        if shown != left:
            found.append(f"an answer tells {shown}, in no order of the bets it can be {left}")
            break
    for stake, got in placed:
        if got.status != 200 and got.code != "INSUFFICIENT_FUNDS":
            found.append(f"{got.status} {got.body!r}")
        elif got.status != 200 and stake <= before - spent:
            found.append(f"{stake} was refused, and {before - spent} is still there")
    found += await _compare_balance(box, before - spent, held + spent)
    return found + await _compare_events(box, {"bet.authorized": len(taken)})


async def one_end_wins(box: Sandbox, session: str) -> list[str]:
    """Settle and rollback of the same bet at once, many times over: exactly one of them lands."""
    before, _ = await box.balance(PLAYER)
    await _place(box, session)
    calls = _in_any_order(
        lambda n: {"settled": box.settle(f"b-{n}", WIN), "rolled_back": box.rollback(f"b-{n}")}
    )
    found, settled = [], 0
    for n, answers in (await _answered(calls)).items():
        landed = [state for state, got in answers.items() if got.status == 200]
        refused = [got.code for got in answers.values() if got.status != 200]
        if len(landed) != 1 or refused != ["INVALID_STATE"]:
            found.append(f"b-{n}: {landed} landed, {refused}")
            continue
        settled += landed == ["settled"]
        status = (await box.call("GET", f"/v1/bets/b-{n}")).json["status"]
        if status != landed[0]:
            found.append(f"b-{n} was answered {landed[0]} and is {status}")
    found += await _compare_balance(box, before + settled * (WIN - STAKE), Decimal(0))
    ended = {"bet.settled": settled, "bet.rolled_back": RACES - settled}
    return found + await _compare_events(box, {"bet.authorized": RACES, **ended})


async def bets_are_undone_or_barred(box: Sandbox, session: str) -> list[str]:
    """A bet and its rollback at once, many times over: applied and refunded, or barred."""
    before, _ = await box.balance(PLAYER)
    calls = _in_any_order(
        lambda n: {"bet": box.authorize(session, f"b-{n}", STAKE), "undo": box.rollback(f"b-{n}")}
    )
    found, placed = [], 0
    for n, answers in (await _answered(calls)).items():
        bet, undo = answers["bet"], answers["undo"]
        barred = undo.json.get("tombstone", False)
        late = bet.json.get("details", {}).get("reason")
        if undo.status != 200 or (bet.status == 200) == barred or late not in (None, "tombstone"):
            found.append(f"b-{n}: {bet.status} {bet.body!r}, {undo.status} {undo.body!r}")
        placed += bet.status == 200
    found += await _compare_balance(box, before, Decimal(0))
    return found + await _compare_events(box, {"bet.authorized": placed, "bet.rolled_back": RACES})


# The laws ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [1, COPIES], ids=["one key", "a key each"])
@pytest.mark.parametrize("place", PLACES)
async def test_64_copies_of_a_bet_are_one_debit(tmp_path: Path, place: str, keys: int) -> None:
    """64 identical authorizes in parallel: one debit, identical bytes, 63 of them repeats; under
    one key and under 64 keys alike (WAL-06, WAL-08, WAL-10, PRV-30)."""
    async with opened(place, tmp_path) as box:
        session = await new_player(box)
        assert await copies_have_one_effect(box, session, keys=keys) == []
        await box.require_sound()


EVEN = (STAKE,) * 200
UNEVEN = tuple(Decimal(n).scaleb(-2) for n in random.Random(11).sample(range(1, 201), 200))
AFFORDABLE = (STAKE,) * 100


@pytest.mark.parametrize("stakes", [EVEN, UNEVEN, AFFORDABLE], ids=["even", "uneven", "affordable"])
@pytest.mark.parametrize("place", PLACES)
async def test_as_many_bets_are_accepted_as_fit(
    tmp_path: Path, place: str, stakes: Sequence[Decimal]
) -> None:
    """200 different bets in parallel that together exceed the balance: never below zero, exactly
    as many accepted as fit (of even stakes that is 142); where all fit, all are, to the exact
    balance (WAL-10, WAL-11)."""
    async with opened(place, tmp_path) as box:
        session = await new_player(box)
        assert await bets_fit(box, session, stakes=stakes) == []
        if stakes == EVEN:
            _, held = await box.balance(PLAYER)
            assert held == 142 * STAKE
        await box.require_sound()


@pytest.mark.parametrize("place", PLACES)
async def test_of_settle_and_rollback_one_wins(tmp_path: Path, place: str) -> None:
    """A settlement and a rollback of the same bet in parallel: one lands, the other is refused, and
    bet, balance and events tell of the one that landed (WAL-10, WAL-25, WAL-47)."""
    async with opened(place, tmp_path) as box:
        assert await one_end_wins(box, await new_player(box)) == []
        await box.require_sound()


@pytest.mark.parametrize("place", PLACES)
async def test_a_bet_and_its_rollback_end_whole(tmp_path: Path, place: str) -> None:
    """Bets that race their rollbacks, in either order: nothing between refunded and barred
    (WAL-44)."""
    async with opened(place, tmp_path) as box:
        assert await bets_are_undone_or_barred(box, await new_player(box)) == []
        await box.require_sound()


# The negative controls ---------------------------------------------------------------------------


async def _copies_under_one_key(box: Sandbox, session: str) -> list[str]:
    return await copies_have_one_effect(box, session, keys=1)


async def _copies_under_many_keys(box: Sandbox, session: str) -> list[str]:
    return await copies_have_one_effect(box, session, keys=COPIES)


async def _even_bets(box: Sandbox, session: str) -> list[str]:
    return await bets_fit(box, session, stakes=EVEN)


CONTROLS: dict[str, tuple[Check, str]] = {
    "one key": (_copies_under_one_key, "say that they are repeats"),
    "many keys": (_copies_under_many_keys, "say that they are repeats"),
    "overdraft": (_even_bets, "was accepted, 10.00 was there"),
    "two ends": (one_end_wins, "landed"),
    "bet and undo": (bets_are_undone_or_barred, "b-"),
}
"""Each check, and part of what it has to say of a wallet that reads outside its transaction."""


@pytest.mark.parametrize("name", CONTROLS)
@pytest.mark.parametrize("place", ["memory", "file"])
async def test_a_wallet_that_reads_outside_its_transaction_is_caught(
    tmp_path: Path, place: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of every check above: decisions that do not see one another are found
    out (WAL-10, WAL-11)."""
    check, said = CONTROLS[name]
    async with opened(place, tmp_path) as box:
        session = await _warmed_up(box)
        monkeypatch.setattr(Unit, "get", read_outside)
        with capture_logs():
            found = await check(box, session)
        assert any(said in wrong for wrong in found), found


async def test_a_server_that_reads_outside_its_transaction_is_caught(tmp_path: Path) -> None:
    """The same over HTTP: many connections do meet in one batch, and the check sees it (WAL-11)."""
    for attempt in range(AT_MOST):
        async with served(tmp_path / str(attempt), BROKEN) as box:
            session = await _warmed_up(box)
            found = await bets_fit(box, session, stakes=EVEN)
        if any("was accepted, 10.00 was there" in wrong for wrong in found):
            return
    pytest.fail(f"{AT_MOST} times no two calls met, or the check does not see it: {found}")


async def _warmed_up(box: Sandbox) -> str:
    """A session whose round and accounts exist, so that a broken wallet gets as far as the money
    and does not trip over two first bets."""
    session = await new_player(box)
    assert (await box.authorize(session, "b-first", 0)).status == 200
    return session


# What the checks share ---------------------------------------------------------------------------


def _available(got: Got) -> Decimal:
    return Decimal(got.json["balance"]["available"]["amount"])


async def _place(box: Sandbox, session: str) -> None:
    """The bets of the races, in parallel too."""
    answers = await asyncio.gather(*(box.authorize(session, f"b-{n}", STAKE) for n in range(RACES)))
    assert {got.status for got in answers} == {200}


Calls = list[tuple[int, str, Awaitable[Got]]]


def _in_any_order(calls_of: Callable[[int], dict[str, Awaitable[Got]]]) -> Calls:
    """The calls of every race, shuffled with a seed so that each one comes first now and then."""
    calls = [(n, name, call) for n in range(RACES) for name, call in calls_of(n).items()]
    random.Random(3).shuffle(calls)
    return calls


async def _answered(calls: Calls) -> dict[int, dict[str, Got]]:
    """Make all calls at once: race → name of a call → its answer."""
    answers = await asyncio.gather(*(call for _, _, call in calls))
    found: dict[int, dict[str, Got]] = {}
    for (n, name, _), got in zip(calls, answers, strict=True):
        found.setdefault(n, {})[name] = got
    return found


async def _compare_balance(box: Sandbox, available: Decimal, held: Decimal) -> list[str]:
    have = await box.balance(PLAYER)
    return [] if have == (available, held) else [f"the balance is {have}, not {available, held}"]


async def _compare_events(box: Sandbox, expected: dict[str, int]) -> list[str]:
    """One event for each effect (PRV-34)."""
    found: list[str] = []
    for topic, wanted in expected.items():
        told = await box.events(event_type=topic)
        if len(told) != wanted:
            found.append(f"{len(told)} events {topic}, not {wanted}")
    return found
