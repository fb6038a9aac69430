"""The tables of `schema.sql`, said in PostgreSQL's words, and what PostgreSQL needs besides.

Every statement of a schema has one of a few forms; one of another form is a bug and is refused. So
both databases keep the same tables, columns, checks and unique indexes (a test compares them).
"""

import re
from collections.abc import Sequence

SCHEMA = "playmoney"
"""The namespace of the leading party's tables; each other party has one of its own, named after it
as well. Nothing else in a database is touched."""

PREPARE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
END $$;
"""

FINISH = """
-- What a batch has committed and no seal covers yet. `n` is drawn while the batch holds the locks
-- of all it changed, so among batches that touch the same row the order is that of the changes.
CREATE TABLE unsealed (
  n      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ops    bigint[] NOT NULL,
  leaves bytea NOT NULL
);

-- Where an operation stands among the committed ones: dense, and never given before all that come
-- earlier are visible. Cursors of the event feed are these, never a sequence's numbers.
CREATE TABLE place (
  n  bigint PRIMARY KEY,
  op bigint NOT NULL UNIQUE
);
CREATE TRIGGER place_is_never_changed BEFORE UPDATE ON place
FOR EACH ROW EXECUTE FUNCTION refuse('a place is never changed');
CREATE TRIGGER place_is_never_deleted BEFORE DELETE ON place
FOR EACH ROW EXECUTE FUNCTION refuse('a place is never deleted');
"""

FEED = "feed"
"""The view of operations that pages are read from: `n` is the place among the committed ones."""

_COMMENT = re.compile(r"--[^\n]*")
_STATEMENT = re.compile(r"\s*(CREATE TRIGGER\b.*?\bEND|CREATE\b[^;]*|\Z);?", re.DOTALL)
_TABLE = re.compile(r"CREATE TABLE (\w+) \((.*)\) STRICT(?:, WITHOUT ROWID)?", re.DOTALL)
_SAME = re.compile(r"CREATE (?:(?:UNIQUE )?INDEX \w+ ON \w+ \(|VIEW \w+ AS\b)[^;]*", re.DOTALL)
_TRIGGER = re.compile(
    r"CREATE TRIGGER (\w+) BEFORE (UPDATE(?: OF [\w, ]+)?|DELETE|INSERT) ON (\w+)"
    r"(?:\s+WHEN (.*?))?\s+BEGIN\s+SELECT RAISE\(ABORT, '([^']*)'\);\s+END",
    re.DOTALL,
)
_POSITION = re.compile(r"^\s*n\s+INTEGER PRIMARY KEY", re.MULTILINE)
_TYPES = {"INTEGER": "bigint", "BLOB": "bytea"}
_TYPE = re.compile(r"\b(INTEGER|BLOB)\b")


def namespace_of(party: str) -> str:
    """The namespace of a party that another one leads."""
    return f"{SCHEMA}_{party}"


def translate(schema: str) -> str:
    """A schema for PostgreSQL. Raises ValueError for a statement of an unknown form."""
    text = _COMMENT.sub("", schema)
    made: list[str] = []
    start = 0
    while text[start:].strip():
        found = _STATEMENT.match(text, start)
        if found is None:
            raise ValueError(f"no statement that is known: {text[start : start + 80].strip()!r}")
        made.append(_translate(found[1]))
        start = found.end()
    return "".join(made)


def whole(schemas: Sequence[str], op_columns: Sequence[str]) -> str:
    """Everything a new database needs, in one text; `op_columns` are those of an operation."""
    shown = ", ".join(f"o.{name}" for name in op_columns if name != "n")
    feed = f"CREATE VIEW {FEED} AS SELECT p.n, {shown} FROM place p JOIN op o ON o.n = p.op;\n"
    return PREPARE + "".join(map(translate, schemas)) + FINISH + feed


def _translate(statement: str) -> str:
    if table := _TABLE.fullmatch(statement):
        return _table(table[1], table[2])
    if trigger := _TRIGGER.fullmatch(statement):
        return _trigger(*trigger.groups())
    if _SAME.fullmatch(statement):
        return f"{statement};\n"
    raise ValueError(f"no statement that is known: {statement.strip()[:80]!r}")


def _table(name: str, body: str) -> str:
    columns = _TYPE.sub(lambda word: _TYPES[word[1]], body)
    made = f"CREATE TABLE {name} ({columns});\n"
    if _POSITION.search(body):
        made += f"CREATE SEQUENCE {name}_n OWNED BY {name}.n;\n"
    return made


def _trigger(name: str, event: str, table: str, when: str | None, message: str) -> str:
    only = f" WHEN ({when})" if when else ""
    made = (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
        f"FOR EACH ROW{only} EXECUTE FUNCTION refuse('{message}');\n"
    )
    if event == "DELETE":  # PostgreSQL has another way to delete
        made += (
            f"CREATE TRIGGER {name}_at_all BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse('{message}');\n"
        )
    return made
