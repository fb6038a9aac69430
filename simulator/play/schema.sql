-- The platform's side of play: sessions and rounds. Amounts in minor units of the session's currency.

CREATE TABLE play_session (
  k           BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n           INTEGER PRIMARY KEY,
  tenant      TEXT NOT NULL,
  session_id  TEXT NOT NULL,
  brand       TEXT NOT NULL,
  region      TEXT NOT NULL,
  provider    TEXT NOT NULL,
  player_id   TEXT NOT NULL,
  game_id     TEXT NOT NULL,
  build_hash  TEXT NOT NULL,
  geo         TEXT NOT NULL,
  currency    TEXT NOT NULL,
  model       TEXT NOT NULL CHECK (model IN ('seamless', 'transfer')),
  timing      TEXT NOT NULL CHECK (timing IN ('hold_first', 'debit_first', 'outcome_first')),
  modes       TEXT NOT NULL,
  warnings    TEXT NOT NULL,
  stake_min   INTEGER,
  stake_max   INTEGER,
  stake_step  INTEGER,
  interval_ns INTEGER NOT NULL CHECK (interval_ns >= 0),
  opened_op   INTEGER NOT NULL,
  opened_ns   INTEGER NOT NULL,
  expires_ns  INTEGER NOT NULL,
  brought     INTEGER CHECK (brought >= 0),
  taken       INTEGER CHECK (taken >= 0),
  rounds      INTEGER NOT NULL CHECK (rounds >= 0),
  open_rounds INTEGER NOT NULL CHECK (open_rounds >= 0),
  staked      INTEGER NOT NULL CHECK (staked >= 0),
  won         INTEGER NOT NULL CHECK (won >= 0),
  status      TEXT NOT NULL CHECK (status IN ('open', 'ending', 'ended')),
  last_ns     INTEGER,
  ended_op    INTEGER,
  ended_ns    INTEGER,
  CHECK ((status = 'ended') = (ended_ns IS NOT NULL)),
  CHECK (status = 'open' OR open_rounds = 0),
  CHECK ((model = 'transfer') = (brought IS NOT NULL)),
  CHECK (taken IS NULL OR model = 'transfer')
) STRICT;

CREATE INDEX play_session_player ON play_session (tenant, player_id);

-- A round is written when it opens and when it ends. What came of it is not there before its end, so
-- that nobody can be shown an outcome that was not paid for.
CREATE TABLE play_round (
  k          BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n          INTEGER PRIMARY KEY,
  tenant     TEXT NOT NULL,
  round_id   TEXT NOT NULL,
  brand      TEXT NOT NULL,
  region     TEXT NOT NULL,
  session_id TEXT NOT NULL,
  player_id  TEXT NOT NULL,
  game_id    TEXT NOT NULL,
  currency   TEXT NOT NULL,
  timing     TEXT CHECK (timing IN ('hold_first', 'debit_first', 'outcome_first')),
  spin_type  TEXT NOT NULL CHECK (spin_type IN ('cash', 'free', 'bonus', 'tournament')),
  mode       TEXT NOT NULL,
  stake      INTEGER NOT NULL CHECK (stake >= 0),
  paid       INTEGER NOT NULL CHECK (paid >= 0),
  asked      BLOB NOT NULL,
  opened_op  INTEGER NOT NULL,
  opened_ns  INTEGER NOT NULL,
  status     TEXT NOT NULL CHECK (status IN ('open', 'completed', 'refused', 'cancelled')),
  win        INTEGER CHECK (win >= 0),
  outcome    BLOB,
  txns       BLOB,
  balance    BLOB,
  refused_by TEXT CHECK (refused_by IN ('wallet', 'rgs')),
  refusal    BLOB,
  ended_op   INTEGER,
  ended_ns   INTEGER,
  CHECK (paid IN (0, stake)),
  CHECK ((status = 'open') = (ended_ns IS NULL)),
  CHECK ((status = 'completed') = (win IS NOT NULL)),
  CHECK ((status = 'completed') = (outcome IS NOT NULL)),
  CHECK ((status IN ('refused', 'cancelled')) = (refusal IS NOT NULL)),
  CHECK ((refusal IS NULL) = (refused_by IS NULL))
) STRICT;

CREATE INDEX play_round_session ON play_round (tenant, session_id);

CREATE TRIGGER play_round_is_never_deleted BEFORE DELETE ON play_round
BEGIN SELECT RAISE(ABORT, 'a round is never deleted'); END;
CREATE TRIGGER play_round_ends_once BEFORE UPDATE ON play_round WHEN old.status <> 'open'
BEGIN SELECT RAISE(ABORT, 'a round that has ended is never changed'); END;

CREATE TABLE play_jackpot (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  tenant        TEXT NOT NULL,
  jp_trigger_id TEXT NOT NULL,
  brand         TEXT NOT NULL,
  region        TEXT NOT NULL,
  pool_id       TEXT NOT NULL,
  reason        TEXT NOT NULL,
  player_id     TEXT NOT NULL,
  round_id      TEXT NOT NULL,
  op            INTEGER NOT NULL,
  at_ns         INTEGER NOT NULL
) STRICT;

CREATE TRIGGER play_jackpot_is_never_deleted BEFORE DELETE ON play_jackpot
BEGIN SELECT RAISE(ABORT, 'what was heard is never forgotten'); END;
CREATE TRIGGER play_jackpot_never_changes BEFORE UPDATE ON play_jackpot
BEGIN SELECT RAISE(ABORT, 'what was heard is never changed'); END;
