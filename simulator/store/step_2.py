"""Schema version 2: the audit chain, and a clearing account between stakes and the house.

Version 1 paid stakes to the house and wins out of it. Before anything is sealed, the entries of its
bets are moved to the clearing account of their provider, and a round that has ended posts its net
to the house; every player's account stays as it is.
"""

from collections.abc import Sequence

import apsw

from simulator.store import statements
from simulator.store.rows import Row, Seal
from simulator.store.seal import Leaf, leaf_of_values, seal_of_leaves

_PROVIDER = (
    "coalesce((SELECT json_extract(CAST(o.event AS TEXT), '$.provider_id') "
    "FROM op o WHERE o.n = started_op), 'unknown')"
)

_NEW = {
    "fact": {"k": "key_of(name)", "n": "row_number() OVER (ORDER BY name)"},
    "round": {
        "provider": _PROVIDER,
        "held": "(SELECT coalesce(sum(b.amount), 0) FROM bet_before b "
        "WHERE b.tenant = round_before.tenant AND b.round_id = round_before.round_id "
        "AND b.status = 'authorized')",
    },
    "bet": {"bonus_amount": "0"},
    "payment": {"kind": "'fund'"},
}
"""Columns that version 1 did not have and that have no default, as an expression over its row."""

_CLEARING = (
    # The round of each entry of a bet, with the two accounts that it is about.
    f"""
    CREATE TEMP TABLE played AS
    SELECT m.n AS move, r.n AS round, h.n AS house, r.tenant, r.currency,
           r.brand || '/' || {_PROVIDER} AS owner
    FROM round r
    JOIN bet b ON b.tenant = r.tenant AND b.round_id = r.round_id AND b.hold_move IS NOT NULL
    JOIN move m ON m.n = b.hold_move OR m.refers_to = b.hold_move
                OR (m.kind = 'post' AND m.op = b.closed_op)
    JOIN account h ON h.tenant = r.tenant AND h.kind = 'house' AND h.owner = r.brand
                  AND h.currency = r.currency
    """,
    """
    INSERT INTO account (k, n, tenant, kind, owner, currency, posted_debits, posted_credits,
                         pending_debits, pending_credits)
    SELECT key_of(tenant, 'clearing', owner, currency),
           (SELECT max(n) FROM account) + row_number() OVER (ORDER BY tenant, owner, currency),
           tenant, 'clearing', owner, currency, 0, 0, 0, 0
    FROM (SELECT DISTINCT tenant, owner, currency FROM played)
    """,
    "ALTER TABLE played ADD COLUMN clearing INTEGER",
    """
    UPDATE played SET clearing = (
      SELECT a.n FROM account a WHERE a.kind = 'clearing' AND a.tenant = played.tenant
      AND a.owner = played.owner AND a.currency = played.currency)
    """,
    """
    UPDATE move SET credit = p.clearing
    FROM temp.played p WHERE p.move = move.n AND move.credit = p.house
    """,
    """
    UPDATE move SET debit = p.clearing
    FROM temp.played p WHERE p.move = move.n AND move.debit = p.house
    """,
    # What a round that has ended leaves on its clearing account goes to the house.
    """
    INSERT INTO move (n, op, kind, debit, credit, amount)
    SELECT (SELECT max(n) FROM move) + row_number() OVER (ORDER BY r.n), r.closed_op, 'post',
           CASE WHEN r.staked > r.won THEN p.clearing ELSE p.house END,
           CASE WHEN r.staked > r.won THEN p.house ELSE p.clearing END, abs(r.staked - r.won)
    FROM round r JOIN (SELECT DISTINCT round, house, clearing FROM played) p ON p.round = r.n
    WHERE r.status <> 'open' AND r.staked <> r.won
    """,
    """
    UPDATE account SET
      posted_debits = (SELECT coalesce(sum(amount), 0) FROM move
        WHERE debit = account.n AND kind IN ('capture', 'post', 'reverse')),
      posted_credits = (SELECT coalesce(sum(amount), 0) FROM move
        WHERE credit = account.n AND kind IN ('capture', 'post', 'reverse')),
      pending_credits = (SELECT coalesce(sum(CASE kind WHEN 'hold' THEN amount ELSE -amount END), 0)
        FROM move WHERE credit = account.n AND kind IN ('hold', 'capture', 'release'))
    WHERE kind IN ('house', 'clearing')
    """,
    "DROP TABLE played",
)


def to_2(connection: apsw.Connection, schemas: Sequence[str], kinds: Sequence[type[Row]]) -> None:
    """Every table gets its present laws; then all there is becomes the first batch of the chain."""
    connection.create_scalar_function("key_of", lambda *key: statements.key_bytes(key))
    _take_guards(connection)
    connection.pragma("ignore_check_constraints", 1)  # those of version 1; the rows are copied
    for statement in _CLEARING:
        connection.execute(statement)
    connection.pragma("ignore_check_constraints", 0)
    _rebuild(connection, schemas)
    connection.execute(
        "INSERT INTO fact (k, n, name, value) SELECT key_of('made_with'), "
        "(SELECT max(n) + 1 FROM fact), 'made_with', value FROM fact WHERE name = 'first_seed'"
    )
    _seal(connection, kinds)


def _take_guards(connection: apsw.Connection) -> None:
    for kind in ("trigger", "index"):
        for name in _names(connection, kind):
            connection.execute(f"DROP {kind} {name}")


def _rebuild(connection: apsw.Connection, schemas: Sequence[str]) -> None:
    """Every table as the schemas have it now, with the rows that it had."""
    tables = _names(connection, "table")
    connection.pragma("legacy_alter_table", 1)  # references keep the names they have
    for table in tables:
        connection.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    for schema in schemas:
        connection.execute(schema)
    for table in tables:
        wanted = _columns(connection, table)
        taken = {name: name for name in _columns(connection, f"{table}_before") if name in wanted}
        taken |= _NEW.get(table, {})
        connection.execute(
            f"INSERT INTO {table} ({', '.join(taken)}) "
            f"SELECT {', '.join(taken.values())} FROM {table}_before"
        )
    for table in tables:
        connection.execute(f"DROP TABLE {table}_before")
    connection.pragma("legacy_alter_table", 0)


def _seal(connection: apsw.Connection, kinds: Sequence[type[Row]]) -> None:
    leaves: list[Leaf] = []
    last: dict[str, int] = {}
    for kind in kinds:
        text = f"SELECT {', '.join(statements.columns(kind))} FROM {kind.TABLE} ORDER BY n"
        leaves += [
            (kind.TABLE, values[0], leaf_of_values(kind.TABLE, values))
            for values in connection.execute(text)
        ]
        last[kind.TABLE] = int(connection.execute(statements.last_position(kind)).get)
    if leaves:
        seal = seal_of_leaves(None, last, leaves)
        values = (seal.n, seal.positions, seal.leaves, seal.root, seal.chain)
        connection.execute(statements.insert(Seal), values)


def _names(connection: apsw.Connection, kind: str) -> list[str]:
    text = "SELECT name FROM sqlite_schema WHERE type = $1 AND sql IS NOT NULL ORDER BY rowid"
    return [str(name) for (name,) in connection.execute(text, (kind,)).fetchall()]


def _columns(connection: apsw.Connection, table: str) -> list[str]:
    text = "SELECT name FROM pragma_table_info($1)"
    return [str(name) for (name,) in connection.execute(text, (table,)).fetchall()]
