"""Is there a legal order? Linearizability of a history of one player's money (WAL-10, WAL-44).

Calls that ran in parallel may have taken effect in any order that keeps what was over before what
began later. A history is legal if in one such order a simple model of a wallet gives each call the
answer that it got: so not only the final balance is judged, but every balance and every refusal on
the way. A call whose outcome is unknown may have taken effect at any time after it began, or never.

The search is Wing and Gong's, with the states that were seen remembered (Lowe): a dozen or two of
calls with a handful in parallel at a time are no work. After: Herlihy and Wing, "Linearizability: a
correctness condition for concurrent objects", TOPLAS 12(3), 1990.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["debit", "credit", "rollback", "read"]
Result = Literal["ok", "refused", "unknown"]

UNKNOWN_ENDS = 2**62
"""When a call ended whose outcome is unknown: never."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call and what came of it.

    `id` is the transaction's; of a rollback, that of the debit it undoes. Amounts and balances are
    minor units; `balance` is what the answer said is available, None where it said nothing. Times
    are of one clock.
    """

    kind: Kind
    id: str
    minor: int
    begun: int
    ended: int
    result: Result
    balance: int | None = None

    def __str__(self) -> str:
        what = f"{self.kind} {self.id} {self.minor}" if self.kind != "read" else "read"
        said = "" if self.balance is None else f", balance {self.balance}"
        return f"{what}: {self.result}{said} [{self.begun}–{self.ended}]"


State = tuple[int, frozenset[tuple[str, str]]]
"""What is available, and what became of each transaction: `debit`, `credit`, `undone`, `tomb`."""


def legal_order(history: Sequence[Call], available: int) -> list[Call] | None:
    """An order in which a wallet that began with so much gives these answers; None: there is none.

    The balance that an answer carries may have been read at any time between its effect and its
    end, so a wallet that reads it a moment later is no liar.
    """
    calls = [_Part(call, None) for call in history]
    parts = calls + [
        _Part(Call("read", "", 0, one.begun, one.ended, "ok", one.balance), at)
        for at, one in enumerate(history)
        if one.kind != "read" and one.result == "ok" and one.balance is not None
    ]
    found = _search(parts, (available, frozenset()))
    return None if found is None else [history[at] for at in found if at < len(history)]


@dataclass(frozen=True, slots=True)
class _Part:
    call: Call
    after: int | None
    """The part that has to come first: an answer's balance is read after its effect."""


def _search(parts: Sequence[_Part], start: State) -> list[int] | None:
    """Positions of the parts in a legal order; unknown ones may be left out."""
    must = frozenset(at for at, one in enumerate(parts) if one.call.result != "unknown")
    seen: set[tuple[frozenset[int], State]] = set()
    stack: list[tuple[frozenset[int], State, tuple[int, ...]]] = [(frozenset(), start, ())]
    while stack:
        done, state, order = stack.pop()
        if must <= done:
            return list(order)
        if (done, state) in seen:
            continue
        seen.add((done, state))
        left = [at for at in range(len(parts)) if at not in done]
        first_end = min(parts[at].call.ended for at in left)
        for at in left:
            one = parts[at]
            if one.call.begun > first_end or (one.after is not None and one.after not in done):
                continue
            after = _step(state, one.call)
            if after is not None:
                stack.append((done | {at}, after, (*order, at)))
    return None


def _step(state: State, call: Call) -> State | None:
    """The state after a call took effect here; None where it would have been answered otherwise."""
    available, txns = state
    known: Mapping[str, str] = dict(txns)
    status = known.get(call.id)
    match call.kind:
        case "read":
            return state if call.balance == available else None
        case "debit":
            return _taken(state, call, status)
        case "credit":
            if call.result == "refused":
                return state if status is not None else None
            return state if status else (available + call.minor, txns | {(call.id, "credit")})
        case "rollback":
            if call.result == "refused":
                return state
            if status is None:
                return available, txns | {(call.id, "tomb")}
            if status == "debit":
                left = txns - {(call.id, "debit")}
                return available + call.minor, left | {(call.id, "undone")}
            return state


def _taken(state: State, call: Call, status: str | None) -> State | None:
    available, txns = state
    enough = available >= call.minor
    if call.result == "refused":
        return state if status is not None or not enough else None
    if status == "debit":
        return state  # a repeat
    if status is not None:
        return state if call.result == "unknown" or status == "undone" else None
    if not enough:
        return state if call.result == "unknown" else None
    return available - call.minor, txns | {(call.id, "debit")}
