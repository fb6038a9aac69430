"""What is followed live: a list whose news are sent as they come, as Server-Sent Events."""

from typing import Any

from simulator.wire.messages import Listing, Message


class Follow(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """Follow something. `after` is the position of what is known; None: nothing is."""

    after: int | None = None


class News(Message, frozen=True, kw_only=True, omit_defaults=False):
    """What is new, as of a position: items of one sort of event, and whether there is more at
    once."""

    position: int
    event: str
    items: list[Any]
    more: bool = False
