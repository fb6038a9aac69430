"""What can go wrong, for people and for editors: `python -m tests.faults_page`.

Writes docs/faults.md and contracts/chaos/rule.schema.json from the faults themselves.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from simulator.certify.clients.faults import TABLE
from simulator.chaos.fault import Fault, Place
from simulator.chaos.schema import parameters, rule_schema
from simulator.chaos.table import FAULTS

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "faults.md"
SCHEMA = ROOT / "contracts" / "chaos" / "rule.schema.json"

_HEAD = """# Faults and rules

<!-- Written by `make docs` from simulator/chaos/. -->

A rule says where (`at`), when and what (`fault`, `with`). It looks the same in a scenario and in
`POST /__admin/chaos/rules`:

```json
{"at": "wallet.authorizeBet", "when": {"probability": "3/10"}, "fault": "lose_reply",
 "with": {"moment": "mid_body"}, "ttl_s": 60}
```

`GET /__admin/chaos/rules` lists the rules in force and what each has counted, `PATCH` and
`DELETE` on `/__admin/chaos/rules/{rule}` pause and remove one, `DELETE /__admin/chaos/rules`
removes all, `GET /__admin/chaos/coverage` says which fault has struck which operation at which
attempt, and what was asked for and never happened. A reset makes the world new, without rules.
Under `/s/<sandbox>/__admin` the same is that sandbox's own. `/__admin` itself is never struck.

For one call, the fault goes into a header, its parameters (and `attempts` or `calls`) behind it:

```sh
curl -H 'X-Chaos: latency; ms=250' …
curl -H 'X-Chaos: lose_reply; moment=mid_body; attempts=1' …
```

(Not `blackout`, which is of a party as a whole, nor `refuse`.)

A server started with `--no-chaos`, as for staging, refuses rules and `X-Chaos` with a 409
`INVALID_STATE`, `details.reason` `chaos_off`; nothing that was asked is done then.

Every answer that a fault had a hand in says so: `X-Chaos-Injected:
latency;rule=slow;attempt=1;wait_ms=203`. The journal has the same of every exchange, also of
those without an answer.

The schema for editors is `contracts/chaos/rule.schema.json`. A word that is none is refused with
its place and the nearest one; a fault that makes no sense where the rule wants it, with the
reason. Where `at` is a pattern, what it names without sense is left out, and it is refused when
nothing is left.
"""

_ONE_SEAM = """
A call meets chaos at one place, its seam: the door of the party that is called, where the sandbox
plays it (`incoming`; the parties of a sandbox call each other through their doors as well); or
our way out, where `--target` names another system for it (`outgoing`).

With `event` a rule strikes deliveries of events to a subscriber instead ([events.md](events.md)):
`{"at": {"event": "bet.*"}, "fault": "duplicate"}`. There K is made of event and subscription, and
the attempt is the delivery's own, which is kept over a restart.
"""

_KEYED = """
All conditions that are given have to hold; a rule without any always strikes.

`attempts` and `probability` go by what is asked, not by when it comes: the stable key K of a call
is made of party, operation, client and idempotency key (without one: path, query, body, brand,
region). An attempt is one more arrival of a K, counted while a rule matches it. A draw is
HMAC-SHA256(seed, "chaos", rule, K, attempt, name), compared exactly with the fraction: under one
seed the same calls are struck in any order, at any concurrency, and yet `"3/10"` varies from call
to call and from attempt to attempt. Another world under another seed draws anew.

`calls`, `every`, `skip` and `count` go by the order of arrival. They count matching calls while
the rule is in force, is not paused and its window is open.

`window` and `ttl_s` begin when the rule is added, and so do all waits of a fault when it strikes.
They go by the sandbox's clock ([clock.md](clock.md)): on a frozen one a window and a time to live
stand still until it is advanced, and a held call goes on when it is advanced beyond its time, or
when as much real time has passed. `"time": "real"` makes a window go by the machine's clock.
"""

_COMBINED = """
## Several rules

Every rule decides for itself whether it strikes a call; neither the order in which rules were
added nor what others do changes its draw. Those that strike are nested in the order of the list
below, whatever order they were added in; two with the same fault, by their names. The first is
met first on the way in and last on the way back. So with `latency` and `status` a call waits and
is then answered 503; with `reset` and `lose_reply` it is reset, and the party never sees it. What
an outer fault keeps from happening is not counted as struck. `count` counts strikes,
`X-Chaos-Injected` tells them in the order in which they were met.

A rule that the `X-Chaos` header makes is one more of them.

## The faults
"""

_MATRIX = """
## What strikes where

| fault | write at our door | read at our door | call to a `--target` | event |
| --- | --- | --- | --- | --- |
"""

_PLACES = {
    "incoming": Place("incoming", "wallet", "authorizeBet", writes=True),
    "read": Place("incoming", "wallet", "readBet", writes=False),
    "outgoing": Place("outgoing", "wallet", "authorizeBet", writes=True),
    "event": Place("delivery", "event", "bet.settled", writes=True),
    "reads": Place("outgoing", "wallet", "readBet", writes=False),
}


def page() -> str:
    """The whole page."""
    where = rule_schema()["$defs"]
    lines = [
        _HEAD,
        "## Where",
        _ONE_SEAM,
        "A text is short for `call`. As an object, `at` takes:\n",
        *_table(where["At"]["properties"]),
        "## When",
        _KEYED,
        *_table(where["When"]["properties"]),
        "`window` takes:\n",
        *_table(where["Window"]["properties"]),
        _COMBINED,
    ]
    lines[-1] = lines[-1].replace("\n## The faults\n", "")
    lines += [_matrix(), "## The faults\n"]
    for name, kind in FAULTS.items():
        lines += [f"### {name}\n", " ".join((kind.__doc__ or "").split()) + "\n"]
        lines += [f"*{why}*\n" for why in _limits(kind)]
        lines += [f"A correct client: {TABLE[name].does}\n"]  # SBX-19
        if found := parameters(kind):
            lines += _table(found)
    return "\n".join(lines).rstrip() + "\n"


def schema() -> str:
    """The schema as it is published."""
    return json.dumps(rule_schema(), indent=2, ensure_ascii=False) + "\n"


def _matrix() -> str:
    """Each fault asked about each kind of place; why not, where it makes no sense."""
    shown, notes = [], []
    for name, kind in FAULTS.items():
        cells = []
        for place in ("incoming", "read", "outgoing", "event"):
            why = kind().why_not(_PLACES[place])
            if why is not None and why not in notes:
                notes.append(why)
            cells.append("yes" if why is None else f"no [{notes.index(why) + 1}]")
        shown.append(f"| [{name}](#{name}) | {' | '.join(cells)} |")
    listed = "\n".join(f"{n}. {why[0].upper()}{why[1:]}." for n, why in enumerate(notes, 1))
    return _MATRIX.strip("\n") + "\n" + "\n".join(shown) + f"\n\n{listed}\n"


def _limits(kind: type[Fault]) -> Iterator[str]:
    """Where it makes no sense, by asking it."""
    fault = kind()
    no = {name: fault.why_not(place) for name, place in _PLACES.items()}
    if no["incoming"] and no["outgoing"]:
        yield "For operations that read."
    elif no["incoming"]:
        yield "For calls to a party that `--target` names: the parties played here share a port."
    elif no["reads"]:
        yield "For operations that write."


def _table(properties: Mapping[str, Any]) -> Iterator[str]:
    yield "| key | takes | meaning |"
    yield "| --- | --- | --- |"
    for name, found in properties.items():
        said = found.get("description", "").replace("|", "\\|")
        yield f"| `{name}` | {_takes(found)} | {said} |"
    yield ""


def _takes(found: Mapping[str, Any]) -> str:
    if "3/10" in str(found):
        return "fraction"
    choices = found.get("enum") or [
        word for one in found.get("anyOf", ()) for word in one.get("enum", ())
    ]
    default = found.get("default")
    parts = [f"`{word}`" + (" (default)" if word == default else "") for word in choices]
    if parts:
        return ", ".join(parts)
    kinds = [found, *found.get("anyOf", ())]
    names = [str(one["type"]) for one in kinds if isinstance(one.get("type"), str)]
    text = next((one for one in names if one != "null"), "object")
    bounds = [str(found[edge]) for edge in ("minimum", "maximum") if edge in found]
    span = f" {bounds[0]}..{bounds[1]}" if len(bounds) == 2 else ""
    shown = "" if default is None or default == "" else f", default `{json.dumps(default)}`"
    return f"{text}{span}{shown}"


def main() -> int:
    """Write both."""
    SCHEMA.parent.mkdir(exist_ok=True)
    SCHEMA.write_text(schema(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(FAULTS)} faults")
    return 0


if __name__ == "__main__":
    sys.exit(main())
