"""`playmoney audit` and `playmoney reconcile` of a database: the same verdicts as of a folder."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.cli.command import Command
from tests.cli.conftest import play
from tests.support import Sandbox, sandbox


@pytest.fixture
def played_in(postgres: str) -> str:
    """A database in which some bets were played."""

    async def main() -> None:
        async with sandbox(store=postgres) as box:
            await play(box)
            await contribute(box)

    asyncio.run(main())
    return postgres


async def contribute(box: Sandbox) -> None:
    """A bet's part in a pool, of a bet that the wallet knows."""
    body = {
        "jp_contrib_id": "c-1",
        "tenant_id": "brand-42",
        "pool_id": "grand-eu-01",
        "round_id": "r-won",
        "bet_id": "won",
        "player_id": "p_19f3",
        "bet": {"amount": 2, "currency": "EUR"},
        "idempotency_key": "k-c-1",
    }
    got = await box.call("POST", "/v1/jp/contributions", body, client="platform-demo", key="k-c-1")
    assert got.status == 201, got.body


def change(url: str, *texts: str) -> None:
    """What somebody does by hand, past every trigger."""

    async def main() -> None:
        connection: Any = await asyncpg.connect(url)
        try:
            await connection.execute("SET session_replication_role = replica")
            for text in texts:
                await connection.execute(text)
        finally:
            await connection.close()

    asyncio.run(main())


def test_a_sound_database_is_0(playmoney: Command, played_in: str, tmp_path: Path) -> None:
    """Laws and chain; its head is N:HEX, and an anchor; what is exported can be verified alone."""
    done = playmoney("reconcile", "--store", played_in)
    assert (done.code, done.err) == (0, "")
    assert "5 bets" in done.out
    noted = playmoney("audit", "head", "--store", played_in).out.strip()
    done = playmoney("audit", "verify", "--store", played_in, "--anchor", noted)
    assert done.code == 0
    assert done.out.strip().endswith(f"head {noted}")
    out = tmp_path / "audit.ndjson"
    assert playmoney("audit", "export", "--store", played_in, "--out", out).code == 0
    assert playmoney("audit", "verify", "--export", out, "--anchor", noted).code == 0


def test_what_was_forged_in_a_database_is_found(playmoney: Command, played_in: str) -> None:
    """The chain names the row, and the laws name what they see of it; each ends with 1."""
    change(played_in, "UPDATE playmoney.bet SET win = 900 WHERE bet_id = 'won'")
    done = playmoney("audit", "verify", "--store", played_in)
    assert done.code == 1
    assert done.out.startswith("tampered: bet ")
    assert "/won) is not what was written; seal " in done.out
    done = playmoney("reconcile", "--store", played_in)
    assert done.code == 1
    assert "bet won" in done.out


def test_every_party_of_a_database_is_asked(playmoney: Command, played_in: str) -> None:
    """Not the wallet alone: another party's laws and chain, and what two of them say of each other;
    each has a head of its own."""
    done = playmoney("reconcile", "--store", played_in)
    assert done.code == 0
    assert "1 across.contributions, 0 across.unmatched" in done.out, done.out
    noted = playmoney("audit", "head", "--store", played_in, "--party", "jackpot").out.strip()
    anchored = ("audit", "verify", "--store", played_in, "--anchor", noted, "--party", "jackpot")
    assert playmoney(*anchored).code == 0
    change(played_in, "UPDATE playmoney_jackpot.jp_contribution SET stake = stake + 1")
    done = playmoney(*anchored)
    assert done.code == 1
    assert done.out.startswith("tampered: jackpot: ")
    done = playmoney("reconcile", "--store", played_in)
    assert done.code == 1
    assert (
        "jackpot: contributions and the carried remainder are the rate's part of the stakes"
        in done.out
    )
    assert "jackpot: a contribution is of the stake that its bet was: contribution c-1" in done.out


def test_an_operation_taken_out_of_a_database_is_found(playmoney: Command, played_in: str) -> None:
    """Its numbers leave gaps by themselves, so it is the places that have to be without one."""
    change(
        played_in,
        "DELETE FROM playmoney.op WHERE n = (SELECT op FROM playmoney.place ORDER BY n LIMIT 1)",
    )
    done = playmoney("reconcile", "--store", played_in)
    assert done.code == 1
    assert "operations have their places without a gap" in done.out


def test_a_database_without_a_world_is_2_and_stays_so(playmoney: Command, postgres: str) -> None:
    """A command that looks makes no tables: asked twice, it says the same."""
    for command in (("audit", "verify"), ("audit", "head"), ("reconcile",)) * 2:
        done = playmoney(*command, "--store", postgres)
        assert done.code == 2
        assert "there is no world in it" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--store", "mysql://x/y"), "postgresql://"),
        (("--store", "postgresql://nobody:secret@127.0.0.1:1/x"), "cannot connect"),
        (("--store", "postgresql://127.0.0.1:1/x", "--data", "."), "exclude each other"),
    ],
)
def test_a_place_that_is_none_is_2(playmoney: Command, arguments: Any, said: str) -> None:
    """Which place was meant, and what is wrong with it; never a password."""
    for command in (("audit", "verify"), ("reconcile",)):
        done = playmoney(*command, *arguments)
        assert done.code == 2
        assert said in done.err
        assert "secret" not in done.err + done.out
