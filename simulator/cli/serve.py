"""`playmoney serve`: a sandbox on a port."""

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from simulator import __version__
from simulator.base.errors import ConfigError
from simulator.cli.logs import configure_logs
from simulator.cli.options import ADMIN_TOKEN_ASKED
from simulator.server.app import App
from simulator.server.clients import CLIENTS
from simulator.server.documents import documents
from simulator.server.run import Process, address, bind, run, stop_with_stdin
from simulator.settings import ClockSetting, Settings, Target, masked
from simulator.world import Worlds, load_contracts

_CURL = (
    'curl -s {url}/v1/players/p_19f3 -H "Authorization: Bearer $(curl -s -u {client}:{secret} '
    "-d grant_type=client_credentials {url}/oauth/token | "
    'sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\')" '
    "-H 'X-Trace-Id: tr_hello' -H 'X-Brand-Id: brand-42' -H 'X-Region: EU' "
    "-H 'X-Provider-Id: studio'"
)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="Port; 0 takes a free one.")
@click.option("--data", type=click.Path(path_type=Path), help="Keep the world in this folder.")
@click.option(
    "--store",
    envvar="PLAYMONEY_STORE",
    help="Keep the world in this database: postgresql://… (or PLAYMONEY_STORE).",
)
@click.option("--ephemeral", is_flag=True, help="Keep the world in memory (the default).")
@click.option("--seed", type=int, help="Seed of everything random.  [default: 42]")
@click.option(
    "--clock",
    default="wall",
    show_default=True,
    help="wall, frozen, an ISO time, shifted:TIME or accelerated:RATE.",
)
@click.option("--strict", is_flag=True, help="Check our own answers against the contract too.")
@click.option(
    "--profile",
    default="reference",
    show_default=True,
    help="What the wallet does where real ones disagree.",
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="PARTY=URL",
    envvar="PLAYMONEY_TARGETS",
    help="Call this party there: wallet=http://…; may be repeated (or PLAYMONEY_TARGETS).",
)
@click.option(
    "--platform-keys",
    metavar="FILE|JWKS",
    envvar="PLAYMONEY_PLATFORM_KEYS",
    help="Public keys of your own platform: the studio lets in whom they sign for.",
)
@click.option("--rate-limit", default=0, help="Calls per second for each client and brand.")
@click.option(
    "--sandbox-idle",
    default=86_400,
    show_default=True,
    help="Seconds after which a sandbox that nobody calls is dropped; 0: never.",
)
@click.option(
    "--journal",
    default=10_000,
    show_default=True,
    help="Exchanges that each sandbox's journal keeps; 0: none.",
)
@click.option("--no-chaos", is_flag=True, help="Refuse chaos rules and X-Chaos, as in staging.")
@ADMIN_TOKEN_ASKED
@click.option(
    "--while-stdin-open",
    is_flag=True,
    help="Stop when stdin ends, so that it never outlives the program that started it.",
)
@click.option("--log-level", default="warning", show_default=True, help="debug to critical.")
def serve(  # noqa: PLR0913, PLR0917 - one argument for each option of the command
    host: str,
    port: int,
    data: Path | None,
    store: str | None,
    ephemeral: bool,
    seed: int | None,
    clock: str,
    strict: bool,
    profile: str,
    targets: tuple[str, ...],
    platform_keys: str | None,
    rate_limit: int,
    sandbox_idle: int,
    journal: int,
    no_chaos: bool,
    admin_token: str | None,
    while_stdin_open: bool,
    log_level: str,
) -> None:
    """Start a sandbox and print how to talk to it.

    \b
    Exit codes: 0 stopped, 2 could not start, 3 the store broke (a disk that
    fails; the next start recovers what was answered).
    """
    if data is not None and not str(data).strip("."):
        raise ConfigError("--data is empty or the current folder: name a folder for the world")
    if data is not None and ephemeral:
        raise ConfigError("--data and --ephemeral exclude each other: keep the world, or not?")
    if store is not None and ephemeral:
        raise ConfigError("--store and --ephemeral exclude each other: keep the world, or not?")
    configure_logs(log_level)
    settings = Settings(
        host=host,
        port=port,
        data=data,
        store=store,
        seed=seed,
        clock=ClockSetting.parse(clock),
        strict=strict,
        profile=profile,
        admin_token=admin_token or None,
        rate_limit_per_s=rate_limit,
        idle_s=sandbox_idle,
        journal=journal,
        chaos=not no_chaos,
        targets=read_targets(targets),
        platform_keys=platform_keys,
    )
    if while_stdin_open:
        stop_with_stdin()
    sys.exit(serve_until_stopped(settings))


def read_targets(given: Sequence[str]) -> dict[str, Target]:
    """Each party once. Raises ConfigError."""
    targets: dict[str, Target] = {}
    for text in given:
        target = Target.parse(text)
        if target.party in targets:
            raise ConfigError(f"--target {target.party}: is given twice; a party is in one place")
        targets[target.party] = target
    return targets


def prepare(settings: Settings) -> tuple[Process, Worlds, str]:
    """A process that has its port and is not started, its worlds, and the URL that a user types.
    Raises ConfigError."""
    listener = bind(settings.host, settings.port)
    contracts = load_contracts()
    process: Process | None = None

    def broken(_: Exception) -> None:
        if process is not None:
            process.break_off()

    worlds = Worlds(settings, contracts, broken)
    app = App(settings, worlds, contracts, documents(contracts))
    process = Process(app, listener, worlds.let_go)
    return process, worlds, address(settings, listener)


def serve_until_stopped(settings: Settings) -> int:
    """Run a server in this process; the answer is its exit code."""
    process, worlds, url = prepare(settings)

    async def main() -> None:
        await worlds.start()
        seed = worlds.get("default").rng.seed
        welcome = _welcome(url, settings, seed)
        await process.serve(worlds.close, announce=partial(click.echo, welcome))

    run(main())
    return process.exit_code


def _welcome(url: str, settings: Settings, seed: int) -> str:
    kept = "in memory, gone when it stops"
    if settings.data or settings.store:
        kept = f"kept in {settings.data or masked(settings.store or '')}"
    lines = [
        f"playmoney {__version__} listening on {url}  (fake money only)",
        f"  world     seed {seed}, clock {settings.clock.mode}, {kept}",
        f"  docs      {url}/docs",
    ]
    lines += credentials()
    lines += [f"  {party:<9} is called at {to.url}" for party, to in settings.targets.items()]
    demo = CLIENTS["studio-demo"]
    lines.append("  try")
    lines.append("  " + _CURL.format(url=url, client=demo.client_id, secret=demo.secret))
    return os.linesep.join(lines)


def credentials() -> list[str]:
    """A line for each published client."""
    found = [(client, next(iter(client.brands.values()))) for client in CLIENTS.values()]
    return [
        f"  client    {client.client_id} / {client.secret}, signing key {client.signing_key}"
        f"  ({brand.brand_id}, {brand.region})"
        for client, brand in found
    ]
