"""What a row is, and the kinds that every party's store has: operations, tasks, facts, seals."""

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Self

import msgspec

Value = int | str | bytes | None
"""All that a column holds and a statement takes: no float, no bool, nothing to be converted."""

Key = tuple[str, ...]
"""The texts that name a row among its kind, such as (tenant, bet_id)."""


class Row(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One typed row. Its fields are the table's columns, in the same order; `n` is its position.

    Rows are values: a change is a new row with the same `n`, handed to `Tx.put`. They hold nothing
    that could make a cycle, so the garbage collector is told to leave them (`gc=False`): thousands
    of them live in a cache that it would otherwise walk again and again.
    """

    TABLE: ClassVar[str]
    NAMED_BY: ClassVar[tuple[str, ...]] = ()
    """The fields that make its key; none for a row that is only ever found by position."""
    USUALLY: ClassVar[tuple[str, ...]] = ()
    """What a name mostly has between the tenant and the last of `NAMED_BY`: only a hint, for
    reading ahead."""
    CHANGES: ClassVar[tuple[str, ...]] = ()
    """The only columns that may change after the first write; none makes the kind append-only."""

    identify: ClassVar[Callable[[Any], Key]]
    """Reads `NAMED_BY` off a row."""

    n: int = 0

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if len(cls.NAMED_BY) == 1:  # for one name `attrgetter` would give a text, not a key
            cls.identify = staticmethod(lambda row: (getattr(row, cls.NAMED_BY[0]),))
        elif cls.NAMED_BY:
            cls.identify = attrgetter(*cls.NAMED_BY)

    @property
    def identity(self) -> Key | None:
        """The texts of `NAMED_BY`; None where one of them is missing."""
        if not self.NAMED_BY:
            return None
        parts = type(self).identify(self)
        return None if None in parts else parts

    @property
    def summed(self) -> bool:
        """True where what may change are sums that many transactions add to at once, such as the
        house account's: a store with several writers adds what was added, and no reader may
        decide by what it finds."""
        return False

    if TYPE_CHECKING:

        def but(self, **changes: Value) -> Self:
            """The same row with some columns changed."""
            ...

    else:  # msgspec's own method, without a call of ours around it: each change of a row is one
        but = msgspec.Struct.__replace__


class Op(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """One committed operation: its remembered answer and its event, in one row (PRV-30, PRV-34).

    A second event of the same operation follows as a row with neither key nor answer.
    """

    TABLE = "op"
    NAMED_BY = ("client", "operation", "key")

    client: str
    operation: str
    key: str | None
    fingerprint: bytes | None
    status: int
    answer: bytes
    at_ns: int
    tenant: str
    brand: str
    region: str
    trace_id: str
    topic: str | None = None
    player_id: str | None = None
    game_id: str | None = None
    event: bytes | None = None


class Task(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """Something begun and not yet finished: a flow between two decisions, or a call to send.

    `work` is what was asked, `results` what its steps gave so far; the courier resumes it.
    """

    TABLE = "task"
    NAMED_BY = ("client", "operation", "key")
    CHANGES = ("results", "state", "due_ns", "attempts")

    client: str
    operation: str
    key: str
    work: bytes
    results: bytes = b""
    state: str = "pending"
    due_ns: int = 0
    attempts: int = 0


class Fact(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """Something about the store itself: its seed, its configuration."""

    TABLE = "fact"
    NAMED_BY = ("name",)
    CHANGES = ("value",)

    name: str
    value: str


class Seal(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """One link of the audit chain: what a batch wrote (`simulator/store/seal.py`).

    `positions` and `leaves` are packed; the store writes one as the last row of each batch, so it
    is no kind of a party's own.
    """

    TABLE = "seal"

    positions: bytes
    leaves: bytes
    root: bytes
    chain: bytes
