"""`playmoney certify ROLE --target URL`: rule by rule, a verdict on a system of yours."""

import asyncio
import difflib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from simulator.base.clock import WallClock
from simulator.base.errors import ConfigError
from simulator.base.ids import fresh_run
from simulator.certify import baseline
from simulator.certify.check import LEVELS, ROLES, Check
from simulator.certify.checks.table import CHECKS
from simulator.certify.ordering import Asked, require_run
from simulator.certify.suite import Order, chosen, run
from simulator.certify.target import Target
from simulator.certify.template import TEMPLATE
from simulator.cli.options import FILE, FOLDER, with_options
from simulator.cli.outputs import OF_SUITES, Outputs, of_suite
from simulator.reports.verdicts import happenings as h
from simulator.reports.verdicts.scenarios import Scenarios

_OPTIONS = (
    click.option("--target", "url", metavar="URL", help="Where it is: http://127.0.0.1:9000."),
    click.option("--ca-file", type=FILE, help="Whose certificates to trust, too, if it is https."),
    click.option("--config", type=FILE, help="What is known of it.  [default: the test world]"),
    click.option("--profile", metavar="NAME|FILE", help="Its switches.  [default: reference]"),
    click.option("--suite", type=click.Choice(LEVELS), default="standard", show_default=True),
    click.option("--only", multiple=True, metavar="ID", help="A check, or those of a rule."),
    click.option("--seed", default=42, show_default=True, type=click.IntRange(0, 2**64 - 1)),
    click.option("--run", "run_id", metavar="ID", help="Part of every id.  [default: fresh]"),
    click.option("--baseline", type=FILE, help="Accepted failures, each with its reason."),
    *OF_SUITES,
    click.option(
        "--openapi", metavar="FILE|URL", help="The target's own contract.  [default: ours]"
    ),
    click.option(
        "--save-to",
        type=FOLDER,
        default="certify-failures",
        show_default=True,
        help="Where failing sequences go, as scenarios.",
    ),
    click.option("--list", "listing", is_flag=True, help="Print the checks and ask nothing."),
)

_ABOUT = {
    "wallet": "Judge a wallet behind /v1/wallet: debits, credits, rollbacks.",
    "platform": "Judge a platform behind /v1: sessions, bets, settlements, events.",
    "rgs": "Judge a game server behind /rgs/v1: spins, replay, builds.",
    "jackpot": "Judge a jackpot service behind /v1/jp: pools, triggers, payouts.",
}

_CODES = """
\b
Exit codes: 0 all that could be judged passed, 1 one failed, 2 the suite
could not do its job, 130 interrupted.
"""


@click.group(epilog=_CODES)
def certify() -> None:
    """Judge a running system of yours, rule by rule, over the wire only."""


@certify.command()
@click.argument("file", type=FILE, default="certify.yaml")
def init(file: Path) -> None:
    """Write a commented configuration, to be filled in."""
    if file.exists():
        raise ConfigError(f"{file} is there already; nothing was written")
    try:
        file.write_text(TEMPLATE, "utf-8")
    except OSError as wrong:
        raise ConfigError(f"{file}: cannot be written ({wrong.strerror})") from None
    click.echo(f"{file} is written; fill it in, then: playmoney certify wallet --config {file}")


def _command(role: str) -> click.Command:
    """One role's command; the options are the same for all."""

    def judge(**options: Any) -> None:
        sys.exit(_certify(role, options))

    judge.__doc__ = f"{_ABOUT[role]}\n{_CODES}"
    return click.command(name=role)(with_options(*_OPTIONS)(judge))


for _role in ROLES:
    certify.add_command(_command(_role))


def _certify(role: str, options: dict[str, Any]) -> int:
    """Run a suite; the exit code. Raises ConfigError."""
    for word in options["only"]:
        if not chosen(CHECKS, role, options["suite"], [word]):
            raise ConfigError(f"--only {word}: no check of {role} is meant{_nearest(role, word)}")
    named = options["run_id"] is not None
    run_id = options["run_id"] if named else fresh_run(WallClock().now_ns())
    require_run(run_id)
    checks = chosen(CHECKS, role, options["suite"], options["only"])
    if options["listing"]:
        _list(checks)
        return 0
    accepted = options["baseline"]
    order, target = Asked(
        role=role,
        checks=checks,
        suite=options["suite"],
        seed=options["seed"],
        run=run_id,
        named=named,
        target=options["url"],
        ca_file=options["ca_file"],
        config=options["config"],
        profile=options["profile"],
        openapi=options["openapi"],
        accepted=baseline.read_file(accepted, CHECKS) if accepted else {},
    ).ordered()
    return _judged(order, target, of_suite(options, Scenarios(options["save_to"], click.echo)))


def _nearest(role: str, word: str) -> str:
    own = [check for check in CHECKS if check.role == role]
    known = [check.id for check in own] + sorted({rule for check in own for rule in check.rules})
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else "; see --list"


def _judged(order: Order, target: Target, outputs: Outputs) -> int:
    """Run the suite and write the reports; the exit code."""
    ends: list[h.SuiteEnded] = []

    async def main() -> None:
        try:
            async for happening in run(order, target):
                outputs.take(happening)
                if isinstance(happening, h.SuiteEnded):
                    ends.append(happening)
        finally:
            await target.wire.close()

    with outputs:
        asyncio.run(main())
    if ends[0].failed:
        return 1
    return 2 if ends[0].could_not else 0


def _list(checks: Sequence[Check]) -> None:
    for check in checks:
        needs = f"  needs {', '.join(check.needs)}" if check.needs else ""
        rules = ", ".join(check.rules)
        click.echo(f"{check.id}  [{check.level}, {check.category}]  {rules}{needs}")
        click.echo(f"    {check.about}")
