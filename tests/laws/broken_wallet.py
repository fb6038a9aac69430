"""The negative control: a wallet whose decisions read outside their transaction.

    python -m tests.laws.broken_wallet serve --port 0 --data DIR

Each decision sees what was committed when it looked, not what those before it in the same batch
have decided. The checks of `tests/laws/test_concurrency.py` have to find that.
"""

from typing import TypeVar

from simulator.cli import main
from simulator.store.rows import Key, Row
from simulator.store.unit import Unit
from simulator.world import World

R = TypeVar("R", bound=Row)


def read_outside(self: Unit, kind: type[R], key: Key) -> R | None:
    """What another connection sees: committed rows only."""
    return self.database.fetch(self.database.reader, kind, key)


async def _start_and_break(self: World) -> None:
    """The test world is made soundly, in one transaction; what comes afterwards is not."""
    await _start(self)
    Unit.get = read_outside  # type: ignore[method-assign]


if __name__ == "__main__":
    _start = World.start
    World.start = _start_and_break  # type: ignore[method-assign]
    main()
