"""`playmoney certify ROLE --target URL`: rule by rule, a verdict on a system of yours."""

import asyncio
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from simulator.base.clock import WallClock
from simulator.base.errors import ConfigError
from simulator.certify.check import LEVELS, ROLES, Check, Level
from simulator.certify.checks.table import CHECKS
from simulator.certify.config import TEST_WORLD, read_file
from simulator.certify.profile import Profile, load
from simulator.certify.suite import Order, chosen, run
from simulator.certify.target import Target
from simulator.certify.wires.sockets import SocketWire
from simulator.reports.verdicts import happenings as h
from simulator.reports.verdicts.console import Console

INTERRUPTED = 130

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("role", type=click.Choice(ROLES))
@click.option("--target", "url", metavar="URL", help="Where it is, such as http://127.0.0.1:9000.")
@click.option(
    "--config", "config_file", type=FILE, help="What is known of it.  [default: the test world]"
)
@click.option("--profile", metavar="NAME|FILE", help="Its switches.  [default: reference]")
@click.option("--suite", type=click.Choice(LEVELS), default="standard", show_default=True)
@click.option("--only", multiple=True, metavar="ID", help="A check, or the checks of a rule.")
@click.option("--seed", default=42, show_default=True, type=click.IntRange(0, 2**64 - 1))
@click.option(
    "--run", "run_id", metavar="ID", help="Part of every id that is sent.  [default: fresh]"
)
@click.option("--list", "listing", is_flag=True, help="Print the checks and ask nothing.")
def certify(
    role: str,
    url: str | None,
    config_file: Path | None,
    profile: str | None,
    suite: Level,
    only: Sequence[str],
    seed: int,
    run_id: str | None,
    listing: bool,
) -> None:
    """Judge a running wallet, platform, game server (rgs) or jackpot service.

    \b
    Exit codes: 0 all that could be judged passed, 1 one failed, 2 the suite
    could not do its job, 130 interrupted.
    """
    checks = chosen(CHECKS, role, suite, only)
    if not checks:
        raise ConfigError(f"no check of {role} is meant by {', '.join(only)}; see --list")
    if listing:
        _list(checks)
        return
    config = read_file(config_file) if config_file else TEST_WORLD
    where = url or config.target
    if where is None:
        raise ConfigError("whom? give --target URL, or `target` in the configuration")
    fresh = run_id or f"{WallClock().now_ns() // 1_000_000:x}"
    target = Target(
        wire=SocketWire(where, timeout_ms=config.timeout_ms),
        config=config,
        profile=load(profile) if profile else config.profile or Profile(),
        seed=seed,
        run=fresh,
    )
    words = ["playmoney certify", role, "--target", where]
    words += ["--config", str(config_file)] if config_file else []
    words += ["--profile", profile] if profile else []
    words += ["--seed", str(seed), "--run", fresh]
    replay = " ".join([words[0], *(shlex.quote(word) for word in words[1:])])
    order = Order(role=role, target=where, suite=suite, checks=checks, replay=replay)
    sys.exit(_judged(order, target, [_console()]))


def _judged(order: Order, target: Target, outputs: Sequence[Any]) -> int:
    """Run the suite; the exit code."""
    ends: list[h.SuiteEnded] = []

    async def main() -> None:
        try:
            async for happening in run(order, target):
                for output in outputs:
                    output.take(happening)
                if isinstance(happening, h.SuiteEnded):
                    ends.append(happening)
        finally:
            await target.wire.close()

    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    ended = ends[0]
    if ended.failed:
        return 1
    return 2 if ended.could_not else 0


def _list(checks: Sequence[Check]) -> None:
    for check in checks:
        needs = f"  needs {', '.join(check.needs)}" if check.needs else ""
        rules = ", ".join(check.rules)
        click.echo(f"{check.id}  [{check.level}, {check.category}]  {rules}{needs}")
        click.echo(f"    {check.about}")


def _console() -> Console:
    if not sys.stdout.isatty():
        return Console(click.echo)

    def live(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    return Console(click.echo, colours=True, live=live)
