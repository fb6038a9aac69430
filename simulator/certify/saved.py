"""A failing sequence as a scenario, for `playmoney run FILE --target wallet=URL` (SBX-07)."""

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from simulator.certify.machine import CASH, Played, Taken
from simulator.certify.model import Call
from simulator.certify.money import Money
from simulator.certify.roles.money import MoneyDrive

REFUSALS = [400, 402, 403, 404, 409, 410, 412, 422]
ACCEPTED = [200, 201, 202]

Word = Callable[[Call], tuple[str, Mapping[str, Any]]]
"""The operation of a call and its fields, in the words of scenarios."""


def scenario(drive: MoneyDrive, played: Played, word: Word, *, session: bool) -> str:
    """The same steps with the same expectations, the last of which the target does not keep.

    Ids are names that a scenario makes fresh by `--run`. Where it does not matter how much the
    player has, it is the configured one; the law is then that nothing is lost or repeated.
    """
    player: dict[str, Any] = {"session": session}
    made = played.fresh and ("rich" not in drive.config.players or _needs_cash(played))
    if made:
        player["cash"] = str(Money(CASH, played.currency))
    else:
        player["id"] = drive.configured("rich").id
    document = {
        "scenario": f"the shortest sequence that {drive.check.id} found to fail",
        "why": played.why[:500],
        "rules": list(drive.check.rules),
        "world": {"players": {"ana": player}},
        "steps": _steps(played, word),
        "then": [_law(played, made=made)],
    }
    head = "# yaml-language-server: $schema=../contracts/scenario.schema.json\n"
    return head + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def _steps(played: Played, word: Word) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    named: dict[tuple[str, int, bool], str] = {}
    last = len(played.steps) - 1
    for at, taken in enumerate(played.steps):
        call = taken.step.call
        operation, fields = word(call)
        step: dict[str, Any] = {
            "call": f"wallet.{operation}",
            "with": dict(fields),
            "key": f"{call.kind}-{call.slot}-{call.key}",
        }
        deed = (call.kind, call.slot, call.altered)
        if taken.step.manner.hang_up:
            step["expect"] = {"lost": True}
            rule = {"name": f"cut-{at}", "at": f"wallet.{operation}", "fault": "lose_reply"}
            found += [{"chaos_on": rule}, step, {"chaos_off": f"cut-{at}"}]
            continue
        expect = _expect(taken)
        if at == last and "as the first time" in played.why and deed in named:
            expect["same_as"] = named[deed]
        elif at == last and "balance in the answer" in played.why and len(played.allowed) == 1:
            balance = Money(played.allowed[0].available, played.currency)
            expect["body"] = {"balance.available": str(balance)}
        if expect:
            step["expect"] = expect
        if deed not in named and taken.seen == "ok":
            named[deed] = step["as"] = f"step{at + 1}"
        found.append(step)
    return found


def _expect(taken: Taken) -> dict[str, Any]:
    if taken.may_pass and taken.may_refuse:
        return {"status": ACCEPTED + REFUSALS}
    return {} if taken.may_pass else {"status": list(REFUSALS)}


def _needs_cash(played: Played) -> bool:
    """Whether it matters how much the player has: not every system can be told to make one."""
    stakes = {one.step.call for one in played.steps if one.step.call.kind == "bet"}
    return sum(call.minor for call in stakes) > CASH or "balance in the answer" in played.why


def _law(played: Played, *, made: bool) -> dict[str, Any]:
    if not made or len(played.allowed) != 1:
        return {"money": "kept"}
    funds = played.allowed[0]
    available, held = (str(Money(one, played.currency)) for one in (funds.available, funds.held))
    return {"player": {"ana": {"available": available, "held": held}}}
