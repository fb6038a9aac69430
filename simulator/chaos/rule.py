"""A rule: where, when, what, and for how long (SBX-06). The same keys as in a scenario.

    {"at": "wallet.authorizeBet", "when": {"probability": "3/10"}, "fault": "lose_reply",
     "with": {"moment": "mid_body"}, "ttl_s": 60}

It is known by its name or by the digest of its content, never by its position among others.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import msgspec

from simulator.chaos.at import At, find_places, read_at
from simulator.chaos.bad import BadRule, no_such, read, require_mapping
from simulator.chaos.draws import canonical
from simulator.chaos.fault import Fault, Place
from simulator.chaos.table import FAULTS
from simulator.chaos.when import When, read_fraction

_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}")
_SHORT = ("attempts", "calls")


class Written(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule as it is written, before its parts are read."""

    fault: Annotated[str, msgspec.Meta(description="What happens: a name of docs/faults.md.")]
    at: Annotated[
        Any, msgspec.Meta(description="Where: `party.operationId` with wildcards, or an object.")
    ] = "*"
    when: Annotated[Any, msgspec.Meta(description="When: all conditions have to hold.")] = None
    parameters: Annotated[Any, msgspec.Meta(description="The fault's own parameters.")] = (
        msgspec.field(name="with", default=None)
    )
    attempts: Annotated[Any, msgspec.Meta(description="Short for `when: {attempts: …}`.")] = None
    calls: Annotated[Any, msgspec.Meta(description="Short for `when: {calls: …}`.")] = None
    ttl_s: Annotated[
        int | None,
        msgspec.Meta(description="Gone after so many seconds of the sandbox's time."),
    ] = None
    name: Annotated[
        str | None,
        msgspec.Meta(description="What it is known by; without one, the digest of its content."),
    ] = None
    why: Annotated[str | None, msgspec.Meta(description="For people.")] = None


KEYS = frozenset(field.encode_name for field in msgspec.structs.fields(Written))
"""What a rule may say."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read and found to make sense."""

    rule_id: str
    at: At
    when: When
    fault_name: str
    fault: Fault
    places: frozenset[Place]
    ttl_s: int | None = None
    why: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The rule as it may be written again; what is left to a default is left out."""
        parts = {"at": plain(self.at), "when": plain(self.when), "with": plain(self.fault)}
        return {
            "name": self.rule_id,
            "fault": self.fault_name,
            **{name: part for name, part in parts.items() if part},
            **({} if self.ttl_s is None else {"ttl_s": self.ttl_s}),
            **({} if self.why is None else {"why": self.why}),
        }


def read_rule(given: Any, places: Iterable[Place]) -> Rule:
    """Read a rule as JSON or YAML has it. Raises BadRule: the place, the choices, the nearest
    word; or why the fault makes no sense there."""
    written = read(Written, given, "")
    kind = FAULTS.get(written.fault)
    if kind is None:
        raise no_such("fault", "there is no", written.fault, list(FAULTS))
    if written.name is not None and not _NAME.fullmatch(written.name):
        raise BadRule("name", "is 1 to 80 characters of A-Z a-z 0-9 . _ -")
    if written.ttl_s is not None and not 1 <= written.ttl_s <= 31_536_000:
        raise BadRule("ttl_s", "is in 1..31536000 (a year)")
    fault = read(kind, {} if written.parameters is None else written.parameters, "with")
    when = _read_when(written)
    at = read_at(written.at)
    why_not = fault.why_not_when(when)
    if why_not is not None:
        raise BadRule("when", f"makes no sense with {written.fault}: {why_not}")
    rule = Rule(
        rule_id=written.name or "",
        at=at,
        when=when,
        fault_name=written.fault,
        fault=fault,
        places=find_places(at, fault, written.fault, places),
        ttl_s=written.ttl_s,
        why=written.why,
    )
    return rule if rule.rule_id else _named(rule)


def plain(part: At | When | Fault) -> dict[str, Any]:
    """A part of a rule as JSON, without what is left to a default."""
    if isinstance(part, Fault):
        values = msgspec.to_builtins(part)
        defaults = msgspec.to_builtins(msgspec.convert({}, type(part)))
        return {name: value for name, value in values.items() if value != defaults[name]}
    found: dict[str, Any] = msgspec.to_builtins(part, enc_hook=str)
    return {name: value for name, value in found.items() if value is not None}


def _named(rule: Rule) -> Rule:
    content = {
        "at": plain(rule.at),
        "when": plain(rule.when),
        "fault": rule.fault_name,
        "with": plain(rule.fault),
    }
    digest = hashlib.sha256(canonical(content)).hexdigest()
    return replace(rule, rule_id=f"{rule.fault_name}-{digest[:12]}")


def _read_when(written: Written) -> When:
    given: Mapping[str, Any] = {} if written.when is None else require_mapping("when", written.when)
    for name in _SHORT:
        value = getattr(written, name)
        if value is None:
            continue
        if name in given:
            raise BadRule(name, f"is said twice: here and in when.{name}")
        given = {**given, name: value}
    return read(When, given, "when", read_fraction)
