"""Accepted failures: a check's id and the reason, in YAML; a suite does not fail for them.

accepted:
  - {check: wallet.debit.zero, reason: zero stakes come in the next release}
"""

from pathlib import Path
from typing import Annotated

import msgspec

from simulator.base.blocks import Block, read_block
from simulator.certify.check import Check
from simulator.wire.files import text_of


class Accepted(Block, frozen=True, kw_only=True):
    """One failure that is known."""

    check: str
    reason: Annotated[str, msgspec.Meta(min_length=3, description="Why it may stay for now.")]


class Baseline(Block, frozen=True, kw_only=True):
    """The known failures of a target."""

    accepted: list[Accepted]


def read_file(path: Path, checks: tuple[Check, ...]) -> dict[str, str]:
    """Check → reason. Raises ConfigError with file, line and column, for an unknown check too."""
    top = "a baseline is a mapping with `accepted`"
    found, source = read_block(text_of(path), str(path), Baseline, top)
    known = {check.id for check in checks}
    for at, one in enumerate(found.accepted):
        if one.check not in known:
            message = f"there is no check {one.check!r}; `--list` has them all"
            raise source.wrong(("accepted", at, "check"), message)
    return {one.check: one.reason for one in found.accepted}
