"""What the control API says of a world's stores: the laws and the chain of every party in it.

Each party answers for its own rows as of one moment; what two of them say of each other is compared
in `across.py`, because no store can see it.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import msgspec

from simulator.base.errors import NotFound
from simulator.ledger.audit import verify
from simulator.ledger.reconcile import (
    BOOK_LAWS,
    OPERATIONS_WITHOUT_A_GAP,
    PLACED,
    WITHOUT_A_GAP,
    Law,
    ask_laws,
)
from simulator.server import across
from simulator.server.kind import PartyKind
from simulator.server.party import Sandbox
from simulator.store.reading import Books
from simulator.wire.control import Audit, Break, Reconciliation, Unmatched

T = TypeVar("T")

LEADER = "wallet"
"""The party whose counts and head stand without its name."""


async def reconcile_all(sandbox: Sandbox) -> Reconciliation:
    """Every law of every party. Sound when nothing answers. (SBX-11)"""
    breaks: list[Break] = []
    checked: dict[str, int] = {}
    for name in sandbox.parties:
        told = await reconcile_one(sandbox, name)
        breaks += told.breaks
        checked |= told.checked
    unmatched: list[Unmatched] = []
    if {"wallet", "jackpot"} <= sandbox.parties.keys() - sandbox.elsewhere:
        found = await across.compare(partial(_ask, sandbox), sandbox.clock.now_ns())
        breaks += found.breaks
        unmatched = found.unmatched
        checked |= found.checked
    return Reconciliation(not breaks, breaks, checked, unmatched)


async def reconcile_one(sandbox: Sandbox, name: str) -> Reconciliation:
    """Every law of one party's own rows. Raises NotFound where the world has no such party."""
    party = sandbox.parties.get(name)
    if party is None:
        raise NotFound(f"this world keeps no {name}, only {', '.join(sandbox.parties)}")
    laws = laws_of(party.kind, places=party.queries.kind == "postgresql")
    told = await party.audit(partial(ask_laws, laws=laws, tables=party.kind.counted))
    breaks = [msgspec.structs.replace(broken, party=name) for broken in told.breaks]
    checked = {named(name, what): count for what, count in told.checked.items()}
    return Reconciliation(not breaks, breaks, checked)


async def _ask(sandbox: Sandbox, party: str, look: Callable[[Books], T]) -> T:
    return await sandbox.parties[party].audit(look)


async def audit_all(sandbox: Sandbox) -> Audit:
    """Every row of every party against the chain of its store. (QLT-05)"""
    found = {
        name: await party.audit(partial(verify, kinds=party.kind.rows))
        for name, party in sandbox.parties.items()
    }
    bad = [
        msgspec.structs.replace(audit.first_bad, party=name)
        for name, audit in found.items()
        if audit.first_bad is not None
    ]
    return Audit(
        sound=not bad,
        head=found[LEADER].head,
        checked={
            what: sum(audit.checked[what] for audit in found.values()) for what in ("seals", "rows")
        },
        first_bad=bad[0] if bad else None,
        heads={name: audit.head for name, audit in found.items()},
    )


def laws_of(kind: PartyKind, *, places: bool) -> tuple[Law, ...]:
    """The laws of the book where it keeps one, of its numbering, and its own; `places` where its
    store numbers operations so (PostgreSQL)."""
    by_number = WITHOUT_A_GAP if kind.has_book else OPERATIONS_WITHOUT_A_GAP
    numbered = PLACED if places else by_number
    return (*(BOOK_LAWS if kind.has_book else ()), numbered, *kind.laws)


def named(party: str, what: str) -> str:
    """A count of a party, as it is told."""
    return what if party == LEADER else f"{party}.{what}"
