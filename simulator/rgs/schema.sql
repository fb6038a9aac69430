-- The studio's side: players' states, sessions, rounds, spins, promotions, what was reported.

CREATE TABLE game_player (
  k          BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n          INTEGER PRIMARY KEY,
  tenant     TEXT NOT NULL,
  player_id  TEXT NOT NULL,
  brand      TEXT NOT NULL,
  region     TEXT NOT NULL,
  excluded   INTEGER NOT NULL CHECK (excluded IN (0, 1)),
  changed_ns INTEGER NOT NULL
) STRICT;

CREATE TABLE rg_change (
  k         BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n         INTEGER PRIMARY KEY,
  tenant    TEXT NOT NULL,
  change_id TEXT NOT NULL,
  player_id TEXT NOT NULL,
  excluded  INTEGER NOT NULL CHECK (excluded IN (0, 1)),
  op        INTEGER NOT NULL
) STRICT;

-- A player's token opens one session (RGS-02).
CREATE TABLE player_token (
  k          BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n          INTEGER PRIMARY KEY,
  tenant     TEXT NOT NULL,
  jti        TEXT NOT NULL,
  session_id TEXT NOT NULL
) STRICT;

CREATE TRIGGER player_token_is_never_changed BEFORE UPDATE ON player_token
BEGIN SELECT RAISE(ABORT, 'a token that was used stays used'); END;
CREATE TRIGGER player_token_is_never_deleted BEFORE DELETE ON player_token
BEGIN SELECT RAISE(ABORT, 'a token that was used stays used'); END;

-- A transfer session keeps what was brought in, less its stakes, plus its wins, less what was taken
-- out; never below zero, never more or less.
CREATE TABLE game_session (
  k                 BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n                 INTEGER PRIMARY KEY,
  tenant            TEXT NOT NULL,
  session_id        TEXT NOT NULL,
  brand             TEXT NOT NULL,
  region            TEXT NOT NULL,
  operator_id       TEXT NOT NULL,
  player_id         TEXT NOT NULL,
  game_id           TEXT NOT NULL,
  build_hash        TEXT NOT NULL,
  geo               TEXT NOT NULL CHECK (length(geo) = 2),
  currency          TEXT NOT NULL CHECK (length(currency) = 3),
  wallet            TEXT NOT NULL CHECK (wallet IN ('seamless', 'transfer')),
  market            TEXT NOT NULL,
  rtp_profile       TEXT NOT NULL,
  terms             BLOB NOT NULL,
  time_limit_min    INTEGER CHECK (time_limit_min > 0),
  reminder_every_ns INTEGER CHECK (reminder_every_ns > 0),
  token_hash        TEXT NOT NULL,
  op                INTEGER NOT NULL,
  created_ns        INTEGER NOT NULL,
  expires_ns        INTEGER NOT NULL,
  displayed         TEXT NOT NULL,
  spins             INTEGER NOT NULL CHECK (spins >= 0),
  staked            INTEGER NOT NULL CHECK (staked >= 0),
  won               INTEGER NOT NULL CHECK (won >= 0),
  paid              INTEGER NOT NULL CHECK (paid >= spins),
  paid_ns           INTEGER,
  balance           INTEGER CHECK (balance >= 0),
  moved_in          INTEGER NOT NULL CHECK (moved_in >= 0),
  moved_out         INTEGER NOT NULL CHECK (moved_out >= 0),
  reminder          INTEGER NOT NULL CHECK (reminder >= 1),
  reminder_ns       INTEGER,
  ended_ns          INTEGER,
  CHECK ((wallet = 'transfer') = (balance IS NOT NULL)),
  CHECK (balance IS NULL OR balance = moved_in - moved_out - staked + won),
  CHECK ((reminder_every_ns IS NULL) = (reminder_ns IS NULL))
) STRICT;

CREATE TABLE game_round (
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
  started_ns INTEGER NOT NULL,
  status     TEXT NOT NULL CHECK (status IN ('open', 'completed')),
  spins      INTEGER NOT NULL CHECK (spins >= 0),
  staked     INTEGER NOT NULL CHECK (staked >= 0),
  won        INTEGER NOT NULL CHECK (won >= 0),
  ended_ns   INTEGER,
  CHECK ((status = 'open') = (ended_ns IS NULL))
) STRICT;

CREATE TRIGGER game_round_ends_once BEFORE UPDATE ON game_round
WHEN old.status <> 'open' AND NOT (
  new.status = old.status AND new.ended_ns = old.ended_ns
  AND new.spins < old.spins AND new.staked <= old.staked AND new.won <= old.won)
BEGIN SELECT RAISE(ABORT, 'a round that has ended loses what becomes void, and nothing else'); END;

-- A game's data as spins were played with it (RGS-11).
CREATE TABLE game_data (
  k                 BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n                 INTEGER PRIMARY KEY,
  data_hash         TEXT NOT NULL,
  game_id           TEXT NOT NULL,
  mechanics_version TEXT NOT NULL,
  data              BLOB NOT NULL
) STRICT;

CREATE TRIGGER game_data_is_never_changed BEFORE UPDATE ON game_data
BEGIN SELECT RAISE(ABORT, 'the data that spins were played with never changes'); END;
CREATE TRIGGER game_data_is_never_deleted BEFORE DELETE ON game_data
BEGIN SELECT RAISE(ABORT, 'the data that spins were played with never changes'); END;

CREATE TABLE used_seed (
  k           BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n           INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  seed        INTEGER NOT NULL CHECK (seed >= 0)
) STRICT;

-- A spin never changes, but for being void and for a jackpot that falls on it.
CREATE TABLE spin (
  k                 BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n                 INTEGER PRIMARY KEY,
  tenant            TEXT NOT NULL,
  spin_id           TEXT NOT NULL,
  brand             TEXT NOT NULL,
  region            TEXT NOT NULL,
  round_id          TEXT NOT NULL,
  session_id        TEXT NOT NULL,
  player_id         TEXT NOT NULL,
  game_id           TEXT NOT NULL,
  build_hash        TEXT NOT NULL,
  rtp_profile       TEXT NOT NULL,
  spin_type         TEXT NOT NULL CHECK (spin_type IN ('cash', 'free', 'bonus', 'tournament')),
  mode              TEXT NOT NULL,
  currency          TEXT NOT NULL,
  stake             INTEGER NOT NULL CHECK (stake > 0),
  win               INTEGER NOT NULL CHECK (win >= 0),
  choice            BLOB NOT NULL,
  outcome           BLOB NOT NULL,
  telemetry_ref     TEXT NOT NULL,
  seed_fingerprint  TEXT NOT NULL,
  nonce             TEXT NOT NULL CHECK (length(nonce) = 64),
  mechanics_version TEXT NOT NULL,
  data_hash         TEXT NOT NULL,
  draws             INTEGER NOT NULL CHECK (draws >= 0),
  op                INTEGER NOT NULL,
  played_ns         INTEGER NOT NULL,
  grant_id          TEXT,
  tournament_id     TEXT,
  status            TEXT NOT NULL CHECK (status IN ('played', 'void')),
  txns              BLOB NOT NULL,
  voided_ns         INTEGER,
  CHECK ((spin_type = 'free') = (grant_id IS NOT NULL)),
  CHECK ((spin_type = 'tournament') = (tournament_id IS NOT NULL)),
  CHECK ((status = 'void') = (voided_ns IS NOT NULL))
) STRICT;

CREATE TRIGGER spin_is_void_once BEFORE UPDATE ON spin WHEN old.status = 'void'
BEGIN SELECT RAISE(ABORT, 'a spin that is void never changes'); END;
CREATE TRIGGER spin_is_never_deleted BEFORE DELETE ON spin
BEGIN SELECT RAISE(ABORT, 'a spin is never deleted'); END;

CREATE TABLE money_move (
  k           BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n           INTEGER PRIMARY KEY,
  tenant      TEXT NOT NULL,
  transfer_id TEXT NOT NULL,
  session_id  TEXT NOT NULL,
  direction   TEXT NOT NULL CHECK (direction IN ('in', 'out')),
  amount      INTEGER NOT NULL CHECK (amount >= 0),
  whole       INTEGER NOT NULL CHECK (whole IN (0, 1)),
  op          INTEGER NOT NULL
) STRICT;

CREATE TRIGGER money_move_is_never_changed BEFORE UPDATE ON money_move
BEGIN SELECT RAISE(ABORT, 'a transfer is never changed'); END;
CREATE TRIGGER money_move_is_never_deleted BEFORE DELETE ON money_move
BEGIN SELECT RAISE(ABORT, 'a transfer is never deleted'); END;

-- No more spins of a grant than were given (RGS-40).
CREATE TABLE free_spins (
  k           BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n           INTEGER PRIMARY KEY,
  tenant      TEXT NOT NULL,
  grant_id    TEXT NOT NULL,
  brand       TEXT NOT NULL,
  region      TEXT NOT NULL,
  player_id   TEXT NOT NULL,
  game_id     TEXT NOT NULL,
  granted     INTEGER NOT NULL CHECK (granted > 0),
  bet_size    INTEGER NOT NULL CHECK (bet_size > 0),
  currency    TEXT NOT NULL,
  rtp_profile TEXT,
  granted_ns  INTEGER NOT NULL,
  expires_ns  INTEGER,
  op          INTEGER NOT NULL,
  consumed    INTEGER NOT NULL CHECK (consumed BETWEEN 0 AND granted),
  won         INTEGER NOT NULL CHECK (won >= 0)
) STRICT;

CREATE TABLE tournament (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  tenant        TEXT NOT NULL,
  tournament_id TEXT NOT NULL,
  brand         TEXT NOT NULL,
  region        TEXT NOT NULL,
  title         TEXT NOT NULL,
  games         TEXT NOT NULL,
  currency      TEXT NOT NULL,
  score         TEXT NOT NULL CHECK (score IN ('total_win', 'turnover')),
  starts_ns     INTEGER NOT NULL,
  ends_ns       INTEGER NOT NULL,
  op            INTEGER NOT NULL,
  CHECK (starts_ns < ends_ns)
) STRICT;

CREATE TABLE tournament_entry (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  tenant        TEXT NOT NULL,
  tournament_id TEXT NOT NULL,
  player_id     TEXT NOT NULL,
  spins         INTEGER NOT NULL CHECK (spins >= 0),
  staked        INTEGER NOT NULL CHECK (staked >= 0),
  won           INTEGER NOT NULL CHECK (won >= 0),
  reached_ns    INTEGER NOT NULL
) STRICT;

CREATE TABLE jackpot_fallen (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  tenant        TEXT NOT NULL,
  jp_trigger_id TEXT NOT NULL,
  pool_id       TEXT NOT NULL,
  spin_id       TEXT NOT NULL,
  amount        INTEGER NOT NULL CHECK (amount >= 0),
  currency      TEXT NOT NULL,
  op            INTEGER NOT NULL
) STRICT;

-- An item of a batch counts once for its type and spin (RGS-04).
CREATE TABLE reported (
  k       BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n       INTEGER PRIMARY KEY,
  tenant  TEXT NOT NULL,
  type    TEXT NOT NULL CHECK (type IN ('spin_finished', 'rg_event')),
  spin_id TEXT NOT NULL,
  digest  BLOB NOT NULL CHECK (length(digest) = 16),
  op      INTEGER NOT NULL
) STRICT;

CREATE TABLE active_build (
  k          BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n          INTEGER PRIMARY KEY,
  tenant     TEXT NOT NULL,
  game_id    TEXT NOT NULL,
  market     TEXT NOT NULL,
  build_hash TEXT NOT NULL
) STRICT;

CREATE TABLE build_switch (
  k           BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n           INTEGER PRIMARY KEY,
  tenant      TEXT NOT NULL,
  switch_id   TEXT NOT NULL,
  game_id     TEXT NOT NULL,
  market      TEXT NOT NULL,
  former      TEXT NOT NULL,
  build_hash  TEXT NOT NULL,
  reason      TEXT NOT NULL,
  approved_by TEXT NOT NULL,
  op          INTEGER NOT NULL,
  CHECK (former <> build_hash)
) STRICT;

CREATE TRIGGER build_switch_is_never_changed BEFORE UPDATE ON build_switch
BEGIN SELECT RAISE(ABORT, 'a switch is never changed'); END;
CREATE TRIGGER build_switch_is_never_deleted BEFORE DELETE ON build_switch
BEGIN SELECT RAISE(ABORT, 'a switch is never deleted'); END;
