"""The messages of the jackpot service's health (`openapi/jackpot.yaml`): what is out of order, and
what is held back for it (JP-80)."""

from typing import Literal

from simulator.wire.jackpot import Fell
from simulator.wire.jackpot_pools import Condition, Degrading
from simulator.wire.messages import Message


class AskHealth(Message, frozen=True, kw_only=True, omit_defaults=True):
    """How is the service?"""


class Wrong(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A condition, and since when."""

    what: Condition
    since: str


class DegradedPool(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A pool that does otherwise for now."""

    pool_id: str
    then: Degrading
    why: Condition


class Health(Message, frozen=True, kw_only=True):
    """How the service is, for the caller's brand in its region."""

    status: Literal["ok", "degraded"]
    conditions: list[Wrong]
    pools: list[DegradedPool]
    held: int
    under_way: int


class CatchUp(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Let the oldest of the falls that are held back happen, if nothing is in its way."""


class CaughtUp(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What could be let fall; `why` where something still is out of order."""

    left: int
    fell: Fell | None = None
    why: Condition | None = None
