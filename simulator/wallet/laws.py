"""The laws that tie bets, transactions, rounds, payments and events to the book."""

from simulator.ledger.reconcile import Law

COUNTED = (
    "accounts=account",
    "entries=move",
    "bets=bet",
    "transactions=txn",
    "bonuses=bonus",
    "events=op WHERE topic IS NOT NULL",
)
"""What a reconciliation says it has looked at."""

LAWS = (
    Law(
        "what is pending is the sum of the open bets",
        """
        SELECT a.kind || ':' || a.owner || ':' || a.currency, 'pending ' || a.pending_debits ||
               ', its open bets hold ' || coalesce(b.held, 0)
        FROM account a
        LEFT JOIN (SELECT tenant, bucket, player_id, currency, sum(stake) AS held
                   FROM bet_hold WHERE status = 'authorized'
                   GROUP BY tenant, bucket, player_id, currency) b
          ON b.tenant = a.tenant AND b.bucket = a.kind AND b.player_id = a.owner
             AND b.currency = a.currency
        WHERE a.kind IN ('player', 'bonus') AND a.pending_debits <> coalesce(b.held, 0)
        """,
    ),
    Law(
        "a bet holds its own stake",
        """
        SELECT 'bet ' || b.bet_id, b.bucket || ' stake ' || b.stake || ', entry ' || b.move ||
               ' is a ' || coalesce(m.kind, 'gap') || ' of ' || coalesce(m.amount, 0) || ' from ' ||
               coalesce(a.kind, 'nobody')
        FROM bet_hold b
        LEFT JOIN move m ON m.n = b.move
        LEFT JOIN account a ON a.n = m.debit
        WHERE m.n IS NULL OR m.kind <> 'hold' OR m.amount <> b.stake OR m.op <> b.opened_op
           OR a.kind <> b.bucket OR a.owner <> b.player_id
        """,
    ),
    Law(
        "an open bet's hold has not ended",
        """
        SELECT 'bet ' || b.bet_id, 'its hold was ended by entry ' || e.n
        FROM bet_hold b JOIN move e ON e.refers_to = b.move WHERE b.status = 'authorized'
        """,
    ),
    Law(
        "every settled bet has its capture and its win",
        """
        SELECT 'bet ' || b.bet_id, b.bucket || ' stake ' || b.stake || ' was not captured'
        FROM bet_hold b
        LEFT JOIN move c ON c.refers_to = b.move AND c.kind = 'capture'
        WHERE b.status = 'settled' AND c.n IS NULL
        UNION ALL
        SELECT 'bet ' || b.bet_id, 'win ' || b.win || ', posted ' || coalesce(p.amount, 0)
        FROM bet b
        LEFT JOIN (SELECT m.op, sum(m.amount) AS amount
                   FROM move m JOIN account a ON a.n = m.debit AND a.kind = 'clearing'
                   WHERE m.kind = 'post' GROUP BY m.op) p
          ON p.op = b.closed_op
        WHERE b.status = 'settled' AND coalesce(p.amount, 0) <> b.win
        """,
    ),
    Law(
        "every rolled-back bet has its release",
        """
        SELECT 'bet ' || b.bet_id, 'rolled back, and its ' || b.bucket || ' hold was not released'
        FROM bet_hold b LEFT JOIN move r ON r.refers_to = b.move AND r.kind = 'release'
        WHERE b.status = 'rolled_back' AND r.n IS NULL
        """,
    ),
    Law(
        "every hold belongs to a bet",
        """
        SELECT 'entry ' || m.n, 'a hold of ' || m.amount || ' that no bet knows'
        FROM move m LEFT JOIN bet_hold b ON b.move = m.n
        LEFT JOIN set_aside s ON s.move = m.n
        WHERE m.kind = 'hold' AND b.move IS NULL AND s.move IS NULL
        """,
    ),
    Law(
        "a payout that is set aside is held until it is paid or released",
        """
        SELECT 'payout ' || s.jp_payout_id, s.status || ', ' || s.amount || '; its entry is a ' ||
               coalesce(m.kind, 'gap') || ' of ' || coalesce(m.amount, 0) || ', ended by ' ||
               coalesce(e.kind, 'nothing') || ', paid as ' || coalesce(t.transaction_id, 'nothing')
        FROM set_aside s
        LEFT JOIN move m ON m.n = s.move
        LEFT JOIN move e ON e.refers_to = s.move
        LEFT JOIN txn t ON t.op = s.closed_op AND t.transaction_id = s.jp_payout_id
        WHERE s.move IS NOT NULL
          AND (m.n IS NULL OR m.kind <> 'hold' OR m.amount <> s.amount
               OR (s.status = 'held') <> (e.n IS NULL)
               OR (s.status = 'paid') <> (t.n IS NOT NULL))
        """,
    ),
    Law(
        "clearing has what open rounds have in it",
        """
        SELECT a.kind || ':' || a.owner || ':' || a.currency, 'has ' ||
               (a.posted_credits - a.posted_debits) || ', ' || a.pending_credits ||
               ' pending; its open rounds give ' || coalesce(r.net, 0) || ', ' ||
               coalesce(r.held, 0)
        FROM account a
        LEFT JOIN (SELECT tenant, brand || '/' || provider AS owner, currency,
                          sum(staked - held - won) AS net, sum(held) AS held
                   FROM round WHERE status = 'open' GROUP BY tenant, brand, provider, currency) r
          ON r.tenant = a.tenant AND r.owner = a.owner AND r.currency = a.currency
        WHERE a.kind = 'clearing'
          AND (a.posted_credits - a.posted_debits <> coalesce(r.net, 0)
               OR a.pending_credits <> coalesce(r.held, 0))
        """,
    ),
    Law(
        "a round that ended has posted its net to the house",
        """
        SELECT 'round ' || r.round_id, 'net ' || (r.staked - r.won) || ', posted ' ||
               coalesce(p.net, 0)
        FROM round r
        LEFT JOIN (SELECT m.op, sum(CASE WHEN c.kind = 'house' THEN m.amount ELSE -m.amount END)
                          AS net
                   FROM move m JOIN account d ON d.n = m.debit JOIN account c ON c.n = m.credit
                   WHERE (d.kind = 'clearing' AND c.kind = 'house')
                      OR (d.kind = 'house' AND c.kind = 'clearing') GROUP BY m.op) p
          ON p.op = r.closed_op
        WHERE r.status <> 'open' AND coalesce(p.net, 0) <> r.staked - r.won
        """,
    ),
    Law(
        "every change of a bet has its event",
        """
        SELECT 'bet ' || b.bet_id, 'no ' || b.topic || ' at operation ' || b.op
        FROM (SELECT bet_id, opened_op AS op, 'bet.authorized' AS topic FROM bet
              WHERE hold_move IS NOT NULL
              UNION ALL
              SELECT bet_id, closed_op, 'bet.' || status FROM bet
              WHERE status <> 'authorized') b
        LEFT JOIN op o ON o.n = b.op
        WHERE o.topic IS NULL OR o.topic <> b.topic
        """,
    ),
    Law(
        "every event tells of a change",
        """
        SELECT 'operation ' || o.n, o.topic || ' tells of no bet'
        FROM op o
        LEFT JOIN bet a ON a.opened_op = o.n AND a.hold_move IS NOT NULL
        LEFT JOIN bet c ON c.closed_op = o.n
        LEFT JOIN txn t ON t.closed_op = o.n AND t.status = 'rolled_back'
        WHERE (o.topic = 'bet.authorized' AND a.n IS NULL)
           OR (o.topic = 'bet.settled' AND c.n IS NULL)
           OR (o.topic = 'bet.rolled_back' AND c.n IS NULL AND t.n IS NULL)
        UNION ALL
        SELECT 'operation ' || o.n, o.topic || ' tells of no transaction'
        FROM told o
        LEFT JOIN txn t ON t.op = o.head AND 'wallet.' || t.kind || '.ok' = o.topic
        WHERE o.topic IN ('wallet.debit.ok', 'wallet.credit.ok') AND t.n IS NULL
        """,
    ),
    Law(
        "a round's sums are those of its bets",
        """
        SELECT 'round ' || r.round_id, 'counts ' || r.bets || ' bets, ' || r.open_bets ||
               ' open, ' || r.settled || ' settled, staked ' || r.staked || ', held ' ||
               r.held || ', won ' || r.won || ', loose wins ' || r.loose_wins ||
               '; its bets give ' || coalesce(b.bets, 0) || ', ' || coalesce(b.open_bets, 0) ||
               ', ' || coalesce(b.settled, 0) || ', ' || coalesce(b.staked, 0) || ', ' ||
               coalesce(b.held, 0) || ', ' || coalesce(b.won, 0) || ', ' ||
               coalesce(b.loose_wins, 0)
        FROM round r
        LEFT JOIN (
          SELECT tenant, round_id, sum(bets) AS bets, sum(open_bets) AS open_bets,
                 sum(settled) AS settled, sum(staked) AS staked, sum(held) AS held,
                 sum(won) AS won, sum(loose_wins) AS loose_wins
          FROM played GROUP BY tenant, round_id) b
          ON b.tenant = r.tenant AND b.round_id = r.round_id
        WHERE r.bets <> coalesce(b.bets, 0) OR r.open_bets <> coalesce(b.open_bets, 0)
           OR r.settled <> coalesce(b.settled, 0) OR r.staked <> coalesce(b.staked, 0)
           OR r.held <> coalesce(b.held, 0) OR r.won <> coalesce(b.won, 0)
           OR r.loose_wins <> coalesce(b.loose_wins, 0)
        """,
    ),
    Law(
        "a transaction moved its own amount",
        """
        SELECT 'transaction ' || t.transaction_id, t.bucket || ' part ' || t.part || ', entry ' ||
               t.move || ' is a ' || coalesce(m.kind, 'gap') || ' of ' || coalesce(m.amount, 0)
        FROM txn_entry t
        LEFT JOIN move m ON m.n = t.move
        LEFT JOIN account d ON d.n = m.debit
        LEFT JOIN account c ON c.n = m.credit
        WHERE t.kind <> 'reserve'
          AND (m.n IS NULL OR m.amount <> t.part OR m.op <> t.op
               OR m.kind NOT IN (CASE t.kind WHEN 'release' THEN 'release' WHEN 'rollback'
                                 THEN 'reverse' ELSE 'post' END,
                                 CASE t.kind WHEN 'debit' THEN 'capture' WHEN 'rollback'
                                 THEN 'release' ELSE '' END)
               OR NOT ((d.kind = t.bucket AND d.owner = t.player_id)
                       OR (c.kind = t.bucket AND c.owner = t.player_id)))
        """,
    ),
    Law(
        "a rollback undoes exactly its original",
        """
        SELECT 'transaction ' || r.transaction_id, 'its ' || r.bucket || ' entry of ' || r.part ||
               ' refers to entry ' || coalesce(m.refers_to, 0) || ', which is not that of ' ||
               r.original
        FROM txn_entry r
        LEFT JOIN move m ON m.n = r.move
        LEFT JOIN txn_entry o
          ON o.tenant = r.tenant AND o.scope = r.scope AND o.transaction_id = r.original
             AND o.bucket = r.bucket AND o.move = m.refers_to AND o.part = r.part
        WHERE r.kind IN ('rollback', 'release') AND o.move IS NULL
        """,
    ),
    Law(
        "what was undone has one rollback that moved",
        """
        SELECT 'transaction ' || t.transaction_id, 'is ' || t.status || ', and ' || count(r.n) ||
               ' rollbacks have moved it back'
        FROM txn t
        LEFT JOIN txn r
          ON r.tenant = t.tenant AND r.scope = t.scope AND r.original = t.transaction_id
             AND r.kind IN ('rollback', 'release') AND r.cash_move IS NOT NULL
        WHERE t.kind IN ('debit', 'credit', 'reserve')
        GROUP BY t.n, t.transaction_id, t.status
        HAVING count(r.n) <> CASE WHEN t.status IN ('rolled_back', 'released') THEN 1 ELSE 0 END
        """,
    ),
    Law(
        "a settled debit has its win and a spent reserve its debit",
        """
        SELECT 'transaction ' || t.transaction_id, 'is ' || t.status || ', and nothing names it'
        FROM txn t
        LEFT JOIN txn c
          ON c.tenant = t.tenant AND c.scope = t.scope AND c.original = t.transaction_id
             AND c.kind = CASE t.status WHEN 'settled' THEN 'credit' ELSE 'debit' END
        WHERE t.status IN ('settled', 'spent') AND c.n IS NULL
        """,
    ),
    Law(
        "every transaction has its event",
        # The type lets SQLite look events up by all three: by topic and player alone, it walks a
        # player's events for each of his transactions.
        """
        WITH o AS MATERIALIZED (
          SELECT n, topic, player_id, CAST(head AS bigint) AS head FROM told)
        SELECT 'transaction ' || t.transaction_id, 'no ' || t.topic || ' at operation ' || t.op
        FROM (SELECT transaction_id, player_id, op, 'wallet.' || kind || '.ok' AS topic
              FROM txn WHERE kind IN ('debit', 'credit')
              UNION ALL
              SELECT transaction_id, player_id, closed_op, 'bet.rolled_back'
              FROM txn WHERE status = 'rolled_back') t
        LEFT JOIN o ON o.head = t.op AND o.topic = t.topic AND o.player_id = t.player_id
        WHERE o.n IS NULL
        """,
    ),
    Law(
        "every payment is posted once",
        """
        SELECT 'payment ' || p.payment_id, p.kind || ' of ' || p.amount || ', posted ' ||
               coalesce(m.amount, 0)
        FROM payment p
        LEFT JOIN (SELECT m.op, sum(CASE d.kind WHEN 'funding' THEN m.amount ELSE -m.amount END)
                          AS amount
                   FROM move m JOIN account d ON d.n = m.debit JOIN account c ON c.n = m.credit
                   WHERE m.kind = 'post' AND (d.kind = 'funding' OR c.kind = 'funding')
                   GROUP BY m.op) m
          ON m.op = p.op
        WHERE m.amount IS NULL
           OR m.amount <> CASE p.kind WHEN 'withdrawal' THEN -p.amount ELSE p.amount END
        """,
    ),
    Law(
        "every bonus is posted once, out of promotion",
        """
        SELECT 'bonus ' || b.bonus_id, 'of ' || b.amount || ', posted ' || coalesce(p.amount, 0)
        FROM bonus b
        LEFT JOIN (SELECT m.op, sum(m.amount) AS amount
                   FROM move m JOIN account d ON d.n = m.debit AND d.kind = 'promo'
                   JOIN account c ON c.n = m.credit AND c.kind = 'bonus' GROUP BY m.op) p
          ON p.op = b.issued_op
        WHERE coalesce(p.amount, 0) <> b.amount
        """,
    ),
    Law(
        "bonus money is of a bonus that has not ended",
        """
        SELECT a.kind || ':' || a.owner || ':' || a.currency, 'available ' ||
               (a.posted_credits - a.posted_debits - a.pending_debits) || ', bonus ' ||
               coalesce(b.bonus_id || ' is ' || b.status, 'there is none')
        FROM account a
        LEFT JOIN player p ON p.tenant = a.tenant AND p.player_id = a.owner
        LEFT JOIN bonus b ON b.tenant = p.tenant AND b.bonus_id = p.bonus_id
        WHERE a.kind = 'bonus' AND a.posted_credits - a.posted_debits - a.pending_debits > 0
          AND coalesce(b.status, '') <> 'active'
        """,
    ),
    Law(
        "a bonus counts the stakes that were taken while it ran",
        """
        SELECT 'bonus ' || b.bonus_id, 'wagered ' || b.wagered || ', stakes ' ||
               coalesce(sum(s.amount), 0)
        FROM bonus b
        LEFT JOIN (SELECT tenant, player_id, amount, closed_op AS op, NULL AS undone_op
                   FROM bet WHERE status = 'settled'
                   UNION ALL
                   SELECT tenant, player_id, amount, op,
                          CASE status WHEN 'rolled_back' THEN closed_op END
                   FROM txn WHERE kind = 'debit') s
          ON s.tenant = b.tenant AND s.player_id = b.player_id AND s.op > b.issued_op
             AND s.op <= coalesce(b.ended_op, s.op)
             AND (b.status <> 'expired' OR s.op <> b.ended_op)
             AND (s.undone_op IS NULL OR s.undone_op > b.ended_op)
        GROUP BY b.n, b.bonus_id, b.wagered
        HAVING b.wagered <> coalesce(sum(s.amount), 0)
        """,
    ),
    Law(
        "every bonus has its event",
        """
        SELECT 'bonus ' || b.bonus_id, 'no bonus.issued at operation ' || b.issued_op
        FROM bonus b LEFT JOIN op o ON o.n = b.issued_op
        WHERE o.topic IS NULL OR o.topic <> 'bonus.issued'
        """,
    ),
    Law(
        "a limit counts what its window has seen",
        """
        SELECT 'limit ' || l.player_id || ':' || l.kind || ':' || l.period, 'counts ' || l.used ||
               ', its window has seen ' || coalesce(sum(c.amount), 0)
        FROM rg_limit l
        LEFT JOIN (
          SELECT tenant, player_id, 'stake' AS kind, at_ns, amount FROM stake_placed
          UNION ALL
          SELECT tenant, player_id, 'loss', at_ns, amount FROM stake_placed
          UNION ALL
          SELECT tenant, player_id, 'loss', at_ns, -amount FROM win_paid
          UNION ALL
          SELECT p.tenant, p.player_id, p.kind, o.at_ns, p.amount
          FROM payment p JOIN op o ON o.n = p.op WHERE p.kind IN ('deposit', 'withdrawal')) c
          ON c.tenant = l.tenant AND c.player_id = l.player_id AND c.kind = l.kind
             AND c.at_ns >= l.since_ns
        WHERE l.kind <> 'session'
          AND NOT EXISTS (SELECT 1 FROM op a JOIN op b ON b.n = a.n + 1 WHERE b.at_ns < a.at_ns)
        GROUP BY l.n, l.player_id, l.kind, l.period, l.used
        HAVING l.used <> coalesce(sum(c.amount), 0)
        """,  # where the clock was set back, windows are not what times say
    ),
)
