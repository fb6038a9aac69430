"""The chaos rules of a world, for the control API (`/__admin/chaos`, SBX-06)."""

from collections.abc import Awaitable, Callable
from typing import Any

from simulator.base.clock import iso
from simulator.base.errors import ValidationFailed
from simulator.chaos.bad import BadRule
from simulator.chaos.installed import Installed
from simulator.chaos.rule import KEYS
from simulator.server.party import Sandbox
from simulator.wire import chaos as w
from simulator.wire import control as c


async def add_rule(sandbox: Sandbox, given: dict[str, Any]) -> w.RuleState:
    """Put a rule in force. Raises ValidationFailed naming the field, or Duplicate."""
    try:
        return _state(sandbox.chaos.add(given))
    except BadRule as wrong:
        known = wrong.field.partition(".")[0] in KEYS
        errors = [{"field": wrong.field if known else "rule", "message": wrong.why}]
        raise ValidationFailed(str(wrong), details={"errors": errors}) from None


async def list_rules(sandbox: Sandbox, _ask: c.Nothing) -> dict[str, Any]:
    """Those in force, in the order in which a call meets them."""
    return {"items": [_state(installed) for installed in sandbox.chaos.all()]}


async def pause_rule(sandbox: Sandbox, ask: w.PauseRule) -> w.RuleState:
    """Let one rest, or go on. Raises NotFound."""
    return _state(sandbox.chaos.pause(ask.rule, ask.paused))


async def remove_rule(sandbox: Sandbox, ask: w.NameRule) -> None:
    """Take one out of force. Raises NotFound."""
    sandbox.chaos.remove(ask.rule)


async def clear_rules(sandbox: Sandbox, _ask: c.Nothing) -> None:
    """Take all out of force."""
    sandbox.chaos.clear()


async def read_coverage(sandbox: Sandbox, _ask: c.Nothing) -> dict[str, Any]:
    """What was asked for since the world's start, and how often it struck."""
    rows = [
        w.CoverageRow(row.operation, row.fault, row.fired, row.attempt)
        for row in sandbox.chaos.coverage.rows()
    ]
    return {"items": rows, "never": sum(not row.fired for row in rows)}


def _state(installed: Installed) -> w.RuleState:
    return w.RuleState(
        rule=installed.rule.as_json(),
        name=installed.rule.rule_id,
        paused=installed.paused,
        since=iso(installed.since_ns),
        calls=installed.tally.calls,
        strikes=installed.tally.strikes,
    )


Handler = Callable[[Sandbox, Any], Awaitable[Any]]

OPERATIONS: dict[str, tuple[type[Any], Handler]] = {
    "addChaosRule": (dict[str, Any], add_rule),
    "listChaosRules": (c.Nothing, list_rules),
    "pauseChaosRule": (w.PauseRule, pause_rule),
    "removeChaosRule": (w.NameRule, remove_rule),
    "clearChaosRules": (c.Nothing, clear_rules),
    "readChaosCoverage": (c.Nothing, read_coverage),
}
