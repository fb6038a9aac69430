"""The switches on which real providers disagree, as the judge reads them (rules.md, last table).

A profile says which of several answers is the right one; a check asks it, and never guesses.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from simulator.base.blocks import Block, BlockReader, scalar
from simulator.base.errors import ConfigError
from simulator.base.source import Source, parse
from simulator.certify.money import Format
from simulator.wire.files import find


class Profile(Block, frozen=True, kw_only=True):
    """One provider's dialect; what is left out is as the reference has it."""

    profile: str = "reference"
    about: str = ""
    unknown_rollback: Literal["tombstone", "not_found", "error"] = "tombstone"
    duplicate_answer: Literal["same_body", "current_balance", "duplicate_code"] = "same_body"
    win_without_bet: Literal["refused", "promo"] = "refused"
    settled_rollback: Literal["refused", "if_funds_cover", "negative_allowed"] = "refused"
    transaction_scope: Literal["tenant", "player", "round"] = "tenant"
    reality_check: Literal["until_acknowledged", "once"] = "until_acknowledged"
    overdue_hold: Literal["listed", "rolled_back"] = "listed"
    signature: Literal["whole_request", "body_only"] = "whole_request"
    money_format: Annotated[Format, msgspec.Meta(description="How amounts are written.")] = (
        "decimal_number"
    )


class _ProfileSource(Source):
    columns = True


def load(name: str) -> Profile:
    """A shipped profile by its name, or any by the path of its file. Raises ConfigError."""
    shipped = {path.stem: path for path in find("contracts", "profiles").glob("*.yaml")}
    path = shipped.get(name) or Path(name)
    if not path.is_file():
        raise ConfigError(
            f"--profile {name}: there is no such profile or file; shipped are "
            f"{', '.join(sorted(shipped))}"
        )
    top = "a profile is a list of switches, `name: choice`"
    data, marks = parse(path.read_text("utf-8"), str(path), scalar, top)
    found = BlockReader(_ProfileSource(str(path), data, marks)).read(Profile, data)
    if not isinstance(found, Profile):  # by the type that was asked for
        raise TypeError(found)
    return found
