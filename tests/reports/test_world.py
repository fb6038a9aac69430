"""A world that was really played in: reports from its feeds, over HTTP or from a file, against the
studio's rows and the wallet's ledger (QLT-12, RGS-60, RGS-64)."""

import asyncio
import random
from collections.abc import AsyncIterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import pytest_asyncio

from simulator.adapters.platform import PlatformClient
from simulator.adapters.transport import ReplyLost
from simulator.base.errors import ConfigError
from simulator.reports import drift
from simulator.reports.collect import Collected
from simulator.reports.drift import Cell, Law
from simulator.reports.export import export
from simulator.reports.feed import FEEDS, from_file
from simulator.reports.render import FORMATS, render
from simulator.rgs.maths.catalogue import load_games
from simulator.wire import json
from simulator.wire.calls import Call, Reply
from tests.play.tools import Casino, casino
from tests.reports.world import TERMS, client_of, collected, made
from tests.rgs.tools import Studio

ROUNDS = 500
GAMES = ("studio:slot_forge_02", "studio:classic_3x3", "studio:slot_vault_x")
TIMINGS = ("hold_first", "debit_first", "outcome_first")


async def play(house: Casino, rounds: int) -> None:
    """Rounds of several players, games and debit timings, free spins, and stakes that the wallet
    refuses after the outcome is known: those spins are void."""
    dice = random.Random(5)
    sessions = []
    for n in range(6):
        body = {"currency": "EUR", "cash": 5_000 + rounds if n else 3, "player_id": f"p_{n}"}
        assert (await house.box.admin("POST", "/players", body)).status == 201
        timing = "outcome_first" if not n else TIMINGS[n % 3]
        game_id = GAMES[n % 3]
        sessions.append(await house.open(f"p_{n}", game_id=game_id, debit_timing=timing))
    grant = {
        "grant_id": "fs-1",
        "player_id": "p_1",
        "game_id": GAMES[1],
        "count": 20,
        "bet_size": {"amount": 1, "currency": "EUR"},
    }
    await Studio(house.box).ok("POST", "/free-spins", grant)
    for at in range(0, rounds, 24):
        asked = [
            house.play(sessions[n % 6], f"r-{n}", dice.choice([1, 2, 5]))
            for n in range(at, min(at + 24, rounds))
        ]
        answers = await asyncio.gather(*asked)
        assert {got.status for got in answers} <= {200, 422}
    for n in range(20):
        more = {"spin_type": "free", "grant_id": "fs-1"}
        assert (await house.play(sessions[1], f"free-{n}", 1, **more)).status == 200
    await house.settled()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[Casino]:
    """A world in which all of that has happened."""
    async with casino(strict=False) as made:
        await play(made, ROUNDS)
        await made.box.require_sound()
        yield made


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_studios_feed_gives_what_its_rows_say(house: Casino) -> None:
    """Every block of every game equals the sum over the studio's own rows, which a report never
    reads: spins, eligible ones, turnover, GGR, bonus cost."""
    text = """SELECT game_id, count(*),
          sum(spin_type = 'cash' AND stake >= 10),
          sum(CASE WHEN spin_type = 'cash' THEN stake ELSE 0 END),
          sum(CASE WHEN spin_type = 'cash' THEN stake - win ELSE 0 END),
          sum(CASE WHEN spin_type = 'free' THEN win ELSE 0 END)
        FROM spin WHERE status = 'played' GROUP BY game_id ORDER BY game_id"""
    expected = house.rows(text, "rgs")
    found = await collected(house, "studio")
    names = ("turnover", "ggr", "bonus_cost")
    assert [
        (
            row["game_id"],
            row["spins_total"],
            row["eligible_spins"],
            *(int(row[name] * 100) for name in names),
        )
        for row in made(found)["rows"]
    ] == expected
    void = house.rows("SELECT count(*) FROM spin WHERE status = 'void'", "rgs")[0][0]
    assert found.voided == void > 0
    assert expected[0][5] > 0  # the free spins have won something


async def test_contributions_are_those_that_the_spins_were_answered_with(house: Casino) -> None:
    """By game, from the transactions kept with each spin that stands; void ones owe nothing."""
    expected: dict[str, Decimal] = {}
    for game_id, txns in house.rows(
        "SELECT game_id, txns FROM spin WHERE status = 'played'", "rgs"
    ):
        for txn in json.decode(txns):
            if txn["type"] == "jackpot_contribution":
                expected[game_id] = expected.get(game_id, Decimal(0)) + txn["amount"]
    rows = made(await collected(house, "studio"))["rows"]
    found = {row["game_id"]: row["jackpot_contrib"] for row in rows if row["jackpot_contrib"]}
    assert found == expected
    assert expected["studio:slot_vault_x"] > 1


async def test_ggr_less_bonus_cost_is_what_the_house_has_won(house: Casino) -> None:
    """The ledger's house account, to the cent: free play costs what it wins (RGS-64)."""
    await require_ledger(house)


@pytest.mark.nightly
async def test_so_it_is_after_twenty_thousand_rounds() -> None:
    """The same of a longer game."""
    async with casino(strict=False) as long:
        await play(long, 20_000)
        await require_ledger(long)


async def require_ledger(house: Casino) -> None:
    (total,) = made(await collected(house, "studio"))["totals"]
    text = "SELECT sum(posted_credits - posted_debits) FROM account WHERE kind = 'house'"
    ((won,),) = house.rows(text, "wallet")
    assert int((total["ggr"] - total["bonus_cost"]) * 100) == won


async def test_both_feeds_tell_the_same_money(house: Casino) -> None:
    """The platform's bets and wallet transactions come to the studio's spins: the same turnover,
    GGR and bonus cost for each game, in other words."""
    names = (
        "game_id",
        "currency",
        "spins_total",
        "turnover",
        "ggr",
        "bonus_cost",
        "eligible_spins",
    )
    studio, platform = (await collected(house, "studio"), await collected(house, "platform"))
    one, other = (
        [{name: row[name] for name in names} for row in made(found)["rows"]]
        for found in (studio, platform)
    )
    assert one == other


@pytest.mark.parametrize("feed", sorted(FEEDS))
async def test_an_exported_feed_makes_the_same_report(
    house: Casino, feed: str, tmp_path: Path
) -> None:
    """Equal to the digit in every format, from the file as it is, turned around and given twice
    (QLT-12)."""
    path = tmp_path / "feed.ndjson"
    new, whole = await export(client_of(house), "here", feed, path)
    over_http = made(await collected(house, feed))
    assert new == whole == over_http["events"]["read"]
    assert len(path.read_bytes().splitlines()) == whole
    for form in FORMATS:
        assert render(made(from_files(feed, path)), form, ("rows",)) == render(
            over_http, form, ("rows",)
        )
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[::-1]))
    again = made(from_files(feed, path, path))
    assert again.pop("events")["repeated"] == whole
    over_http.pop("events")
    assert again == over_http


def from_files(feed: str, *paths: Path) -> Collected:
    """What files tell."""
    found = Collected(feed)
    for path in paths:
        for told in from_file(path):
            found.take(told)
    return found


async def test_an_export_goes_on_where_it_was_left(house: Casino, tmp_path: Path) -> None:
    """Lost in the middle of a page, half of which had been written, it goes on: the file is byte
    for byte the one of an export that nothing went wrong with."""
    whole, cut = tmp_path / "whole.ndjson", tmp_path / "cut.ndjson"
    await export(client_of(house), "here", "studio", whole)
    with pytest.raises(ReplyLost):
        await export(cut_off(house, after=2), "here", "studio", cut)
    assert 0 < cut.stat().st_size < whole.stat().st_size
    with cut.open("ab") as file:
        file.write(b'{"event_id": "half a li')
    await export(client_of(house), "here", "studio", cut)
    assert cut.read_bytes() == whole.read_bytes()
    assert (await export(client_of(house), "here", "studio", cut))[0] == 0
    with pytest.raises(
        ConfigError, match="is of the studio feed at here, not of the platform feed"
    ):
        await export(client_of(house), "here", "platform", cut)


def cut_off(house: Casino, after: int) -> PlatformClient:
    """A reader whose line is dead after some answers."""
    client = client_of(house)
    client._policy = type(client._policy)(attempts=1)
    real, left = client._transport.send, [after]

    async def send(call: Call) -> Reply:
        left[0] -= 1
        if left[0] < 0:
            raise ReplyLost("the line is dead")
        return await real(call)

    client._transport.send = send  # type: ignore[method-assign]
    return client


async def test_what_was_played_keeps_the_published_mathematics(house: Casino) -> None:
    """No alert on the studio's own games; with a return published that is not theirs, there is one
    (RGS-62)."""
    found = await collected(house, "studio")
    settled = list(found.settled())
    laws = {}
    for cell in sorted({Cell(one.game_id, one.profile, one.mode) for _, one, _, _ in settled}):
        game = load_games()[cell.game_id]
        law, cost = game.stats(cell.profile, cell.mode), game.cost(cell.mode)
        laws[cell] = Law(law.mean / cost, law.variance / cost**2, 1 - law.nothing)
    assert {cell.game_id for cell in laws} == set(GAMES)
    good = drift.report(found, settled, laws, TERMS, Fraction(1, 1000))
    assert (good["alerts"], good["unjudged_spins"]) == (0, 0)
    assert sum(row["spins"] for row in good["rows"]) == len(settled)
    wrong = {cell: law._replace(chance=Fraction(1, 5)) for cell, law in laws.items()}
    bad = drift.report(found, settled, wrong, TERMS, Fraction(1, 1000))
    assert bad["alerts"] > 0
    (classic,) = [row for row in good["games"] if row["game_id"] == GAMES[1]]
    assert classic["bonus_spins"] == 20
    assert classic["bonus_frequency"] == drift.shown(Fraction(20, classic["spins"]))
    assert 0 < classic["eligible_share"] < Decimal(1)
