"""Profiles: what real wallets disagree on, as one validated object read from `contracts/profiles/`.

A decision that depends on a switch is given the profile as an argument; nothing else knows one.
(`rules.md`, profile switches; WAL-09, WAL-18, WAL-24, WAL-45, WAL-47, WAL-65, WAL-70)
"""

from functools import cache
from typing import Any, Literal, get_args, get_type_hints

import msgspec

from simulator.base.errors import ConfigError
from simulator.base.source import NotYaml, plain
from simulator.settings import unknown
from simulator.wire.amounts import MoneyFormatName
from simulator.wire.files import find


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Every switch, with the reference's choice as its default."""

    name: str = "reference"

    unknown_rollback: Literal["tombstone", "not_found", "error"] = "tombstone"
    """What a rollback of something unknown is answered: done, with a tombstone that bars the late
    original (WAL-42); 404; or 409. Never a 5xx, which would be retried for ever (WAL-45)."""
    duplicate_answer: Literal["same_body", "current_balance", "duplicate_code"] = "same_body"
    """What a known transaction is answered under a new key (WAL-08)."""
    win_without_bet: Literal["refused", "promo"] = "refused"
    """Whether a win needs a bet (WAL-24)."""
    settled_rollback: Literal["refused", "if_funds_cover", "negative_allowed"] = "refused"
    """Whether a settled bet or a win can be rolled back, and out of which money (WAL-47)."""
    transaction_scope: Literal["tenant", "player", "round"] = "tenant"
    """Among whose transactions an id is one (WAL-09)."""
    reality_check: Literal["until_acknowledged", "once"] = "until_acknowledged"
    """How long a due reality check blocks bets (WAL-65)."""
    overdue_hold: Literal["listed", "rolled_back"] = "listed"
    """What becomes of a hold that nobody ends (WAL-18). It is rolled back when the clock is moved
    past its time, and, for a clock that runs by itself, before overdue holds are listed."""
    signature: Literal["whole_request", "body_only"] = "whole_request"
    """What a request's signature covers, at every party of the world (WAL-70, RGS-07)."""
    money_format: MoneyFormatName = "decimal_number"
    """How amounts are written in the wallet API."""


REFERENCE = Profile()

SWITCHES: dict[str, tuple[str, ...]] = {
    name: get_args(kind) for name, kind in get_type_hints(Profile).items() if name != "name"
}
"""Each switch and its choices."""

_ABOUT = ("profile", "about")
"""What a file says of itself."""


@cache
def load(name: str) -> Profile:
    """The profile of this name. Raises ConfigError, which says what would be right."""
    known = sorted(path.stem for path in find("contracts", "profiles").glob("*.yaml"))
    if name not in known:
        raise unknown("--profile", name, known)
    return read(f"{name}.yaml", find("contracts", "profiles", f"{name}.yaml").read_text("utf-8"))


def require_same_scope(before: str | None, name: str) -> None:
    """A store whose transactions were told apart by tenant, player or round goes on so: under
    another scope every one of them would be unknown, and a repeat of it would pay again (WAL-09).

    `before` is the profile that the store was played under, None for a new one. Raises ConfigError.
    """
    if before is None or before == name:
        return
    was, wanted = load(before).transaction_scope, load(name).transaction_scope
    if was != wanted:
        raise ConfigError(
            f"--profile {name}: its transaction_scope is {wanted}, and this world was played under "
            f"{before}, whose is {was}: repeats would pay again; keep --profile {before}, or start "
            "a new world"
        )


def read(file: str, text: str) -> Profile:
    """A profile out of its file. Raises ConfigError naming file, key, choices and nearest word."""
    try:
        found = plain(text)
    except NotYaml as wrong:
        raise ConfigError(f"{file} is not YAML: {' '.join(str(wrong).split())}") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{file}: a profile is a list of switches, `name: choice`")
    for name in _ABOUT:
        if not isinstance(found.get(name), str):
            raise ConfigError(f"{file}: {name} is missing; it is a text")
    if found["profile"] != file.removesuffix(".yaml"):
        raise ConfigError(f"{file}: profile: {found['profile']!r} is not the name of the file")
    return Profile(name=found["profile"], **_switches(file, found))


def _switches(file: str, found: dict[Any, Any]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name, choice in found.items():
        if name in _ABOUT:
            continue
        if name not in SWITCHES:
            raise unknown(file, str(name), tuple(SWITCHES))
        if choice not in SWITCHES[name]:
            raise unknown(f"{file}: {name}", str(choice), SWITCHES[name])
        chosen[name] = choice
    return chosen
