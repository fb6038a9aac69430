"""What every fault is: behaviour around one call. When it strikes is for its rule to say."""

from dataclasses import dataclass

from simulator.chaos.seam import Forward, Seam, Side
from simulator.chaos.when import When
from simulator.wire.calls import Reply

MS_MAX = 600_000
"""Ten minutes: longer than any time-out that a caller would set."""


@dataclass(frozen=True, slots=True)
class Place:
    """An operation at one of the two seams: a door of ours, or our way to another's. Or a type of
    events on its way to a subscriber (`delivery`): the party is `event` then, and its type the
    operation."""

    side: Side
    party: str
    operation_id: str
    writes: bool
    guarded: bool = True
    """Whether it asks for a token or a signature."""

    @property
    def name(self) -> str:
        """`wallet.authorizeBet`"""
        return f"{self.party}.{self.operation_id}"


class Fault:
    """The base of all faults: a frozen dataclass whose fields are the parameters under `with`.

    A field is `Annotated[int, msgspec.Meta(ge=0, description="…")]` with a default; the schema, the
    reference page and the errors for bad values are made from it. `__post_init__` raises ValueError
    for values that contradict each other.
    """

    __slots__ = ()

    def why_not(self, place: Place) -> str | None:
        """Why this fault makes no sense at a place; None where it does."""
        return None

    def why_not_at(self, call: str) -> str | None:
        """Why this fault makes no sense for a pattern of operations; None where it does."""
        return None

    def why_not_when(self, when: When) -> str | None:
        """Why these conditions make no sense for it; None where they do."""
        return None

    def can_strike(self, seam: Seam) -> bool:
        """False for a call on which it would change nothing; it is not counted as struck then."""
        return True

    def watch(self, seam: Seam, reply: Reply) -> None:
        """See the reply to a matching call that it did not strike."""

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        """Meet one call: forward it or not, change it or its reply, wait. Raises NoReply."""
        raise NotImplementedError


def only_calls(place: Place, why: str) -> str | None:
    """The reason of faults that do not strike deliveries of events."""
    return why if place.side == "delivery" else None


NOT_READ = "only the status of a subscriber's answer counts; its body is not read"
"""Why an answer's body is not worth spoiling where an event is delivered."""


def only_guarded(place: Place) -> str | None:
    """The reason of faults that need a token or a signature to spoil."""
    return None if place.guarded else "it asks for no token and no signature"


def only_writes(place: Place) -> str | None:
    """The reason of faults that need something to happen twice or late."""
    if place.writes:
        return None
    return "it only reads: whether it happens late or twice makes no difference to anybody"
