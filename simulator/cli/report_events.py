"""`playmoney events`: a feed as a file."""

from pathlib import Path

import click

from simulator.adapters.platform import PlatformClient
from simulator.cli.options import FILE
from simulator.cli.report_source import Server, server_options
from simulator.reports.export import export as export_feed


@click.group()
def events() -> None:
    """The event feeds of a running server."""


@events.command()
@click.option(
    "--out",
    required=True,
    type=FILE,
    help="File to write; FILE.cursor beside it says how far it is.",
)
@server_options
def export(
    out: Path,
    url: str,
    feed: str,
    client: str,
    secret: str | None,
    brand: str | None,
    region: str | None,
) -> None:
    """Write a feed to an NDJSON file, one event a line.

    The same command again adds what has happened since, also after it was interrupted.
    """

    async def run(reader: PlatformClient) -> tuple[int, int]:
        return await export_feed(reader, url.rstrip("/"), feed, out)

    new, whole = Server(url, client, secret, brand, region).read(run)
    click.echo(f"{out}: {new} new events, {whole} in all")
