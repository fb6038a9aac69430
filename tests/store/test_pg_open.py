"""Opening a PostgreSQL database: made once; refused where it is not ours or not durable."""

import asyncio
from typing import Any

import asyncpg
import pytest

from simulator.base.clock import SimClock
from simulator.base.errors import ConfigError
from simulator.inhabitants import PLAYERS
from simulator.kept import keep_in_postgres
from simulator.parties import WALLET
from simulator.settings import Settings, masked
from simulator.store.pg_store import PgStore
from simulator.store.postgres import Postgres
from simulator.wallet.operations import ROWS
from tests.processes import run as run_python
from tests.store.pg_tools import keys, opened, rows
from tests.store.tools import SCHEMAS
from tests.store.writers import note, pay
from tests.support import sandbox


async def execute(url: str, text: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(text)
    await connection.close()


async def refusal(url: str) -> str:
    with pytest.raises(ConfigError) as refused:
        await PgStore.open(url, SCHEMAS, ROWS, SimClock())
    return str(refused.value)


async def test_tables_are_made_once(postgres: str) -> None:
    """The first to open makes the tables, later ones find what is in them; other schemas of the
    database are nobody's business here."""
    await execute(postgres, "CREATE TABLE op (mine text); INSERT INTO op VALUES ('untouched')")
    async with opened(postgres) as store:
        await store.writer.submit(note("a"))
    async with opened(postgres) as store:
        await store.writer.submit(note("b"))
    assert await keys(postgres) == ["a", "b"]
    assert await rows(postgres, "SELECT mine FROM public.op") == [("untouched",)]


async def test_many_may_open_a_new_database_at_once(postgres: str) -> None:
    """Servers that start together: one makes the tables and the test world, all of them find it."""
    async with sandbox(store=postgres) as one:
        pass
    worlds = [sandbox(store=postgres) for _ in range(4)]
    boxes = await asyncio.gather(*(world.__aenter__() for world in worlds))
    players = await rows(postgres, "SELECT count(*), count(DISTINCT player_id) FROM player")
    assert players == [(len(PLAYERS), len(PLAYERS))]
    assert {box.world.rng.seed for box in boxes} == {one.world.rng.seed}
    for world in worlds:
        await world.__aexit__(None, None, None)


async def test_a_race_for_a_new_database_has_one_winner(postgres: str) -> None:
    """The same with nothing there yet, and with seeds that differ: the first one's counts, and who
    wanted another is told so."""
    opening = (keep_in_postgres(WALLET, postgres, seed, SimClock()) for seed in (1, 2, 3))
    found = await asyncio.gather(*opening, return_exceptions=True)
    kept = [each for each in found if not isinstance(each, BaseException)]
    assert len(kept) == 1
    assert await rows(postgres, "SELECT count(*) FROM op") == [(1,)]
    for each in found:
        assert each in kept or "was made with seed" in str(each)
    await kept[0].queries.close()
    await kept[0].writer.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("CREATE SCHEMA playmoney", "another program's"),
        (
            "CREATE SCHEMA playmoney; COMMENT ON SCHEMA playmoney IS 'mine'",
            "another program's",
        ),
        (
            "CREATE SCHEMA playmoney; COMMENT ON SCHEMA playmoney IS 'playmoney, schema version 0'",
            "has schema version 0",
        ),
    ],
)
async def test_what_is_not_ours_is_refused(postgres: str, change: str, said: str) -> None:
    """A schema of our name that we did not make, or another version made: one clear line, and it
    is left alone."""
    await execute(postgres, change)
    assert said in await refusal(postgres)
    found = await rows(postgres, "SELECT count(*) FROM pg_class c JOIN pg_namespace s "
                       "ON s.oid = c.relnamespace WHERE nspname = 'playmoney'")  # fmt: skip
    assert found == [(0,)]


async def test_a_table_without_a_column_is_refused(postgres: str) -> None:
    """The version says yes and the catalogue no: the catalogue is believed."""
    async with opened(postgres):
        pass
    await execute(postgres, "ALTER TABLE playmoney.player DROP COLUMN city")
    assert "player has no city" in await refusal(postgres)


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
async def test_a_server_that_is_not_durable_is_refused(
    postgres: str, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every durability setting is read back; one that is off stops the start."""

    connect = Postgres.connect

    async def connect_to_a_liar(self: Postgres, settings: dict[str, str]) -> Any:
        return Liar(await connect(self, settings))

    class Liar:
        def __init__(self, real: Any) -> None:
            self._real = real

        async def fetchval(self, text: str, *values: Any) -> Any:
            if text == f"SHOW {setting}":
                return "off"
            return await self._real.fetchval(text, *values)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

    monkeypatch.setattr(Postgres, "connect", connect_to_a_liar)
    assert f"{setting} is off" in await refusal(postgres)


async def test_a_commit_is_flushed_whatever_the_database_says(postgres: str) -> None:
    """A database whose default is not to wait for the disk is told to, on every connection."""
    await execute(postgres, f"ALTER DATABASE {postgres.rpartition('/')[2]} "
                  "SET synchronous_commit = off")  # fmt: skip
    async with opened(postgres) as store:
        await store.writer.submit(pay("a"))
        connection = store.writer._connection
        assert connection is not None
        assert await connection.fetchval("SHOW synchronous_commit") == "on"


async def test_an_old_server_is_refused(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older than what the tests have run on."""
    monkeypatch.setattr("simulator.store.postgres.OLDEST_SERVER", 99)
    assert "is older than 99" in await refusal(postgres)


async def test_who_cannot_be_reached_is_named_without_the_password() -> None:
    """Nobody listens there: one line that names the address, and no secret."""
    said = await refusal("postgresql://ana:s3cret@127.0.0.1:1/world")
    assert "postgresql://ana@127.0.0.1:1/world" in said
    assert "s3cret" not in said


async def test_another_seed_is_refused(postgres: str) -> None:
    """A world keeps the seed that it was made with, also after a reset with another one."""
    async with sandbox(store=postgres, seed=7) as box:
        await box.admin("POST", "/reset", {"seed": 8})
        await box.require_sound()
    with pytest.raises(ConfigError, match="was made with seed 7"):
        async with sandbox(store=postgres, seed=9):
            pass
    async with sandbox(store=postgres, seed=7) as box:
        assert box.world.rng.seed == 8


async def test_a_reset_empties_the_database(postgres: str) -> None:
    """The world as at its start, for the other server too, whose next call finds the new one."""
    async with sandbox(store=postgres) as one, sandbox(store=postgres) as other:
        other.keys = 100  # keys of its own
        session = await one.session()
        assert (await other.authorize(session, "b", 2)).status == 200
        assert (await one.admin("POST", "/reset", {})).status == 200
        assert await one.balance() == await other.balance()
        assert (await other.authorize(session, "b", 2)).status == 404
        session = await other.session()
        assert (await one.authorize(session, "b", 2)).status == 200
        await one.require_sound()
        await other.require_sound()


def test_a_database_without_its_driver_is_refused() -> None:
    """The driver is an extra; without it, the start says what to install."""
    code = (
        "import sys; sys.modules['asyncpg'] = None\n"
        "sys.argv = ['playmoney', 'serve', '--port', '0', '--store', 'postgresql://127.0.0.1/x']\n"
        "from simulator.cli import main; main()"
    )
    done = run_python("-c", code)
    assert done.returncode == 2
    assert "pip install 'playmoney[postgres]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"store": "mysql://127.0.0.1/x"}, "postgresql://"),
        ({"store": "postgresql://h/x", "data": "folder"}, "exclude each other"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], said: str) -> None:
    """Another kind of database, or two places at once: refused before anything is opened."""
    with pytest.raises(ConfigError, match=said):
        Settings(**settings)


def test_an_address_is_shown_without_its_password() -> None:
    """Whatever else is in it."""
    assert masked("postgresql://a:b@h:1/w?x=y") == "postgresql://a@h:1/w"
    assert masked("postgresql:///w") == "postgresql:///w"
