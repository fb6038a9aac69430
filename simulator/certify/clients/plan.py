"""A plan: which faults strike a client, what of it is judged, and its own profile (SBX-09, WAL-75).

Errors name file, line, column and the nearest word.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from simulator.base.blocks import Block, BlockSource, read_block
from simulator.base.errors import ConfigError
from simulator.certify.money import Format
from simulator.wire.files import find, text_of

Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=86_400_000)]


class Duties(Block, frozen=True, kw_only=True):
    """What the caller's profile says of it (rules.md, profile switches); what is left out is not
    judged, but for backoff and jitter."""

    bet_time_out_ms: Annotated[
        Milliseconds | None, msgspec.Meta(description="So long it waits for the answer to a bet.")
    ] = None
    bet_attempts: Annotated[
        Count | None,
        msgspec.Meta(description="So often it sends a bet in all, before it rolls it back."),
    ] = None
    win_attempts: Annotated[
        Count | None,
        msgspec.Meta(description="So often it sends a win in all; left out: until definite."),
    ] = None
    rollback_attempts: Annotated[
        Count | None,
        msgspec.Meta(description="So often it sends a rollback in all; left out: until definite."),
    ] = None
    least_wait_ms: Annotated[
        Milliseconds | None, msgspec.Meta(description="No retry comes sooner after its answer.")
    ] = None
    most_wait_ms: Annotated[
        Milliseconds | None,
        msgspec.Meta(description="No retry comes later, but for Retry-After."),
    ] = None
    backoff: Annotated[
        Literal["growing", "constant"],
        msgspec.Meta(description="constant: the same pause each time, by its profile."),
    ] = "growing"
    jitter: Annotated[
        Literal["required", "none"],
        msgspec.Meta(description="none: the pauses are not drawn, by its profile."),
    ] = "required"
    patience_ms: Annotated[
        Milliseconds,
        msgspec.Meta(description="A call that was not repeated for so long was abandoned."),
    ] = 10_000
    money: Annotated[Format, msgspec.Meta(description="How amounts are written.")] = (
        "decimal_number"
    )


class Plan(Block, frozen=True, kw_only=True):
    """What a client has to go through."""

    plan: Annotated[str, msgspec.Meta(min_length=1, description="Its name, for reports.")]
    about: Annotated[str, msgspec.Meta(description="What it is for, for people.")] = ""
    profile: Annotated[
        str, msgspec.Meta(description="What the server does where real ones disagree.")
    ] = "reference"
    chaos: Annotated[
        list[dict[str, Any]], msgspec.Meta(description="Rules, as in docs/faults.md.")
    ] = msgspec.field(default_factory=list)
    judge: Annotated[list[str], msgspec.Meta(description="Checks by id, its front, or a rule.")] = (
        msgspec.field(default_factory=lambda: ["client"])
    )
    duties: Duties = Duties()


def shipped() -> dict[str, Path]:
    """The plans that come with playmoney, by name."""
    return {path.stem: path for path in sorted(find("contracts", "plans").glob("*.yaml"))}


def load(name: str, known: Sequence[str]) -> tuple[Plan, BlockSource]:
    """A shipped plan by its name, or any by the path of its file; `known` are the ids and rules
    that `judge` may name. Raises ConfigError."""
    path = shipped().get(name) or Path(name)
    if not path.is_file():
        raise ConfigError(
            f"--plan {name}: there is no such plan or file; shipped are {', '.join(shipped())}"
        )
    return read_text(text_of(path), str(path), known)


def read_text(text: str, name: str, known: Sequence[str]) -> tuple[Plan, BlockSource]:
    """The same, from text."""
    top = "a plan is a mapping of keys such as plan and chaos"
    found, source = read_block(text, name, Plan, top)
    for at, word in enumerate(found.judge):
        if not any(one == word or one.startswith(f"{word}.") for one in known):
            message = f"there is no check or rule {word!r}; `playmoney watch --list` has them all"
            raise source.wrong(("judge", at), message)
    return found, source
