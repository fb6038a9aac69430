"""The switches on which real providers disagree, as the judge reads them (rules.md, last table).

A profile says which of several answers is the right one; a check asks it, and never guesses.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from simulator.base.blocks import Block, read_block
from simulator.base.errors import ConfigError
from simulator.certify.money import Format
from simulator.wire.files import find, text_of

ErrorBody = Literal["model", "problem_json", "status_word"]
"""What a refusal looks like."""


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
    error_body: Annotated[
        ErrorBody,
        msgspec.Meta(
            description="model: {code, message, retryable, trace_id} (PRV-25); problem_json: RFC "
            "9457, the code is `code` or the end of `type`; status_word: 200 with the code in "
            "`status`."
        ),
    ] = "model"


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
    return read_block(text_of(path), str(path), Profile, top)[0]
