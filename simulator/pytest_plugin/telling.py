"""What a failed test's report says of its sandbox: seed, last exchanges, how to see it again."""

from collections.abc import Mapping
from typing import Any

from simulator.pytest_plugin.held import Sandbox

LAST = 8
"""Exchanges that are shown: a bet with its repeats, its settle and what led to them."""

WIDTH = 240
"""Characters of a body: the ids and amounts of a bet."""


def tell(box: Sandbox, again: str) -> str:
    """The lines. Raises NoAnswer or ControlError where the sandbox is gone."""
    clock = box.control.ask("GET", "/clock")
    lines = [f"seed {box.seed}, clock {clock['mode']} at {clock['now']}, profile {box.profile}"]
    lines += _chaos(box)
    lines += _exchanges(box)
    lines += [f"sandbox: {box.url}", f"again: {again}"]
    return "\n".join(lines)


def _chaos(box: Sandbox) -> list[str]:
    return [
        f"chaos: {rule['name']} has struck {rule['strikes']} of {rule['calls']} calls"
        for rule in box.chaos.rules()
    ]


def _exchanges(box: Sandbox) -> list[str]:
    """The last ones with its parties; what its owner asked is of no interest here."""
    found = [one for one in box.journal.newest(limit=200) if one["party"] not in ("server", "")]
    if not found:
        return ["no exchange with any party"]
    lines = ["last exchanges:"]
    for one in reversed(found[:LAST]):
        lines += _exchange(one, box.prefix)
    return lines


def _exchange(one: Mapping[str, Any], prefix: str) -> list[str]:
    asked, answer = one["request"], one.get("answer")
    key = f" key={one['key']}" if one.get("key") else ""
    ended = f"{answer['status']}" if answer else f"no answer {one.get('lost', '')}".rstrip()
    faults = "".join(f" [{fault}]" for fault in one.get("injected", ()))
    target = asked["target"].removeprefix(prefix)
    lines = [f"  #{one['exchange']} {asked['method']} {target}{key} → {ended}{faults}"]
    lines += [f"     > {_short(asked['body'])}"] if asked.get("body") else []
    lines += [f"     < {_short(answer['body'])}"] if answer and answer.get("body") else []
    return lines


def _short(body: str) -> str:
    line = " ".join(body.split())
    return line if len(line) <= WIDTH else f"{line[:WIDTH]}…"
