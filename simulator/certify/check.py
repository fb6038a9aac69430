"""What a check is: the rule it asks for, what it needs, how it is driven, what it cannot see.

A check returns where the target kept the rule, and raises

Verdict
├── Broken     the target broke the rule: FAIL
└── Unclear    it could not be judged, with the reason: INCONCLUSIVE, never a pass
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from simulator.certify.config import Config
from simulator.certify.profile import Profile

Level = Literal["smoke", "standard", "exhaustive"]
LEVELS: tuple[Level, ...] = ("smoke", "standard", "exhaustive")
"""Each has all of those before it."""

Role = Literal["wallet", "platform", "rgs", "jackpot"]
ROLES: tuple[Role, ...] = ("wallet", "platform", "rgs", "jackpot")


class Category(StrEnum):
    """What a check is about; a report's chapters."""

    HAPPY_PATH = "happy path"
    IDEMPOTENCY = "idempotency"
    CONCURRENCY = "concurrency"
    ROLLBACK = "rollback"
    LIMITS = "limits"
    PROTOCOL = "protocol"
    SECURITY = "security"
    RECOVERY = "recovery"


class Need(StrEnum):
    """What a check cannot do without; the words are where it stands in the configuration."""

    EXCLUDED = "players.excluded"
    OTHER_CURRENCY = "players.other_currency"
    OTHER_CLIENT = "other_client"
    READONLY_CLIENT = "readonly_client"
    SIGNING_KEY = "signing_key"
    POOL = "pool_id"
    CREATE_PLAYER = "hooks.create_player"
    LOCK_PLAYER = "hooks.lock_player"
    LIMIT_PLAYER = "hooks.limit_player"
    BLOCK_PAYOUTS = "hooks.block_payouts"
    EXPIRE_SESSION = "hooks.expire_session"
    ADVANCE_CLOCK = "hooks.advance_clock"
    CREATE_SESSION = "hooks.create_session"
    LIMITED_SESSION = "hooks.limited_session"
    PLAYER_TOKEN = "hooks.player_token"
    PLAYER_KEY = "player_key"
    RECONCILE = "hooks.reconcile"


def lacking(needs: tuple[Need, ...], config: Config) -> list[Need]:
    """What of it the configuration does not give."""
    return [need for need in needs if not _given(need, config)]


def _given(need: Need, config: Config) -> bool:
    place, _, part = need.value.partition(".")
    if place == "players":
        return part in config.players
    found = getattr(config, place)
    return bool(getattr(found, part) if part else found)


class Verdict(Exception):
    """How a check ends that does not pass."""


class Broken(Verdict):
    """The target broke the rule."""


class Unclear(Verdict):
    """It could not be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question to a target.

    `drive` is given what the role's drive offers (`roles/`), asks over the wire and judges. `about`
    is the law in one sentence. `blind` says what the check cannot see although the rule speaks of
    it. `clauses` are those of GLI-19 that a pass is evidence for, not a certification of
    (`clauses.py`).
    `when` tells under which profiles the question is asked at all.
    """

    id: str
    rules: tuple[str, ...]
    category: Category
    about: str
    drive: Callable[[Any], Awaitable[None]]
    level: Level = "standard"
    needs: tuple[Need, ...] = ()
    blind: str = ""
    clauses: tuple[str, ...] = ()
    when: Callable[[Profile], bool] | None = None
    limit_s: int = 60
    """After this time it is INCONCLUSIVE."""

    @property
    def role(self) -> str:
        """The first word of the id."""
        return self.id.partition(".")[0]
