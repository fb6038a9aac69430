"""`playmoney jackpot`: status of a folder or a running sandbox; exact mathematics (JP-50, 71)."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import pytest

from simulator.jackpot.terms import shipped
from simulator.server.across import PAID
from tests.cli.command import Command
from tests.jackpot.test_across import play
from tests.jackpot.tools import hall, pool
from tests.ledger.forged import unguarded
from tests.processes import running


@pytest.fixture
def played(tmp_path: Path) -> Path:
    """A folder in which a pool has fallen and its payout was refused."""

    async def main() -> None:
        async with hall(tmp_path / "world") as house:
            await house.open(pool("p"))
            await house.box.admin("PATCH", "/players/p_19f3", {"payout_block": "AML"})
            await house.contribute("p", 4, name="a")
            await house.trigger("a", "p")
            await house.settled()

    asyncio.run(main())
    return tmp_path / "world"


def test_the_status_of_a_folder(playmoney: Command, played: Path) -> None:
    """What its rows say, as JSON and as a table without colours; a refused payout is an alert,
    and an alert is exit code 1."""
    done = playmoney("jackpot", "status", "--data", played, "--json")
    told = json.loads(done.out, parse_float=Decimal)
    assert (done.code, done.err) == (1, "")
    (mine,) = [one for one in told["pools"] if one["pool_id"] == "p"]
    assert (mine["bets"], mine["hits"], mine["contributed"]["amount"]) == (1, 1, Decimal("0.04"))
    assert told["calls"] == []
    table = playmoney("jackpot", "status", "--data", played)
    assert table.code == 1
    assert "\x1b" not in table.out
    for pool_id in (*shipped(), "p"):
        assert f"{pool_id} " in table.out
    assert "ALERT payout_failures of brand-42/EU: 100, above 5" in table.out


def test_limits_are_the_callers(playmoney: Command, played: Path) -> None:
    """With another limit nothing fires and the exit code is 0; a drift fires by itself."""
    quiet = playmoney("jackpot", "status", "--data", played, "--failures", 100)
    assert quiet.code == 0
    assert "no alert fires" in quiet.out
    with unguarded(played / "jackpot.db") as connection:
        connection.execute("UPDATE jp_pool SET size = size + 1 WHERE pool_id = 'p'")
    drifting = playmoney("jackpot", "status", "--data", played, "--failures", 100)
    assert drifting.code == 1
    assert "ALERT drift of p: 1000, above 0" in drifting.out


def test_the_status_of_a_running_sandbox(playmoney: Command) -> None:
    """The same by its control API, with what its calls took."""
    with running() as server:
        done = playmoney("jackpot", "status", "--url", server.url, "--json")
        assert done.code == 0, done.err
        told = json.loads(done.out)
        assert {one["pool_id"] for one in told["pools"]} == set(shipped())
        assert playmoney("jackpot", "status", "--url", server.url).code == 0


def test_what_cannot_be_asked_is_one_line(playmoney: Command, tmp_path: Path) -> None:
    """A folder without a world, a server that is not there, both at once."""
    for options, says in (
        (("--data", tmp_path), "there is no"),
        (("--url", "http://127.0.0.1:9"), "is it running?"),
        (("--url", "http://127.0.0.1:9", "--data", tmp_path), "exclude each other"),
    ):
        done = playmoney("jackpot", "status", *options)
        assert done.code == 2
        assert says in done.err
        assert len(done.err.splitlines()) == 1


def test_the_command_compares_a_folder(playmoney: Command, tmp_path: Path) -> None:
    """`playmoney reconcile`: every party's laws, and pools against the wallet (JP-52)."""

    folder = tmp_path / "world"

    async def main() -> None:
        async with hall(folder) as house:
            await play(house)

    asyncio.run(main())
    done = playmoney("reconcile", "--data", folder)
    assert (done.code, done.err) == (0, "")
    told, last = done.out.splitlines()
    assert told == "unmatched: contribution c-strange, bet strange: the wallet knows no such bet"
    assert last.startswith("sound: ")
    assert "4 across.contributions" in last
    with unguarded(folder / "jackpot.db") as connection:
        connection.execute("UPDATE jp_payout SET amount = amount + 1")
    done = playmoney("reconcile", "--data", folder)
    assert done.code == 1
    assert f"jackpot: {PAID}: " in done.out
    assert "jackpot: every fall owes one payout, of its own amount: " in done.out


def test_the_mathematics_of_a_pool(playmoney: Command) -> None:
    """Exact, as JSON and as a table; a game that feeds it is judged with it."""
    done = playmoney("jackpot", "math", "jp_demo_eu", "--game", "slot_vault_x", "--json")
    told = json.loads(done.out, parse_float=Decimal)
    assert done.code == 0
    assert told["pool"]["seeding"] == {"value": Decimal("0.002"), "exact": "1/500"}
    together = told["game"]["rtp"] + told["pool"]["returned"]["value"]
    assert together == pytest.approx(told["game"]["rtp_with_jackpot"], abs=Decimal("1e-11"))
    assert told["game"]["within"] is True
    table = playmoney("jackpot", "math", "jp_demo_eu", "--game", "slot_vault_x")
    assert "1/500" in table.out
    assert "within 75 % and 100 %" in table.out


def test_too_much_is_exit_1(playmoney: Command) -> None:
    """A pool that pays so often that game and pool return more than the stake."""
    done = playmoney("jackpot", "math", "daily-fixed", "--one-in", 500, "--game", "slot_vault_x")
    assert done.code == 1
    assert "NOT within" in done.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("vault-minr",), "vault-minor"),
        (("vault-minor", "--stake", "much"), "--stake much"),
        (("vault-minor", "--stake", "0.001"), "stake"),
        (("vault-major", "--each", "90000000"), "no bet comes"),
        (("grand-eu-01", "--game", "slot_vault_x"), "--one-in"),
    ],
)
def test_what_cannot_be_computed_is_one_line(
    playmoney: Command, arguments: tuple[str, ...], says: str
) -> None:
    """Which argument it is, and what would be right."""
    done = playmoney("jackpot", "math", *arguments)
    assert done.code == 2
    assert says in done.err
    assert len(done.err.splitlines()) == 1
