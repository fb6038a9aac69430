-- Pools, contributions, triggers and payouts. Amounts in minor units of the pool's currency.

-- The pool law and the law of the carried remainder are in the schema: no row that breaks them can
-- be written (WAL-91). Funds may owe, a pool never does.
CREATE TABLE jp_pool (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  pool_id       TEXT NOT NULL,
  kind          TEXT NOT NULL CHECK (kind IN ('fixed', 'progressive', 'timed', 'event')),
  level         TEXT NOT NULL CHECK (level IN ('mini', 'minor', 'major', 'grand')),
  currency      TEXT NOT NULL,
  version       INTEGER NOT NULL,
  rate_n        INTEGER NOT NULL,
  rate_d        INTEGER NOT NULL,
  opened_ns     INTEGER NOT NULL,
  opened_op     INTEGER NOT NULL,
  next_version  INTEGER,
  status        TEXT NOT NULL CHECK (status IN ('open', 'paused')),
  cycle         INTEGER NOT NULL CHECK (cycle >= 0),
  since_cycle   INTEGER NOT NULL CHECK (since_cycle BETWEEN 0 AND cycle),
  size          INTEGER NOT NULL CHECK (size >= 0),
  reserve       INTEGER NOT NULL,
  seed_fund     INTEGER NOT NULL,
  overflow      INTEGER NOT NULL CHECK (overflow >= 0),
  seeded        INTEGER NOT NULL CHECK (seeded >= 0),
  contributed   INTEGER NOT NULL CHECK (contributed >= 0),
  diverted      INTEGER NOT NULL CHECK (diverted >= 0),
  reversed      INTEGER NOT NULL CHECK (reversed >= 0),
  paid          INTEGER NOT NULL CHECK (paid >= 0),
  forfeited     INTEGER NOT NULL CHECK (forfeited >= 0),
  stakes        INTEGER NOT NULL CHECK (stakes >= 0),
  taken         INTEGER NOT NULL CHECK (taken >= 0),
  carry_in      INTEGER NOT NULL CHECK (carry_in >= 0),
  carry         INTEGER NOT NULL CHECK (carry >= 0),
  reserve_carry INTEGER NOT NULL CHECK (reserve_carry >= 0),
  seed_carry    INTEGER NOT NULL CHECK (seed_carry >= 0),
  bets          INTEGER NOT NULL CHECK (bets >= 0),
  players       INTEGER NOT NULL CHECK (players >= 0),
  hits          INTEGER NOT NULL CHECK (hits >= 0),
  point         INTEGER,
  salt          TEXT,
  commitment    TEXT,
  deadline_ns   INTEGER,
  CHECK (size = seeded + contributed - paid - reversed - diverted),
  CHECK (taken * rate_d + carry = stakes * rate_n + carry_in),
  CHECK (rate_d > 0 AND carry < rate_d),
  CHECK ((point IS NULL) = (salt IS NULL)),
  CHECK ((point IS NULL) = (commitment IS NULL)),
  CHECK (next_version IS NULL OR next_version > version)
) STRICT;

CREATE TABLE jp_member (
  k       BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n       INTEGER PRIMARY KEY,
  brand   TEXT NOT NULL,
  pool_id TEXT NOT NULL,
  region  TEXT NOT NULL,
  kind    TEXT NOT NULL CHECK (kind IN ('fixed', 'progressive', 'timed', 'event')),
  level   TEXT NOT NULL CHECK (level IN ('mini', 'minor', 'major', 'grand')),
  grouped TEXT NOT NULL
) STRICT;

-- A region's part of a network pool.
CREATE TABLE jp_subpool (
  k              BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n              INTEGER PRIMARY KEY,
  pool_id        TEXT NOT NULL,
  region         TEXT NOT NULL,
  currency       TEXT NOT NULL,
  bets           INTEGER NOT NULL CHECK (bets >= 0),
  contributed    INTEGER NOT NULL CHECK (contributed >= 0),
  reversed       INTEGER NOT NULL CHECK (reversed >= 0),
  paid           INTEGER NOT NULL CHECK (paid >= 0),
  hits           INTEGER NOT NULL CHECK (hits >= 0),
  since_cycle    INTEGER NOT NULL CHECK (since_cycle BETWEEN 0 AND cycle),
  size           INTEGER NOT NULL CHECK (size >= 0),
  cycle          INTEGER NOT NULL CHECK (cycle >= 0),
  players        INTEGER NOT NULL CHECK (players >= 0),
  last_reference TEXT,
  last_amount    INTEGER,
  last_ns        INTEGER,
  CHECK ((hits = 0) = (last_reference IS NULL)),
  CHECK ((last_reference IS NULL) = (last_amount IS NULL)),
  CHECK ((last_reference IS NULL) = (last_ns IS NULL))
) STRICT;

CREATE TABLE jp_terms (
  k       BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n       INTEGER PRIMARY KEY,
  pool_id TEXT NOT NULL,
  version TEXT NOT NULL,
  terms   BLOB NOT NULL,
  op      INTEGER NOT NULL
) STRICT;

-- The four parts are the contribution.
CREATE TABLE jp_contribution (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  tenant        TEXT NOT NULL,
  jp_contrib_id TEXT NOT NULL,
  brand         TEXT NOT NULL,
  region        TEXT NOT NULL,
  pool_id       TEXT NOT NULL,
  version       INTEGER NOT NULL,
  cycle         INTEGER NOT NULL CHECK (cycle >= 0),
  round_id      TEXT NOT NULL,
  bet_id        TEXT NOT NULL,
  player_id     TEXT NOT NULL,
  stake         INTEGER NOT NULL CHECK (stake >= 0),
  given         INTEGER CHECK (given >= 0),
  amount        INTEGER NOT NULL CHECK (amount >= 0),
  current       INTEGER NOT NULL CHECK (current >= 0),
  to_reserve    INTEGER NOT NULL CHECK (to_reserve >= 0),
  to_seed       INTEGER NOT NULL CHECK (to_seed >= 0),
  to_overflow   INTEGER NOT NULL CHECK (to_overflow >= 0),
  currency      TEXT NOT NULL,
  op            INTEGER NOT NULL,
  at_ns         INTEGER NOT NULL,
  place         INTEGER CHECK (place > 0),
  status        TEXT NOT NULL CHECK (status IN ('recorded', 'reversed')),
  charged_to    TEXT,
  reversed_op   INTEGER,
  reversed_ns   INTEGER,
  CHECK (amount = current + to_reserve + to_seed + to_overflow),
  CHECK (charged_to IN ('pool', 'reserve')),
  CHECK ((status = 'reversed') = (charged_to IS NOT NULL)),
  CHECK ((status = 'reversed') = (reversed_ns IS NOT NULL)),
  CHECK ((reversed_op IS NULL) = (reversed_ns IS NULL))
) STRICT;

-- A place among the contributions of a timed pool's cycle, and the tickets of those it covers.
CREATE TABLE jp_ticket (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  pool_id       TEXT NOT NULL,
  cycle         TEXT NOT NULL,
  place         TEXT NOT NULL,
  tenant        TEXT NOT NULL,
  jp_contrib_id TEXT NOT NULL,
  own           INTEGER NOT NULL CHECK (own >= 0),
  tickets       INTEGER NOT NULL CHECK (tickets >= 0)
) STRICT;

CREATE TABLE jp_bet (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  tenant        TEXT NOT NULL,
  pool_id       TEXT NOT NULL,
  bet_id        TEXT NOT NULL,
  jp_contrib_id TEXT NOT NULL
) STRICT;

CREATE TABLE jp_player (
  k         BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n         INTEGER PRIMARY KEY,
  tenant    TEXT NOT NULL,
  pool_id   TEXT NOT NULL,
  player_id TEXT NOT NULL,
  cycle     INTEGER NOT NULL CHECK (cycle >= 0)
) STRICT;

CREATE TABLE jp_tombstone (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  tenant        TEXT NOT NULL,
  jp_contrib_id TEXT NOT NULL,
  brand         TEXT NOT NULL,
  region        TEXT NOT NULL,
  op            INTEGER NOT NULL
) STRICT;

CREATE TABLE jp_bet_gone (
  k      BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n      INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  bet_id TEXT NOT NULL,
  op     INTEGER NOT NULL
) STRICT;

CREATE TABLE jp_feed (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  tenant        TEXT NOT NULL,
  feed          TEXT NOT NULL CHECK (feed IN ('rgs', 'wallet')),
  brand         TEXT NOT NULL,
  region        TEXT NOT NULL,
  cursor        TEXT,
  events        INTEGER NOT NULL CHECK (events >= 0),
  contributions INTEGER NOT NULL CHECK (contributions >= 0),
  rollbacks     INTEGER NOT NULL CHECK (rollbacks >= 0),
  unread        INTEGER NOT NULL CHECK (unread >= 0),
  behind        INTEGER NOT NULL CHECK (behind IN (0, 1)),
  every_s       INTEGER CHECK (every_s > 0),
  followed_ns   INTEGER,
  next_ns       INTEGER,
  asked_ns      INTEGER,
  CHECK ((every_s IS NULL) = (next_ns IS NULL))
) STRICT;

CREATE TABLE jp_peer (
  k        BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n        INTEGER PRIMARY KEY,
  tenant   TEXT NOT NULL,
  party    TEXT NOT NULL,
  off_s    INTEGER NOT NULL,
  seen_ns  INTEGER NOT NULL,
  since_ns INTEGER NOT NULL
) STRICT;

CREATE TABLE jp_watch (
  k         BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n         INTEGER PRIMARY KEY,
  tenant    TEXT NOT NULL,
  oldest_ns INTEGER,
  held      INTEGER NOT NULL CHECK (held >= 0)
) STRICT;

CREATE TABLE jp_held (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  tenant        TEXT NOT NULL,
  jp_contrib_id TEXT NOT NULL,
  brand         TEXT NOT NULL,
  region        TEXT NOT NULL,
  pool_id       TEXT NOT NULL,
  cycle         INTEGER NOT NULL CHECK (cycle >= 0),
  reason        TEXT NOT NULL,
  at_ns         INTEGER NOT NULL,
  next_ns       INTEGER NOT NULL,
  status        TEXT NOT NULL CHECK (status IN ('held', 'fell', 'dropped'))
) STRICT;

CREATE TABLE jp_candidate (
  k         BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n         INTEGER PRIMARY KEY,
  tenant    TEXT NOT NULL,
  pool_id   TEXT NOT NULL,
  bet_id    TEXT NOT NULL,
  brand     TEXT NOT NULL,
  region    TEXT NOT NULL,
  round_id  TEXT NOT NULL,
  player_id TEXT NOT NULL,
  stake     INTEGER NOT NULL CHECK (stake >= 0),
  eligible  INTEGER NOT NULL,
  op        INTEGER NOT NULL,
  CHECK (eligible IN (0, 1))
) STRICT;

-- One winner for each hit (WAL-94).
CREATE TABLE jp_trigger (
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
  jp_payout_id  TEXT NOT NULL,
  hit           INTEGER NOT NULL CHECK (hit >= 0),
  cycle         INTEGER NOT NULL CHECK (cycle >= 0),
  version       INTEGER NOT NULL,
  level         TEXT NOT NULL CHECK (level IN ('mini', 'minor', 'major', 'grand')),
  amount        INTEGER NOT NULL CHECK (amount >= 0),
  currency      TEXT NOT NULL,
  stakes        INTEGER NOT NULL CHECK (stakes >= 0),
  taken         INTEGER NOT NULL CHECK (taken >= 0),
  rate_n        INTEGER NOT NULL,
  rate_d        INTEGER NOT NULL,
  carry_in      INTEGER NOT NULL CHECK (carry_in >= 0),
  carry         INTEGER NOT NULL CHECK (carry >= 0),
  point         INTEGER,
  salt          TEXT,
  commitment    TEXT,
  op            INTEGER NOT NULL,
  at_ns         INTEGER NOT NULL,
  UNIQUE (pool_id, hit),
  UNIQUE (tenant, jp_payout_id),
  CHECK (amount > 0),
  CHECK (taken * rate_d + carry = stakes * rate_n + carry_in)
) STRICT;

-- Parked and forfeited have a reason; what has ended is never changed.
CREATE TABLE jp_payout (
  k             BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n             INTEGER PRIMARY KEY,
  tenant        TEXT NOT NULL,
  jp_payout_id  TEXT NOT NULL,
  brand         TEXT NOT NULL,
  region        TEXT NOT NULL,
  jp_trigger_id TEXT NOT NULL,
  pool_id       TEXT NOT NULL,
  player_id     TEXT NOT NULL,
  round_id      TEXT NOT NULL,
  level         TEXT NOT NULL CHECK (level IN ('mini', 'minor', 'major', 'grand')),
  amount        INTEGER NOT NULL CHECK (amount >= 0),
  currency      TEXT NOT NULL,
  due_op        INTEGER NOT NULL,
  due_ns        INTEGER NOT NULL,
  status        TEXT NOT NULL
    CHECK (status IN ('due', 'requested', 'credited', 'parked', 'forfeited', 'cancelled')),
  attempt       INTEGER NOT NULL CHECK (attempt >= 0),
  reason        TEXT,
  changed_op    INTEGER,
  ended_ns      INTEGER,
  cancelling    INTEGER NOT NULL CHECK (cancelling IN (0, 1)),
  waits_ns      INTEGER,
  set_aside     TEXT CHECK (set_aside IN ('wanted', 'asked', 'held', 'let_go')),
  CHECK (amount > 0),
  CHECK (status = 'cancelled' OR (status IN ('parked', 'forfeited')) = (reason IS NOT NULL)),
  CHECK ((status IN ('credited', 'forfeited', 'cancelled')) = (ended_ns IS NOT NULL)),
  CHECK (cancelling = 0 OR status = 'requested'),
  CHECK (status <> 'credited' OR set_aside IS NULL OR set_aside = 'held'),
  CHECK (status <> 'requested' OR set_aside IS NULL OR set_aside IN ('asked', 'held')),
  CHECK (set_aside IS NULL OR set_aside <> 'let_go' OR status IN ('forfeited', 'cancelled')),
  CHECK ((status IN ('due', 'requested')) = (waits_ns IS NOT NULL))
) STRICT;

CREATE TABLE jp_suspicion (
  k            BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n            INTEGER PRIMARY KEY,
  tenant       TEXT NOT NULL,
  jp_payout_id TEXT NOT NULL,
  brand        TEXT NOT NULL,
  region       TEXT NOT NULL,
  licence      TEXT NOT NULL,
  pool_id      TEXT NOT NULL,
  player_id    TEXT NOT NULL,
  round_id     TEXT NOT NULL,
  amount       INTEGER NOT NULL CHECK (amount >= 0),
  currency     TEXT NOT NULL,
  reason       TEXT NOT NULL,
  op           INTEGER NOT NULL,
  at_ns        INTEGER NOT NULL
) STRICT;

CREATE TABLE jp_decision (
  k           BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n           INTEGER PRIMARY KEY,
  tenant      TEXT NOT NULL,
  decision_id TEXT NOT NULL,
  what        TEXT NOT NULL,
  of          TEXT NOT NULL,
  reason      TEXT NOT NULL,
  approved_by TEXT NOT NULL,
  asked       BLOB NOT NULL,
  op          INTEGER NOT NULL,
  CHECK (what IN ('pause', 'resume', 'release', 'forfeit', 'cancel', 'terms'))
) STRICT;

CREATE INDEX jp_contribution_round ON jp_contribution (tenant, pool_id, round_id);
CREATE INDEX jp_contribution_player ON jp_contribution (tenant, player_id);
CREATE INDEX jp_candidate_round ON jp_candidate (tenant, pool_id, round_id);
CREATE INDEX jp_trigger_round ON jp_trigger (tenant, pool_id, round_id);
CREATE INDEX jp_held_status ON jp_held (status);
CREATE INDEX jp_payout_waits ON jp_payout (tenant, waits_ns) WHERE waits_ns IS NOT NULL;
CREATE INDEX jp_payout_status ON jp_payout (tenant, status);

CREATE TRIGGER jp_contribution_is_never_deleted BEFORE DELETE ON jp_contribution
BEGIN SELECT RAISE(ABORT, 'a contribution is never deleted'); END;
CREATE TRIGGER jp_trigger_is_never_deleted BEFORE DELETE ON jp_trigger
BEGIN SELECT RAISE(ABORT, 'a trigger is never deleted'); END;
CREATE TRIGGER jp_payout_is_never_deleted BEFORE DELETE ON jp_payout
BEGIN SELECT RAISE(ABORT, 'a payout is never deleted'); END;
CREATE TRIGGER jp_terms_is_never_deleted BEFORE DELETE ON jp_terms
BEGIN SELECT RAISE(ABORT, 'a version of terms is never deleted'); END;
CREATE TRIGGER jp_decision_is_never_deleted BEFORE DELETE ON jp_decision
BEGIN SELECT RAISE(ABORT, 'a decision is never deleted'); END;
CREATE TRIGGER jp_suspicion_is_never_deleted BEFORE DELETE ON jp_suspicion
BEGIN SELECT RAISE(ABORT, 'a record is never deleted'); END;
CREATE TRIGGER jp_bet_gone_is_never_deleted BEFORE DELETE ON jp_bet_gone
BEGIN SELECT RAISE(ABORT, 'a rollback is never forgotten'); END;
CREATE TRIGGER jp_held_is_never_deleted BEFORE DELETE ON jp_held
BEGIN SELECT RAISE(ABORT, 'what was held back is never forgotten'); END;
CREATE TRIGGER jp_trigger_never_changes BEFORE UPDATE ON jp_trigger
BEGIN SELECT RAISE(ABORT, 'a trigger is never changed'); END;
CREATE TRIGGER jp_terms_never_changes BEFORE UPDATE ON jp_terms
BEGIN SELECT RAISE(ABORT, 'a version of terms is never changed'); END;
CREATE TRIGGER jp_decision_never_changes BEFORE UPDATE ON jp_decision
BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;
CREATE TRIGGER jp_suspicion_never_changes BEFORE UPDATE ON jp_suspicion
BEGIN SELECT RAISE(ABORT, 'a record is never changed'); END;
CREATE TRIGGER jp_contribution_is_reversed_once BEFORE UPDATE ON jp_contribution WHEN old.status <> 'recorded'
BEGIN SELECT RAISE(ABORT, 'a reversed contribution is never changed'); END;
CREATE TRIGGER jp_payout_ends_once BEFORE UPDATE ON jp_payout WHEN old.status IN ('credited', 'forfeited', 'cancelled')
BEGIN SELECT RAISE(ABORT, 'a payout that has ended is never changed'); END;
