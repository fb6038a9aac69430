"""The messages of the chaos rules (`/__admin/chaos`, SBX-06)."""

from typing import Any

import msgspec

from simulator.wire.messages import Message


class NameRule(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One rule, by its name."""

    rule: str


class PauseRule(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Let a rule rest, or go on."""

    rule: str
    paused: bool


class RuleState(msgspec.Struct, frozen=True):
    """A rule in force, as it may be written again, and what it has counted."""

    rule: dict[str, Any]
    name: str
    paused: bool
    since: str
    calls: int
    strikes: int


class CoverageRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """How often a fault has struck an operation, at an attempt of its calls."""

    operation: str
    fault: str
    fired: int
    attempt: int | None = None
