"""What a person decides: who, why and of what is written down once, and never changed (QLT-05)."""

from typing import Protocol

from simulator.base.errors import Duplicate
from simulator.jackpot.rows import DecisionRow
from simulator.store.tx import Again, Tx
from simulator.wire import json


class Decided(Protocol):
    """A request that says who has decided it, and why."""

    @property
    def reason(self) -> str: ...
    @property
    def approved_by(self) -> str: ...


def again(tx: Tx, decision_id: str, what: str, ask: Decided) -> Again | None:
    """The answer to a decision that is known; None for a new one. Raises Duplicate for one that is
    known with other parameters."""
    known = tx.get(DecisionRow, (tx.caller.tenant, decision_id))
    if known is None:
        return None
    if (known.what, known.asked) != (what, json.encode(ask)):
        raise Duplicate(
            f"decision {decision_id} is known with other parameters",
            details={"decision_id": decision_id},
        )
    return Again(known.op)


def note(tx: Tx, decision_id: str, what: str, of: str, ask: Decided) -> None:
    """Write a new decision down; its pool is locked."""
    tx.put(
        DecisionRow(
            tenant=tx.caller.tenant,
            decision_id=decision_id,
            what=what,
            of=of,
            reason=ask.reason,
            approved_by=ask.approved_by,
            asked=json.encode(ask),
            op=tx.position,
        )
    )
