-- The operator's side: players, sessions, rounds, bets, payments.

CREATE TABLE player (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  tenant        TEXT NOT NULL,
  player_id     TEXT NOT NULL,
  brand         TEXT NOT NULL,
  region        TEXT NOT NULL,
  country       TEXT NOT NULL CHECK (length(country) = 2),
  currency      TEXT NOT NULL CHECK (length(currency) = 3),
  name          TEXT NOT NULL,
  city          TEXT NOT NULL,
  status        TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
  self_excluded INTEGER NOT NULL CHECK (self_excluded IN (0, 1))
) STRICT;

CREATE TABLE session (
  k                 BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n                 INTEGER PRIMARY KEY,
  tenant            TEXT NOT NULL,
  session_id        TEXT NOT NULL,
  brand             TEXT NOT NULL,
  region            TEXT NOT NULL,
  player_id         TEXT NOT NULL,
  game_id           TEXT NOT NULL,
  build_hash        TEXT NOT NULL,
  geo               TEXT NOT NULL,
  currency          TEXT NOT NULL,
  locale            TEXT NOT NULL,
  constraints       BLOB NOT NULL,
  max_bet           INTEGER,
  min_bet           INTEGER,
  step              INTEGER CHECK (step > 0),
  excluded          INTEGER NOT NULL CHECK (excluded IN (0, 1)),
  created_ns        INTEGER NOT NULL,
  expires_ns        INTEGER NOT NULL,
  ended_ns          INTEGER,
  reality_check_ns  INTEGER CHECK (reality_check_ns > 0),
  reality_due_ns    INTEGER,
  CHECK ((reality_check_ns IS NULL) = (reality_due_ns IS NULL))
) STRICT;

CREATE TABLE round (
  k          BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n          INTEGER PRIMARY KEY,
  tenant     TEXT NOT NULL,
  round_id   TEXT NOT NULL,
  brand      TEXT NOT NULL,
  region     TEXT NOT NULL,
  player_id  TEXT NOT NULL,
  session_id TEXT NOT NULL,
  game_id    TEXT NOT NULL,
  currency   TEXT NOT NULL,
  status     TEXT NOT NULL CHECK (status IN ('open', 'completed', 'cancelled')),
  bets       INTEGER NOT NULL CHECK (bets >= 0),
  open_bets  INTEGER NOT NULL CHECK (open_bets >= 0),
  settled    INTEGER NOT NULL CHECK (settled >= 0),
  staked     INTEGER NOT NULL CHECK (staked >= 0),
  won        INTEGER NOT NULL CHECK (won >= 0),
  started_op INTEGER NOT NULL,
  started_ns INTEGER NOT NULL,
  closed_op  INTEGER,
  closed_ns  INTEGER,
  CHECK (open_bets + settled <= bets),
  CHECK (status = 'open' OR open_bets = 0),
  CHECK ((status = 'open') = (closed_ns IS NULL))
) STRICT;

-- A bet is its hold, its settlement and its tombstone in one row. A tombstone has no hold: the
-- rollback came first, and the late bet must find it (WAL-42).
CREATE TABLE bet (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  tenant        TEXT NOT NULL,
  bet_id        TEXT NOT NULL,
  brand         TEXT NOT NULL,
  region        TEXT NOT NULL,
  round_id      TEXT NOT NULL,
  player_id     TEXT,
  session_id    TEXT,
  game_id       TEXT,
  currency      TEXT,
  amount        INTEGER CHECK (amount >= 0),
  hold_move     INTEGER UNIQUE REFERENCES move (n) DEFERRABLE INITIALLY DEFERRED,
  hold_id       TEXT,
  opened_op     INTEGER NOT NULL,
  opened_ns     INTEGER NOT NULL,
  status        TEXT NOT NULL CHECK (status IN ('authorized', 'settled', 'rolled_back')),
  win           INTEGER CHECK (win >= 0),
  settlement_id TEXT,
  closed_op     INTEGER,
  closed_ns     INTEGER,
  CHECK ((status = 'settled') = (win IS NOT NULL)),
  CHECK ((status = 'authorized') = (closed_op IS NULL)),
  CHECK (hold_move IS NOT NULL OR (status = 'rolled_back' AND amount IS NULL))
) STRICT;

CREATE TRIGGER bet_ends_once BEFORE UPDATE ON bet WHEN old.status <> 'authorized'
BEGIN SELECT RAISE(ABORT, 'a bet that has ended never changes'); END;

CREATE TABLE payment (
  k          BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n          INTEGER PRIMARY KEY,
  tenant     TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  player_id  TEXT NOT NULL,
  currency   TEXT NOT NULL,
  amount     INTEGER NOT NULL CHECK (amount >= 0),
  op         INTEGER NOT NULL
) STRICT;

CREATE TRIGGER payment_is_never_changed BEFORE UPDATE ON payment
BEGIN SELECT RAISE(ABORT, 'a payment is never changed'); END;
CREATE TRIGGER payment_is_never_deleted BEFORE DELETE ON payment
BEGIN SELECT RAISE(ABORT, 'a payment is never deleted'); END;
