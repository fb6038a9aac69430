"""`playmoney watch`: a sandbox that misbehaves by plan, and a verdict on whoever called it."""

import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from simulator import __version__
from simulator.base.clock import NS_PER_MS
from simulator.base.errors import ConfigError
from simulator.base.rng import SEED_MAX
from simulator.certify.clients import journal, table
from simulator.certify.clients.plan import Plan, load
from simulator.certify.clients.suite import Order, judge
from simulator.cli.logs import configure_logs
from simulator.cli.options import ADMIN_TOKEN_ASKED, FILE, with_options
from simulator.cli.outputs import OF_SUITES, Outputs, of_suite
from simulator.cli.serve import credentials
from simulator.cli.watching import Until, watched
from simulator.reports.verdicts import happenings as h
from simulator.server.run import stop_with_stdin
from simulator.settings import DEFAULT_SEED, Settings

_UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}

_OPTIONS = (
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
    click.option("--port", default=8080, show_default=True, help="Port; 0 takes a free one."),
    click.option(
        "--plan", default="standard", show_default=True, metavar="NAME|FILE",
        help="What strikes the client, and what is judged.",
    ),
    click.option("--for", "for_", metavar="TIME", help="Watch so long, such as 60s or 5m."),
    click.option("--calls", type=click.IntRange(1, 100_000), help="Watch so many calls."),
    click.option(
        "--seed", default=DEFAULT_SEED, show_default=True, type=click.IntRange(0, SEED_MAX)
    ),
    click.option("--only", multiple=True, metavar="ID", help="A check, or those of a rule."),
    *OF_SUITES,
    click.option("--keep", type=FILE, help="Write the journal, to be judged again."),
    click.option("--journal", "given", type=FILE, help="Judge this journal, and serve nothing."),
    ADMIN_TOKEN_ASKED,
    click.option("--while-stdin-open", is_flag=True, help="Stop when stdin ends."),
    click.option("--list", "listing", is_flag=True, help="Print the checks and watch nothing."),
)  # fmt: skip


@click.command()
@with_options(*_OPTIONS)
def watch(**options: Any) -> None:
    """Judge a client of yours: play the server, with planned chaos.

    Let your client call the address that is printed, as long as it needs;
    Ctrl-C, --for or --calls end it, and the journal is judged: retries with
    the same key, Retry-After, pauses that grow, unknown outcomes found out,
    wins never cancelled, refusals taken for what they are.

    \b
    Exit codes: 0 all that could be judged passed, 1 one failed, 2 nothing
    could be judged or the plan is wrong, 130 interrupted while judging.
    """
    sys.exit(_run(options))


def _run(options: dict[str, Any]) -> int:
    if options["listing"]:
        return _list()
    configure_logs("critical")  # what a fault does to our parties is in the report
    plan, source = load(options["plan"], table.names())
    checks = table.chosen(list(options["only"]) or plan.judge)
    if not checks:
        raise ConfigError(f"no check is meant by {', '.join(options['only'])}; see --list")
    outputs = of_suite(options)
    if options["given"] is not None:
        raw, url = _read(options["given"]), f"http://{options['host']}:{options['port']}"
    else:
        settings = Settings(
            host=options["host"],
            port=options["port"],
            seed=options["seed"],
            profile=plan.profile,
            admin_token=options["admin_token"] or None,
        )
        until = Until(_duration_ns(options["for_"]), options["calls"])
        if options["while_stdin_open"]:
            stop_with_stdin()
        raw, url = watched(settings, plan, source, until, lambda url: _welcome(url, plan, options))
    if options["keep"] is not None:
        _keep(options["keep"], raw)
    order = Order(plan=plan, checks=checks, target=url, replay=_replay(options))
    return _judged(order, journal.read(raw, str(options["given"] or "journal")), outputs)


def _judged(order: Order, found: journal.Journal, outputs: Outputs) -> int:
    """Give the verdicts to all outputs; the exit code."""
    ended: h.SuiteEnded | None = None
    with outputs:
        for happening in judge(order, found):
            outputs.take(happening)
            if isinstance(happening, h.SuiteEnded):
                ended = happening
    if ended is None or ended.could_not:
        return 2
    return 1 if ended.failed else 0


def _welcome(url: str, plan: Plan, options: dict[str, Any]) -> None:
    ends = [f"after {options['for_']}"] if options["for_"] else []
    ends += [f"after {options['calls']} calls"] if options["calls"] else []
    lines = [
        f"playmoney {__version__} watches clients at {url}  (fake money only)",
        f"  plan      {plan.plan}, {len(plan.chaos)} chaos rules, seed {options['seed']}",
        f"  ends      {' or '.join([*ends, 'with Ctrl-C'])}",
        f"  docs      {url}/docs",
    ]
    click.echo(os.linesep.join([*lines, *credentials()]))


def _replay(options: dict[str, Any]) -> str:
    """The command that asks again: of the journal, where it was kept."""
    words = ["playmoney", "watch", "--plan", str(options["plan"])]
    kept = options["given"] or options["keep"]
    words += ["--journal", str(kept)] if kept else ["--seed", str(options["seed"])]
    return " ".join(shlex.quote(word) for word in words)


def _duration_ns(text: str | None) -> int | None:
    if text is None:
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,8})(ms|s|m|h)", text)
    if found is None:
        raise ConfigError(f"--for {text}: is a time such as 60s, 5m or 1h")
    return int(found[1]) * _UNITS_MS[found[2]] * NS_PER_MS


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as wrong:
        raise ConfigError(f"--journal {path}: cannot be read ({wrong.strerror})") from None


def _keep(path: Path, raw: bytes) -> None:
    try:
        path.write_bytes(raw)
    except OSError as wrong:
        raise ConfigError(f"--keep {path}: cannot be written ({wrong.strerror})") from None


def _list() -> int:
    for check in table.CHECKS:
        click.echo(f"{check.id}  [{check.category}]  {', '.join(check.rules)}")
        click.echo(f"    {check.about}")
        click.echo(f"    needs {check.needs}")
    return 0
