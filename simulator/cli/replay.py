"""`playmoney replay FILE`: a journal, sent again to a fresh sandbox, compared byte for byte."""

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from simulator.adapters.transport import NotSent, ReplyLost
from simulator.base.errors import ConfigError, StoreBroken
from simulator.cli.replaying import (
    ADMIN_TOKEN,
    Exchange,
    Group,
    Recorded,
    Secrets,
    difference,
    groups,
    read,
)
from simulator.server.app import App
from simulator.server.documents import documents
from simulator.server.journal_control import entries_of
from simulator.server.run import run
from simulator.settings import ClockSetting, Settings
from simulator.wire.journal import Entry, Start
from simulator.world import World, Worlds, load_contracts

_WAIT_S = 2.0
"""How long what follows from a call may take, in real time: nothing announces its end."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def replay(file: Path) -> None:
    """Send a journal again to a fresh sandbox and compare every answer.

    FILE is what `GET /__admin/journal/export` gives. The sandbox begins with the
    same seed, clock and settings, in memory.

    \b
    Exit codes: 0 the same bytes, 1 they diverged (the first place is shown),
    2 could not replay: no such file, no journal, or one without its beginning.
    """
    recorded = read(file)
    found: list[str] = []

    async def main() -> None:
        found.extend(await again(recorded))

    run(main())
    for line in found:
        click.echo(line)
    if found:
        sys.exit(1)
    start = recorded.start
    calls = sum(1 for entry in recorded.entries if entry.direction == "in")
    click.echo(
        f"the same: {len(recorded.entries)} exchanges ({calls} from outside), seed {start.seed}"
    )


async def again(recorded: Recorded) -> list[str]:
    """Play a journal again. Lines that show the first divergence; none where there is none."""
    start = recorded.start
    settings = _settings(recorded)
    contracts = load_contracts()
    worlds = Worlds(settings, contracts, _broken)
    app = App(settings, worlds, contracts, documents(contracts))
    try:
        await worlds.start()
        if start.sandbox != "default":
            clock = ClockSetting(start.clock, start.start_ns)
            await worlds.create(start.sandbox, start.seed, clock)
        world = worlds.get(start.sandbox)
        secrets = Secrets()
        for group in groups(recorded.entries):
            shown = await _one(app, world, secrets, group)
            if shown:
                call = group.call
                return [f"diverged at exchange {call.exchange}, {call.operation}:", *shown]
    finally:
        await worlds.close()
    return []


async def _one(app: App, world: World, secrets: Secrets, group: Group) -> list[str]:
    """Send one call and compare it, and what it led to."""
    journal = world.journal  # of this call, also where it makes the world anew
    seen = journal.arrived
    target, headers, body = secrets.request(group.call)
    exchange = Exchange(group.call.request.method, target, headers, body)
    with contextlib.suppress(NotSent, ReplyLost):  # a fault took it; both journals say so
        await app(exchange.scope, exchange.receive, exchange.send)
    secrets.learn(exchange.answer)
    wanted = [group.call, *group.inside]
    loop = asyncio.get_running_loop()
    until = loop.time() + _WAIT_S
    # An exchange is announced to nobody.
    while len(kept := journal.since(seen)) < len(wanted) and loop.time() < until:  # noqa: ASYNC110
        await asyncio.sleep(0)
    replayed: Sequence[Entry | None] = [*entries_of(world, kept)]
    missing = len(wanted) - len(replayed)
    for before, after in zip(wanted, [*replayed, *[None] * missing], strict=False):
        shown = difference(before, after)
        if shown:
            return shown
    if missing < 0:
        extra = replayed[missing]
        operation = extra.operation if extra else ""
        return [f"then {operation} happened, which is not in the journal"]
    return []


def _settings(recorded: Recorded) -> Settings:
    start: Start = recorded.start
    return Settings(
        seed=start.seed if start.sandbox == "default" else None,
        clock=ClockSetting(start.clock, start.start_ns),
        profile=start.profile,
        strict=start.strict,
        token_ttl_s=start.token_ttl_s,
        rate_limit_per_s=start.rate_limit_per_s,
        admin_token=ADMIN_TOKEN if start.guarded else None,
        journal=2 * len(recorded.entries) + 1_000,
    )


def _broken(wrong: StoreBroken) -> None:
    raise ConfigError(f"the replay's own store broke: {wrong}")
