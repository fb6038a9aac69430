"""Deliveries that were given up: kept to be asked for again, but not for ever.

A subscription keeps the last thousand of a party, for thirty days of the sandbox's clock. What is
forgotten can still be delivered by its id, for the event stays in the feed.
"""

from simulator.base.clock import NS_PER_S
from simulator.server.outbox import Item

MOST = 1_000

KEPT_NS = 30 * 24 * 3_600 * NS_PER_S


class GivenUp:
    """Those of one party for one subscription, the oldest first."""

    def __init__(self) -> None:
        self._items: dict[int, Item] = {}

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Item, now_ns: int) -> None:
        """One more; from now on its due time is when it was given up."""
        item.state, item.due_ns = "dead", now_ns
        self._items[item.position] = item

    def take_up(self, items: list[Item]) -> None:
        """What the rows say."""
        for item in sorted(items, key=lambda one: (one.due_ns, one.position)):
            self._items[item.position] = item

    def discard(self, item: Item) -> None:
        """It is tried again."""
        self._items.pop(item.position, None)

    def forget(self, now_ns: int) -> list[Item]:
        """Those that are too many or too old, which are gone from here."""
        gone = []
        while (next_ns := self.next_ns) is not None and (
            len(self._items) > MOST or next_ns <= now_ns
        ):
            gone.append(self._items.pop(next(iter(self._items))))
        return gone

    @property
    def next_ns(self) -> int | None:
        """When the oldest is too old."""
        oldest = next(iter(self._items.values()), None)
        return None if oldest is None else oldest.due_ns + KEPT_NS
