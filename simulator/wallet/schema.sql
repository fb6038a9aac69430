-- The operator's side: players, sessions, rounds, bets, transactions, payments.

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
  bonus_id      TEXT,
  status        TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
  self_excluded INTEGER NOT NULL CHECK (self_excluded IN (0, 1)),
  payout_block  TEXT NOT NULL DEFAULT 'none' CHECK (payout_block IN (
                  'none', 'RG', 'AML', 'WITHDRAWAL_LIMIT', 'SANCTIONS', 'GEO_BLOCK')),
  limits        INTEGER NOT NULL DEFAULT 0 CHECK (limits >= 0),
  time_out_ns   INTEGER
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
  provider   TEXT NOT NULL,
  player_id  TEXT NOT NULL,
  session_id TEXT,
  game_id    TEXT,
  currency   TEXT NOT NULL,
  status     TEXT NOT NULL CHECK (status = 'open' OR status = 'completed'
                                  OR status = 'cancelled'),
  bets       INTEGER NOT NULL CHECK (bets >= 0),
  open_bets  INTEGER NOT NULL CHECK (open_bets >= 0),
  settled    INTEGER NOT NULL CHECK (settled >= 0),
  staked     INTEGER NOT NULL CHECK (staked >= 0),
  held       INTEGER NOT NULL CHECK (held >= 0),
  won        INTEGER NOT NULL CHECK (won >= 0),
  loose_wins INTEGER NOT NULL DEFAULT 0 CHECK (loose_wins >= 0),
  started_op INTEGER NOT NULL,
  started_ns INTEGER NOT NULL,
  closed_op  INTEGER,
  closed_ns  INTEGER,
  CHECK (open_bets + settled <= bets),
  CHECK (status = 'open' OR open_bets = 0),
  CHECK (held <= staked),
  CHECK (open_bets > 0 OR held = 0),
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
  bonus_amount  INTEGER NOT NULL CHECK (bonus_amount BETWEEN 0 AND coalesce(amount, 0)),
  bonus_move    INTEGER UNIQUE REFERENCES move (n) DEFERRABLE INITIALLY DEFERRED,
  status        TEXT NOT NULL CHECK (status = 'authorized' OR status = 'settled'
                                     OR status = 'rolled_back'),
  win           INTEGER CHECK (win >= 0),
  settlement_id TEXT,
  closed_op     INTEGER,
  closed_ns     INTEGER,
  CHECK ((status = 'settled') = (win IS NOT NULL)),
  CHECK ((status = 'authorized') = (closed_op IS NULL)),
  CHECK (hold_move IS NOT NULL OR (status = 'rolled_back' AND amount IS NULL)),
  CHECK ((bonus_amount > 0) = (bonus_move IS NOT NULL))
) STRICT;

CREATE TRIGGER bet_ends_once BEFORE UPDATE ON bet WHEN old.status <> 'authorized'
BEGIN SELECT RAISE(ABORT, 'a bet that has ended never changes'); END;

-- A transaction of the wallet API happens once and is never changed, but for what became of it. A
-- tombstone has no amount: it stands for one that was undone before it came (WAL-42).
CREATE TABLE txn (
  k              BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n              INTEGER PRIMARY KEY,
  tenant         TEXT NOT NULL,
  scope          TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  brand          TEXT NOT NULL,
  region         TEXT NOT NULL,
  kind           TEXT NOT NULL CHECK (kind = 'debit' OR kind = 'credit' OR kind = 'rollback'
                                      OR kind = 'reserve' OR kind = 'release'
                                      OR kind = 'tombstone'),
  player_id      TEXT NOT NULL,
  round_id       TEXT,
  currency       TEXT NOT NULL,
  op             INTEGER NOT NULL,
  at_ns          INTEGER NOT NULL,
  session_id     TEXT,
  game_id        TEXT,
  amount         INTEGER CHECK (amount >= 0),
  bonus_amount   INTEGER NOT NULL CHECK (bonus_amount BETWEEN 0 AND coalesce(amount, 0)),
  cash_move      INTEGER UNIQUE REFERENCES move (n) DEFERRABLE INITIALLY DEFERRED,
  bonus_move     INTEGER UNIQUE REFERENCES move (n) DEFERRABLE INITIALLY DEFERRED,
  original       TEXT,
  reason         TEXT CHECK (reason = 'win' OR reason = 'promo' OR reason = 'jackpot'
                             OR reason = 'correction'),
  pool_id        TEXT,
  cash_after     INTEGER NOT NULL,
  bonus_after    INTEGER NOT NULL,
  held_after     INTEGER NOT NULL,
  status         TEXT NOT NULL CHECK (status = 'ok' OR status = 'settled' OR status = 'spent'
                                      OR status = 'released' OR status = 'rolled_back'),
  closed_op      INTEGER,
  closed_ns      INTEGER,
  CHECK ((status = 'ok') = (closed_op IS NULL)),
  CHECK ((kind = 'credit') = (reason IS NOT NULL)),
  CHECK ((bonus_amount > 0) = (bonus_move IS NOT NULL)),
  CHECK (kind <> 'tombstone' OR (amount IS NULL AND status = 'rolled_back')),
  CHECK (kind = 'rollback' OR kind = 'release' OR kind = 'tombstone' OR cash_move IS NOT NULL),
  CHECK (status <> 'settled' OR kind = 'debit'),
  CHECK (status NOT IN ('spent', 'released') OR kind = 'reserve')
) STRICT;

CREATE TRIGGER txn_ends_once BEFORE UPDATE ON txn WHEN old.status NOT IN ('ok', 'settled')
BEGIN SELECT RAISE(ABORT, 'a transaction that was undone never changes'); END;
CREATE TRIGGER txn_is_never_deleted BEFORE DELETE ON txn
BEGIN SELECT RAISE(ABORT, 'a transaction is never deleted'); END;

-- Every hold of every bet and reserve: one in each bucket that its stake was taken from.
CREATE VIEW bet_hold AS
  SELECT tenant, bet_id, player_id, currency, status, opened_op, 'player' AS bucket,
         hold_move AS move, amount - bonus_amount AS stake
  FROM bet WHERE hold_move IS NOT NULL
  UNION ALL
  SELECT tenant, bet_id, player_id, currency, status, opened_op, 'bonus', bonus_move, bonus_amount
  FROM bet WHERE bonus_move IS NOT NULL
  UNION ALL
  SELECT tenant, transaction_id, player_id, currency,
         CASE status WHEN 'ok' THEN 'authorized' WHEN 'spent' THEN 'settled' ELSE 'rolled_back' END,
         op, 'player', cash_move, amount - bonus_amount
  FROM txn WHERE kind = 'reserve'
  UNION ALL
  SELECT tenant, transaction_id, player_id, currency,
         CASE status WHEN 'ok' THEN 'authorized' WHEN 'spent' THEN 'settled' ELSE 'rolled_back' END,
         op, 'bonus', bonus_move, bonus_amount
  FROM txn WHERE kind = 'reserve' AND bonus_move IS NOT NULL;

-- Every event, and the row of the operation that it was told by: that of a pair tells of two.
CREATE VIEW told AS
  SELECT o.n, o.topic, o.player_id,
         CASE WHEN o.key IS NULL AND o.operation = 'debitAndCredit'
              THEN (SELECT h.n FROM op h WHERE h.n < o.n AND h.key IS NOT NULL
                    ORDER BY h.n DESC LIMIT 1)
              ELSE o.n END AS head
  FROM op o WHERE o.topic IS NOT NULL;

-- What each bet and transaction counts in its round. A debit that spends a reserve takes the stake
-- over from it.
CREATE VIEW played AS
  SELECT tenant, round_id, 1 AS bets,
         CASE status WHEN 'authorized' THEN 1 ELSE 0 END AS open_bets,
         CASE status WHEN 'settled' THEN 1 ELSE 0 END AS settled,
         CASE status WHEN 'rolled_back' THEN 0 ELSE amount END AS staked,
         CASE status WHEN 'authorized' THEN amount ELSE 0 END AS held,
         coalesce(win, 0) AS won, 0 AS loose_wins
  FROM bet WHERE hold_move IS NOT NULL
  UNION ALL
  SELECT tenant, round_id, 1, CASE status WHEN 'ok' THEN 1 ELSE 0 END, 0,
         CASE status WHEN 'ok' THEN amount ELSE 0 END,
         CASE status WHEN 'ok' THEN amount ELSE 0 END, 0, 0
  FROM txn WHERE kind = 'reserve'
  UNION ALL
  SELECT tenant, round_id, CASE WHEN original IS NULL THEN 1 ELSE 0 END, 0,
         CASE status WHEN 'rolled_back' THEN 0 ELSE 1 END,
         CASE status WHEN 'rolled_back' THEN 0 ELSE amount END, 0, 0, 0
  FROM txn WHERE kind = 'debit'
  UNION ALL
  SELECT tenant, round_id, 0, 0, 0, 0, 0, CASE status WHEN 'rolled_back' THEN 0 ELSE amount END,
         CASE WHEN original IS NULL THEN 1 ELSE 0 END
  FROM txn WHERE kind = 'credit' AND reason = 'win';

-- Every entry of every transaction: one in each bucket that it moved.
CREATE VIEW txn_entry AS
  SELECT tenant, scope, transaction_id, kind, player_id, original, op, 'player' AS bucket,
         cash_move AS move, amount - bonus_amount AS part
  FROM txn WHERE cash_move IS NOT NULL
  UNION ALL
  SELECT tenant, scope, transaction_id, kind, player_id, original, op, 'bonus', bonus_move,
         bonus_amount
  FROM txn WHERE bonus_move IS NOT NULL;

-- A jackpot's payout that is set aside before it is paid: held, then paid or let go (JP-13).
CREATE TABLE set_aside (
  k            BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n            INTEGER PRIMARY KEY,
  tenant       TEXT NOT NULL,
  jp_payout_id TEXT NOT NULL,
  brand        TEXT NOT NULL,
  region       TEXT NOT NULL,
  provider     TEXT NOT NULL,
  player_id    TEXT NOT NULL,
  pool_id      TEXT NOT NULL,
  currency     TEXT NOT NULL,
  amount       INTEGER NOT NULL CHECK (amount >= 0),
  op           INTEGER NOT NULL,
  move         INTEGER UNIQUE REFERENCES move (n) DEFERRABLE INITIALLY DEFERRED,
  status       TEXT NOT NULL CHECK (status = 'held' OR status = 'paid' OR status = 'released'),
  closed_op    INTEGER,
  CHECK ((status = 'held') = (closed_op IS NULL)),
  CHECK (status = 'released' OR move IS NOT NULL)
) STRICT;

CREATE TRIGGER set_aside_ends_once BEFORE UPDATE ON set_aside WHEN old.status <> 'held'
BEGIN SELECT RAISE(ABORT, 'what was set aside ends once'); END;
CREATE TRIGGER set_aside_is_never_deleted BEFORE DELETE ON set_aside
BEGIN SELECT RAISE(ABORT, 'what was set aside is never deleted'); END;

-- A player has one bonus at a time, the one that the player's row names.
CREATE TABLE bonus (
  k          BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n          INTEGER PRIMARY KEY,
  tenant     TEXT NOT NULL,
  bonus_id   TEXT NOT NULL,
  brand      TEXT NOT NULL,
  region     TEXT NOT NULL,
  player_id  TEXT NOT NULL,
  currency   TEXT NOT NULL,
  amount     INTEGER NOT NULL CHECK (amount > 0),
  required   INTEGER NOT NULL CHECK (required >= amount),
  expires_ns INTEGER,
  issued_op  INTEGER NOT NULL,
  issued_ns  INTEGER NOT NULL,
  wagered    INTEGER NOT NULL CHECK (wagered >= 0),
  debited    INTEGER NOT NULL CHECK (debited IN (0, 1)),
  status     TEXT NOT NULL CHECK (status IN ('active', 'consumed', 'released', 'expired')),
  ended_op   INTEGER,
  ended_ns   INTEGER,
  CHECK ((status = 'active') = (ended_op IS NULL)),
  CHECK ((status = 'active') = (ended_ns IS NULL)),
  CHECK (status <> 'released' OR wagered >= required),
  CHECK (status <> 'expired' OR expires_ns IS NOT NULL)
) STRICT;

CREATE TRIGGER bonus_ends_once BEFORE UPDATE ON bonus WHEN old.status <> 'active'
BEGIN SELECT RAISE(ABORT, 'a bonus that has ended never changes'); END;
CREATE TRIGGER bonus_is_never_deleted BEFORE DELETE ON bonus
BEGIN SELECT RAISE(ABORT, 'a bonus is never deleted'); END;

-- A limit of a player's own counts what its window has seen; a loss may be below zero.
CREATE TABLE rg_limit (
  k           BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n           INTEGER PRIMARY KEY,
  tenant      TEXT NOT NULL,
  player_id   TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('deposit', 'withdrawal', 'stake', 'loss', 'session')),
  period      TEXT NOT NULL CHECK (period IN ('day', 'week', 'month')),
  amount      INTEGER CHECK (amount >= 0),
  used        INTEGER NOT NULL CHECK (used >= 0 OR kind = 'loss'),
  since_ns    INTEGER NOT NULL,
  next_amount INTEGER CHECK (next_amount >= 0),
  next_ns     INTEGER,
  CHECK (next_amount IS NULL OR next_ns IS NOT NULL)
) STRICT;

CREATE TABLE playtime (
  k          BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n          INTEGER PRIMARY KEY,
  tenant     TEXT NOT NULL,
  player_id  TEXT NOT NULL,
  counted_ns INTEGER NOT NULL,
  running    BLOB NOT NULL
) STRICT;

-- What limits count: every stake that was placed and not undone, every win that was paid.
CREATE VIEW stake_placed AS
  SELECT tenant, player_id, opened_ns AS at_ns, amount
  FROM bet WHERE hold_move IS NOT NULL AND status <> 'rolled_back'
  UNION ALL
  SELECT tenant, player_id, at_ns, amount
  FROM txn WHERE kind = 'debit' AND original IS NULL AND status <> 'rolled_back'
  UNION ALL
  SELECT r.tenant, r.player_id, r.at_ns, r.amount
  FROM txn r WHERE r.kind = 'reserve' AND r.status IN ('ok', 'spent')
    AND NOT EXISTS (SELECT 1 FROM txn d WHERE d.kind = 'debit' AND d.tenant = r.tenant
                    AND d.scope = r.scope AND d.original = r.transaction_id
                    AND d.status = 'rolled_back');

CREATE VIEW win_paid AS
  SELECT tenant, player_id, closed_ns AS at_ns, win AS amount
  FROM bet WHERE status = 'settled'
  UNION ALL
  SELECT tenant, player_id, at_ns, amount
  FROM txn WHERE kind = 'credit' AND reason IN ('win', 'jackpot') AND status <> 'rolled_back';

CREATE TABLE payment (
  k          BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n          INTEGER PRIMARY KEY,
  tenant     TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  player_id  TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('fund', 'deposit', 'withdrawal')),
  currency   TEXT NOT NULL,
  amount     INTEGER NOT NULL CHECK (amount >= 0),
  op         INTEGER NOT NULL
) STRICT;

CREATE TRIGGER payment_is_never_changed BEFORE UPDATE ON payment
BEGIN SELECT RAISE(ABORT, 'a payment is never changed'); END;
CREATE TRIGGER payment_is_never_deleted BEFORE DELETE ON payment
BEGIN SELECT RAISE(ABORT, 'a payment is never deleted'); END;
