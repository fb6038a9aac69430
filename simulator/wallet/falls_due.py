"""What comes true at the wallet when time passes, without anybody doing anything (SBX-03).

A session that has expired takes no more bets, a due reality check blocks the next one: both are
read from the rows when it matters. This tells when that began.
"""

from collections.abc import Sequence

from simulator.store.tx import Query, Reads
from simulator.wallet.rows import Session

_MOST = 200
"""As many as an answer tells."""


def sessions_expired(tx: Reads, *, after_ns: int, until_ns: int) -> Sequence[tuple[int, str]]:
    """When each session ran out that nobody had ended (WAL-14, PRV-28)."""
    return [
        (row.expires_ns, row.session_id)
        for row in _sessions(tx, "expires_ns", after_ns, until_ns)
        if row.ended_ns is None
    ]


def reality_checks_due(tx: Reads, *, after_ns: int, until_ns: int) -> Sequence[tuple[int, str]]:
    """The sessions in which a reality check was due, while they were open (PRV-28)."""
    return [
        (row.reality_due_ns, row.session_id)
        for row in _sessions(tx, "reality_due_ns", after_ns, until_ns)
        if row.reality_due_ns is not None
        and row.ended_ns is None
        and row.reality_due_ns < row.expires_ns
    ]


def _sessions(tx: Reads, column: str, after_ns: int, until_ns: int) -> list[Session]:
    where = ((column, ">", after_ns), (column, "<=", until_ns))
    rows = tx.page(Query(Session, where), None, _MOST)
    return [row for row in rows if isinstance(row, Session)]
