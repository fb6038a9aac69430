-- What every party's store has. Laws first: what is forbidden here cannot be done by any code above.

CREATE TABLE op (
  k           BLOB UNIQUE CHECK (length(k) = 16),
  n           INTEGER PRIMARY KEY,
  client      TEXT NOT NULL,
  operation   TEXT NOT NULL,
  key         TEXT,
  fingerprint BLOB CHECK (length(fingerprint) = 16),
  status      INTEGER NOT NULL,
  answer      BLOB NOT NULL,
  at_ns       INTEGER NOT NULL,
  tenant      TEXT NOT NULL,
  brand       TEXT NOT NULL,
  region      TEXT NOT NULL,
  trace_id    TEXT NOT NULL,
  topic       TEXT,
  player_id   TEXT,
  game_id     TEXT,
  event       BLOB,
  CHECK ((key IS NULL) = (k IS NULL)),
  CHECK ((key IS NULL) = (fingerprint IS NULL)),
  CHECK ((topic IS NULL) = (event IS NULL))
) STRICT;

CREATE TRIGGER op_is_never_changed BEFORE UPDATE ON op
BEGIN SELECT RAISE(ABORT, 'an operation is never changed'); END;
CREATE TRIGGER op_is_never_deleted BEFORE DELETE ON op
BEGIN SELECT RAISE(ABORT, 'an operation is never deleted'); END;

CREATE TABLE task (
  k         BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n         INTEGER PRIMARY KEY,
  client    TEXT NOT NULL,
  operation TEXT NOT NULL,
  key       TEXT NOT NULL,
  work      BLOB NOT NULL,
  results   BLOB NOT NULL,
  state     TEXT NOT NULL CHECK (state IN ('pending', 'done')),
  due_ns    INTEGER NOT NULL,
  attempts  INTEGER NOT NULL CHECK (attempts >= 0)
) STRICT;

CREATE INDEX task_pending ON task (due_ns) WHERE state = 'pending';

-- Facts about the store itself: seed, run. Written once.
CREATE TABLE fact (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
