"""Reconciliation: every law of the books as a question whose answer must be nothing (SBX-11).

A law is a statement that selects what breaks it. The ledger brings its own; a party adds the laws
that tie its rows to the book. Plain SQL on whole tables: an auditor does not ask the decisions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.store.reading import Books
from simulator.wire.control import Break, Reconciliation

SHOWN_PER_LAW = 20
"""Breaks listed for one law; the message of the last says that there are more."""


@dataclass(frozen=True, slots=True)
class Law:
    """`broken` selects two columns, where and what, for each row that breaks the law."""

    name: str
    broken: str


BOOK_LAWS = (
    Law(
        "accounts equal the fold of their entries",
        """
        SELECT a.kind || ':' || a.owner || ':' || a.currency,
               'posted ' || a.posted_debits || '/' || a.posted_credits ||
               ', pending ' || a.pending_debits || '/' || a.pending_credits ||
               '; its entries give ' || coalesce(d.posted, 0) || '/' || coalesce(c.posted, 0) ||
               ', ' || coalesce(d.pending, 0) || '/' || coalesce(c.pending, 0)
        FROM account a
        LEFT JOIN (
          SELECT debit AS account,
                 sum(CASE WHEN kind IN ('capture', 'post', 'reverse') THEN amount ELSE 0 END)
                   AS posted,
                 sum(CASE kind WHEN 'hold' THEN amount WHEN 'capture' THEN -amount
                     WHEN 'release' THEN -amount ELSE 0 END) AS pending
          FROM move GROUP BY debit) d ON d.account = a.n
        LEFT JOIN (
          SELECT credit AS account,
                 sum(CASE WHEN kind IN ('capture', 'post', 'reverse') THEN amount ELSE 0 END)
                   AS posted,
                 sum(CASE kind WHEN 'hold' THEN amount WHEN 'capture' THEN -amount
                     WHEN 'release' THEN -amount ELSE 0 END) AS pending
          FROM move GROUP BY credit) c ON c.account = a.n
        WHERE a.posted_debits <> coalesce(d.posted, 0)
           OR a.posted_credits <> coalesce(c.posted, 0)
           OR a.pending_debits <> coalesce(d.pending, 0)
           OR a.pending_credits <> coalesce(c.pending, 0)
        """,
    ),
    Law(
        "debits equal credits in each currency",
        """
        SELECT currency, 'posted debits ' || sum(posted_debits) || ', posted credits ' ||
               sum(posted_credits) || '; pending ' || sum(pending_debits) || ' and ' ||
               sum(pending_credits)
        FROM account GROUP BY currency
        HAVING sum(posted_debits) <> sum(posted_credits)
            OR sum(pending_debits) <> sum(pending_credits)
        """,
    ),
    Law(
        "an entry moves one currency",
        """
        SELECT 'entry ' || m.n, d.currency || ' to ' || c.currency
        FROM move m JOIN account d ON d.n = m.debit JOIN account c ON c.n = m.credit
        WHERE d.currency <> c.currency
        """,
    ),
    Law(
        "a hold ends with its own amount and accounts",
        """
        SELECT 'entry ' || e.n, e.kind || ' of ' || e.amount || ' ends a ' || h.kind || ' of ' ||
               h.amount
        FROM move e JOIN move h ON h.n = e.refers_to
        WHERE e.kind IN ('capture', 'release')
          AND (h.kind <> 'hold' OR h.amount <> e.amount OR h.debit <> e.debit
               OR h.credit <> e.credit)
        """,
    ),
    Law(
        "no player is below zero",
        """
        SELECT owner || ':' || currency, 'available ' ||
               (posted_credits - posted_debits - pending_debits)
        FROM account
        WHERE kind IN ('player', 'bonus')
          AND posted_credits - posted_debits - pending_debits < -overdraft
        """,
    ),
    Law(
        "only a reversal overdraws",
        """
        SELECT a.owner || ':' || a.currency, 'overdraft ' || a.overdraft || ', reversed ' ||
               coalesce(r.amount, 0)
        FROM account a
        LEFT JOIN (SELECT debit, sum(amount) AS amount FROM move WHERE kind = 'reverse'
                   GROUP BY debit) r ON r.debit = a.n
        WHERE a.overdraft > coalesce(r.amount, 0)
        """,
    ),
    Law(
        "every entry belongs to an operation",
        """
        SELECT 'entry ' || m.n, 'operation ' || m.op || ' does not exist'
        FROM move m LEFT JOIN op o ON o.n = m.op WHERE o.n IS NULL
        """,
    ),
)

OPERATIONS_WITHOUT_A_GAP = Law(
    "operations are numbered without a gap",
    """
    SELECT 'op', count || ' rows, the last is ' || last
    FROM (SELECT count(*) AS count, coalesce(max(n), 0) AS last FROM op) AS counted
    WHERE count <> last
    """,
)
"""What is left of it for a party that keeps no book."""

WITHOUT_A_GAP = Law(
    "operations and entries are numbered without a gap",
    """
    SELECT what, count || ' rows, the last is ' || last FROM (
      SELECT 'op' AS what, count(*) AS count, coalesce(max(n), 0) AS last FROM op
      UNION ALL
      SELECT 'move', count(*), coalesce(max(n), 0) FROM move) AS tables
    WHERE count <> last
    """,
)

PLACED = Law(
    "operations have their places without a gap",
    """
    SELECT 'place', places || ' places, the last is ' || last || ', for ' || ops || ' operations'
    FROM (SELECT (SELECT count(*) FROM place) AS places,
                 (SELECT coalesce(max(n), 0) FROM place) AS last,
                 (SELECT count(*) FROM place p JOIN op o ON o.n = p.op) AS placed,
                 (SELECT count(*) FROM op) - (SELECT coalesce(sum(cardinality(ops)), 0)
                                              FROM unsealed) AS ops) AS counted
    WHERE places <> last OR places <> placed OR places <> ops
    """,
)
"""The same where several writers draw their numbers from sequences, which leave gaps."""


def reconcile(
    books: Books, laws: Sequence[Law], tables: Sequence[str], *, numbered: Law = WITHOUT_A_GAP
) -> Reconciliation:
    """Ask every law of a book, and of the party that keeps it. Sound when nothing answers."""
    return ask_laws(books, (*BOOK_LAWS, numbered, *laws), tables)


def ask_laws(books: Books, laws: Sequence[Law], tables: Sequence[str]) -> Reconciliation:
    """Ask these laws, and count the rows of `tables` (`name=table`)."""
    breaks: list[Break] = []
    for law in laws:
        found = books.rows(law.broken)
        for where, what in found[:SHOWN_PER_LAW]:
            breaks.append(Break(law.name, str(where), str(what)))
        if len(found) > SHOWN_PER_LAW:
            breaks.append(Break(law.name, "…", f"and {len(found) - SHOWN_PER_LAW} more"))
    checked = {
        # The names are written in code, by the party whose tables they are.
        name: int(books.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608
        for name, table in (named.split("=") for named in tables)
    }
    return Reconciliation(not breaks, breaks, checked)
