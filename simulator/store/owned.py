"""What is not yours does not exist: the one place that cuts rows to the caller's brand and region.

(PRV-11, PRV-63) Keys start with the caller's tenant, so another tenant's rows are never even read.
"""

from typing import Protocol, TypeVar

from simulator.base.errors import NotFound
from simulator.store.tx import Reads


class Owned(Protocol):
    """A row that belongs to a brand in a region."""

    @property
    def brand(self) -> str: ...
    @property
    def region(self) -> str: ...


OwnedRow = TypeVar("OwnedRow", bound=Owned)


def mine(tx: Reads, row: OwnedRow | None) -> OwnedRow | None:
    """The row if it is the caller's, else None."""
    caller = tx.caller
    if row is None or row.brand != caller.brand or row.region != caller.region:
        return None
    return row


def require_mine(
    tx: Reads, row: OwnedRow | None, what: str, name: str, field: str | None = None
) -> OwnedRow:
    """The row if it is the caller's. Raises NotFound, which says what there is none of; `field` is
    what the wire calls its name, `{what}_id` if not another."""
    found = mine(tx, row)
    if found is None:
        raise NotFound(f"there is no {what} {name}", details={field or f"{what}_id": name})
    return found
