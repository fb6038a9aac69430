"""What a decision may do. It is a function `(tx, message) -> message`: no await, no SQL, and no
clock, dice or id but those that `tx` hands it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from simulator.store.hearer import Heard
from simulator.store.rows import Key, Row, Value
from simulator.wire.calls import Call, Caller
from simulator.wire.events import Event

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Query:
    """Rows of one kind in the order of their positions, filtered by columns.

    `where` is (column, operator, value) with operators `=`, `>=`, `<`, `<>`; columns and operators
    are written in code, only values come from callers.
    """

    kind: type[Row]
    where: tuple[tuple[str, str, Value], ...] = ()
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """The answer of a decision that was met before: what the operation at `position` answered."""

    position: int


class Reads(Protocol):
    """The half of a transaction that changes nothing."""

    @property
    def now_ns(self) -> int:
        """The party's clock, the same for the whole decision."""
        ...

    @property
    def caller(self) -> Caller:
        """Who asks; rows are read and written in this caller's tenant only (PRV-63)."""
        ...

    def get(self, kind: type[R], key: Key) -> R | None:
        """The row of this name, or None."""
        ...

    def at(self, kind: type[R], position: int) -> R | None:
        """The row at this position, or None."""
        ...

    def page(self, query: Query, after: int | None, limit: int) -> Sequence[Row]:
        """At most `limit` rows beyond a position (None: from the start)."""
        ...


class Tx(Reads, Protocol):
    """One decision's transaction. All of it is kept, or none."""

    @property
    def position(self) -> int:
        """Where this operation will stand among the committed ones."""
        ...

    def lock(self, kind: type[R], key: Key) -> R | None:
        """Read the one root (player, pool) that serialises this decision; nothing is written
        before."""
        ...

    def put(self, row: R) -> R:
        """Write a named row: new where `n` is 0, else changed. Answers it with its position."""
        ...

    def append(self, row: R) -> R:
        """Write a row that will never change. Answers it with its position."""
        ...

    def emit(self, event: Event) -> None:
        """Let the world know, in this same transaction (PRV-34)."""
        ...

    def ask(self, call: Call, then: Heard | None = None) -> None:
        """Have the courier send this call after the commit, until it is answered; `then` makes an
        event of the answer, one of `PartyKind.hears`."""
        ...

    def mint(self, kind: str, n: int = 0) -> str:
        """A new id, `kind_…`, which the same call under the same seed would be given again."""
        ...
