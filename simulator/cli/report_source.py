"""Where a report's events come from: files of a feed, or a running server (QLT-12)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from simulator.adapters.credentials import BearerAuth
from simulator.adapters.http import HttpTransport
from simulator.adapters.platform import PlatformClient, Provider
from simulator.base.clock import WallClock
from simulator.base.errors import ConfigError
from simulator.base.rng import Rng
from simulator.cli.options import DEFAULT_URL, F, with_options
from simulator.reports.collect import Collected
from simulator.reports.feed import FEEDS, from_file, from_server
from simulator.server.clients import CLIENTS
from simulator.settings import DEFAULT_SEED

T = TypeVar("T")

DEFAULT_CLIENT = "platform-demo"
"""It may read both feeds."""

_FEED = click.option(
    "--feed",
    type=click.Choice(sorted(FEEDS)),
    default="studio",
    show_default=True,
    help="Whose words: the studio's spins, or the platform's bets and wallet.",
)
_CLIENT = (
    click.option("--client", default=DEFAULT_CLIENT, show_default=True, help="Client id."),
    click.option(
        "--secret",
        envvar="PLAYMONEY_CLIENT_SECRET",
        help="Client secret, or PLAYMONEY_CLIENT_SECRET.  [default: the test client's]",
    ),
    click.option("--brand", help="Brand to read as.  [default: the test client's]"),
    click.option("--region", help="Region to read as.  [default: the test client's]"),
)


@dataclass(frozen=True, slots=True)
class Server:
    """A server to read from, and who reads."""

    url: str
    client: str
    secret: str | None
    brand: str | None
    region: str | None

    def read(self, use: Callable[[PlatformClient], Awaitable[T]]) -> T:
        """Run something with a client of this server."""
        return asyncio.run(self._read(use))

    async def _read(self, use: Callable[[PlatformClient], Awaitable[T]]) -> T:
        known = CLIENTS.get(self.client)
        own = next(iter(known.brands.values())) if known else None
        if own is None and not (self.secret and self.brand and self.region):
            raise ConfigError(
                f"--client {self.client} is no test client: give --secret, --brand and --region"
            )
        secret = self.secret or (known.secret if known else "")
        clock = WallClock()
        transport = HttpTransport(self.url)
        try:
            client = PlatformClient(
                transport,
                BearerAuth(transport, self.client, secret, clock),
                Provider(
                    known.provider if known else self.client,
                    self.brand or (own.brand_id if own else ""),
                    self.region or (own.region if own else ""),
                ),
                Rng(DEFAULT_SEED),
                f"{clock.now_ns():x}",
            )
            return await use(client)
        finally:
            await transport.close()


def source(command: F) -> F:
    """The options that say where events come from; the command is called with its `Collected`."""
    return with_options(
        click.option(
            "--events",
            "files",
            multiple=True,
            type=click.Path(path_type=Path),
            help="An exported feed, NDJSON; may be given more than once.",
        ),
        click.option("--url", help=f"A running server.  [default: {DEFAULT_URL}]"),
        _FEED,
        *_CLIENT,
    )(command)


def server_options(command: F) -> F:
    """The same for a command that reads from a server only."""
    url = click.option("--url", default=DEFAULT_URL, show_default=True, help="A running server.")
    return with_options(url, _FEED, *_CLIENT)(command)


def collect(
    files: Sequence[Path],
    url: str | None,
    feed: str,
    client: str,
    secret: str | None,
    brand: str | None,
    region: str | None,
) -> Collected:
    """All events of the files, or of the server's feed.

    Raises ConfigError for both at once, BadFeed for an event that cannot be counted, and what a
    client raises.
    """
    collected = Collected(feed)
    if files:
        if url:
            raise ConfigError("--events and --url exclude each other: name one source")
        for path in files:
            for told in from_file(path):
                collected.take(told)
        return collected

    async def read(reader: PlatformClient) -> Collected:
        async for told in from_server(reader, feed):
            collected.take(told)
        return collected

    return Server(url or DEFAULT_URL, client, secret, brand, region).read(read)
