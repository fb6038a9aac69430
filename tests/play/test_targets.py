"""Wallet and studio somewhere else: the same rounds over sockets (`--target`)."""

import os
import subprocess
import sys
from decimal import Decimal

from simulator.settings import Target
from tests.play.tools import MODELS, Casino, won
from tests.processes import running
from tests.support import sandbox


async def test_rounds_over_sockets() -> None:
    """Every way to take a stake, with wallet and studio behind URLs: what is played here is paid
    there; the same ids come to the same as in one process (RGS-12, WAL-72)."""
    with running("--strict", "--clock", "frozen") as server:
        there = {name: Target(name, server.url) for name in ("wallet", "rgs")}
        async with sandbox(targets=there) as box, sandbox() as calm:
            house, quiet = Casino(box), Casino(calm)
            for model, asked in MODELS.items():
                session = await house.open(key=model, **asked)
                same = await quiet.open(key=model, **asked)
                assert session == same
                for n in range(3):
                    name = f"r-{model}-{n}"
                    assert won(await house.play(session, name)) == won(await quiet.play(same, name))
                await house.settled()
                assert (await house.call("POST", f"/sessions/{session}/end")).status == 200
            assert await box.balance() == (Decimal(1000), Decimal(0))
            await box.require_sound()


def test_the_command_says_where_its_parties_are() -> None:
    """One line for each that is somewhere else; by option or by environment; a misspelt one stops
    the start and names the nearest."""
    with running("--target", "rgs=http://me:word@127.0.0.1:1/x", "--strict") as server:
        server.wait_ready()
        assert server.stop() == 0
        said = server.rest_of_output()
        assert "rgs       is called at http://127.0.0.1:1/x" in said
        assert "word" not in said
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "serve", "--port", "0"],
        env={**os.environ, "PLAYMONEY_TARGETS": "walet=http://127.0.0.1:1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2
    assert "did you mean 'wallet'" in done.stderr
