"""`playmoney games lab`: the package that a test laboratory asks for."""

import hashlib
from pathlib import Path

import click

from simulator.base.errors import ConfigError
from simulator.cli.games import GAME, find
from simulator.rgs.maths.lab import package


@click.command()
@GAME
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The zip to write.")
def lab(game_id: str, out: Path) -> None:
    """Write the lab package of a game: mathematics, RNG dossier, log schemas, data with hash.

    The same release writes the same bytes, every time.
    """
    game = find(game_id)
    body = package(game)
    try:
        out.write_bytes(body)
    except OSError as wrong:
        raise ConfigError(f"--out {out}: cannot be written ({wrong.strerror})") from None
    click.echo(f"{out}: {len(body)} bytes, sha256:{hashlib.sha256(body).hexdigest()}")
    click.echo(f"build {game.data_hash}")
