"""Commands and folders for the tests of this folder."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.cli.command import Command
from tests.support import Sandbox, sandbox


@pytest.fixture
def playmoney(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line, in this process."""
    return Command(monkeypatch, capsys)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which some bets were played."""
    folder = tmp_path_factory.mktemp("played")

    async def main() -> None:
        async with sandbox(folder) as box:
            await play(box)

    asyncio.run(main())
    return folder


@pytest.fixture
def folder(played: Path, tmp_path: Path) -> Path:
    """A copy of it, to do something to."""
    return Path(shutil.copytree(played, tmp_path / "world"))


async def play(box: Sandbox) -> None:
    session = await box.session()
    for bet in ("won", "lost", "back", "open"):
        assert (await box.authorize(session, bet, 2)).status == 200
    assert (await box.settle("won", 7)).status == 200
    assert (await box.settle("lost", 0)).status == 200
    assert (await box.rollback("back")).status == 200
    assert (await box.rollback("tomb")).status == 200
    payment = {"payment_id": "pay-1", "amount": {"amount": 5, "currency": "EUR"}}
    assert (await box.admin("POST", "/players/p_19f3/fund", payment)).status == 200
